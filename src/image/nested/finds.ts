/** Collects what a search of nested content finds: each token once at each place, counts by kind, problems. */

import type { TokenMatch } from "../../token/match.ts";
import { createProblems, type Problem, type Report } from "../problem.ts";

/** A token inside of an archive. Carries the raw token: keep it short-lived, never print it. */
export interface NestedHit {
  readonly match: TokenMatch;
  /** Members, outermost first; none for what stands in the file itself, in text that was decoded. */
  readonly within: readonly string[];
  /** 0-based offset in the innermost member, for decoded text of the text; null for a member's name. */
  readonly byteOffset: number | null;
  readonly line: number | null;
}

/** What was found in one file. */
export interface NestedFinds {
  readonly hits: readonly NestedHit[];
  readonly undecoded: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

/** The lists on their way. */
export interface Finds {
  readonly add: (match: TokenMatch, within: readonly string[], byteOffset: number | null, line: number | null) => void;
  readonly undecoded: (kind: string) => void;
  readonly report: Report;
  /** How many hits there are. */
  readonly count: () => number;
  /** Changes the hits from the `from`th on; null drops one. */
  readonly change: (from: number, how: (hit: NestedHit) => NestedHit | null) => void;
  readonly result: () => NestedFinds;
}

/** Nothing found so far. */
export function createFinds(maxHits: number): Finds {
  const hits: NestedHit[] = [];
  const seen = new Set<string>();
  const undecoded: Record<string, number> = {};
  const problems = createProblems();
  return {
    add: (match, within, byteOffset, line) => {
      const key = `${match.value} ${within.join("\0")}`;
      if (seen.has(key)) return;
      if (hits.length >= maxHits) {
        const detail = `more than ${maxHits} places with tokens in archives; the others are not listed`;
        problems.report({ why: "limit", detail });
        return;
      }
      seen.add(key);
      hits.push({ match, within, byteOffset, line });
    },
    undecoded: (kind) => void (undecoded[kind] = (undecoded[kind] ?? 0) + 1),
    report: problems.report,
    count: () => hits.length,
    change: (from, how) => {
      hits.push(...hits.splice(from).flatMap((hit) => how(hit) ?? []));
    },
    result: () => ({ hits, undecoded, problems: problems.list }),
  };
}
