/**
 * Joins what several files say of the build of one compose service or bake target: compose and bake merge files of their own
 * kind that lie side by side, and what starts a build from elsewhere may go by any of them. Pure; reads no file.
 */

import { posix } from "node:path";
import type { Build, CallerFacts, NamedBuild, PartBuild, Pass } from "./callers/facts.ts";
import { isPartOf } from "./callers/part-pattern.ts";

/** What the files say of a service or target, or of all that a pattern stands for. */
export type SaidParts = (part: string) => readonly PartBuild[];

/** More builds of one part, or of all that a pattern stands for, than a project has. */
const MAX_SAID = 256;

/** What the files say that a file's builds may go by. */
export function saidFor({ kind, path }: CallerFacts, callers: readonly CallerFacts[]): SaidParts {
  let all: ReadonlyMap<string, readonly PartBuild[]> | null = null;
  const known = new Map<string, readonly PartBuild[]>();
  const isAny = kind === "script" || kind === "workflow";
  const readAll = (): ReadonlyMap<string, readonly PartBuild[]> => {
    const found = new Map<string, PartBuild[]>();
    for (const other of callers) {
      if (!isAny && (other.kind !== kind || posix.dirname(other.path) !== posix.dirname(path))) continue;
      for (const said of other.parts) {
        const own = found.get(said.part);
        if (own === undefined) found.set(said.part, [said]);
        else own.push(said);
      }
    }
    return found;
  };
  return (part) => {
    const before = known.get(part);
    if (before !== undefined) return before;
    all ??= readAll();
    const own = all.get(part);
    const isPattern = own === undefined && /[*?[]/.test(part);
    const found = isPattern ? [...all].flatMap(([name, said]) => (isPartOf(part, name) ? said : [])) : (own ?? []);
    const once = new Map(found.map((said) => [JSON.stringify([said.dockerfile, said.context]), said]));
    const said = [...once.values()].slice(0, MAX_SAID);
    known.set(part, said);
    return said;
  };
}

/** The build in each context that is said of its part, and in the folder itself. */
export function namedIn(build: NamedBuild, said: SaidParts): NamedBuild[] {
  const { part, context } = build;
  if (part === null || context !== null) return [build];
  const contexts = said(part).flatMap((item) => item.context ?? []);
  return [...new Set([".", ...contexts])].map((item): NamedBuild => ({ ...build, context: item }));
}

/** The builds that a pass may go to by what is said of their part; none where that names no context. */
export function buildsOfPass({ build }: Pass, said: SaidParts): Build[] {
  const { part } = build;
  if (part === null) return [];
  return said(part).flatMap(({ dockerfile, context }) =>
    context === null ? [] : [{ ...build, dockerfile: build.dockerfile ?? dockerfile, context }],
  );
}
