/**
 * The jobs that a matrix of a workflow makes, as GitHub makes them: every combination of the lists, without what `exclude`
 * names and with what `include` adds. Only what is asked for is combined, since most lists say nothing of a build.
 */

import { combined, UNTOLD, valuesOf, type Combination, type KnownValues, type Values } from "./known-value.ts";
import { wordingOf } from "./wording.ts";
import { itemsOf, pairsOf, valueOf, type YamlNode, type YamlPair } from "./yaml-file.ts";

/** As many jobs as GitHub starts. */
const MAX_COMBINATIONS = 256;
const MAX_DEPTH = 4;
const USES = /\bmatrix\s*(?:\.\s*([\w-]+)|\[\s*'([\w.-]+)'\s*\])/gi;

/** The names below `name` that a value of a matrix gives. */
function cellOf(name: string, node: YamlNode, outer: KnownValues, depth: number = 0): [string, Values][] {
  if (node.kind === "scalar")
    return [[name, node.value === null ? UNTOLD : valuesOf(wordingOf(node.value, ["expression"]), outer)]];
  if (depth >= MAX_DEPTH) return [];
  return pairsOf(node).flatMap(({ key, value }) => cellOf(`${name}.${key.toLowerCase()}`, value, outer, depth + 1));
}

function cellsOf({ key, value }: YamlPair, outer: KnownValues): Combination {
  return new Map(cellOf(`matrix.${key.toLowerCase()}`, value, outer));
}

/** True when a combination has all of these values. */
function agrees(combination: Combination, cells: Combination): boolean {
  return [...cells].every(([name, values]) => {
    const own = combination.get(name);
    return own !== undefined && own.length === 1 && values.length === 1 && own[0] === values[0] && own[0] !== null;
  });
}

/** The combinations with what one entry of `include` adds to those that it fits, or the one that it is itself. */
function withIncluded(
  combinations: readonly Combination[],
  entry: YamlNode,
  axes: ReadonlyMap<string, boolean>,
  outer: KnownValues,
): Combination[] {
  const all = new Map(pairsOf(entry).flatMap((pair) => [...cellsOf(pair, outer)]));
  const ofAxes = pairsOf(entry).filter(({ key }) => axes.has(key.toLowerCase()));
  const isPartial = ofAxes.some(({ key }) => axes.get(key.toLowerCase()) === false);
  const fits = new Map(
    ofAxes.filter(({ key }) => axes.get(key.toLowerCase()) === true).flatMap((pair) => [...cellsOf(pair, outer)]),
  );
  const isFit = axes.size > 0 && combinations.some((combination) => agrees(combination, fits));
  if (!isFit) return [...combinations, all];
  return combinations.flatMap((combination) => {
    if (!agrees(combination, fits)) return [combination];
    const extended = new Map([...combination, ...all]);
    return isPartial ? [combination, extended] : [extended];
  });
}

function once(combinations: readonly Combination[], used: ReadonlySet<string>): Combination[] {
  const found = combinations.map((combination) => {
    const kept = [...combination].filter(([name]) => used.has(name.split(".")[1] ?? ""));
    return [JSON.stringify(kept.toSorted(([a], [b]) => (a < b ? -1 : 1))), new Map(kept)] as const;
  });
  return [...new Map(found).values()];
}

/**
 * The combinations of a matrix in what a text uses of it; a single one that says nothing where there is no matrix, or more
 * of them than a service starts.
 */
export function combinationsOf(matrix: YamlNode | null, text: string, outer: KnownValues): readonly Combination[] {
  const unknown: readonly Combination[] = [new Map()];
  const used = new Set([...text.matchAll(USES)].map(([, dotted, quoted]) => (dotted ?? quoted ?? "").toLowerCase()));
  if (matrix === null || used.size === 0) return unknown;
  const lists = pairsOf(matrix).filter(({ key }) => key !== "include" && key !== "exclude");
  const axes = new Map(lists.map(({ key }) => [key.toLowerCase(), used.has(key.toLowerCase())]));
  const ofAxes = lists.filter(({ key }) => axes.get(key.toLowerCase()) === true);
  const items = ofAxes.map((pair) => itemsOf(pair.value).map((value) => cellsOf({ ...pair, value }, outer)));
  let found = combined(items, 4 * MAX_COMBINATIONS);
  if (found === null) return unknown;
  const excluded = itemsOf(valueOf(matrix, "exclude"))
    .filter((entry) => pairsOf(entry).every(({ key }) => axes.get(key.toLowerCase()) === true))
    .map((entry) => new Map(pairsOf(entry).flatMap((pair) => [...cellsOf(pair, outer)])));
  found = found.filter((combination) => !excluded.some((cells) => cells.size > 0 && agrees(combination, cells)));
  const included = itemsOf(valueOf(matrix, "include"));
  if (lists.length === 0 && included.length > 0) found = [];
  for (const entry of included) {
    found = withIncluded(found, entry, axes, outer);
    if (found.length > 4 * MAX_COMBINATIONS) return unknown;
  }
  const combinations = once(found, used);
  return combinations.length === 0 || combinations.length > MAX_COMBINATIONS ? unknown : combinations;
}
