/**
 * What names come to in a CI file, job by job: `variables` and their like hold for all that stands in the same mapping, and
 * for what a job of GitLab takes from others by `extends`; a matrix makes a job several. Reads no scripts.
 */

import {
  combined,
  lazyValues,
  valuesWithin,
  type Combination,
  type KnownValues,
  type Values,
  type Wording,
} from "./known-value.ts";
import { PROJECT_FOLDER } from "./project-folder.ts";
import type { Syntax } from "./reference.ts";
import { wordingOf } from "./wording.ts";
import { itemsOf, pairsOf, textOf, valueOf, type YamlNode, type YamlPair } from "./yaml-file.ts";

/** A pair, and what names come to where it stands. */
export interface PlacedPair extends YamlPair {
  readonly values: KnownValues;
}

/** How CI files name a value: as shells do, in expressions, and as macros. */
export const CI_SYNTAXES: readonly Syntax[] = ["dollar", "expression", "make"];
/** What holds variables. */
export const VARIABLE_KEYS: RegExp = /^(?:variables|env|environment|substitutions)$/;
const PARAMETER_KEYS = /^(?:parameters|inputs)$/;
const MAX_BASES = 16;
/** As many jobs as a matrix of GitLab may make. */
const MAX_COMBINATIONS = 200;
/** Times that anchored and extended parts of a real file are read again with other values. */
const MAX_REPEATED = 50_000;

/** Names with what they are given: a mapping, or a list of names with values. */
function variablesIn(node: YamlNode): [string, string][] {
  const pairs = [
    ...pairsOf(node).map(({ key, value }) => [key, textOf(value) ?? textOf(valueOf(value, "value"))] as const),
    ...itemsOf(node).map((item) => [textOf(valueOf(item, "name")) ?? "", textOf(valueOf(item, "value"))] as const),
  ];
  return pairs.flatMap(([name, text]) => (text === null || name === "" ? [] : [[name, text]]));
}

/** What the jobs that `parallel` makes of one are given. */
function combinationsOf(job: YamlNode): readonly Combination[] {
  const entries = itemsOf(valueOf(valueOf(job, "parallel"), "matrix"));
  const found = entries.flatMap((entry) => {
    const lists = pairsOf(entry).map(({ key, value }) =>
      (value.kind === "list" ? value.items : [value]).map((item) => new Map([[key, [textOf(item)]]])),
    );
    return combined(lists, MAX_COMBINATIONS) ?? [];
  });
  return found.length === 0 || found.length > MAX_COMBINATIONS ? [new Map()] : found;
}

/** What stands at the top of a file, by its name. */
type Jobs = ReadonlyMap<string, YamlNode>;

/** The jobs that one takes its parts from, the one that wins first. */
function basesOf(job: YamlNode, jobs: Jobs): YamlNode[] {
  if (valueOf(job, "extends") === null) return [];
  const chain: YamlNode[] = [];
  const todo = [job];
  for (let next = todo.pop(); next !== undefined && chain.length < MAX_BASES; next = todo.pop()) {
    if (next !== job) chain.push(next);
    const said = valueOf(next, "extends");
    const names = said?.kind === "list" ? said.items.map(textOf) : [textOf(said)];
    for (const base of names.flatMap((name) => (name === null ? [] : (jobs.get(name) ?? []))))
      if (base !== job && !chain.includes(base) && !todo.includes(base)) todo.push(base);
  }
  return chain;
}

/** What parameters come to when nobody gives them: their defaults, or one of their options. */
function parametersIn(roots: readonly YamlNode[]): KnownValues {
  const own = new Map<string, Values>();
  const seen = new Set<YamlNode>();
  const todo = [...roots];
  const add = (kind: string, name: string, node: YamlNode): void => {
    const options = [valueOf(node, "enum"), valueOf(node, "values"), valueOf(node, "options")].flatMap(itemsOf);
    const texts = [valueOf(node, "default"), ...options].map((item) => textOf(item));
    const key = `${kind}.${name.toLowerCase()}`;
    const values = [...new Set([...(own.get(key) ?? []), ...texts, null])].slice(0, MAX_COMBINATIONS);
    own.set(key, values).set(`pipeline.${key}`, values);
  };
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const { key, value } of pairsOf(node)) {
      todo.push(value);
      if (!PARAMETER_KEYS.test(key)) continue;
      for (const pair of pairsOf(value)) add(key, pair.key, pair.value);
      for (const item of itemsOf(value)) add(key, textOf(valueOf(item, "name")) ?? "", item);
    }
    todo.push(...itemsOf(node));
  }
  return { get: (name) => own.get(name) ?? PROJECT_FOLDER.get(name) };
}

function readValue(text: string): Wording {
  return wordingOf(text, CI_SYNTAXES);
}

/** What names come to in a mapping: in each of the jobs that it makes. */
function scopesOf(node: YamlNode, bases: readonly YamlNode[], outer: KnownValues): KnownValues[] {
  const own = [node, ...bases].flatMap((part) =>
    pairsOf(part).flatMap(({ key, value }) => (VARIABLE_KEYS.test(key) ? variablesIn(value) : [])),
  );
  const combinations = combinationsOf(node);
  if (own.length === 0 && combinations.every(({ size }) => size === 0)) return [outer];
  // The first one wins.
  const said = new Map(
    own.toReversed().flatMap(([name, text]) => [
      [name, [text]],
      [`variables.${name.toLowerCase()}`, [text]],
    ]),
  );
  return combinations.map((combination) => {
    return valuesWithin(combination, lazyValues(said, readValue, valuesWithin(combination, outer)));
  });
}

/**
 * All pairs of a file in its order, each node once for every set of values that it is read with; `isWhole` is false when
 * these are more than are read.
 */
export function placedPairs(roots: readonly YamlNode[]): {
  readonly pairs: readonly PlacedPair[];
  readonly isWhole: boolean;
} {
  const found: PlacedPair[] = [];
  const parameters = parametersIn(roots);
  const seen = new Map<YamlNode, Set<KnownValues>>();
  let repeated = 0;
  for (const root of roots) {
    const jobs: Jobs = new Map(pairsOf(root).map(({ key, value }) => [key, value]));
    const todo = [{ node: root, outer: parameters, isBase: false }];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const { node, outer, isBase } = next;
      const known = seen.get(node) ?? new Set();
      seen.set(node, known);
      if (known.has(outer) || (known.size > 0 && ++repeated > MAX_REPEATED)) continue;
      known.add(outer);
      const bases = isBase ? [] : basesOf(node, jobs);
      const scopes = node.kind === "map" && !isBase ? scopesOf(node, bases, outer) : [outer];
      const below = scopes.flatMap((values) => {
        found.push(...pairsOf(node).map((pair) => ({ ...pair, values })));
        return [
          ...pairsOf(node).map(({ value }) => ({ node: value, outer: values, isBase: false })),
          ...itemsOf(node).map((item) => ({ node: item, outer: values, isBase: false })),
          ...bases.map((base) => ({ node: base, outer: values, isBase: true })),
        ];
      });
      todo.push(...below.toReversed());
    }
  }
  return { pairs: found, isWhole: repeated <= MAX_REPEATED };
}
