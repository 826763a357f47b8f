/**
 * Zip files, and all that are zip files under another name. Takes members from the directory, and then whatever local
 * headers stand where no member of the directory is. Format: PKWARE's APPNOTE 6.3.10, section 4.3.
 */

import { buffered } from "../byte-reader.ts";
import { unzstd } from "../unzstd.ts";
import { findText, partOf, readerOf, viewer, type Content, type View } from "./content.ts";
import { inflateAll, inflated, type Ending } from "./inflate.ts";
import { HEAD_BYTES, isZipMember } from "./kind.ts";
import { damageOf, type ArchiveReader, type Visitor } from "./visitor.ts";
import { entriesOf, findDirectory } from "./zip-directory.ts";

/** A member's local header. */
interface LocalHeader {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  /** Null when it stands behind the data. */
  readonly packedBytes: number | null;
  readonly dataFrom: number;
}

const LOCAL = "PK\x03\x04";
const LOCAL_BYTES = 30;
/** Methods that have a number (APPNOTE 6.3.10, section 4.4.5). */
const NUMBERED: ReadonlySet<number> = new Set([
  0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, 99,
]);
const METHOD = { stored: 0, deflate: 8, zstd: 93, aes: 99 } as const;
/** Members up to this size are unpacked at once, if they do not unpack to more than the next bound. */
const SMALL_BYTES = 1_048_576;
const SMALL_OUTPUT_BYTES = 4 * 1_048_576;
const HAS_DESCRIPTOR = 8;

function localHeader(view: View, at: number): LocalHeader | null {
  if (at < 0) return null;
  const fixed = Buffer.from(view(at, LOCAL_BYTES));
  if (fixed.length < LOCAL_BYTES || fixed.toString("latin1", 0, 4) !== LOCAL) return null;
  const flags = fixed.readUInt16LE(6);
  const nameBytes = fixed.readUInt16LE(26);
  const packed = fixed.readUInt32LE(18);
  const isLater = (flags & HAS_DESCRIPTOR) !== 0 && packed === 0;
  return {
    name: Buffer.from(view(at + LOCAL_BYTES, nameBytes)).toString("utf8"),
    isEncrypted: (flags & 1) !== 0,
    method: fixed.readUInt16LE(8),
    // With zip64 the size is elsewhere; data that is packed tells its end itself.
    packedBytes: isLater || packed === 0xffffffff ? null : packed,
    dataFrom: at + LOCAL_BYTES + nameBytes + fixed.readUInt16LE(28),
  };
}

/** Unpacks one member, from bytes that hold it or, when its end is not known, begin with it; says how many it took. */
async function readMember(
  visitor: Visitor,
  name: string,
  method: number,
  packed: Content,
  isExact: boolean,
): Promise<number> {
  if (method === METHOD.stored) {
    await visitor.stored(name, packed);
    return packed.size;
  }
  if (method === METHOD.zstd) {
    const damage = damageOf(visitor);
    await visitor.stream(name, buffered(unzstd(readerOf(packed), damage.report)), null);
    if (damage.isDamaged() && isExact) visitor.undecoded("zip-damaged");
    return packed.size;
  }
  if (method !== METHOD.deflate) {
    visitor.undecoded(method === METHOD.aes ? "zip-encrypted" : "zip-method");
    return isExact ? packed.size : 0;
  }
  const small = packed.size <= SMALL_BYTES || !isExact ? viewer(packed)(0, SMALL_BYTES) : null;
  const result = small === null ? null : inflateAll("raw", small, SMALL_OUTPUT_BYTES);
  if (result !== null) {
    const pending = visitor.bytes(name, result.bytes);
    if (pending !== null) await pending;
    result.done();
    return result.used;
  }
  const ending: Ending = { used: 0, isDamaged: false };
  await visitor.stream(name, buffered(inflated("raw", packed, ending)), null);
  if (ending.isDamaged) visitor.undecoded("zip-damaged");
  return isExact ? packed.size : ending.used;
}

/** A stretch that members take. */
interface Covered {
  readonly from: number;
  readonly to: number;
}

/** What stands between `stretches`, up to `end`. */
function* gapsBetween(stretches: readonly Covered[], end: number): Generator<Covered> {
  let at = 0;
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    if (from > at) yield { from: at, to: from };
    at = Math.max(at, to);
  }
  if (at < end) yield { from: at, to: end };
}

/** Members whose local headers stand in a stretch that the directory does not name. */
async function readUnlisted(
  content: Content,
  view: View,
  gap: Covered,
  visitor: Visitor,
  isSure = true,
): Promise<void> {
  for (let at = findText(view, LOCAL, gap.from, gap.to); at !== -1; at = findText(view, LOCAL, at, gap.to)) {
    visitor.budget.member();
    const isMember = isSure || isZipMember(view(at, HEAD_BYTES));
    const header = localHeader(view, at);
    at += LOCAL.length;
    if (
      !isMember ||
      header === null ||
      !(isSure || NUMBERED.has(header.method)) ||
      header.dataFrom > gap.to ||
      header.name === ""
    )
      continue;
    visitor.text(header.name, header.name);
    if (header.isEncrypted) {
      visitor.undecoded("zip-encrypted");
      continue;
    }
    const { method, packedBytes, dataFrom } = header;
    const to = packedBytes === null ? content.size : dataFrom + packedBytes;
    // Where data that is not packed ends, nobody knows: its bytes are searched with those of the file.
    if (method === METHOD.stored && packedBytes === null) continue;
    const used = await readMember(visitor, header.name, method, partOf(content, dataFrom, to), packedBytes !== null);
    at = Math.max(at, Math.min(gap.to, dataFrom + used));
  }
}

/** Reads a zip. */
export const readZip: ArchiveReader = async (content, visitor) => {
  const view = viewer(content);
  const covered: Covered[] = [];
  const directory = findDirectory(content);
  let isWhole = directory !== null;
  if (directory !== null) {
    covered.push(directory);
    const entries = entriesOf(content, directory);
    let next = entries.next();
    for (; next.done !== true; next = entries.next()) {
      const { name, isEncrypted, method, packedBytes, headerFrom } = next.value;
      visitor.text(name, name);
      const header = localHeader(view, headerFrom);
      const to = header === null ? 0 : header.dataFrom + packedBytes;
      if (header === null || !(to <= content.size)) {
        visitor.undecoded("zip-damaged");
        continue;
      }
      covered.push({ from: headerFrom, to });
      if (isEncrypted || header.isEncrypted) {
        visitor.undecoded("zip-encrypted");
        continue;
      }
      if (packedBytes > 0) await readMember(visitor, name, method, partOf(content, header.dataFrom, to), true);
      // Readers that trust the other header see another member.
      const isSame = header.method === method && (header.packedBytes ?? packedBytes) === packedBytes;
      if (!isSame) {
        const end = header.packedBytes === null ? content.size : header.dataFrom + header.packedBytes;
        await readMember(visitor, name, header.method, partOf(content, header.dataFrom, end), false);
      }
    }
    isWhole = next.value;
  }
  if (!isWhole) visitor.undecoded("zip-damaged");
  for (const gap of gapsBetween(covered, content.size)) {
    // Behind every member that was written as a stream stand 16 bytes that tell its size.
    if (gap.to - gap.from >= LOCAL_BYTES) await readUnlisted(content, view, gap, visitor);
  }
};

/** Reads what begins with a member of a zip inside of something else: without a directory, it need not be a whole zip. */
export const readZipInside: ArchiveReader = async (content, visitor, name) => {
  if (findDirectory(content) !== null) await readZip(content, visitor, name);
  else await readUnlisted(content, viewer(content), { from: 0, to: content.size }, visitor, false);
};
