/**
 * Deflated data: all at once where it is small, which is many times faster than a stream, else in chunks. Gives what can
 * be unpacked of damaged data. Counts nothing.
 */

import * as zlib from "node:zlib";
import type { ByteReader } from "../byte-reader.ts";
import { createInflateStep, type DeflatePacking, type Step, type StepDecoder } from "../step-decoder.ts";
import { unpacking } from "../unpacking.ts";
import { readerOf, type Content } from "./content.ts";
import { giveBack, lend } from "./lent.ts";

/** What unpacking came to. */
export interface Inflated {
  readonly bytes: Uint8Array;
  /** Packed bytes that were used; what follows them is something else. */
  readonly used: number;
  /** Tells that nobody holds the bytes any more; no duty. */
  readonly done: () => void;
}

const NOTHING = (): void => {};

/** How a stream ended; filled in once it has. */
export interface Ending {
  used: number;
  isDamaged: boolean;
}

const OUTPUT_BYTES = 262_144;
/** Nothing deflated unpacks to more times its size. */
const MAX_RATIO = 1032;
/** What is asked for at once of packed bytes that need not all belong to it. */
const INPUT_BYTES = 65_536;

/** One decoder of each is kept: making one costs more than unpacking a small file. */
const decoders: Partial<Record<DeflatePacking, StepDecoder>> = {};
const SYNC = { raw: zlib.inflateRawSync, zlib: zlib.inflateSync, gzip: zlib.gunzipSync } as const;

function isResult(value: unknown): value is { buffer: Uint8Array; engine: { bytesWritten: number } } {
  return typeof value === "object" && value !== null && "buffer" in value && "engine" in value;
}

/** By Node's own functions, for a Node whose decoders take no steps in this thread. */
function atOnce(wrapping: DeflatePacking, packed: Uint8Array, maxBytes: number): Inflated | null {
  // With `info`, Node gives the engine too, which knows how many bytes it took; its types do not say so.
  const options: zlib.ZlibOptions = Object.assign({ maxOutputLength: Math.max(1, maxBytes) }, { info: true });
  const result: unknown = SYNC[wrapping](packed, options);
  return isResult(result) ? { bytes: result.buffer, used: result.engine.bytesWritten, done: NOTHING } : null;
}

function intoAtOnce(wrapping: DeflatePacking, packed: Uint8Array, room: Uint8Array): Step | null {
  const result = atOnce(wrapping, packed, room.length - 1);
  if (result === null) return null;
  room.set(result.bytes);
  return { used: result.used, made: result.bytes.length };
}

/** What `packed` begins with, unpacked; null when it is damaged, cut, or unpacks to more than `maxBytes`. */
export function inflateAll(
  wrapping: DeflatePacking,
  packed: Uint8Array,
  maxBytes: number,
  expected: number | null = null,
): Inflated | null {
  const decoder = (decoders[wrapping] ??= createInflateStep(wrapping));
  decoder.reset();
  const likely = expected ?? Math.min(packed.length * 4, OUTPUT_BYTES);
  const roomBytes = 64 + Math.min(likely, packed.length * MAX_RATIO);
  const rooms: Uint8Array[] = [];
  const free = (): void => rooms.forEach(giveBack);
  let total = 0;
  let used = 0;
  let made = 0;
  try {
    for (;;) {
      const room = lend(roomBytes);
      rooms.push(room);
      const step = decoder.step(used === 0 ? packed : packed.subarray(used), room, true);
      if (step instanceof Promise) return atOnce(wrapping, packed, maxBytes);
      ({ made } = step);
      used += step.used;
      total += made;
      if (total > maxBytes) {
        free();
        return null;
      }
      if (made < room.length) break;
    }
  } catch (error) {
    free();
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
  const [first = new Uint8Array()] = rooms;
  if (rooms.length === 1) return { bytes: first.subarray(0, made), used, done: free };
  const bytes = Buffer.concat(rooms, total);
  free();
  return { bytes, used, done: NOTHING };
}

/**
 * Unpacks into `room`, which is larger than what comes of it, and says how many bytes were used and made; null when it is
 * damaged, cut, or more. `packed` gives bytes from an offset on, fewer than are wanted only at the end.
 */
export function inflateInto(
  wrapping: DeflatePacking,
  packed: (from: number, bytes: number) => Uint8Array,
  maxPacked: number,
  room: Uint8Array,
): Step | null {
  const decoder = (decoders[wrapping] ??= createInflateStep(wrapping));
  decoder.reset();
  let used = 0;
  let made = 0;
  try {
    for (;;) {
      const input = packed(used, Math.min(INPUT_BYTES, maxPacked - used));
      const step = decoder.step(input, room.subarray(made), input.length === 0);
      if (step instanceof Promise) return intoAtOnce(wrapping, packed(0, maxPacked), room);
      used += step.used;
      made += step.made;
      if (made === room.length) return null;
      if (step.used < input.length || input.length === 0) return { used, made };
    }
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

/** What the content begins with, unpacked. `ending` tells afterwards how it ended. */
export function inflated(wrapping: DeflatePacking, content: Content, ending: Ending): ByteReader {
  const decoder = createInflateStep(wrapping);
  const source = readerOf(content);
  const unpacked = unpacking(decoder, source);
  return {
    read: async (into) => {
      const count = await unpacked.read(into);
      if (count > 0) return count;
      ending.used = source.offset();
      ending.isDamaged = unpacked.error() !== null;
      decoder.close();
      return 0;
    },
  };
}
