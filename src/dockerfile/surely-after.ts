/** Says whether one command of a RUN is run whenever another one was, so that what it clears is cleared. Runs nothing. */

import type { Invocation } from "./invocation.ts";
import type { ShellBranch } from "./shell-word.ts";

/** The parts around an invocation that may not be run, also those around the shell that it is run by. */
function branchesOf(invocation: Invocation): ShellBranch[] {
  const found: ShellBranch[] = [];
  for (let at: Invocation | null = invocation; at !== null; at = at.parent) {
    for (let branch = at.command.branch; branch !== null; branch = branch.outer) found.push(branch);
  }
  return found;
}

/** True when `earlier` stands in the stretch of the script that `branch` needs to have ended well. */
function follows({ after }: ShellBranch, earlier: Invocation, later: Invocation): boolean {
  if (after === null) return false;
  for (let at: Invocation | null = earlier; at !== null; at = at.parent) {
    const { script, start, end } = at.command;
    if (script === later.command.script && after.start <= start && end <= after.end) return true;
  }
  return false;
}

/**
 * True when `later` is run in every RUN that ends well after `earlier` was: it stands in no branch that `earlier` is not in.
 * @param called bodies of functions that are called for sure
 */
export function isSurelyAfter(
  later: Invocation,
  earlier: Invocation | null,
  called: ReadonlySet<ShellBranch> = new Set(),
): boolean {
  if (later.isDeferred) return true;
  const around = new Set(earlier === null ? [] : branchesOf(earlier));
  return branchesOf(later).every(
    (branch) => around.has(branch) || called.has(branch) || (earlier !== null && follows(branch, earlier, later)),
  );
}
