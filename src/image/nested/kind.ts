/**
 * Tells by its first bytes what a file holds that a search of its bytes does not show. Never looks at a name; what is
 * not told here costs nothing more.
 */

import { inflateSync, constants } from "node:zlib";
import { beginningsOf, mayBegin, type Beginnings } from "../beginnings.ts";
import { COMPRESSED_BEGINNINGS, compressionOf } from "../decompress.ts";
import { BLOCK, isTarHeader } from "../tar-header.ts";
import { elfEnd } from "./elf.ts";

/** What can be opened. */
export type OpenKind =
  | "zip"
  /** What begins with a member of a zip, inside of something else. */
  | "zip-inside"
  | "tar"
  | "gzip"
  | "zstd"
  | "xz"
  | "zlib"
  | "deb"
  | "rpm"
  | "cpio"
  | "git-pack"
  | "git-bundle"
  | "sqlite"
  | "sqlite-log"
  /** Text that begins with compressed bytes in base64. */
  | "packed-text"
  | "pdf"
  | "png"
  /** A program, perhaps with something behind it. */
  | "program";

/** What is recognised but cannot be opened: counted, by this name, among what was not decoded. */
export type ClosedKind = "bzip2" | "lz4" | "7z" | "rar" | "squashfs" | "compress" | "lzip" | "lzma";

/** What a file holds. */
export type Kind = OpenKind | ClosedKind;

/** How much of the beginning is looked at. */
export const HEAD_BYTES: number = BLOCK;

/** No compression writes less, not even for nothing (bzip2: 14; gzip: 20; xz: 32; a zstd frame: 9). */
const MIN_PACKED_BYTES = 9;

/** Kinds by how they begin; where one is a beginning of another the longer stands first. */
const MAGIC: readonly (readonly [Kind, string])[] = [
  ["zip", "PK\x03\x04"],
  ["zip", "PK\x05\x06"],
  ["zip", "PK\x07\x08PK"],
  ["deb", "!<arch>\ndebian"],
  ["rpm", "\xed\xab\xee\xdb"],
  ["cpio", "070701"],
  ["cpio", "070702"],
  ["git-pack", "PACK\0\0\0\x02"],
  ["git-pack", "PACK\0\0\0\x03"],
  ["git-bundle", "# v2 git bundle\n"],
  ["git-bundle", "# v3 git bundle\n"],
  ["sqlite-log", "\x37\x7f\x06\x82"],
  ["sqlite-log", "\x37\x7f\x06\x83"],
  ["sqlite", "SQLite format 3\0"],
  ["7z", "7z\xbc\xaf\x27\x1c"],
  ["rar", "Rar!\x1a\x07"],
  ["squashfs", "hsqs"],
  ["compress", "\x1f\x9d"],
  ["lzip", "LZIP\x01"],
  ["pdf", "%PDF-"],
  ["png", "\x89PNG\r\n\x1a\n"],
  ["program", "\x7fELF"],
];

/** What every writer sets; nothing else tells this format. */
const LZMA_PROPERTIES = 0x5d;

/** The second byte of a zlib stream behind the usual first, for each of its levels (RFC 1950; without a dictionary). */
const ZLIB_FLAGS = [0x01, 0x5e, 0x9c, 0xda];

/** How every kind but a tar begins: nearly every file is done with after one look. */
export const BEGINNINGS: Beginnings = beginningsOf([
  ...MAGIC.map(([, magic]) => [...Buffer.from(magic, "latin1")]),
  ...COMPRESSED_BEGINNINGS,
  ...ZLIB_FLAGS.map((flags) => [0x78, flags]),
  // Dictionaries are of 4096 bytes or more, so the last byte of their size is 0.
  [LZMA_PROPERTIES, 0],
]);

function startsWith(head: Uint8Array, magic: string): boolean {
  if (head.length < magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (head[i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** True when these are the first bytes of a zlib stream (RFC 1950): its header fits, and something comes of unpacking. */
function isZlib(head: Uint8Array): boolean {
  const [method = 0, flags = 0, block = 0] = head;
  const isHeader = method === 0x78 && (method * 256 + flags) % 31 === 0 && (flags & 0x20) === 0;
  if (head.length < 8 || !isHeader || (block & 6) === 6) return false;
  try {
    return inflateSync(head, { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 4096 }).length > 0;
  } catch {
    return false;
  }
}

/**
 * True for the header of the format before xz: a dictionary of 2^n or 2^n + 2^(n-1) bytes, and a size below 256 GiB or none,
 * as file(1) and XZ Utils tell it.
 */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 14) return false;
  const data = new DataView(head.buffer, head.byteOffset, head.length);
  const dictionary = data.getUint32(1, true);
  const isDictionary = dictionary >= 4096 && /^1{1,2}0*$/.test(dictionary.toString(2));
  const size = data.getBigUint64(5, true);
  return isDictionary && (size === 0xffff_ffff_ffff_ffffn || size < 2n ** 38n) && head[13] === 0;
}

/**
 * What begins with these bytes (as many as there are, `HEAD_BYTES` or more) and has `size` bytes; null for what a search of
 * its bytes shows whole.
 */
export function kindOf(bytes: Uint8Array, size: number): Kind | null {
  if (mayBegin(BEGINNINGS, bytes, 0)) {
    const head = bytes.subarray(0, HEAD_BYTES);
    const kind = MAGIC.find(([, magic]) => startsWith(head, magic))?.[0];
    // Nearly all programs end where they say.
    if (kind === "program" && elfEnd(head) >= size) return null;
    if (kind !== undefined) return kind;
    const compression = head.length < MIN_PACKED_BYTES ? null : compressionOf(head);
    if (compression !== null) return compression;
    if (head[0] === 0x78 && isZlib(head)) return "zlib";
    if (head[0] === LZMA_PROPERTIES && isLzma(head)) return "lzma";
  }
  return isTarHeader(bytes) ? "tar" : null;
}

const MEMBER_BYTES = 30;
/** Systems make no file of a longer name. */
const MAX_NAME_BYTES = 4096;

/**
 * True when a member of a zip begins with these bytes, as far as its name tells: of the other fields readers heed those of
 * the directory (APPNOTE 6.3.10, section 4.3.7).
 */
export function isZipMember(head: Uint8Array): boolean {
  if (head.length <= MEMBER_BYTES || !startsWith(head, "PK\x03\x04")) return false;
  const nameBytes = (head[26] ?? 0) + 256 * (head[27] ?? 0);
  if (nameBytes === 0 || nameBytes > MAX_NAME_BYTES) return false;
  return !head.subarray(MEMBER_BYTES, MEMBER_BYTES + nameBytes).includes(0);
}

const CLOSED: ReadonlySet<Kind> = new Set<Kind>(["bzip2", "lz4", "7z", "rar", "squashfs", "compress", "lzip", "lzma"]);

/** True for what can only be counted. */
export function isClosed(kind: Kind): kind is ClosedKind {
  return CLOSED.has(kind);
}
