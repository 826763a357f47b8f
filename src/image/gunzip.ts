/**
 * gzip as container engines read it: any number of members, also with zeros between them, where zlib alone would stop.
 * Damage and whatever is no member is reported, and all that could be unpacked before it is given.
 */

import { createGunzip, type Gunzip } from "node:zlib";
import type { BufferedReader } from "./byte-reader.ts";
import type { Report } from "./problem.ts";

const INPUT_BYTES = 65_536;
const OUTPUT_BYTES = 262_144;
/** Packed bytes that are kept, so that damage in a small stream costs next to nothing of what stands before it. */
const REPLAY_BYTES = 524_288;
const REPLAY_OUTPUT_BYTES = 64;

/** What one run over consecutive members came to. */
interface Run {
  /** Packed bytes that were handed over but not used. */
  readonly rest: Uint8Array;
  readonly error: NodeJS.ErrnoException | null;
}

function isErrno(value: unknown): value is NodeJS.ErrnoException {
  return value instanceof Error;
}

/** Feeds one gunzip from `first` and then from the source, and notes what it has not used. */
function feed(
  gunzip: Gunzip,
  first: Uint8Array,
  source: BufferedReader,
): { unused: () => Uint8Array; kept: () => Uint8Array | null } {
  const recent: { at: number; bytes: Uint8Array }[] = [];
  const replay: Uint8Array[] = [];
  let fed = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    recent.push({ at: fed, bytes });
    if (fed < REPLAY_BYTES) replay.push(bytes);
    fed += bytes.length;
    if (recent.length > 4) recent.shift();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        gunzip.off("close", done);
        gunzip.off("end", done);
        resolve();
      };
      gunzip.once("close", done);
      gunzip.once("end", done);
      gunzip.write(bytes, done);
    });
  };
  const run = async (): Promise<void> => {
    if (first.length > 0) await write(first);
    while (!gunzip.destroyed && !gunzip.readableEnded) {
      const bytes = Buffer.allocUnsafe(INPUT_BYTES);
      const count = await source.read(bytes);
      if (count === 0) break;
      await write(bytes.subarray(0, count));
    }
    if (!gunzip.destroyed && !gunzip.writableEnded) gunzip.end();
  };
  run().catch((error: unknown) => gunzip.destroy(isErrno(error) ? error : new Error("cannot read")));
  return {
    unused: () =>
      Buffer.concat(recent.flatMap(({ at, bytes }) => bytes.subarray(Math.max(0, gunzip.bytesWritten - at)))),
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
  const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  const input = feed(gunzip, first, source);
  let given = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      given += chunk.length;
      yield chunk;
    }
    return { rest: input.unused(), error: null };
  } catch (error) {
    if (!isErrno(error) || !String(error.code).startsWith("Z_")) throw error;
    const kept = input.kept();
    if (kept !== null) yield* replayed(kept, given);
    return { rest: new Uint8Array(), error };
  } finally {
    gunzip.destroy();
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
