/** Says which folders may be the build context of a Dockerfile: what was asked for, else where it lies and was found. */

import { dirname, posix } from "node:path";
import type { BuildContext } from "../dockerfile/build-context.ts";
import { HullcheckError } from "../model/errors.ts";
import type { Secrets } from "../token/secrets.ts";
import { CONTEXT_LIMITS, contextReader } from "./build-context.ts";
import { isFolder } from "../disk.ts";

/** A file or folder, and what the reader calls it. */
export interface ShownPath {
  /** Absolute. */
  readonly path: string;
  readonly shown: string;
}

/** Gives the folders that may be a Dockerfile's context, the likeliest first; `named` are those that calling files name. */
export type DockerfileContexts = (
  dockerfile: ShownPath | null,
  root: ShownPath | null,
  named?: readonly ShownPath[],
) => BuildContext[];

/**
 * The contexts of a run. A `wanted` folder is every Dockerfile's context; without one it is what the calling files say,
 * else the folder of the Dockerfile or the linted folder `root`, and a text from standard input has none.
 * @param ignoreTexts ignore files by their absolute path, as they are to be read in place of what is on disk
 * @param secrets learns the tokens in the files; one holder of their own unless given
 * @throws HullcheckError when the wanted folder is none
 */
export function dockerfileContexts(
  wanted: ShownPath | null,
  ignoreTexts: ReadonlyMap<string, string> = new Map(),
  secrets?: Secrets,
): DockerfileContexts {
  if (wanted !== null && !isFolder(wanted.path)) {
    throw new HullcheckError("usage", `the build context '${wanted.shown}' is not a folder`, {
      hint: "name a folder on disk; what is fetched from elsewhere cannot be looked at",
    });
  }
  const read = contextReader(CONTEXT_LIMITS, ignoreTexts, secrets);
  return (dockerfile, root, named = []) => {
    if (wanted !== null) return [read({ folder: wanted.path, shown: wanted.shown, dockerfile })];
    if (dockerfile === null) return [];
    const said = named.filter(({ path }) => isFolder(path));
    if (said.length > 0) return said.map(({ path, shown }) => read({ folder: path, shown, dockerfile }));
    const own = { path: dirname(dockerfile.path), shown: posix.dirname(dockerfile.shown) };
    const folders = root === null || root.path === own.path ? [own] : [own, root];
    return folders.map(({ path, shown }) => read({ folder: path, shown, dockerfile }));
  };
}
