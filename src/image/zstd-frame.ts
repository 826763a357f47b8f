/**
 * Where the frames of a zstd stream begin and end (RFC 8878, section 3). Node's decoder stops after one frame, so it is
 * given one at a time. Unpacks nothing.
 */

import type { BufferedReader } from "./byte-reader.ts";

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES: readonly number[] = [0, 2, 4, 8];
const RLE_BLOCK = 1;

/** What stands next in a stream: a frame with content, its end, something cut short, or bytes that are no frame. */
export type NextFrame = "frame" | "end" | "cut" | "other";

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

/** Skips skippable frames and says what stands behind them. */
export async function nextFrame(source: BufferedReader): Promise<NextFrame> {
  for (;;) {
    const bytes = await source.peek(MAGIC_BYTES * 2);
    if (bytes.length === 0) return "end";
    if (bytes.length < MAGIC_BYTES) return "cut";
    const magic = littleEndian(bytes.subarray(0, MAGIC_BYTES));
    if (magic === MAGIC) return "frame";
    if (magic - (magic % 16) !== SKIPPABLE) return "other";
    const length = MAGIC_BYTES * 2 + littleEndian(bytes.subarray(MAGIC_BYTES));
    if (bytes.length < MAGIC_BYTES * 2 || (await source.skip(length)) < length) return "cut";
  }
}

/** Length of a frame's header from its magic number on, by its descriptor byte. */
function headerBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const contentSize = sizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  return MAGIC_BYTES + 1 + (isSingleSegment ? 0 : 1) + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + contentSize;
}

/** What a frame wants of its decoder, in bytes: the window that it looks back in. Wants the frame's first 18 bytes. */
export function windowBytes(start: Uint8Array): number {
  const descriptor = start[MAGIC_BYTES] ?? 0;
  const at = MAGIC_BYTES + 1;
  if ((descriptor & 0x20) === 0) {
    const byte = start[at] ?? 0;
    const base = 2 ** (10 + (byte >> 3));
    return base + (base / 8) * (byte & 7);
  }
  const idBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  const stated = littleEndian(start.subarray(at + idBytes, at + idBytes + sizeBytes));
  return sizeFlag === 1 ? stated + 256 : stated;
}

async function* take(source: BufferedReader, count: number): AsyncGenerator<Uint8Array, boolean> {
  for (let left = count; left > 0;) {
    const bytes = Buffer.allocUnsafe(left);
    const got = await source.read(bytes);
    if (got === 0) return false;
    yield bytes.subarray(0, got);
    left -= got;
  }
  return true;
}

/** The bytes of the frame that stands next, and no more; ends early when the stream does. */
export async function* frameBytes(source: BufferedReader): AsyncGenerator<Uint8Array> {
  const start = await source.peek(MAGIC_BYTES + 1);
  const descriptor = start[MAGIC_BYTES] ?? 0;
  if (!(yield* take(source, headerBytes(descriptor)))) return;
  for (;;) {
    const header = await source.peek(BLOCK_HEADER_BYTES);
    if (header.length < BLOCK_HEADER_BYTES) {
      yield* take(source, header.length);
      return;
    }
    const block = littleEndian(header);
    const type = (block >> 1) & 3;
    const length = type === RLE_BLOCK ? 1 : block >> 3;
    if (!(yield* take(source, BLOCK_HEADER_BYTES + length))) return;
    if ((block & 1) === 1) break;
  }
  if ((descriptor & 4) !== 0) yield* take(source, CHECKSUM_BYTES);
}
