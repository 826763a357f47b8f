/**
 * The bounds that all nested content of one layer shares: unpacked bytes, members, and the user's patience. Counts and
 * throws; whoever began the search says what was missed.
 */

import { EXPANSION_GRACE_BYTES, type Limits } from "../limits.ts";
import type { Problem } from "../problem.ts";

/** Thrown where a bound is reached; ends the search of the file at hand. */
export class BoundReached extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "BoundReached";
    this.problem = problem;
  }
}

/** What is left of the bounds. */
export interface Budget {
  /** A file of the layer of so many bytes is opened: with it grows what may be unpacked. */
  readonly open: (packedBytes: number) => void;
  /** So many bytes were unpacked, or read once more. Throws `BoundReached`. */
  readonly spend: (bytes: number) => void;
  /** A member is about to be looked at. Throws `BoundReached`. */
  readonly member: () => void;
  /** True after a stretch of work without a pause: time to let others have their turn. */
  readonly isPauseDue: () => boolean;
}

/** Between two pauses. */
const PAUSE_BYTES = 8_388_608;
/** What a member costs beside its bytes, as bytes of work. */
const MEMBER_BYTES = 4096;

/** Bounds that nothing was spent of. */
export function createBudget(limits: Limits, isStopped: () => boolean): Budget {
  let packed = 0;
  let unpacked = 0;
  let members = 0;
  let sincePause = 0;
  const work = (bytes: number): void => {
    sincePause += bytes;
    if (sincePause >= PAUSE_BYTES && isStopped())
      throw new BoundReached({ why: "aborted", detail: "stopped before all archives in it were searched" });
  };
  return {
    open: (bytes) => void (packed += bytes),
    spend: (bytes) => {
      unpacked += bytes;
      work(bytes);
      if (unpacked > limits.maxLayerBytes) {
        const detail = `archives in it unpack to more than ${limits.maxLayerBytes} bytes (--max-layer-bytes)`;
        throw new BoundReached({ why: "limit", detail });
      }
      if (unpacked > EXPANSION_GRACE_BYTES + packed * limits.maxExpansion) {
        const detail = `archives in it unpack to more than ${limits.maxExpansion} times their size, like a bomb (--max-expansion)`;
        throw new BoundReached({ why: "limit", detail });
      }
    },
    member: () => {
      work(MEMBER_BYTES);
      if (++members > limits.maxEntries) {
        const detail = `archives in it hold more than ${limits.maxEntries} members (--max-entries)`;
        throw new BoundReached({ why: "limit", detail });
      }
    },
    isPauseDue: () => {
      if (sincePause < PAUSE_BYTES) return false;
      sincePause = 0;
      return true;
    },
  };
}
