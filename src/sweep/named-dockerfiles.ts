/**
 * Finds the Dockerfiles that the calling files of a searched folder name, whatever they are called. What is not there may
 * be made by the build, and what lies outside of the searched folders is not part of the project: both are left alone.
 */

import { posix, resolve } from "node:path";
import { isPartOf } from "../callers/part-pattern.ts";
import type { CallerFacts, NamedBuild } from "../callers/facts.ts";
import { isBelow, isPlainFile } from "../disk.ts";
import { placesOfNamed } from "../join-callers.ts";
import type { ShownPath } from "./dockerfile-contexts.ts";
import type { ProjectText } from "./project-text.ts";
import type { Opening } from "./open-callers.ts";

/** A Dockerfile that a calling file names. */
export interface NamedDockerfile extends ShownPath {
  /** The searched folder that it lies below. */
  readonly root: ShownPath;
}

/**
 * The contexts that the files say a service or target has, by its name. Compose and bake merge files of their own kind that
 * lie side by side; what starts a build from elsewhere may go by any of them.
 */
function contextsFor(caller: CallerFacts, callers: readonly CallerFacts[]): ReadonlyMap<string, readonly string[]> {
  const { kind, path } = caller;
  const isAny = kind === "script" || kind === "workflow";
  const found = new Map<string, string[]>();
  for (const other of callers) {
    if (!isAny && (other.kind !== kind || posix.dirname(other.path) !== posix.dirname(path))) continue;
    for (const { part, context } of other.contexts) {
      const known = found.get(part);
      if (known === undefined) found.set(part, [context]);
      else if (!known.includes(context)) known.push(context);
    }
  }
  return found;
}

/** True for a build whose context another file may say. */
function isOpen({ part, context }: NamedBuild): boolean {
  return part !== null && context === null;
}

/** The builds of a file; those whose context other files may say, with each that they say and in the folder itself. */
function buildsOf(caller: CallerFacts, callers: readonly CallerFacts[]): NamedBuild[] {
  const known = caller.builds.some(isOpen) ? contextsFor(caller, callers) : new Map<string, readonly string[]>();
  return caller.builds.flatMap((build) => {
    if (!isOpen(build)) return [build];
    const part = build.part ?? "";
    const parts = known.has(part)
      ? [part]
      : /[*?[]/.test(part)
        ? [...known.keys()].filter((name) => isPartOf(part, name))
        : [];
    const contexts = parts.flatMap((name) => known.get(name) ?? []);
    return [...new Set([".", ...contexts])].map((context): NamedBuild => ({ ...build, context }));
  });
}

/** Every plain file below one of the `roots` that a calling file found there names, in the order of the files; one may come twice. */
export function namedDockerfiles(
  openings: ReadonlyMap<ProjectText, Opening>,
  cwd: string,
  roots: readonly ShownPath[],
): NamedDockerfile[] {
  const callers = [...openings.values()].flatMap((opening) => (opening.ok ? [opening.opened.facts] : []));
  return [...openings].flatMap(([text, opening]) => {
    const start = text.root;
    // A file that was typed by itself is linted by itself.
    if (!opening.ok || start === null) return [];
    const { facts } = opening.opened;
    return buildsOf(facts, callers).flatMap((build): NamedDockerfile[] => {
      for (const shown of placesOfNamed(facts, build, start.shown)) {
        const path = resolve(cwd, shown);
        const root = [start, ...roots].find((folder) => isBelow(folder.path, path));
        if (root !== undefined && isPlainFile(path)) return [{ path, shown, root }];
      }
      return [];
    });
  });
}
