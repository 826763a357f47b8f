/**
 * Bytes in order, read into the caller's own buffer: from a file, a stream, an iterator, or a stretch of another reader.
 * Interprets nothing, and never reads more than it was asked for but what it keeps to peek at.
 */

import { fstatSync, readSync } from "node:fs";
import type { Report } from "./problem.ts";

/** A source of bytes. */
export interface ByteReader {
  /** Fills `into` from its start and says how far; 0 at the end, and only there. */
  readonly read: (into: Uint8Array) => number | Promise<number>;
  /** Passes over up to `count` bytes without reading them, and says how many there were; not every source can. */
  readonly pass?: (count: number) => number;
}

/** A source of bytes that can be looked at before they are taken. */
export interface BufferedReader extends ByteReader {
  /** Up to `count` next bytes without taking them; fewer only at the end. Valid until the next call. */
  readonly peek: (count: number) => Promise<Uint8Array>;
  /** Takes and drops up to `count` bytes; says how many there were. */
  readonly skip: (count: number) => Promise<number>;
  /** How many bytes were taken so far. */
  readonly offset: () => number;
  /** Puts bytes that were taken last back in front, as if they had not been taken. */
  readonly unread: (bytes: Uint8Array) => void;
}

/** Largest stretch read from a file at once: more than this leaves the processor's cache before it is searched. */
export const READ_BYTES = 131_072;
/** What is peeked at unless more is asked for. */
const PEEK_BYTES = 4096;
/** Zeros that are passed over at once. */
const ZEROS_BYTES = 512;

/** Reads an open file from `from` on. */
export function readFile(descriptor: number, from = 0): ByteReader {
  let position = from;
  const stats = fstatSync(descriptor);
  const pass = (count: number): number => {
    const passed = Math.max(0, Math.min(count, stats.size - position));
    position += passed;
    return passed;
  };
  return {
    ...(stats.isFile() ? { pass } : {}),
    read: (into) => {
      const count = readSync(descriptor, into, 0, Math.min(into.length, READ_BYTES), position);
      position += count;
      return count;
    },
  };
}

const FOLDER = "it is a folder, which can only be read by its path; name that instead";

/** A reader that ends where reading fails, after saying why; `count` is told how many bytes came each time. */
export function failSafe(reader: ByteReader, report: Report, count: (bytes: number) => void): ByteReader {
  return {
    ...reader,
    read: async (into) => {
      try {
        const got = await reader.read(into);
        count(got);
        return got;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "";
        const failed = code === "" ? "reading failed" : `reading failed (${code})`;
        report({ why: "unreadable", detail: code === "EISDIR" ? FOLDER : failed });
        return 0;
      }
    },
  };
}

/** Reads the chunks of a stream or generator. What it throws, `read` throws. */
export function readChunks(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    read: async (into) => {
      if (into.length === 0) return 0;
      while (rest.length === 0) {
        const { done, value } = await iterator.next();
        if (done === true) return 0;
        rest = value;
      }
      const count = Math.min(into.length, rest.length);
      into.set(count === rest.length ? rest : rest.subarray(0, count));
      rest = rest.subarray(count);
      return count;
    },
  };
}

/** Adds peeking, up to `capacity` bytes, to a reader; what is not held is read straight from it. */
export function buffered(reader: ByteReader, capacity: number = PEEK_BYTES): BufferedReader {
  let held = new Uint8Array(capacity);
  let from = 0;
  let to = 0;
  let taken = 0;
  const read = async (into: Uint8Array): Promise<number> => {
    let count = to - from;
    if (count > 0) {
      count = Math.min(count, into.length);
      into.set(held.subarray(from, from + count));
      from += count;
    } else {
      count = await reader.read(into);
    }
    taken += count;
    return count;
  };
  return {
    read,
    offset: () => taken,
    peek: async (count) => {
      if (count > held.length) throw new RangeError(`cannot peek at ${count} bytes`);
      if (from > 0 && from + count > held.length) {
        held.copyWithin(0, from, to);
        to -= from;
        from = 0;
      }
      while (to - from < count) {
        const got = await reader.read(held.subarray(to));
        if (got === 0) break;
        to += got;
      }
      return held.subarray(from, Math.min(to, from + count));
    },
    skip: async (count) => {
      const ofHeld = Math.min(count, to - from);
      from += ofHeld;
      let left = count - ofHeld;
      if (left > 0 && reader.pass !== undefined) left -= reader.pass(left);
      else {
        // Nothing is held now, so there is room for bytes that nobody wants; more room is worth its while for many of them.
        let sink = held;
        while (left > 0) {
          const got = await reader.read(sink.subarray(0, left));
          if (got === 0) break;
          left -= got;
          if (sink === held && left > held.length) sink = new Uint8Array(Math.min(left, READ_BYTES));
        }
      }
      taken += count - left;
      return count - left;
    },
    unread: (bytes) => {
      const rest = held.subarray(from, to);
      const joined = new Uint8Array(Math.max(capacity, bytes.length + rest.length));
      joined.set(bytes);
      joined.set(rest, bytes.length);
      held = joined;
      from = 0;
      to = bytes.length + rest.length;
      taken -= bytes.length;
    },
  };
}

/** The next `length` bytes of a reader as a reader of their own. */
export function stretch(reader: BufferedReader, length: number): BufferedReader & { readonly left: () => number } {
  let left = length;
  let taken = 0;
  return {
    left: () => left,
    offset: () => taken,
    read: async (into) => {
      if (left === 0) return 0;
      const got = await reader.read(into.length > left ? into.subarray(0, left) : into);
      left -= got;
      taken += got;
      return got;
    },
    peek: (count) => reader.peek(Math.min(count, left)),
    skip: async (count) => {
      const got = await reader.skip(Math.min(count, left));
      left -= got;
      taken += got;
      return got;
    },
    unread: (bytes) => {
      reader.unread(bytes);
      left += bytes.length;
      taken -= bytes.length;
    },
  };
}

/** Takes zeros, and says how many there were. */
export async function skipZeros(reader: BufferedReader): Promise<number> {
  for (let zeros = 0; ;) {
    const bytes = await reader.peek(ZEROS_BYTES);
    const first = bytes.findIndex((byte) => byte !== 0);
    zeros += await reader.skip(first === -1 ? bytes.length : first);
    if (first !== -1 || bytes.length === 0) return zeros;
  }
}

/** Everything a reader holds, up to `maxBytes`; null when there is more (of which `maxBytes` were taken). */
export async function readAll(reader: ByteReader, maxBytes: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(Math.min(65_536, maxBytes + 1 - total));
    const got = await reader.read(part);
    if (got === 0) return Buffer.concat(parts);
    total += got;
    parts.push(part.subarray(0, got));
    if (total > maxBytes) return null;
  }
}
