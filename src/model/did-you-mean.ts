/** Guesses what a mistyped name was meant to be. Pure. */

import { compareCodeUnits } from "./order.ts";

/** How many letters may be added, dropped, changed or swapped with a neighbour, for a name of a length; any letter is close to another. */
function allowance(length: number): number {
  return length < 2 ? 0 : Math.max(1, Math.floor(length / 3));
}

/** Edit distance with swaps of neighbours, as one row a letter. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? a.length;
}

/** The known name that `typed` comes closest to, or null when none is close. */
export function closest(typed: string, known: readonly string[]): string | null {
  const wanted = typed.toLowerCase().slice(0, 64);
  const ranked = known
    .map((name) => ({ name, cost: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, cost }) => cost <= allowance(name.length) || (wanted.length >= 3 && name.startsWith(wanted)))
    .sort((a, b) => a.cost - b.cost || compareCodeUnits(a.name, b.name));
  return ranked[0]?.name ?? null;
}

/** What to do about a mistyped name, as a hint: the closest one, or all of them. */
export function hintFor(typed: string, known: readonly string[]): string {
  const name = closest(typed, known);
  if (name !== null) return `did you mean ${name}?`;
  return known.length === 1 ? `the only one is ${known.join("")}` : `known are ${known.join(", ")}`;
}
