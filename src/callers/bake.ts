/**
 * What bake files in HCL and JSON have in common: targets that inherit from each other, and variables that the environment
 * fills. Turns them into the build arguments that each target hands over. Reads no syntax.
 */

import type { Span } from "../dockerfile/mapped-text.ts";
import type { NamedBuild, PartBuild } from "./facts.ts";
import {
  carried,
  scopeWithin,
  sourceOf,
  type Carrier,
  type Carriers,
  type GivenArgument,
  type GivenValue,
} from "./judge-pass.ts";
import { namedBuilds, partBuilds, passBuilds, type SaidBuild } from "./known-build.ts";
import {
  combined,
  lazyValues,
  NOTHING_KNOWN,
  textsOf,
  valuesWithin,
  type Combination,
  type KnownValues,
  type Wording,
} from "./known-value.ts";
import { MAX_PASSES, TOO_MANY_PASSES, type Reading } from "./yaml-passes.ts";

/** An entry of `args`; one that is set to `null` is not given. */
export interface BakeArgument {
  readonly argument: string;
  readonly span: Span;
  readonly value: GivenValue | null;
}

/** A target as it is written; null for what it does not say. */
export interface BakeTarget {
  readonly name: string;
  readonly inherits: readonly string[];
  readonly args: readonly BakeArgument[];
  readonly dockerfile: Wording | null;
  readonly context: Wording | null;
  readonly target: Wording | null;
  readonly provenanceMax: boolean;
  /** True when its Dockerfile stands in the bake file. */
  readonly isInline: boolean;
  /** What its matrix gives names; nothing without one. */
  readonly values: Combination;
}

/** As many targets as one may stand for. */
const MAX_TARGETS = 256;

/**
 * The targets that a matrix makes of one, each with its own name and values; the one itself without a matrix.
 * @param lists what the names of the matrix may be
 * @param name what each of them is called
 */
export function targetsOfMatrix(
  target: BakeTarget,
  lists: readonly (readonly Combination[])[],
  name: Wording | null,
): BakeTarget[] {
  const combinations = combined(lists, MAX_TARGETS);
  if (combinations === null) return [target];
  return combinations.map((values) => {
    const [own] = name === null ? [] : textsOf(name, valuesWithin(values, NOTHING_KNOWN));
    return { ...target, values, name: own ?? target.name };
  });
}

/** A variable, or an attribute outside of blocks. */
export interface BakeVariable {
  readonly name: string;
  readonly value: GivenValue;
  /** The same as a text. */
  readonly wording: Wording;
}

const MAX_BASES = 64;

/** A target and those that it inherits from, the one that wins first. */
function lineage(target: BakeTarget, byName: ReadonlyMap<string, BakeTarget>): BakeTarget[] {
  const chain: BakeTarget[] = [];
  const todo: BakeTarget[] = [target];
  for (let next = todo.pop(); next !== undefined && chain.length < MAX_BASES; next = todo.pop()) {
    if (chain.includes(next)) continue;
    chain.push(next);
    // Of several bases the last one wins.
    todo.push(...next.inherits.flatMap((name) => byName.get(name) ?? []));
  }
  return chain;
}

function saidBy(chain: readonly BakeTarget[], known: KnownValues): SaidBuild {
  const textsIn = (pick: (target: BakeTarget) => Wording | null): readonly string[] | null => {
    const says = chain.find((item) => pick(item) !== null);
    return says === undefined ? null : textsOf(pick(says) ?? [], valuesWithin(says.values, known));
  };
  return {
    dockerfiles: chain.some((item) => item.isInline) ? [] : textsIn((item) => item.dockerfile),
    contexts: textsIn((item) => item.context),
    targets: textsIn((item) => item.target),
  };
}

/** Every build that the targets start, and every argument that they hand over, those of a base also with the builds that inherit them. */
export function bakeArguments(
  targets: readonly BakeTarget[],
  variables: readonly BakeVariable[],
  outer: Carriers,
): Reading {
  const own = new Map<string, Carrier>();
  const carriers = scopeWithin(own, outer);
  for (const { name, value } of variables) {
    const carrier = carried(name, value, carriers);
    if (carrier !== null) own.set(name, carrier);
  }
  const values = lazyValues(new Map(variables.map(({ name, wording }) => [name, [wording]])), (wording) => wording);
  const byName = new Map(targets.map((target) => [target.name, target]));
  const given: GivenArgument[] = [];
  const builds: NamedBuild[] = [];
  const parts: PartBuild[] = [];
  for (const target of targets) {
    if (given.length > MAX_PASSES) return { given, builds, parts, problems: [{ offset: 0, message: TOO_MANY_PASSES }] };
    const chain = lineage(target, byName);
    const said = saidBy(chain, values);
    const part = said.contexts === null ? target.name : null;
    builds.push(...namedBuilds(said, "", part));
    parts.push(...partBuilds(said, target.name));
    const provenanceMax = chain.some((item) => item.provenanceMax);
    const passedTo = passBuilds(said, ".", { folder: "", provenanceMax, part });
    const known = new Set<string>();
    for (const { args } of chain) {
      const givenHere = args.filter(({ argument }) => !known.has(argument));
      for (const { argument, span, value } of givenHere) {
        known.add(argument);
        const from = sourceOf(argument, value, carriers);
        given.push(...passedTo.map((build): GivenArgument => ({ argument, span, value, form: "bake", build, from })));
      }
    }
  }
  return { given, builds, parts, problems: [] };
}
