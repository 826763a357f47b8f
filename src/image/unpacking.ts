/**
 * What a source holds packed, as a reader of what it unpacks to. Takes no more of the source than belongs to it. Of
 * damaged data it gives all that stands before the damage, if there is little of it. Knows no members and no frames.
 */

import { setImmediate } from "node:timers/promises";
import type { BufferedReader, ByteReader } from "./byte-reader.ts";
import type { Step, StepDecoder } from "./step-decoder.ts";

/** One thing that is packed, or several in turn. */
export interface Unpacking extends ByteReader {
  /** Why it ended early: zlib's error; null when all is well. */
  readonly error: () => NodeJS.ErrnoException | null;
  /** The next thing of the source: what stands behind the one that ended. */
  readonly again: () => void;
}

const INPUT_BYTES = 65_536;
/** Packed bytes that are kept, so that of a small thing that is damaged no more than the last few bytes are lost. */
const KEPT_BYTES = 1_048_576;
/** The steps in which it is unpacked once more, up to the damage. */
const CAREFUL_BYTES = 64;
/** So many packed bytes that come to nothing are no reason to keep signals waiting. */
const PAUSE_BYTES = 8_388_608;

function isDamage(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && /^(?:Z|ZSTD)_/.test(String(error.code));
}

/** True for data that ends too early, and false for any other damage. */
export function isCut(error: NodeJS.ErrnoException): boolean {
  return error.code === "Z_BUF_ERROR" || /unexpected (?:end|eof)/i.test(error.message);
}

/** Unpacks what `source` begins with. The decoder stays open, for what stands behind it. */
export function unpacking(decoder: StepDecoder, source: BufferedReader): Unpacking {
  const buffer = new Uint8Array(INPUT_BYTES);
  let input = buffer.subarray(0, 0);
  let isLast = false;
  let isOver = false;
  let given = 0;
  let failure: NodeJS.ErrnoException | null = null;
  let kept: Uint8Array[] = [];
  let taken = 0;

  const fill = async (): Promise<void> => {
    const count = await source.read(buffer);
    input = buffer.subarray(0, count);
    isLast = count === 0;
    if (!decoder.givesAll && taken < KEPT_BYTES) kept.push(input.slice());
    taken += count;
  };
  /**
   * Unpacks once more: at once past the first `made` bytes and the `used` ones that they took, if that is known, and then
   * in steps of `size`, up to the damage. Says how far that is.
   */
  const replay = async (
    into: Uint8Array,
    start: { readonly used: number | null; readonly made: number },
    size: number,
  ): Promise<Step> => {
    const bytes = Buffer.concat(kept);
    let used = 0;
    let made = 0;
    const step = async (inputTo: number, room: Uint8Array): Promise<boolean> => {
      const went = await decoder.step(bytes.subarray(used, inputTo), room, false);
      used += went.used;
      made += went.made;
      return went.used + went.made > 0;
    };
    const scratch = new Uint8Array(INPUT_BYTES);
    decoder.reset();
    try {
      while (made < start.made) {
        if (!(await step(start.used ?? bytes.length, scratch.subarray(0, start.made - made)))) break;
      }
      while (used < (start.used ?? 0) && (await step(start.used ?? 0, scratch.subarray(0, 0)))) continue;
      for (;;) {
        const at = made - start.made;
        if (!(await step(used + size, into.subarray(at, at + size)))) break;
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    return { used, made };
  };
  /** What stands before the damage, past what was given: a step that fails does not tell what it made before. */
  const carefully = async (into: Uint8Array): Promise<number> => {
    if (decoder.givesAll || taken > KEPT_BYTES) return 0;
    const near = await replay(into, { used: null, made: given }, CAREFUL_BYTES);
    const last = await replay(into.subarray(near.made - given), near, 1);
    return last.made - given;
  };
  const end = (): void => {
    isOver = true;
    kept = [];
    if (input.length > 0) source.unread(input);
    input = buffer.subarray(0, 0);
  };
  return {
    error: () => failure,
    again: () => {
      decoder.reset();
      isLast = isOver = false;
      given = taken = 0;
      failure = null;
    },
    read: async (into) => {
      if (isOver || into.length === 0) return 0;
      for (let idle = 0; ;) {
        if (input.length === 0 && !isLast) await fill();
        try {
          const pending = decoder.step(input, into, isLast);
          const { used, made } = pending instanceof Promise ? await pending : pending;
          input = input.subarray(used);
          given += made;
          if (made > 0) return made;
          if (isLast || input.length > 0) {
            end();
            return 0;
          }
          idle += used;
        } catch (error) {
          if (!isDamage(error)) throw error;
          failure = error;
          const made = await carefully(into);
          end();
          return made;
        }
        if (idle > PAUSE_BYTES) {
          idle = 0;
          await setImmediate();
        }
      }
    },
  };
}
