/**
 * zstd: any number of frames, skippable ones among them. Node's own decoder where it has one, a slower one in
 * JavaScript elsewhere. Damage is reported, and all that could be unpacked before it is given.
 */

import type * as Fzstd from "fzstd";
import { buffered, type BufferedReader, type ByteReader } from "./byte-reader.ts";
import type { Problem, Report } from "./problem.ts";
import { createQueue, createZstdStep, type StepDecoder, type StepOptions } from "./step-decoder.ts";
import { isCut, unpacking, type Unpacking } from "./unpacking.ts";
import { frameReader, nextFrame, START_BYTES, windowBytes } from "./zstd-frame.ts";

/** What Node's decoder takes, and what `zstd --long` asks for without more words. */
const MAX_WINDOW_BYTES = 2 ** 27;
const CUT: Problem = { why: "truncated", detail: "the zstd stream ends too early" };
const DAMAGED: Problem = { why: "corrupt", detail: "the zstd stream is damaged, or something else follows it" };
/** Given to the JavaScript decoder at once: 4 bytes can unpack to 128 KiB, all of which it hands over together. */
const STEP_BYTES = 1024;

/**
 * The JavaScript decoder moves its whole window for every block. Usual streams come to 64 to 1024 times what they unpack
 * to, and one block of a small file to 8 MiB; beyond that, and what takes a tenth of a second, tiny blocks in large windows
 * were made to take hours.
 */
const MOVED_PER_BYTE = 2048;
const MOVED_PER_FRAME = 2 ** 23;
const MOVED_FREE = 2 ** 30;
const TOO_SLOW: Problem = {
  why: "limit",
  detail:
    "a zstd frame of many tiny blocks and a large window would take hours here; Node 22.15 and later have a decoder for it",
};

/** The JavaScript decoder's own words, and whatever else damaged bytes make it stumble over, as one kind of error. */
function decoderError(failure: unknown): Error {
  const message = failure instanceof Error ? failure.message : "invalid zstd data";
  return Object.assign(new Error(message, { cause: failure }), { code: "ZSTD_error_corruption_detected" });
}

/** A decoder in JavaScript. */
function inJavaScript({ Decompress }: typeof Fzstd): StepDecoder {
  const queue = createQueue();
  let failure: Error | null = null;
  let isOver = false;
  let decoder = new Decompress(queue.add);
  return {
    givesAll: true,
    step: (input, output, isLast) => {
      if (!queue.isEmpty()) return queue.give(0, output);
      if (failure !== null) throw failure;
      if (isOver) return queue.give(0, output);
      let used = 0;
      try {
        do {
          const piece = input.slice(used, used + STEP_BYTES);
          used += piece.length;
          isOver = isLast && used === input.length;
          decoder.push(piece, isOver);
        } while (queue.isEmpty() && used < input.length);
      } catch (error) {
        failure = decoderError(error);
        if (queue.isEmpty()) throw failure;
      }
      return queue.give(used, output);
    },
    reset: () => {
      queue.clear();
      failure = null;
      isOver = false;
      decoder = new Decompress(queue.add);
    },
    close: () => queue.clear(),
  };
}

/** The unpacked bytes of all frames. */
export function unzstd(source: BufferedReader, report: Report, options: StepOptions = {}): ByteReader {
  const frame = frameReader(source);
  let decoder: StepDecoder | null = null;
  let content: Unpacking | null = null;
  let isOver = false;
  let isNative = false;
  /** The window of this frame where it is moved, else 0; what was moved before, of how many frames and unpacked bytes. */
  let window = 0;
  let moved = 0;
  let frames = 0;
  let unpacked = 0;
  const isTooSlow = (): boolean =>
    moved + frame.blocks() * window > MOVED_FREE + frames * MOVED_PER_FRAME + unpacked * MOVED_PER_BYTE;
  const blocks = buffered({ read: (into) => (isTooSlow() ? 0 : frame.read(into)) });
  const end = (problem: Problem | null): number => {
    isOver = true;
    decoder?.close();
    if (problem !== null) report(problem);
    return 0;
  };
  /** Goes to the frame that follows; null when there is none, or none that can be unpacked. */
  const next = async (): Promise<Unpacking | null> => {
    const what = await nextFrame(source);
    if (what !== "frame") {
      end(what === "end" ? null : what === "cut" ? CUT : DAMAGED);
      return null;
    }
    const wanted = windowBytes(await source.peek(START_BYTES));
    if (wanted > MAX_WINDOW_BYTES) {
      const detail = `a zstd frame wants ${wanted} bytes of memory, more than the ${MAX_WINDOW_BYTES} that it is given`;
      end({ why: "limit", detail });
      return null;
    }
    if (decoder === null) {
      decoder = createZstdStep(options);
      isNative = decoder !== null;
      decoder ??= inJavaScript(await import("fzstd"));
    }
    moved += frame.blocks() * window;
    window = isNative ? 0 : wanted;
    frames++;
    frame.again();
    content?.again();
    return (content ??= unpacking(decoder, blocks));
  };
  return {
    read: async (into) => {
      if (into.length === 0 || isOver) return 0;
      for (let current = content ?? (await next()); current !== null; current = await next()) {
        const count = await current.read(into);
        unpacked += count;
        if (count > 0) return count;
        const error = current.error();
        if (error === null && frame.isWhole()) continue;
        return end(isTooSlow() ? TOO_SLOW : error === null || isCut(error) ? CUT : DAMAGED);
      }
      return 0;
    },
  };
}
