/** Finds the config file of a run: the nearest one upwards, and never beyond the project. Reads nothing but names. */

import { dirname, join } from "node:path";
import { HullcheckError } from "../model/errors.ts";
import { exists, folderOf } from "../disk.ts";

/** What a config file is called. */
export const CONFIG_NAME: string = ".hullcheck.yaml";
/** Names that somebody may take for it; one that is silently not read would be worse than an error. */
const OTHER_NAMES = [".hullcheck.yml", ".hullcheck.json"];

/** The folder and all above it. */
function upwards(folder: string): string[] {
  const folders = [folder];
  for (let above = dirname(folder); above !== folders.at(-1); above = dirname(above)) folders.push(above);
  return folders;
}

/**
 * The nearest config file, absolute; null when there is none. The search ends at the root of the repository; without a
 * repository at the working folder, or in the first folder when that lies elsewhere.
 * @param start the first path that is looked at, absolute
 * @throws HullcheckError when there is one under a name that is not read
 */
export function findConfig(start: string, cwd: string): string | null {
  const folders = upwards(folderOf(start));
  const root = folders.findIndex((folder) => exists(join(folder, ".git")));
  const last = root === -1 ? Math.max(0, folders.indexOf(cwd)) : root;
  for (const folder of folders.slice(0, last + 1)) {
    if (exists(join(folder, CONFIG_NAME))) return join(folder, CONFIG_NAME);
    const other = OTHER_NAMES.find((name) => exists(join(folder, name)));
    if (other !== undefined) {
      throw new HullcheckError("config", `${other} is not read`, { hint: `call the config ${CONFIG_NAME}` });
    }
  }
  return null;
}
