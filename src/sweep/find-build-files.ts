/**
 * Finds Dockerfiles, and files that may call their builds, below a folder by their names. Follows links to files, not
 * links to folders: those below the folder are found at their own place, the others are not part of it, and so no circle
 * is possible.
 */

import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import { mayCall } from "../callers/kind.ts";
import type { Gap } from "../model/gap.ts";
import { compareCodeUnits } from "../model/order.ts";
import { isFolder } from "../disk.ts";
import { accessGap } from "./read-text.ts";

/** What a folder holds; paths are below it, with forward slashes, by code unit. */
export interface FoundBuildFiles {
  readonly dockerfiles: readonly string[];
  /** Files that have the name of a caller; a script's text says whether it is one. */
  readonly callers: readonly string[];
  /** Folders below it that could not be listed; `at` is a path below it too. */
  readonly gaps: readonly Gap[];
}

const NAMES = /^(?:Dockerfile|dockerfile|Dockerfile\..+|.+\.[Dd]ockerfile|Containerfile.*)$/;
const IGNORE_FILES = /\.(?:docker|container)ignore$/;
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", "node_modules", ".venv", "venv"]);
/** The file that marks a virtual environment of Python, whatever its folder is called. */
const VIRTUAL_ENVIRONMENT = "pyvenv.cfg";
/** What `python -m venv` makes beside it, also in a project's own folder, whose other files are the project's. */
const OF_ENVIRONMENT: ReadonlySet<string> = new Set([
  "bin",
  "etc",
  "include",
  "Include",
  "lib",
  "Lib",
  "lib64",
  "Scripts",
  "share",
]);

/** True for the names that Dockerfiles have by convention: `Dockerfile`, `Dockerfile.gpu`, `api.Dockerfile`, `Containerfile`. */
export function isDockerfileName(name: string): boolean {
  return NAMES.test(name) && !IGNORE_FILES.test(name);
}

/** A link counts when it leads to a file, or nowhere: then reading it says so. */
function isFileLike(entry: Dirent, path: string): boolean {
  return entry.isSymbolicLink() ? !isFolder(path) : !entry.isDirectory();
}

/** Every Dockerfile and every possible caller below a folder; a folder that cannot be listed is a gap. */
export function findBuildFiles(folder: string): FoundBuildFiles {
  const dockerfiles: string[] = [];
  const callers: string[] = [];
  const gaps: Gap[] = [];
  const pending = [""];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(join(folder, below), { withFileTypes: true });
    } catch (error) {
      gaps.push({ at: below, ...accessGap(error) });
      continue;
    }
    const isEnvironment = below !== "" && entries.some((entry) => entry.name === VIRTUAL_ENVIRONMENT);
    for (const entry of entries) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        const isLeftOut = SKIPPED_FOLDERS.has(entry.name) || (isEnvironment && OF_ENVIRONMENT.has(entry.name));
        if (!isLeftOut) pending.push(path);
        continue;
      }
      const found = isDockerfileName(entry.name) ? dockerfiles : mayCall(path) ? callers : null;
      if (found !== null && isFileLike(entry, join(folder, path))) found.push(path);
    }
  }
  return {
    dockerfiles: dockerfiles.sort(compareCodeUnits),
    callers: callers.sort(compareCodeUnits),
    gaps: gaps.sort((a, b) => compareCodeUnits(a.at, b.at)),
  };
}
