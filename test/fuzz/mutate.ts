/** Changes to bytes, of the kinds that damage, bad copies and attacks are. Knows tar headers and magic bytes, no token rules. */

import type { Random } from "./random.ts";
import { fixChecksum } from "./tar-members.ts";

const BLOCK = 512;

/** How formats begin, in bytes as Latin-1. */
const MAGIC: readonly string[] = [
  "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
  "\x1f\x8b\x08\x1c",
  "\x28\xb5\x2f\xfd\x00\x38",
  "\x50\x2a\x4d\x18\x10\x00\x00\x00",
  "BZh9\x31\x41\x59\x26\x53\x59",
  "\xfd7zXZ\x00\x00\x04",
  "\x5d\x00\x00\x80\x00",
  "\x04\x22\x4d\x18",
  "PK\x03\x04\x14\x00\x08\x00\x08\x00",
  "PK\x01\x02",
  "PK\x05\x06",
  "PK\x06\x06",
  "PACK\x00\x00\x00\x02\x00\x00\x00\x01",
  "\xfftOc\x00\x00\x00\x02",
  "SQLite format 3\x00",
  "!<arch>\n",
  "070701",
  "\xed\xab\xee\xdb",
  "\x7fELF\x02\x01\x01",
  "\x78\x9c",
  "ustar\x0000",
  "ustar  \x00",
  "7z\xbc\xaf\x27\x1c",
  "\xef\xbb\xbf",
  "\xff\xfe",
  '{"',
  "[{",
];

/** Pieces that change how a text goes on. */
const PIECES: readonly string[] = [
  ..."\\\n|\\|`|'|\"|\n|\r\n|\t|#|# escape=`\n|<<EOF\n|<<-'E'\n|EOF\n|$|${|$(|}|)|;|&&|[|]|{|,|: |- |&a |*a|!!int |---\n".split(
    "|",
  ),
  ..."|\0|\u{feff}|é|\u2028|\n\n|ONBUILD |FROM |RUN |ARG HF_TOKEN\n|ENV A=|# hullcheck-ignore token-literal: x\n|%|%%|<".split(
    "|",
  ),
];

const NUMBERS: readonly number[] = [0, 1, 2, 7, 255, 256, 511, 512, 513, 65_535, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

function isHeader(bytes: Buffer, block: number): boolean {
  return bytes.toString("latin1", block + 257, block + 262) === "ustar";
}

/** The start of some tar header, or null. */
function someHeader(bytes: Buffer, random: Random): number | null {
  const blocks = Math.floor(bytes.length / BLOCK);
  if (blocks === 0) return null;
  for (let tries = 0; tries < 20; tries++) {
    const block = random.below(blocks) * BLOCK;
    if (isHeader(bytes, block)) return block;
  }
  return null;
}

/** A field of a tar header, with a checksum that fits. */
function editHeader(bytes: Buffer, random: Random): Buffer {
  const block = someHeader(bytes, random);
  if (block === null) return bytes;
  const result = Buffer.from(bytes);
  switch (random.below(8)) {
    case 0: {
      const size = random.pick([0, 1, 511, 512, 513, random.below(4096), random.below(8 ** 6), 8 ** 11 - 1]);
      result.write(`${size.toString(8).padStart(11, "0")}\0`, block + 124, "latin1");
      break;
    }
    case 1:
      // A number in base 256.
      Buffer.concat([Buffer.from([random.pick([0x80, 0xff])]), random.bytes(11)]).copy(result, block + 124);
      break;
    case 2:
      result.write(random.pick("0,1,2,3,4,5,6,7,x,g,L,K,S,V,D,M,N,A,X,Z,\0, ".split(",")), block + 156, "latin1");
      break;
    case 3:
      result.write(random.pick([".wh.", "..", "/", "./", "\0", "a/../", "\xff"]), block + random.below(40), "latin1");
      break;
    case 4:
      result.write(random.pick(["ustar  \0", "ustar\x0000", "\0\0\0\0\0\0\0\0", "uztar"]), block + 257, "latin1");
      break;
    case 5:
      random.bytes(random.below(12)).copy(result, block + 345 + random.below(150));
      break;
    case 6:
      random.bytes(random.below(40)).copy(result, block + random.below(BLOCK - 40));
      break;
    default:
      result.write(random.pick(["elsewhere", "../x", "/", "\0"]), block + 157, "latin1");
  }
  fixChecksum(result, block);
  return result;
}

/** A number in the text or in the bytes, as lengths are. */
function editLength(bytes: Buffer, random: Random): Buffer {
  const result = Buffer.from(bytes);
  const at = random.below(bytes.length);
  if (random.chance(0.5)) {
    let digit = at;
    while (digit < at + 400 && !/\d/.test(String.fromCharCode(result[digit] ?? 0))) digit++;
    if (digit < result.length) result.write(String(random.below(10)), digit, "latin1");
    return result;
  }
  const width = random.pick([1, 2, 4]);
  if (at + width > result.length) return result;
  const number = random.pick([...NUMBERS, bytes.length, random.below(bytes.length)]) % 2 ** (width * 8);
  if (random.chance(0.5)) result.writeUIntLE(number, at, width);
  else result.writeUIntBE(number, at, width);
  return result;
}

function inserted(bytes: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function overwritten(bytes: Buffer, at: number, piece: Buffer): Buffer {
  const result = Buffer.from(bytes);
  piece.copy(result, at);
  return result;
}

/** A place, half of the time at the start of a block. */
function somePlace(bytes: Buffer, random: Random): number {
  const at = random.below(bytes.length + 1);
  return random.chance(0.5) ? at : Math.floor(at / BLOCK) * BLOCK;
}

/** Puts bytes somewhere: over what is there, or between. A header that is hit may get a checksum that fits. */
export function planted(bytes: Buffer, piece: Buffer, random: Random, isText: boolean): Buffer {
  const at = random.below(bytes.length + 1);
  if (isText || random.chance(0.2)) return inserted(bytes, at, piece);
  const result = overwritten(bytes, at, piece);
  const block = Math.floor(at / BLOCK) * BLOCK;
  if (isHeader(bytes, block) && block + BLOCK <= result.length && random.chance(0.7)) fixChecksum(result, block);
  return result;
}

/** One change; `other` is what may be spliced in. */
export function mutated(bytes: Buffer, other: Buffer, random: Random, isText: boolean): Buffer {
  if (bytes.length === 0) return Buffer.from(other);
  const at = somePlace(bytes, random);
  const some = random.chance(0.5) ? random.below(40) : random.below(1500);
  switch (random.below(isText ? 12 : 16)) {
    case 0:
      return overwritten(bytes, at, Buffer.from([(bytes[at] ?? 0) ^ (1 << random.below(8))]));
    case 1:
      return overwritten(bytes, at, random.bytes(Math.min(some, 64)));
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some)]);
    case 4:
      return inserted(bytes, somePlace(bytes, random), bytes.subarray(at, at + some));
    case 5:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(somePlace(other, random))]);
    case 6:
      return inserted(bytes, at, Buffer.from(random.pick(MAGIC), "latin1"));
    case 7:
      return editLength(bytes, random);
    case 8:
      return Buffer.concat([bytes, random.chance(0.5) ? Buffer.alloc(some, random.below(256)) : other]);
    case 9:
    case 10:
    case 11:
      if (isText) return inserted(bytes, at, Buffer.from(random.pick(PIECES)));
      return editHeader(bytes, random);
    case 12:
      return inserted(bytes, at, Buffer.alloc(BLOCK * (1 + random.below(3))));
    case 13:
      return inserted(bytes, at, bytes.subarray(at, at + BLOCK * (1 + random.below(3))));
    case 14:
      return overwritten(bytes, at, Buffer.from(random.pick(MAGIC), "latin1"));
    default:
      return overwritten(bytes, at, Buffer.alloc(some, random.below(256)));
  }
}
