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
 * Where one file goes.
 * @param name the file's own name
 * @param isIntoFolder true when the destination can only be a folder, as for several sources
 */
export function destinationOf(copy: CopyRecord, name: string, isIntoFolder: boolean): CopyDestination {
  const environment = placeOf(copy);
  const target = copy.words.at(-1)?.text ?? "";
  const isFolder = isIntoFolder || /(?:^|\/)\.{0,2}$/.test(target);
  const inside = normalPath(`${target === "" ? "." : target}/${name}`, environment);
  const itself = normalPath(target, environment);
  return { paths: isFolder ? [inside] : [itself, inside], environment };
}
