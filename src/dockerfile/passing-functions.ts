/** Functions of a script that run what they are given: `retry() { "$@" || "$@"; }`, `as() { shift; "$@"; }`. */

import type { ShellCommand } from "./shell-word.ts";
import { peel } from "./wrappers.ts";

/** For each such function, how many of its arguments stand before the command that it runs. */
export function passingFunctions(commands: readonly ShellCommand[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const shifted = new Map<string, number>();
  for (const { words, inFunction } of commands) {
    if (inFunction === null || found.has(inFunction)) continue;
    const [first, second] = peel(words).words;
    const [piece] = (first?.value === "eval" ? second : first)?.pieces ?? [];
    const before = shifted.get(inFunction) ?? 0;
    if (piece?.kind === "variable" && /^[@*]$/.test(piece.name)) found.set(inFunction, before);
    if (first?.value === "shift") shifted.set(inFunction, before + Number(second?.value ?? 1));
  }
  return found;
}
