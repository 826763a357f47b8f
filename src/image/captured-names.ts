/** Which files are worth reading as a whole, by name: those whose place says what they hold. Decides nothing else. */

import { hashName } from "./path-hash.ts";

/** File names of token files and credential stores, wherever they lie. */
const NAMES: readonly string[] = [
  "token",
  "stored_tokens",
  ".git-credentials",
  "credentials",
  ".netrc",
  "_netrc",
  "config",
  "config.json",
  ".dockercfg",
  "auth.json",
];

const HASHES: ReadonlySet<number> = new Set(NAMES.map(hashName));

const PATHS =
  /(?:\/token|\/stored_tokens|\/\.git-credentials|\/git\/credentials|\/[._]netrc|\/\.git\/(?:modules\/.+\/)?config|\/\.docker\/config\.json|\/\.dockercfg|\/containers\/auth\.json)$/;

/** A first, cheap test by the number of the file's name (`PathHasher.last`). */
export function mayBeCaptured(nameHash: number): boolean {
  return HASHES.has(nameHash);
}

/** True for an absolute path whose content is kept. */
export function isCapturedPath(path: string): boolean {
  return PATHS.test(path);
}
