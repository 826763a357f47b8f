/**
 * Ties the entries of an image's history to the instructions of the Dockerfiles that made them, and tells which entries
 * the base image brought. Pure. A weak or ambiguous match ties nothing: no line is better than a wrong one.
 */

import type { BuildChain, BuildStep, Pattern } from "./dockerfile/build-step.ts";
import type { HistoryEntry } from "./image/history.ts";
import { readHistoryStep, singleSpaced, type HistoryStep } from "./image/history-step.ts";

/** What a chain of instructions made of a history. */
export interface Alignment {
  readonly chain: BuildChain;
  /** The steps by the index of their entry. */
  readonly stepOf: ReadonlyMap<number, BuildStep>;
  /** Entries below this index came with the base image. */
  readonly baseEnd: number;
  /** Steps that have no entry since their builder writes none for them. */
  readonly unwritten: readonly BuildStep[];
}

interface Match {
  readonly chain: BuildChain;
  readonly pairs: readonly { readonly entry: number; readonly step: BuildStep }[];
  readonly score: number;
  readonly baseEnd: number;
  readonly unwritten: readonly BuildStep[];
}

/** A history as it is compared. */
type Entries = readonly (HistoryStep | null)[];

/** Longer histories than any real one are not compared. */
const MAX_ENTRIES = 1000;
/** Comparisons for one image; a project with more Dockerfiles than that is not joined with it. */
const MAX_COMPARISONS = 20_000_000;
/** The part of a chain's instructions that have to be in the history. */
const MIN_SHARE = 0.6;
/** What an instruction costs that is not in the history. */
const ABSENT_COST = 0.5;
/** BuildKit writes no history for it; other builders do. */
const UNWRITTEN = "ONBUILD";
/** All that kaniko is sure to write history for, unless it changes no file. */
const LAYERS: ReadonlySet<string> = new Set(["RUN", "COPY", "ADD"]);
/** A match as good as this says by itself which instruction it was. */
const STRONG = 2;
const WEIGHTS: Readonly<Record<string, number>> = {
  RUN: 3,
  COPY: 3,
  ADD: 3,
  ENV: 2,
  LABEL: 2,
  ARG: 2,
  CMD: 2,
  ENTRYPOINT: 2,
};

function matches(pattern: Pattern, text: string): boolean {
  const [first = "", ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** As `matches`, behind anything that ends with a blank; a pattern with holes would match too much there. */
function matchesEnd(pattern: Pattern, text: string): boolean {
  const [only] = pattern;
  return pattern.length === 1 && only !== undefined && only !== "" && text.endsWith(` ${only}`);
}

/** Without brackets, quotes, commas and escapes: CMD and the like are written in many forms. */
function bare(text: string): string {
  return singleSpaced(text.replaceAll(/["'\\[\],{}&]/g, " ")).trim();
}

function isRun({ texts, shell, isShellForm }: BuildStep, { text, command, hasArguments }: HistoryStep): boolean {
  return texts.some((pattern) => {
    if (command !== null && matches(pattern, command)) return true;
    const [head = "", ...tail] = pattern;
    const whole = shell === null ? pattern : [`${shell} ${head}`, ...tail];
    if (!hasArguments) return matches(whole, text);
    // The end of a shell's command may be a whole one, too.
    return (!isShellForm || shell !== null || head.startsWith("/dev/pipes/")) && matchesEnd(whole, text);
  });
}

function isFolder(pattern: Pattern, text: string): boolean {
  const [head = "", ...tail] = pattern;
  const trimmed = [head.replace(/^(?:\.\/)+/, ""), ...tail].map((piece, i, all) =>
    i === all.length - 1 && piece !== "/" ? piece.replace(/\/$/, "") : piece,
  );
  if (trimmed[0]?.startsWith("/") === true || trimmed[0] === "") return matches(trimmed, text);
  return matches(["", `/${trimmed[0] ?? ""}`, ...trimmed.slice(1)], text) || matches(trimmed, text);
}

/** How surely an entry is the instruction; 0 when it is another one. */
function weightOf(step: BuildStep, entry: HistoryStep): number {
  if (step.keyword !== entry.keyword) return 0;
  const { texts } = step;
  const weight = WEIGHTS[step.keyword] ?? 1;
  switch (step.keyword) {
    case "RUN":
      return isRun(step, entry) ? weight : 0;
    case "ADD":
    case "COPY":
      if (entry.target !== null) return step.target !== null && matches(step.target, entry.target) ? 1 : 0;
      if (!texts.some((pattern) => matches(pattern, entry.text))) return 0;
      return (texts[0] ?? []).join("").trim().length < 3 ? 1 : weight;
    case "WORKDIR":
      return texts.some((pattern) => isFolder(pattern, entry.text)) ? weight : 0;
    case "EXPOSE": {
      const ports = (texts[0]?.[0] ?? "").match(/\d+/g) ?? [];
      const written: readonly string[] = entry.text.match(/\d+/g) ?? [];
      return ports.length > 0 && ports.every((port) => written.includes(port)) ? weight : 0;
    }
    case "CMD":
    case "ENTRYPOINT":
    case "HEALTHCHECK":
    case "ONBUILD":
    case "SHELL":
    case "VOLUME": {
      const text = ` ${bare(entry.text)} `;
      return texts.some((pattern) => {
        const pieces = pattern.map((piece) => bare(piece));
        if (pieces.join("") === "") return false;
        const open = ["", ` ${pieces[0] ?? ""}`, ...pieces.slice(1), ""];
        return step.keyword === "HEALTHCHECK"
          ? matches(open, text)
          : matches([...open.slice(0, -2), `${open.at(-2) ?? ""} `], text);
      })
        ? weight
        : 0;
    }
    default:
      return texts.some((pattern) => matches(pattern, entry.text)) ? weight : 0;
  }
}

/** The best way to lay a chain's steps, in order, over the entries `from` to `to`; of equal ways the latest entries. */
function align(
  chain: BuildChain,
  steps: readonly BuildStep[],
  entries: Entries,
  from: number,
  to: number,
): Match | null {
  const count = to - from;
  const width = count + 1;
  const weights = new Uint8Array(steps.length * count);
  const best = new Float64Array((steps.length + 1) * width);
  for (const [i, step] of steps.entries()) {
    for (let j = 0; j < count; j++) {
      const entry = entries[from + j] ?? null;
      const weight = entry === null ? 0 : weightOf(step, entry);
      weights[i * count + j] = weight;
      const with_ = weight === 0 ? 0 : (best[i * width + j] ?? 0) + weight;
      best[(i + 1) * width + j + 1] = Math.max(with_, best[i * width + j + 1] ?? 0, best[(i + 1) * width + j] ?? 0);
    }
  }
  const pairs: { entry: number; step: BuildStep }[] = [];
  let absentBelow: BuildStep[] = [];
  let isStrong = false;
  for (let i = steps.length, j = count; i > 0;) {
    const weight = j === 0 ? 0 : (weights[(i - 1) * count + j - 1] ?? 0);
    const here = best[i * width + j] ?? 0;
    const step = steps[i - 1];
    const source = chain.steps[i - 1];
    if (step === undefined || source === undefined) break;
    if (weight > 0 && here === (best[(i - 1) * width + j - 1] ?? 0) + weight) {
      pairs.unshift({ entry: from + j - 1, step: source });
      isStrong ||= weight >= STRONG;
      absentBelow = [];
      i--;
      j--;
    } else if (here === (best[(i - 1) * width + j] ?? 0)) {
      absentBelow.push(step);
      i--;
    } else j--;
  }
  const [first] = pairs;
  if (first === undefined || !isStrong) return null;
  const hasOnlyLayers = entries[first.entry]?.isAsWritten ?? false;
  const isExpected = ({ keyword }: BuildStep): boolean => (hasOnlyLayers ? LAYERS.has(keyword) : keyword !== UNWRITTEN);
  const own = steps.filter((step) => isExpected(step)).length;
  const found = pairs.filter(({ step }) => isExpected(step)).length;
  if (found < own * MIN_SHARE) return null;
  const score = (best[steps.length * width + count] ?? 0) - ABSENT_COST * (own - found);
  const below = absentBelow.filter((step) => isExpected(step)).length;
  const baseEnd = chain.isFromScratch ? 0 : Math.max(0, first.entry - below);
  const unwritten = hasOnlyLayers ? chain.steps.filter((step) => !isExpected(step)) : [];
  return { chain, pairs, score, baseEnd, unwritten };
}

function spanOf({ pairs }: Match): readonly [first: number, last: number] {
  return [pairs[0]?.entry ?? 0, pairs.at(-1)?.entry ?? 0];
}

function overlap(a: Match, b: Match): boolean {
  const [aFirst, aLast] = spanOf(a);
  const [bFirst, bLast] = spanOf(b);
  return aFirst <= bLast && bFirst <= aLast;
}

function isSame(a: Match, b: Match): boolean {
  return (
    a.chain.facts === b.chain.facts &&
    a.pairs.length === b.pairs.length &&
    a.pairs.every(({ entry, step }, i) => entry === b.pairs[i]?.entry && step.span.start === b.pairs[i].step.span.start)
  );
}

/** The best match; null when another one is as good and says something else. The stage that is built by default wins in its file. */
function bestOf(found: readonly Match[]): Match | null {
  const top = Math.max(...found.map(({ score }) => score));
  const equals = found.filter(({ score }) => score === top);
  const best = equals.find(({ chain }) => chain.isDefault) ?? equals[0];
  if (best === undefined) return null;
  const isRival = (other: Match): boolean =>
    overlap(best, other) && !isSame(best, other) && (other.chain.facts !== best.chain.facts || !best.chain.isDefault);
  return equals.some((other) => other !== best && isRival(other)) ? null : best;
}

/** The pattern with what `redact` hides as holes, for a history may hide it in another way. */
function masked(pattern: Pattern, redact: (text: string) => string): Pattern {
  return pattern.flatMap((piece) => {
    const shown = redact(piece);
    if (shown === piece) return [piece];
    const pieces = [""];
    let isHidden = false;
    for (const word of piece.matchAll(/[\w-]+|[^\w-]+/g)) {
      const changed = shown.slice(word.index, word.index + word[0].length) !== word[0];
      if (!changed) pieces[pieces.length - 1] += word[0];
      else if (!isHidden) pieces.push("");
      isHidden = changed;
    }
    return pieces;
  });
}

function comparable(step: BuildStep, redact: (text: string) => string): BuildStep {
  const ready = (pattern: Pattern): Pattern => {
    const pieces = masked(pattern, redact).map((piece) => singleSpaced(piece));
    const [first = ""] = pieces;
    pieces[0] = first.trimStart();
    pieces[pieces.length - 1] = (pieces.at(-1) ?? "").trimEnd();
    return pieces;
  };
  return { ...step, texts: step.texts.map(ready), target: step.target === null ? null : ready(step.target) };
}

/**
 * Lays the chains over a history; several of them where one image's base was built from another Dockerfile.
 * @param history its entries, masked
 * @param redact masks what is secret, in texts of the Dockerfiles and of the history alike
 */
export function alignHistory(
  history: readonly Pick<HistoryEntry, "createdBy" | "isAsWritten">[],
  chains: readonly BuildChain[],
  redact: (text: string) => string,
): Alignment[] {
  const comparisons = chains.reduce((sum, { steps }) => sum + steps.length * history.length, 0);
  if (history.length > MAX_ENTRIES || comparisons > MAX_COMPARISONS) return [];
  const entries = history.map(({ createdBy, isAsWritten }) =>
    createdBy === null ? null : readHistoryStep(redact(createdBy), isAsWritten),
  );
  const steps = new Map(chains.map((chain) => [chain, chain.steps.map((step) => comparable(step, redact))]));
  const alignments: Alignment[] = [];
  const used = new Set<unknown>();
  const search = (from: number, to: number): void => {
    if (from >= to) return;
    const found = chains.flatMap((chain) =>
      used.has(chain.facts) ? [] : (align(chain, steps.get(chain) ?? [], entries, from, to) ?? []),
    );
    const best = found.length === 0 ? null : bestOf(found);
    if (best === null) return;
    const { chain, pairs, baseEnd, unwritten } = best;
    used.add(chain.facts);
    alignments.push({ chain, baseEnd, unwritten, stepOf: new Map(pairs.map(({ entry, step }) => [entry, step])) });
    const [first, last] = spanOf(best);
    search(from, first);
    search(last + 1, to);
  };
  search(0, entries.length);
  return alignments;
}
