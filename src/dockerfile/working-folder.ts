/** The folder that each command of a script runs in, as far as `cd` with a known path tells. Runs nothing. */

import { normalPath, type Environment } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import type { Subshell } from "./shell-word.ts";
import { pathText } from "./shell-path.ts";

/** The folder that a `cd` leads to; undefined when it cannot be known. */
function target({ args }: Invocation, environment: Environment): string | undefined {
  const word = args.find(({ value }) => value === null || !/^-[LPe@]+$|^--$/.test(value));
  if (word === undefined) return normalPath("~", environment);
  const path = pathText(word);
  return path === null || path === "-" ? undefined : normalPath(path, environment);
}

/** Where each command runs; a command that is not in the map, where the script starts. */
export function workingFolders(
  invocations: readonly Invocation[],
  environment: Environment,
): ReadonlyMap<Invocation, string | undefined> {
  const folders = new Map<Invocation, string | undefined>();
  if (!invocations.some(({ program }) => program === "cd" || program === "pushd" || program === "popd")) return folders;
  const start = environment("PWD");
  /** By the innermost subshell or nested script; the one around it goes on where it was. */
  const byShell = new Map<Subshell | Invocation | null, string | undefined>();
  const folderOf = (shell: Subshell | Invocation | null, outer: Subshell | Invocation | null): string | undefined => {
    if (!byShell.has(shell)) byShell.set(shell, shell === null || !byShell.has(outer) ? start : byShell.get(outer));
    return byShell.get(shell);
  };
  for (const invocation of invocations) {
    const { subshell } = invocation.command;
    const script = invocation.parent;
    folderOf(script, script?.command.subshell ?? script?.parent ?? null);
    const shell = subshell ?? script;
    const folder = folderOf(shell, subshell?.outer ?? script);
    folders.set(invocation, folder);
    const here: Environment = (name) => (name === "PWD" ? folder : environment(name));
    if (/^(?:cd|pushd)$/.test(invocation.program)) byShell.set(shell, target(invocation, here));
    else if (invocation.program === "popd") byShell.set(shell, undefined);
  }
  return folders;
}
