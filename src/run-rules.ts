/** Lets rules speak about one thing that was read, whatever becomes of a single one of them. */

import type { Draft } from "./model/finding.ts";
import type { Gap } from "./model/gap.ts";
import type { Judged } from "./suppress.ts";

/** A rule as it is run: what it is called, and what it says. */
interface Check<Facts> {
  readonly id: string;
  readonly check: (facts: Facts) => readonly Draft[];
}

/**
 * What every rule says, in their order; one that throws is a gap at `at` that names it, and the others still speak.
 * @param what what the facts are of, in that gap
 */
export function runRules<Facts>(
  rules: readonly Check<Facts>[],
  facts: Facts,
  { at, what, gaps }: { readonly at: string; readonly what: "file" | "image"; readonly gaps: Gap[] },
): Judged[] {
  const judged: Judged[] = [];
  for (const [rank, { id, check }] of rules.entries()) {
    try {
      for (const draft of check(facts)) judged.push({ rule: id, rank, draft });
    } catch {
      const detail = `the rule ${id} failed on this ${what}; this is a bug of hullcheck, please report it`;
      gaps.push({ at, why: "rule-failed", detail });
    }
  }
  return judged;
}
