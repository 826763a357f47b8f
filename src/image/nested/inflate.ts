/**
 * Deflated data: all at once where it is small, which is many times faster than a stream, else in chunks. Gives what can
 * be unpacked of damaged data. Counts nothing.
 */

import { Readable } from "node:stream";
import { pipeline } from "node:stream";
import * as zlib from "node:zlib";
import type { Content } from "./content.ts";

/** How the data is wrapped: not at all (zip), or with the header and checksum of zlib (git). */
export type Wrapping = "raw" | "zlib" | "gzip";

/** What unpacking came to. */
export interface Inflated {
  readonly bytes: Uint8Array;
  /** Packed bytes that were used; what follows them is something else. */
  readonly used: number;
}

/** How a stream ended; filled in once it has. */
export interface Ending {
  used: number;
  isDamaged: boolean;
}

const OUTPUT_BYTES = 262_144;
const INPUT_BYTES = 131_072;
/** Steps in which damaged data is unpacked once more, so that no more than this is lost before the damage. */
const CAREFUL_BYTES = 64;
/** Damaged data of more packed bytes is not unpacked once more from the start in so small steps. */
const MAX_CAREFUL_BYTES = 1_048_576;

const SYNC = { raw: zlib.inflateRawSync, zlib: zlib.inflateSync, gzip: zlib.gunzipSync } as const;
const STREAM = { raw: zlib.createInflateRaw, zlib: zlib.createInflate, gzip: zlib.createGunzip } as const;

function isResult(value: unknown): value is { buffer: Uint8Array; engine: { bytesWritten: number } } {
  return typeof value === "object" && value !== null && "buffer" in value && "engine" in value;
}

/** What `packed` begins with, unpacked; null when it is damaged, cut, or unpacks to more than `maxBytes`. */
export function inflateAll(
  wrapping: Wrapping,
  packed: Uint8Array,
  maxBytes: number,
  expected: number | null,
): Inflated | null {
  const chunkSize = Math.max(64, Math.min((expected ?? packed.length * 4) + 64, OUTPUT_BYTES));
  // With `info`, Node gives the engine too, which knows how many bytes it took; its types do not say so.
  const options: zlib.ZlibOptions = Object.assign(
    { chunkSize, maxOutputLength: Math.max(1, maxBytes) },
    { info: true },
  );
  try {
    const result: unknown = SYNC[wrapping](packed, options);
    return isResult(result) ? { bytes: result.buffer, used: result.engine.bytesWritten } : null;
  } catch (error) {
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

async function* chunksOf(content: Content): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.size;) {
    const bytes = new Uint8Array(Math.min(INPUT_BYTES, content.size - at));
    const count = content.readAt(bytes, at);
    if (count === 0) return;
    at += count;
    yield bytes.subarray(0, count);
  }
}

async function* once(
  wrapping: Wrapping,
  content: Content,
  chunkSize: number,
  ending: Ending,
): AsyncGenerator<Uint8Array> {
  const inflate = STREAM[wrapping]({ chunkSize });
  pipeline(Readable.from(chunksOf(content), { objectMode: false }), inflate, () => {
    // Errors come out of the loop below.
  });
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || !String(error.code).startsWith("Z_")) throw error;
    ending.isDamaged = true;
  } finally {
    ending.used = inflate.bytesWritten;
    inflate.destroy();
  }
}

/** What the content begins with, unpacked in chunks. `ending` tells afterwards how it ended. */
export async function* inflateChunks(wrapping: Wrapping, content: Content, ending: Ending): AsyncGenerator<Uint8Array> {
  let given = 0;
  for await (const chunk of once(wrapping, content, OUTPUT_BYTES, ending)) {
    given += chunk.length;
    yield chunk;
  }
  if (!ending.isDamaged || content.size > MAX_CAREFUL_BYTES) return;
  let seen = 0;
  for await (const chunk of once(wrapping, content, CAREFUL_BYTES, ending)) {
    seen += chunk.length;
    if (seen > given) yield chunk.subarray(Math.max(0, chunk.length - (seen - given)));
  }
}
