/** Files that are one thing packed: gzip, zstd, zlib, and git's loose objects, which are zlib. */

import { buffered, type ByteReader } from "../byte-reader.ts";
import { gunzip } from "../gunzip.ts";
import type { Problem } from "../problem.ts";
import type { DeflatePacking } from "../step-decoder.ts";
import { unpackedName } from "../unpacked-name.ts";
import { unzstd } from "../unzstd.ts";
import { partOf, readerOf, type Content } from "./content.ts";
import { looseHeaderBytes, looseObjectName } from "./git-object.ts";
import { inflateAll, inflated, type Ending, type Inflated } from "./inflate.ts";
import { damageOf, type ArchiveReader, type MemberName, type Visitor } from "./visitor.ts";

/** Packed files up to this size are unpacked at once, if they do not unpack to more than the next bound. */
const SMALL_BYTES = 262_144;
const SMALL_OUTPUT_BYTES = 4 * 1_048_576;

/** What a gzip file says at its end that its last member unpacks to (RFC 1952): true of nearly all, and no matter if not. */
function saidBytes(packed: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = packed.subarray(-4);
  return Math.min(SMALL_OUTPUT_BYTES, Math.max(packed.length, a + b * 256 + c * 65_536 + d * 16_777_216));
}

/** What a small file unpacks to, if that is all of it and nothing is wrong with it. */
function small(wrapping: DeflatePacking, content: Content): Inflated | null {
  if (content.bytes === null || content.size > SMALL_BYTES) return null;
  const expected = wrapping === "gzip" ? saidBytes(content.bytes) : null;
  const result = inflateAll(wrapping, content.bytes, SMALL_OUTPUT_BYTES, expected);
  return result !== null && result.used === content.size ? result : null;
}

async function unpacked(
  kind: string,
  name: MemberName,
  visitor: Visitor,
  open: (report: (problem: Problem) => void) => ByteReader,
): Promise<void> {
  const damage = damageOf(visitor);
  await visitor.stream(name, buffered(open(damage.report)), null);
  if (damage.isDamaged()) visitor.undecoded(`${kind}-damaged`);
}

/** gzip, of any number of members. */
export const readGzip: ArchiveReader = async (content, visitor, name) => {
  const whole = small("gzip", content);
  if (whole === null) {
    await unpacked("gzip", unpackedName(name), visitor, (report) => gunzip(readerOf(content), report));
    return;
  }
  const pending = visitor.bytes(unpackedName(name), whole.bytes);
  if (pending !== null) await pending;
  whole.done();
};

/** zstd, of any number of frames. */
export const readZstd: ArchiveReader = async (content, visitor, name) =>
  unpacked("zstd", unpackedName(name), visitor, (report) => unzstd(readerOf(content), report));

/** zlib; a loose object of git is called by its kind and id, if it is small, and searched without its header. */
export const readZlib: ArchiveReader = async (content, visitor, name) => {
  const whole = small("zlib", content);
  if (whole !== null) {
    const { bytes } = whole;
    const header = looseHeaderBytes(bytes);
    const called = header === 0 ? unpackedName(name) : () => looseObjectName(bytes);
    await visitor.bytes(called, bytes.subarray(header));
    whole.done();
    return;
  }
  const ending: Ending = { used: 0, isDamaged: false };
  const reader = buffered(inflated("zlib", content, ending));
  await reader.skip(looseHeaderBytes(await reader.peek(32)));
  await visitor.stream(unpackedName(name), reader, null);
  if (ending.isDamaged) visitor.undecoded("zlib-damaged");
  else if (ending.used < content.size)
    await visitor.stored("(behind the data)", partOf(content, ending.used, content.size));
};
