/**
 * Paths as numbers: what is remembered of half a million entries, so that a layer's list of names costs 8 bytes each.
 * Two spellings of one path (`./a`, `/a`, `a//b/`) give one number. Knows nothing of layers.
 */

const SLASH = 0x2f;
const DOT = 0x2e;
// As 32-bit integers: a number above 2^31 would make every step a conversion.
const LANE_A = 0x811c9dc5 | 0;
const LANE_B = 0x9747b28c | 0;
const PRIME_A = 0x01000193;
const PRIME_B = 0x5bd1e995;
/** 32 bits of one lane and 18 of the other: with the 3 bits that `entry-index` adds, a double holds it exactly. */
const LOW_BITS = 18;
const HIGH = 2 ** LOW_BITS;

/** The numbers of the hash, for the one that is written in WebAssembly (`scan/entry-skip-module.ts`). */
export const PATH_HASH: Readonly<Record<"laneA" | "laneB" | "primeA" | "primeB" | "lowBits", number>> = {
  laneA: LANE_A,
  laneB: LANE_B,
  primeA: PRIME_A,
  primeB: PRIME_B,
  lowBits: LOW_BITS,
};

/** Takes a path in pieces. Reused for every entry of a layer, so it makes no objects. */
export interface PathHasher {
  /** Forgets the path before. */
  readonly begin: () => void;
  /** Adds bytes of the path. */
  readonly add: (bytes: Uint8Array, from: number, to: number) => void;
  /** The number of the whole path, below 2^50. Wants no more bytes after. */
  readonly finish: () => number;
  /** Where, in the bytes added last, the last part begins. */
  readonly lastFrom: () => number;
  /** After `finish`: true when the path has to be resolved before its number means anything (`..`, a last `.`). */
  readonly isCrooked: () => boolean;
}

function number(a: number, b: number): number {
  return (a >>> 0) * HIGH + (b >>> 14);
}

/** A hasher for absolute and relative paths alike. */
export function createPathHasher(): PathHasher {
  let a = LANE_A;
  let b = LANE_B;
  let parentA = LANE_A;
  let parentB = LANE_B;
  let length = 0;
  let dots = 0;
  let lastFrom = 0;
  let isCrooked = false;
  let endsInDot = false;

  const closePart = (): void => {
    if (length === 0) return;
    endsInDot = dots === 1 && length === 1;
    if (endsInDot) {
      a = parentA;
      b = parentB;
    } else if (dots === 2 && length === 2) isCrooked = true;
    length = dots = 0;
  };
  return {
    begin: () => {
      a = parentA = LANE_A;
      b = parentB = LANE_B;
      length = dots = 0;
      isCrooked = endsInDot = false;
    },
    add: (bytes, from, to) => {
      // In local variables, which is several times faster than in those of the closure.
      let x = a;
      let y = b;
      let size = length;
      let points = dots;
      for (let i = from; i < to; i++) {
        const byte = bytes[i] ?? 0;
        if (byte === SLASH) {
          a = x;
          b = y;
          length = size;
          dots = points;
          closePart();
          x = a;
          y = b;
          size = points = 0;
          continue;
        }
        if (size === 0) {
          lastFrom = i;
          parentA = x;
          parentB = y;
          x = Math.imul(x ^ SLASH, PRIME_A);
          y = Math.imul(y ^ SLASH, PRIME_B);
          y ^= y >>> 15;
        }
        size++;
        if (byte === DOT) points++;
        x = Math.imul(x ^ byte, PRIME_A);
        y = Math.imul(y ^ byte, PRIME_B);
        y ^= y >>> 15;
      }
      a = x;
      b = y;
      length = size;
      dots = points;
    },
    finish: () => {
      closePart();
      return number(a, b);
    },
    lastFrom: () => lastFrom,
    isCrooked: () => isCrooked || endsInDot,
  };
}

const shared = createPathHasher();

/** The number of a whole path. */
export function hashPath(path: string): number {
  const bytes = Buffer.from(path, "utf8");
  shared.begin();
  shared.add(bytes, 0, bytes.length);
  return shared.finish();
}

/** A path in the container: absolute, without `.`, `..`, doubled or last slashes. */
export function absolutePath(name: string): string {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
