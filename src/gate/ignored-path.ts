/** Which paths of a search the config leaves out. Pure. */

import { matchesPattern } from "./pattern.ts";
import { projectPath, type Settings } from "./settings.ts";

/** Paths that a search of folders leaves out. */
export interface IgnoredPaths {
  /** What says so: the config file. */
  readonly by: string;
  /** Judges a path as the report shows it. */
  readonly isIgnored: (shown: string) => boolean;
}

/** Says of a path, as a report shows it, whether one of `ignorePaths` is it, or is above it. */
export function ignoredPath(settings: Pick<Settings, "ignorePaths" | "folder" | "cwd">): (shown: string) => boolean {
  return (shown) => {
    const path = projectPath(settings, shown);
    return settings.ignorePaths.some(({ value }) => matchesPattern(value, path));
  };
}
