/**
 * Changes what compressed bytes unpack to, and nothing else: gzip members and zstd frames that stay the same are kept as
 * they are, so that what a writer did (one member a file, skippable frames, footers) is still there afterwards.
 */

import { gzipSync, inflateRawSync } from "node:zlib";
import { decompress } from "fzstd";

const ZSTD_MAGIC = 0xfd2fb528;
const MAX_ZSTD_BLOCK = 131_072;

/** A piece of a compressed stream that can be unpacked by itself. */
interface Piece {
  readonly end: number;
  readonly content: Buffer;
}

/** Where the gzip member that begins at `start` has its deflated data (RFC 1952, section 2.3). */
function gzipDataStart(bytes: Buffer, start: number): number {
  const flags = bytes.readUInt8(start + 3);
  let at = start + 10;
  if ((flags & 4) !== 0) at += 2 + bytes.readUInt16LE(at);
  if ((flags & 8) !== 0) at = bytes.indexOf(0, at) + 1;
  if ((flags & 16) !== 0) at = bytes.indexOf(0, at) + 1;
  return (flags & 2) === 0 ? at : at + 2;
}

function gzipMember(bytes: Buffer, start: number): Piece {
  const from = gzipDataStart(bytes, start);
  // With `info`, Node gives the engine too, which knows how many bytes it took; its types do not say so.
  const result: unknown = inflateRawSync(bytes.subarray(from), { info: true });
  const { buffer, engine } = result as { buffer: Buffer; engine: { bytesWritten: number } };
  return { end: from + engine.bytesWritten + 8, content: buffer };
}

/** Where the zstd frame ends that begins at `start`: header, blocks, checksum (RFC 8878, section 3.1.1). */
function zstdFrameEnd(bytes: Buffer, start: number): number {
  const descriptor = bytes.readUInt8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (;;) {
    const block = bytes.readUIntLE(at, 3);
    const isRunLength = ((block >> 1) & 3) === 1;
    at += 3 + (isRunLength ? 1 : block >> 3);
    if ((block & 1) === 1) return at + ((descriptor & 4) === 0 ? 0 : 4);
  }
}

function zstdFrame(bytes: Buffer, start: number): Piece {
  if (bytes.readUInt32LE(start) !== ZSTD_MAGIC) {
    return { end: start + 8 + bytes.readUInt32LE(start + 4), content: Buffer.alloc(0) };
  }
  const end = zstdFrameEnd(bytes, start);
  return { end, content: Buffer.from(decompress(new Uint8Array(bytes.subarray(start, end)))) };
}

/** A zstd frame that holds the bytes as they are: what can be written without a compressor. */
function storedZstdFrame(bytes: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(ZSTD_MAGIC, 0);
  header.writeUInt8(0xa0, 4);
  header.writeUInt32LE(bytes.length, 5);
  const parts: Buffer[] = [header];
  for (let at = 0; at === 0 || at < bytes.length; at += MAX_ZSTD_BLOCK) {
    const block = bytes.subarray(at, at + MAX_ZSTD_BLOCK);
    const blockHeader = Buffer.alloc(3);
    blockHeader.writeUIntLE(block.length * 8 + (at + MAX_ZSTD_BLOCK >= bytes.length ? 1 : 0), 0, 3);
    parts.push(blockHeader, block);
  }
  return Buffer.concat(parts);
}

/** A compressed stream after an edit, and what it unpacks to before and after. */
export interface Edited {
  readonly compressed: Buffer;
  readonly before: Buffer;
  readonly after: Buffer;
}

/** Edits what each member or frame unpacks to; null for bytes that are neither gzip nor zstd. */
export function editCompressed(bytes: Buffer, edit: (content: Buffer) => Buffer): Edited | null {
  const isGzip = bytes.length > 18 && bytes.readUInt16BE(0) === 0x1f8b;
  if (!isGzip && (bytes.length <= 8 || bytes.readUInt32LE(0) !== ZSTD_MAGIC)) return null;
  const [compressed, before, after]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  for (let at = 0; at < bytes.length;) {
    const { end, content } = isGzip ? gzipMember(bytes, at) : zstdFrame(bytes, at);
    const edited = edit(content);
    const isSame = edited.equals(content);
    compressed.push(isSame ? bytes.subarray(at, end) : isGzip ? gzipSync(edited) : storedZstdFrame(edited));
    before.push(content);
    after.push(edited);
    at = end;
  }
  return { compressed: Buffer.concat(compressed), before: Buffer.concat(before), after: Buffer.concat(after) };
}
