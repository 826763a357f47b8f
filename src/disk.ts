/** Small questions to the disk and about its paths, each with an answer whatever is there. Reads no content. */

import { lstatSync, realpathSync, statSync } from "node:fs";
import native, { dirname, type PlatformPath } from "node:path";

/** True when there is something of that name: a file, a folder, or a link that may lead nowhere. */
export function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** True for a folder, and for a link to one. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** True for a plain file, and for a link to one: not for a pipe or a device. */
export function isPlainFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The folder itself, or the one that a file is in, or would be in. */
export function folderOf(path: string): string {
  return isFolder(path) ? path : dirname(path);
}

/** The same for a file whatever path leads to it; the path itself when nothing is there. */
export function identityOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** True for the folder itself and all that is below it; both paths are absolute. `paths` is the system's own unless given. */
export function isBelow(
  folder: string,
  path: string,
  paths: Pick<PlatformPath, "relative" | "isAbsolute" | "sep"> = native,
): boolean {
  const below = paths.relative(folder, path);
  // From one drive of Windows to another no steps lead.
  return below !== ".." && !below.startsWith(`..${paths.sep}`) && !paths.isAbsolute(below);
}

/** The path with forward slashes, as reports show it. */
export function toPosix(path: string): string {
  return native.sep === "/" ? path : path.replaceAll(native.sep, "/");
}
