/**
 * What bake files in HCL and JSON have in common: targets that inherit from each other, and variables that the environment
 * fills. Turns them into the build arguments that each target hands over. Reads no syntax.
 */

import type { Span } from "../dockerfile/mapped-text.ts";
import type { Build, NamedBuild, PartContext } from "./facts.ts";
import {
  carried,
  scopeWithin,
  sourceOf,
  type Carrier,
  type Carriers,
  type GivenArgument,
  type GivenValue,
} from "./judge-pass.ts";
import { knownPath, MAX_PASSES, namedBuild, TOO_MANY_PASSES, type Reading } from "./yaml-passes.ts";

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
  readonly dockerfile: string | null;
  readonly context: string | null;
  readonly target: string | null;
  readonly provenanceMax: boolean;
  /** True when its Dockerfile stands in the bake file, or cannot be known. */
  readonly isElsewhere: boolean;
}

/** A variable, or an attribute outside of blocks. */
export interface BakeVariable {
  readonly name: string;
  readonly value: GivenValue;
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

function firstOf<T>(chain: readonly BakeTarget[], pick: (target: BakeTarget) => T | null): T | null {
  for (const target of chain) {
    const value = pick(target);
    if (value !== null) return value;
  }
  return null;
}

function buildOf(chain: readonly BakeTarget[]): Build {
  const isElsewhere = chain.some((item) => item.isElsewhere);
  return {
    dockerfile: isElsewhere ? null : firstOf(chain, (item) => item.dockerfile),
    context: isElsewhere ? null : (firstOf(chain, (item) => item.context) ?? "."),
    target: firstOf(chain, (item) => item.target),
    folder: "",
    provenanceMax: chain.some((item) => item.provenanceMax),
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
  const byName = new Map(targets.map((target) => [target.name, target]));
  const given: GivenArgument[] = [];
  const builds: NamedBuild[] = [];
  const contexts: PartContext[] = [];
  for (const target of targets) {
    if (given.length > MAX_PASSES)
      return { given, builds, contexts, problems: [{ offset: 0, message: TOO_MANY_PASSES }] };
    const chain = lineage(target, byName);
    const build = buildOf(chain);
    const said = firstOf(chain, (item) => item.context);
    builds.push(...(said === null ? namedBuild({ ...build, context: null }, target.name) : namedBuild(build)));
    const context = knownPath(said);
    if (context !== null) contexts.push({ part: target.name, context });
    const known = new Set<string>();
    for (const { args } of chain) {
      const givenHere = args.filter(({ argument }) => !known.has(argument));
      for (const { argument, span, value } of givenHere) {
        known.add(argument);
        given.push({ argument, span, value, form: "bake", build, from: sourceOf(argument, value, carriers) });
      }
    }
  }
  return { given, builds, contexts, problems: [] };
}
