/** The way from a command to whoever runs it. Knows nothing of values. */

import type { Invocation } from "./invocation.ts";

/**
 * The command, and outwards whatever runs the script or calls the function that it stands in; each once, since a function
 * that sets a trap of itself is called by what it calls.
 * @param caller the command that calls the function which is looked at; null for none
 */
export function outwards(invocation: Invocation, caller: Invocation | null): ReadonlySet<Invocation> {
  const way = new Set<Invocation>();
  for (let at: Invocation | null = invocation; at !== null && !way.has(at);) {
    way.add(at);
    at = at.parent ?? (at.command.inFunction === null ? null : caller);
  }
  return way;
}
