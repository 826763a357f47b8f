/**
 * gzip as container engines read it: any number of members, also with zeros between them, where zlib alone would stop.
 * Damage and whatever is no member is reported, and all that could be unpacked before it is given.
 */

import type { TransformOptions } from "node:stream";
import { createGunzip, type Gunzip, type ZlibOptions } from "node:zlib";
import type { BufferedReader } from "./byte-reader.ts";
import type { Report } from "./problem.ts";

const INPUT_BYTES = 262_144;
/** Chunks that unpacking may be ahead of the search, so that both run at the same time. */
const AHEAD_CHUNKS = 4;
const OUTPUT_BYTES = 262_144;
/** Packed bytes that are kept, so that damage in a small stream costs next to nothing of what stands before it. */
const REPLAY_BYTES = 524_288;
const REPLAY_OUTPUT_BYTES = 64;
const OPTIONS: ZlibOptions & TransformOptions = {
  chunkSize: OUTPUT_BYTES,
  // Chunks as they are: a stream of bytes would join all that waits into one more copy whenever it is read.
  readableObjectMode: true,
  readableHighWaterMark: AHEAD_CHUNKS,
  writableHighWaterMark: INPUT_BYTES,
};

/** What one run over consecutive members came to. */
interface Run {
  /** Packed bytes that were handed over but not used. */
  readonly rest: Uint8Array;
  readonly error: NodeJS.ErrnoException | null;
}

function isErrno(value: unknown): value is NodeJS.ErrnoException {
  return value instanceof Error;
}

/** What feeds a gunzip, and what is known of it once that is over. */
interface Feeder {
  /** Resolves when nothing more is read from the source. */
  readonly done: Promise<void>;
  /** What was handed over but not used. */
  readonly unused: () => Uint8Array;
  /** All that was handed over, if it was little; null else. */
  readonly kept: () => Uint8Array | null;
}

/**
 * Feeds one gunzip, from `first` and then from the source. A chunk is handed over only when the one before was used up:
 * zlib takes what is written after its end for another member, and what comes of that is lost.
 */
function feed(gunzip: Gunzip, first: Uint8Array, source: BufferedReader): Feeder {
  const replay: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array();
  let fed = 0;
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const stop = (): void => {
      isOver = true;
      resolve();
    };
    for (const event of ["end", "error", "close"]) gunzip.once(event, stop);
  });

  /** True when all of it was used, and more is wanted. */
  const write = async (bytes: Uint8Array): Promise<boolean> => {
    last = bytes;
    if (fed < REPLAY_BYTES) replay.push(bytes);
    fed += bytes.length;
    const taken = new Promise<void>((resolve) => void gunzip.write(bytes, () => resolve()));
    await Promise.race([taken, over]);
    return !isOver && gunzip.bytesWritten === fed;
  };
  const run = async (): Promise<void> => {
    let isWanted = first.length === 0 || (await write(first));
    while (isWanted) {
      const bytes = Buffer.allocUnsafe(INPUT_BYTES);
      const count = await source.read(bytes);
      if (count === 0) {
        gunzip.end();
        return;
      }
      isWanted = await write(bytes.subarray(0, count));
    }
  };
  const done = run().catch((error: unknown) => void gunzip.destroy(isErrno(error) ? error : new Error("cannot read")));
  return {
    done,
    unused: () => last.subarray(Math.max(0, last.length - (fed - gunzip.bytesWritten))),
    kept: () => (fed <= REPLAY_BYTES ? Buffer.concat(replay) : null),
  };
}

/** Unpacks again in tiny steps, past the first `skip` bytes, so that damage costs no more than the last few. */
async function* replayed(packed: Uint8Array, skip: number): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: REPLAY_OUTPUT_BYTES });
  gunzip.end(packed);
  let seen = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      seen += chunk.length;
      if (seen > skip) yield chunk.subarray(Math.max(0, chunk.length - (seen - skip)));
    }
  } catch {
    // The damage is known; this was about what stands before it.
  }
}

async function* oneRun(first: Uint8Array, source: BufferedReader): AsyncGenerator<Uint8Array, Run> {
  const gunzip = createGunzip(OPTIONS);
  const input = feed(gunzip, first, source);
  let given = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      given += chunk.length;
      yield chunk;
    }
    await input.done;
    return { rest: input.unused(), error: null };
  } catch (error) {
    if (!isErrno(error) || !String(error.code).startsWith("Z_")) throw error;
    const kept = input.kept();
    if (kept !== null) yield* replayed(kept, given);
    return { rest: new Uint8Array(), error };
  } finally {
    gunzip.destroy();
    await input.done;
  }
}

/** The next bytes after padding; empty at the end. `padding` counts the zeros. */
async function skipZeros(rest: Uint8Array, source: BufferedReader): Promise<Uint8Array> {
  let bytes = rest;
  for (;;) {
    const at = bytes.findIndex((byte) => byte !== 0);
    if (at !== -1) return bytes.subarray(at);
    const more = new Uint8Array(INPUT_BYTES);
    const count = await source.read(more);
    if (count === 0) return new Uint8Array();
    bytes = more.subarray(0, count);
  }
}

/** The unpacked bytes of all members. */
export async function* gunzipMembers(source: BufferedReader, report: Report): AsyncGenerator<Uint8Array> {
  let first: Uint8Array = new Uint8Array();
  for (;;) {
    const { rest, error } = yield* oneRun(first, source);
    if (error !== null) {
      const isCut = error.code === "Z_BUF_ERROR";
      report({
        why: isCut ? "truncated" : "corrupt",
        detail: isCut ? "the gzip stream ends too early" : "the gzip stream is damaged, or something else follows it",
      });
      return;
    }
    first = await skipZeros(rest, source);
    if (first.length === 0) return;
    if (first[0] !== 0x1f) {
      report({ why: "corrupt", detail: "something that is no gzip follows the gzip stream" });
      return;
    }
  }
}
