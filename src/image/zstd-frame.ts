/**
 * Where the frames of a zstd stream begin and end (RFC 8878, section 3). Node's decoder stops after one frame, so it is
 * given one at a time. Unpacks nothing.
 */

import type { BufferedReader, ByteReader } from "./byte-reader.ts";
import { isEndless, WEIGHTS_BYTES } from "./zstd-weights.ts";

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const DICTIONARY_ID_BYTES: readonly number[] = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES: readonly number[] = [0, 2, 4, 8];
const RLE_BLOCK = 1;
const COMPRESSED_BLOCK = 2;
const RESERVED_BLOCK = 3;
const MAX_BLOCK_BYTES = 131_072;
/** Of a frame's descriptor: always 0. */
const RESERVED_BIT = 8;

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

/** True where a frame with a possible first block begins. */
export function beginsFrame(bytes: Uint8Array): boolean {
  const descriptor = bytes[MAGIC_BYTES] ?? RESERVED_BIT;
  if (littleEndian(bytes.subarray(0, MAGIC_BYTES)) !== MAGIC || (descriptor & RESERVED_BIT) !== 0) return false;
  const from = headerBytes(descriptor);
  const block = littleEndian(bytes.subarray(from, from + BLOCK_HEADER_BYTES));
  return ((block >> 1) & 3) !== RESERVED_BLOCK && block >> 3 <= MAX_BLOCK_BYTES;
}

/** Where a frame that says no size of its content says its window. */
const WINDOW_AT = MAGIC_BYTES + 1;
/** The window of one largest block, in the words of a frame's header: 2^(10 + 7). */
const BLOCK_WINDOW = 7 << 3;

/** How much of a frame tells its window. */
export const START_BYTES: number = 18 + BLOCK_HEADER_BYTES;

/** True for a frame whose first block is its last, with a window that is larger than any block. */
function hasIdleWindow(start: Uint8Array): boolean {
  const descriptor = start[MAGIC_BYTES] ?? 0;
  const isLast = ((start[headerBytes(descriptor)] ?? 0) & 1) === 1;
  return isLast && (descriptor & 0x20) === 0 && (start[WINDOW_AT] ?? 0) > BLOCK_WINDOW;
}

/**
 * What a frame of `frameReader` wants of its decoder, in bytes: the window that it looks back in. Wants the frame's first
 * bytes, `START_BYTES` or all.
 */
export function windowBytes(start: Uint8Array): number {
  const descriptor = start[MAGIC_BYTES] ?? 0;
  const at = WINDOW_AT;
  if ((descriptor & 0x20) === 0) {
    const byte = hasIdleWindow(start) ? BLOCK_WINDOW : (start[at] ?? 0);
    const base = 2 ** (10 + (byte >> 3));
    return base + (base / 8) * (byte & 7);
  }
  const idBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  const stated = littleEndian(start.subarray(at + idBytes, at + idBytes + sizeBytes));
  return sizeFlag === 1 ? stated + 256 : stated;
}

/** Reads frames, block by block: no read gives more than one block. */
export interface FrameReader extends ByteReader {
  readonly again: () => void;
  /** Blocks of this frame that were begun. */
  readonly blocks: () => number;
  /** True once all of the frame was read: not every decoder says so when it was not. */
  readonly isWhole: () => boolean;
}

/**
 * The bytes of the frame that stands next, and no more; ends early when the stream does, and before a block that no
 * decoder can unpack. `again` goes to the next. A frame of one block is given a window of that size, whatever it says:
 * what packs streams asks for 8 MiB for each file of a few bytes, and decoders take it.
 */
export function frameReader(source: BufferedReader): FrameReader {
  let next: "header" | "block" | "checksum" | "last" | "whole" | "cut" = "header";
  let left = 0;
  let hasChecksum = false;
  let isIdle = false;
  let blocks = 0;
  /** How long the next piece of the frame is; 0 at its end. */
  const piece = async (): Promise<number> => {
    if (next === "header") {
      const start = await source.peek(START_BYTES);
      const descriptor = start[MAGIC_BYTES] ?? 0;
      isIdle = hasIdleWindow(start);
      hasChecksum = (descriptor & 4) !== 0;
      next = "block";
      return headerBytes(descriptor);
    }
    if (next === "block") {
      const start = await source.peek(BLOCK_HEADER_BYTES + WEIGHTS_BYTES);
      if (start.length < BLOCK_HEADER_BYTES) {
        next = "cut";
        return start.length;
      }
      const block = littleEndian(start.subarray(0, BLOCK_HEADER_BYTES));
      const type = (block >> 1) & 3;
      if (type === COMPRESSED_BLOCK && isEndless(start.subarray(BLOCK_HEADER_BYTES))) {
        next = "cut";
        return 0;
      }
      blocks++;
      if ((block & 1) === 1) next = "checksum";
      return BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : block >> 3);
    }
    if (next === "checksum" && hasChecksum) {
      next = "last";
      return CHECKSUM_BYTES;
    }
    if (next !== "cut") next = "whole";
    return 0;
  };
  return {
    again: () => {
      next = "header";
      left = blocks = 0;
    },
    blocks: () => blocks,
    isWhole: () => next === "whole",
    read: async (into) => {
      if (left === 0) left = await piece();
      if (left === 0) return 0;
      const count = await source.read(into.length > left ? into.subarray(0, left) : into);
      // The header is short, and comes as a whole.
      if (isIdle && count > WINDOW_AT) into[WINDOW_AT] = BLOCK_WINDOW;
      isIdle = false;
      left = count === 0 ? 0 : left - count;
      if (count === 0) next = "cut";
      return count;
    },
  };
}
