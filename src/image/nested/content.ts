/**
 * Bytes that can be read at any place: in memory, in a file that is ours, or a stretch of another content. What
 * archives are read from. Interprets nothing.
 */

import { buffered, type BufferedReader } from "../byte-reader.ts";

/** Bytes with a length. */
export interface Content {
  readonly size: number;
  /** Copies what stands from `offset` on into `into` and says how much: less than fits only at the end. */
  readonly readAt: (into: Uint8Array, offset: number) => number;
  /** The bytes themselves where they are in memory; null elsewhere. */
  readonly bytes: Uint8Array | null;
}

/** What a view of a content in a file reads ahead at most. */
export const AHEAD_BYTES = 262_144;

/** Bytes in memory as content. */
export function memoryContent(bytes: Uint8Array): Content {
  return {
    size: bytes.length,
    bytes,
    readAt: (into, offset) => {
      const part = bytes.subarray(Math.min(offset, bytes.length), Math.min(bytes.length, offset + into.length));
      into.set(part);
      return part.length;
    },
  };
}

/** The stretch from `from` to `to`, both cut to what there is. */
export function partOf(content: Content, from: number, to: number): Content {
  const start = Math.min(Math.max(0, from), content.size);
  const end = Math.min(Math.max(start, to), content.size);
  if (content.bytes !== null) return memoryContent(content.bytes.subarray(start, end));
  return {
    size: end - start,
    bytes: null,
    readAt: (into, offset) => {
      const left = Math.max(0, end - start - offset);
      return left === 0 ? 0 : content.readAt(into.length > left ? into.subarray(0, left) : into, start + offset);
    },
  };
}

/** Gives up to `length` bytes from `offset` on, fewer only at the end, valid until the next call. */
export type View = (offset: number, length: number) => Uint8Array;

/** Short looks at a content that follow one another cost one read; with `memory`, what fits is always read into that. */
export function viewer(content: Content, memory: Uint8Array = new Uint8Array()): View {
  const { bytes } = content;
  if (bytes !== null) return (offset, length) => bytes.subarray(offset, offset + length);
  let held: Uint8Array = new Uint8Array();
  let from = 0;
  return (offset, length) => {
    const wanted = Math.max(0, Math.min(length, content.size - offset));
    if (offset < from || offset + wanted > from + held.length) {
      const size = Math.min(content.size - offset, Math.max(wanted, AHEAD_BYTES));
      const room = size <= memory.length ? memory.subarray(0, Math.max(0, size)) : new Uint8Array(size);
      from = offset;
      held = room.subarray(0, room.length === 0 ? 0 : content.readAt(room, offset));
    }
    return held.subarray(offset - from, offset - from + wanted);
  };
}

/** How much is looked through at once. */
const SEARCH_BYTES = 262_144;

/** Where `text` (Latin-1) stands next, from `from` on and whole before `to`; -1 when it does not. */
export function findText(view: ReturnType<typeof viewer>, text: string, from: number, to: number): number {
  for (let at = from; at < to; at += SEARCH_BYTES) {
    const bytes = view(at, Math.min(SEARCH_BYTES + text.length - 1, to - at));
    const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(text, 0, "latin1");
    if (found !== -1) return at + found;
  }
  return -1;
}

/** All of a content in order. */
export function readerOf(content: Content): BufferedReader {
  let at = 0;
  return buffered({
    read: (into) => {
      const count = content.readAt(into, at);
      at += count;
      return count;
    },
  });
}
