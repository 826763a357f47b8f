/** Reads docker-bake.hcl: targets and variables, with the places of their arguments. A computed `args` is a problem. */

import { bakeArguments, targetsOfMatrix, type BakeArgument, type BakeTarget, type BakeVariable } from "./bake.ts";
import { elementsOf, objectEntries, readHcl, type HclAttribute, type HclBlock, type HclBody } from "./hcl-file.ts";
import { hclTokens, type HclProblem, type HclToken } from "./hcl-token.ts";
import type { Carriers, GivenValue } from "./judge-pass.ts";
import type { Reference } from "./reference.ts";
import { hclWording } from "./hcl-wording.ts";
import { NOTHING_KNOWN, valuesOf, type Combination, type Wording } from "./known-value.ts";
import { isProvenanceMax, type Reading } from "./yaml-passes.ts";

const MAX_DEPTH = 8;
/** Names that are no variables. */
const WORDS = /^(?:true|false|null|for|in|if|else|endif|endfor|each)$/;
const COMPARISONS = new Set(["==", "!=", "<", ">", "<=", ">=", "?"]);

/** The variables that the value of an expression is made of: not those that are only compared. */
function referencesOf(text: string, tokens: readonly HclToken[], depth: number = 0): Reference[] {
  return tokens.flatMap((token, i): Reference[] => {
    const next = tokens[i + 1]?.text ?? "";
    const before = tokens[i - 1]?.text ?? "";
    if (token.kind === "name") {
      const isOther = WORDS.test(token.text) || next === "(" || next === "=" || before === ".";
      const isCompared = COMPARISONS.has(next) || (COMPARISONS.has(before) && before !== "?");
      return isOther || isCompared ? [] : [{ name: token.text, shown: token.text }];
    }
    if (depth >= MAX_DEPTH) return [];
    return token.templates.flatMap(({ start, end }) =>
      referencesOf(text, hclTokens(text, start, end).tokens, depth + 1),
    );
  });
}

/** An expression as a value; null for `null`. */
function givenValue(text: string, tokens: readonly HclToken[]): GivenValue | null {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (
    first === undefined ||
    last === undefined ||
    (tokens.length === 1 && first.text === "null" && first.kind === "name")
  )
    return null;
  const isPlain = tokens.length === 1 && first.kind !== "name" && first.templates.length === 0;
  return {
    text: isPlain ? first.text.trim() : text.slice(first.start, last.end),
    span: { start: first.start, end: last.end },
    references: referencesOf(text, tokens),
    isComputed: !isPlain,
  };
}

function attribute(body: HclBody, name: string): readonly HclToken[] | null {
  return body.attributes.findLast((item) => item.name === name)?.value ?? null;
}

/** The text of an expression that is one string; null when there is none. */
function textOf(tokens: readonly HclToken[] | null): string | null {
  const [only] = tokens ?? [];
  return tokens?.length === 1 && only !== undefined && (only.kind === "string" || only.kind === "heredoc")
    ? only.text
    : null;
}

function argumentOf(text: string, { name, key, value }: HclAttribute): BakeArgument[] {
  const given = givenValue(text, value);
  return given === null ? [] : [{ argument: name, span: { start: key.start, end: given.span.end }, value: given }];
}

/** The arguments in an `args` expression: an object, or a `merge` of objects and of other targets' `args`. */
function argumentsOf(text: string, tokens: readonly HclToken[], problems: HclProblem[]): BakeArgument[] {
  const entries = objectEntries(tokens);
  if (entries !== null) return entries.flatMap((entry) => argumentOf(text, entry));
  const isMerge = tokens[0]?.text === "merge";
  const parts = isMerge ? elementsOf(tokens.slice(1), "(") : null;
  const isReference = tokens.length === 5 && tokens[0]?.text === "target" && tokens[4]?.text === "args";
  if (isReference) return [];
  if (parts !== null) return parts.flatMap((part) => argumentsOf(text, part, problems));
  problems.push({ offset: tokens[0]?.start ?? 0, message: "these build arguments are computed, and not read" });
  return [];
}

/** `attest = ["type=provenance,mode=max"]`, or objects. */
function asksForMax(tokens: readonly HclToken[] | null): boolean {
  return (elementsOf(tokens ?? [], "[") ?? []).some((element) => {
    const entries = objectEntries(element);
    if (entries === null) return isProvenanceMax(textOf(element));
    return entries.some(({ name, value }) => name === "mode" && textOf(value) === "max");
  });
}

/** The values that one item of a matrix gives a name, or the names below it. */
function itemOf(text: string, name: string, tokens: readonly HclToken[]): Combination {
  const entries = objectEntries(tokens);
  const cells = entries?.map((entry) => [`${name}.${entry.name}`, entry.value] as const) ?? [[name, tokens] as const];
  return new Map(cells.map(([key, value]) => [key, valuesOf(hclWording(text, value), NOTHING_KNOWN)]));
}

function targetsOf(text: string, { labels, body }: HclBlock, problems: HclProblem[]): BakeTarget[] {
  const wordingAt = (name: string): Wording | null => {
    const tokens = attribute(body, name);
    return tokens === null ? null : hclWording(text, tokens);
  };
  const args = attribute(body, "args");
  const lists = (objectEntries(attribute(body, "matrix") ?? []) ?? []).map(({ name, value }) =>
    (elementsOf(value, "[") ?? []).map((item) => itemOf(text, name, item)),
  );
  const target: BakeTarget = {
    name: labels[0] ?? "",
    inherits: (elementsOf(attribute(body, "inherits") ?? [], "[") ?? []).flatMap((element) => textOf(element) ?? []),
    args: args === null ? [] : argumentsOf(text, args, problems),
    dockerfile: wordingAt("dockerfile"),
    context: wordingAt("context"),
    target: wordingAt("target"),
    provenanceMax: asksForMax(attribute(body, "attest")),
    isInline: attribute(body, "dockerfile-inline") !== null,
    values: new Map(),
  };
  return targetsOfMatrix(target, lists, wordingAt("name"));
}

function variable(text: string, name: string, tokens: readonly HclToken[] | null): BakeVariable[] {
  const value = tokens === null ? null : givenValue(text, tokens);
  return value === null || tokens === null ? [] : [{ name, value, wording: hclWording(text, tokens) }];
}

/** Reads the text of docker-bake.hcl. */
export function readBakeHcl(text: string, known: Carriers): Reading {
  const { body, problems } = readHcl(text);
  const found: HclProblem[] = [];
  const variables = [
    ...body.attributes.flatMap(({ name, value }) => variable(text, name, value)),
    ...body.blocks.flatMap((block) =>
      block.type === "variable" ? variable(text, block.labels[0] ?? "", attribute(block.body, "default")) : [],
    ),
  ];
  const targets = body.blocks.filter(({ type }) => type === "target").flatMap((block) => targetsOf(text, block, found));
  const reading = bakeArguments(targets, variables, known);
  return { ...reading, problems: problems.length > 0 ? problems : [...found, ...reading.problems] };
}
