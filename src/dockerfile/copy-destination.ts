/** Where the files of a COPY or ADD end up in its stage. Compares paths as text; touches no file. */

import type { CopyRecord } from "./copy-record.ts";
import { normalPath, type Environment } from "./home-path.ts";

/** Paths that a copied file may have: the likeliest first. */
export interface CopyDestination {
  readonly paths: readonly string[];
  /** The environment that the paths were read in. */
  readonly environment: Environment;
}

/** The environment of a stage's instruction, with PWD. */
export function placeOf({ environment, folder }: Pick<CopyRecord, "environment" | "folder">): Environment {
  return (name) => (name === "PWD" ? folder : environment(name));
}

/**
 * The destination as it is written; BuildKit takes an empty one for the working directory, and for a folder
 * (dockerfile2llb/convert.go, `pathRelativeToWorkingDir`).
 */
export function targetOf({ words }: Pick<CopyRecord, "words">): string {
  const text = words.at(-1)?.text ?? "";
  return text === "" ? "." : text;
}

/** Where something goes that keeps a path of its own below the destination. */
export function belowTarget(copy: CopyRecord, path: string): CopyDestination {
  const environment = placeOf(copy);
  return { paths: [normalPath(`${targetOf(copy)}/${path}`, environment)], environment };
}

/**
 * Where one file goes.
 * @param name the file's own name
 * @param isIntoFolder true when the destination can only be a folder, as for several sources
 */
export function destinationOf(copy: CopyRecord, name: string, isIntoFolder: boolean): CopyDestination {
  const target = targetOf(copy);
  const inside = belowTarget(copy, name);
  const { environment } = inside;
  if (isIntoFolder || /(?:^|\/)\.{0,2}$/.test(target)) return inside;
  return { paths: [normalPath(target, environment), ...inside.paths], environment };
}
