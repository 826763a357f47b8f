/**
 * Finds the Dockerfiles that the calling files of a searched folder name, whatever they are called. What is not there may
 * be made by the build, and what lies outside of the searched folders is not part of the project: both are left alone.
 */

import { resolve } from "node:path";
import { isBelow, isPlainFile } from "../disk.ts";
import { placesOfNamed } from "../join-callers.ts";
import { namedIn, saidFor } from "../join-parts.ts";
import type { ShownPath } from "./dockerfile-contexts.ts";
import type { ProjectText } from "./project-text.ts";
import type { Opening } from "./open-callers.ts";

/** A Dockerfile that a calling file names. */
export interface NamedDockerfile extends ShownPath {
  /** The searched folder that it lies below. */
  readonly root: ShownPath;
  /** The context that the file builds it with, as it is shown; null when it does not say. */
  readonly context: string | null;
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
    const said = saidFor(facts, callers);
    const builds = facts.builds.flatMap((build) => namedIn(build, said));
    return builds.flatMap((build): NamedDockerfile[] => {
      for (const { dockerfile: shown, context } of placesOfNamed(facts, build, start.shown)) {
        const path = resolve(cwd, shown);
        const root = [start, ...roots].find((folder) => isBelow(folder.path, path));
        if (root !== undefined && isPlainFile(path)) return [{ path, shown, root, context }];
      }
      return [];
    });
  });
}
