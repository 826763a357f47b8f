/** Makes the cases of the fuzzer: a seed and some changes to it. The same seed and number make the same case everywhere. */

import type { InspectOptions } from "../../src/inspect.ts";
import { changedDocument } from "./change-document.ts";
import { changedText } from "./change-text.ts";
import { SHARED_KINDS, type SeedKind } from "./kinds.ts";
import { isUnreadable, mustBeSeen } from "./must-be-seen.ts";
import { mutated, planted } from "./mutate.ts";
import { createRandom, type Random } from "./random.ts";
import { TOKENS, type Seed, type Seeds } from "./seed.ts";

/** A case that is about to be read. */
export interface FuzzCase {
  readonly seed: Seed;
  readonly bytes: Buffer;
  /** True when the bytes hold a token that must not be overlooked. */
  readonly hasToken: boolean;
  /** True when no token was ever put into the bytes. */
  readonly hasNone: boolean;
  /** True when nobody can say what the bytes hold. */
  readonly isUnreadable: boolean;
  readonly tokens: readonly string[];
  readonly options: InspectOptions;
  /** How many bytes are handed over at once. */
  readonly step: number;
  readonly isRendered: boolean;
}

const TEXTS: ReadonlySet<SeedKind> = new Set(["dockerfile", "context", "caller", "config", "baseline"]);

function optionsFor(random: Random): InspectOptions {
  return {
    limits: { maxLayerBytes: 50_000_000, ...(random.chance(0.1) ? { maxDepth: random.below(3) } : {}) },
    // Then nothing passes that could not be decoded.
    strict: true,
    checkDigests: random.chance(0.3),
    simd: !random.chance(0.1),
  };
}

/** One change to the bytes of a seed. */
function changed(bytes: Buffer, other: Buffer, kind: SeedKind, random: Random): Buffer {
  const isText = TEXTS.has(kind);
  if (!isText || random.chance(0.3)) return mutated(bytes, other, random, isText);
  const text = changedText(bytes.toString("utf8"), other.toString("utf8"), kind, random, random.pick(TOKENS));
  return Buffer.from(text);
}

/** The case of this number. */
export function makeCase(seeds: Seeds, fuzzSeed: number, number: number): FuzzCase {
  const random = createRandom(fuzzSeed, number);
  const kind = random.pick(SHARED_KINDS);
  const seed = random.pick(seeds[kind]);
  const others: Seed[] = [];
  const isText = TEXTS.has(kind);
  let { bytes } = seed;
  let isPlanted = isText || kind === "document";
  if (kind !== "context" && random.chance(0.4)) {
    const before = random.pick(["\n", " ", '"', "=", "\0", "/", ""]);
    const after = random.pick(["\n", " ", '"', "\0", ""]);
    isPlanted = true;
    bytes = planted(bytes, Buffer.from(`${before}${random.pick(TOKENS)}${after}`), random, isText);
  }
  let changes = random.below(4);
  if (kind === "document") {
    bytes = changedDocument(bytes, random, random.pick(TOKENS));
    changes = random.chance(0.7) ? 0 : 1;
  }
  for (; changes > 0 || (bytes === seed.bytes && !random.chance(0.02)); changes--) {
    const other = random.pick(seeds[random.chance(0.8) ? kind : random.pick(SHARED_KINDS)]);
    others.push(other);
    bytes = changed(bytes, other.bytes, kind, random);
  }
  const own = [seed, ...others].flatMap((one) => one.tokens);
  const tokens = [...new Set([...TOKENS, ...own])];
  return {
    seed,
    bytes,
    tokens,
    hasToken: mustBeSeen(seed, others, bytes, tokens),
    hasNone: !isPlanted && own.length === 0,
    isUnreadable: isUnreadable(seed, bytes),
    options: optionsFor(random),
    step: random.chance(0.3) ? 1 + random.below(5000) : bytes.length + 1,
    isRendered: random.chance(0.01),
  };
}
