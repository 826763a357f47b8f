/**
 * One case of the fuzzer: a seed is changed, read, and the promises are checked. The same seed and number make the same
 * case everywhere. What fails is said without a byte of the input.
 */

import { redactAll } from "../../src/assemble.ts";
import { reportError } from "../../src/cli/report-error.ts";
import { LIMITS } from "../../src/cli/limit-options.ts";
import { readBaseline } from "../../src/gate/baseline.ts";
import { readConfigFile } from "../../src/gate/config-file.ts";
import { decide } from "../../src/gate/decide.ts";
import { judge } from "../../src/gate/judge.ts";
import { inspectImage, type InspectOptions } from "../../src/inspect.ts";
import { lintCaller } from "../../src/lint-caller.ts";
import { lintDockerfile } from "../../src/lint.ts";
import { HullcheckError } from "../../src/model/errors.ts";
import type { Outcome } from "../../src/model/report.ts";
import { FORMATS, render } from "../../src/report/index.ts";
import { RULES } from "../../src/rules/index.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { disguises } from "../support/disguises.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { isToken, mustBeSeen } from "./must-be-seen.ts";
import { mutated, planted } from "./mutate.ts";
import { createRandom, type Random } from "./random.ts";
import { TOKENS, type Seed, type SeedKind } from "./seeds.ts";

/** How often each kind of seed is taken. */
const WEIGHTS: Readonly<Record<SeedKind, number>> = {
  image: 10,
  nested: 5,
  dockerfile: 3,
  caller: 2,
  config: 1,
  baseline: 1,
};

const KINDS: readonly SeedKind[] = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
  Array.from({ length: weight }, () => kind as SeedKind),
);

/** A case that is about to be read. */
export interface FuzzCase {
  readonly seed: Seed;
  readonly bytes: Buffer;
  /** True when the bytes hold a token that must not be overlooked. */
  readonly hasToken: boolean;
  readonly tokens: readonly string[];
  readonly options: InspectOptions;
  /** How many bytes are handed over at once. */
  readonly step: number;
  readonly isRendered: boolean;
}

/** What was made of a case: an outcome where the input has one, and every text that left. */
interface Seen {
  readonly outcome: Outcome | null;
  readonly texts: readonly string[];
}

function optionsFor(random: Random): InspectOptions {
  return {
    limits: { maxLayerBytes: 50_000_000, ...(random.chance(0.1) ? { maxDepth: random.below(3) } : {}) },
    // Then nothing passes that could not be decoded.
    strict: true,
    checkDigests: random.chance(0.3),
    simd: !random.chance(0.2),
  };
}

/** The case of this number. */
export function makeCase(seeds: readonly Seed[], fuzzSeed: number, number: number): FuzzCase {
  const random = createRandom(fuzzSeed, number);
  const kind = random.pick(KINDS);
  const alike = seeds.filter((one) => one.kind === kind);
  const seed = random.pick(alike);
  const others: Seed[] = [];
  const isText = kind !== "image" && kind !== "nested";
  let { bytes } = seed;
  if (random.chance(0.4)) {
    const [before, after] = [
      random.pick(["\n", " ", '"', "=", "\0", "/", ""]),
      random.pick(["\n", " ", '"', "\0", ""]),
    ];
    bytes = planted(bytes, Buffer.from(`${before}${random.pick(TOKENS)}${after}`), random, isText);
  }
  for (let changes = random.below(4); changes > 0 || (bytes === seed.bytes && !random.chance(0.02)); changes--) {
    const other = random.pick(random.chance(0.8) ? alike : seeds);
    others.push(other);
    bytes = mutated(bytes, other.bytes, random, isText);
  }
  const tokens = [...new Set([seed, ...others].flatMap((one) => one.tokens))];
  return {
    seed,
    bytes,
    tokens,
    hasToken: mustBeSeen(seed, others, bytes, tokens),
    options: optionsFor(random),
    step: random.chance(0.3) ? 1 + random.below(5000) : bytes.length + 1,
    isRendered: random.chance(0.02),
  };
}

async function inspected(bytes: Buffer, { options, step }: FuzzCase): Promise<Outcome> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  return inspectImage("-", { ...options, stdin: chunks() });
}

/** What a person sees of an error. */
function saidOf(error: unknown): string {
  const lines: string[] = [];
  const io = { stderr: { isTerminal: false, write: (text: string) => void lines.push(text) } };
  reportError(error, io as unknown as Parameters<typeof reportError>[1]);
  return lines.join("");
}

/** Reads a file that only errors, of the kind that users are told, may come from. */
function settled(read: () => unknown): Seen {
  try {
    return { outcome: null, texts: [JSON.stringify(redactAll(read() as object, new Secrets()))] };
  } catch (error) {
    if (error instanceof HullcheckError) return { outcome: null, texts: [saidOf(error)] };
    throw error;
  }
}

function seenOf(outcome: Outcome): Seen {
  return { outcome, texts: [JSON.stringify(outcome)] };
}

async function look(fuzzCase: FuzzCase): Promise<Seen> {
  const { seed, bytes } = fuzzCase;
  const text = (): string => bytes.toString("utf8");
  const rules = RULES.map(({ meta }) => meta);
  switch (seed.kind) {
    case "image":
      return seenOf(await inspected(bytes, fuzzCase));
    case "nested":
      return seenOf(await inspected(await archiveOf([[{ name: "f", content: bytes }]]), fuzzCase));
    case "dockerfile":
      return seenOf(lintDockerfile(text()));
    case "caller":
      return seenOf(lintCaller(seed.name, text()));
    case "config":
      return settled(() => readConfigFile(text(), ".hullcheck.yaml", { rules, limits: LIMITS }));
    case "baseline":
      return settled(() => readBaseline(text(), "baseline.json", rules));
  }
}

/** What passes: for images the verdict; a Dockerfile's token may be worth a warning only, but has to be named. */
function isOverlooked({ seed, hasToken }: FuzzCase, outcome: Outcome): boolean {
  if (!hasToken) return false;
  if (seed.kind === "dockerfile") {
    return outcome.gaps.length === 0 && !outcome.findings.some(({ token }) => token !== null);
  }
  return decide(outcome).verdict === "pass";
}

/** The first promise that a case breaks, in a few words; null when all hold. */
export async function brokenPromise(fuzzCase: FuzzCase): Promise<string | null> {
  const { bytes, tokens, isRendered } = fuzzCase;
  let seen: Seen;
  try {
    seen = await look(fuzzCase);
  } catch (error) {
    const frame = error instanceof Error ? /\((?:.*\/)?([\w.-]+:\d+):\d+\)/.exec(error.stack ?? "")?.[1] : null;
    return `it throws (${error instanceof Error ? error.name : typeof error} at ${frame ?? "an unknown place"})`;
  }
  const { outcome } = seen;
  const texts = [...seen.texts];
  if (outcome !== null) {
    if (isOverlooked(fuzzCase, outcome)) return "a token is overlooked";
    if (outcome.gaps.some(({ why }) => why === "rule-failed")) return "a rule fails";
    if (isRendered) {
      const rules = RULES.map(({ meta }) => meta);
      for (const format of FORMATS) texts.push(await render(judge(outcome), { format, rules }));
    }
  }
  const input = bytes.toString("latin1");
  for (const form of tokens.flatMap(disguises)) {
    if (texts.some((text) => text.includes(form)) && isToken(input, form)) return "a token is shown";
  }
  return null;
}
