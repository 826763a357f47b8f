/**
 * zstd: any number of frames, skippable ones among them. Node's own decoder where it has one, a slower one in
 * JavaScript elsewhere. Damage is reported, and all that could be unpacked before it is given.
 */

import type * as Streams from "node:stream";
import type { Transform } from "node:stream";
import * as zlib from "node:zlib";
import type * as Fzstd from "fzstd";
import type { BufferedReader } from "./byte-reader.ts";
import type { Report } from "./problem.ts";
import { frameBytes, nextFrame, windowBytes, type NextFrame } from "./zstd-frame.ts";

const INPUT_BYTES = 65_536;
const OUTPUT_BYTES = 262_144;
/** What Node's decoder takes, and what `zstd --long` asks for without more words. */
const MAX_WINDOW_BYTES = 2 ** 27;
const FRAME_HEADER_BYTES = 18;
/** Given to the JavaScript decoder at once: 4 bytes can unpack to 128 KiB, all of which it hands over together. */
const STEP_BYTES = 1024;

type CreateZstd = (options: { chunkSize: number }) => Transform;

function isCreateZstd(value: unknown): value is CreateZstd {
  return typeof value === "function";
}

function nativeDecoder(): CreateZstd | null {
  const create: unknown = Reflect.get(zlib, "createZstdDecompress");
  return isCreateZstd(create) ? create : null;
}

/** What is behind the last frame and is none, in the words of Node's own errors. */
function frameError(next: Exclude<NextFrame, "frame" | "end">): Error {
  const isCut = next === "cut";
  const error = new Error(isCut ? "unexpected end of file" : "unknown frame descriptor");
  return Object.assign(error, { code: isCut ? "Z_BUF_ERROR" : "ZSTD_error_prefix_unknown" });
}

async function* native(
  { pipeline, Readable }: typeof Streams,
  create: CreateZstd,
  frame: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const decoder = create({ chunkSize: OUTPUT_BYTES });
  pipeline(Readable.from(frame, { objectMode: false, highWaterMark: INPUT_BYTES }), decoder, () => {
    // Errors come out of the loop below.
  });
  yield* decoder as AsyncIterable<Uint8Array>;
}

/** The JavaScript decoder's own words, and whatever else damaged bytes make it stumble over, as one kind of error. */
function decoderError(failure: unknown): unknown {
  if (failure instanceof Error && "code" in failure) return failure;
  return Object.assign(new Error("invalid zstd data", { cause: failure }), { code: "ZSTD_error_corruption_detected" });
}

async function* inJavaScript(
  { Decompress }: typeof Fzstd,
  frame: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => out.push(chunk));
  let failure: unknown = null;
  for await (const bytes of frame) {
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      try {
        decoder.push(bytes.subarray(at, at + STEP_BYTES));
      } catch (error) {
        failure = error;
      }
      yield* out;
      out = [];
      if (failure !== null) throw decoderError(failure);
    }
  }
  try {
    decoder.push(new Uint8Array(), true);
  } catch (error) {
    failure = error;
  }
  yield* out;
  if (failure !== null) throw decoderError(failure);
}

/** What decodes one frame. Loaded once for all frames of a stream, of which there can be as many as files in a layer. */
async function frameDecoder(): Promise<(frame: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>> {
  const create = nativeDecoder();
  if (create === null) {
    const fzstd = await import("fzstd");
    return (frame) => inJavaScript(fzstd, frame);
  }
  const streams = await import("node:stream");
  return (frame) => native(streams, create, frame);
}

async function* frames(source: BufferedReader, report: Report): AsyncGenerator<Uint8Array> {
  const decode = await frameDecoder();
  let next = await nextFrame(source);
  for (; next === "frame"; next = await nextFrame(source)) {
    const window = windowBytes(await source.peek(FRAME_HEADER_BYTES));
    if (window > MAX_WINDOW_BYTES) {
      const detail = `a zstd frame wants ${window} bytes of memory, more than the ${MAX_WINDOW_BYTES} that it is given`;
      report({ why: "limit", detail });
      return;
    }
    yield* decode(frameBytes(source));
  }
  if (next !== "end") throw frameError(next);
}

/** True for an error that is about the bytes, not about reading them. */
function isDamage(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return typeof error.code === "number" || /^(?:ZSTD|Z)_/.test(String(error.code));
}

/** The unpacked bytes of all frames. */
export async function* unzstd(source: BufferedReader, report: Report): AsyncGenerator<Uint8Array> {
  try {
    yield* frames(source, report);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const isCut = /unexpected (?:end|eof)/i.test(error.message) || error.code === "Z_BUF_ERROR";
    report({
      why: isCut ? "truncated" : "corrupt",
      detail: isCut ? "the zstd stream ends too early" : "the zstd stream is damaged, or something else follows it",
    });
  }
}
