/** What a rule over a calling file is: what it tells about itself, and a pure check over facts that the engine has read. */

import type { Draft } from "../model/finding.ts";
import type { RuleMeta } from "../model/rule.ts";
import type { CallerFacts } from "./facts.ts";

/** A check of a rule whose metadata may stand elsewhere. */
export interface CallerCheck {
  readonly id: string;
  /** Every finding of this rule, in any order. Pure: reads nothing but the facts. */
  readonly check: (facts: CallerFacts) => readonly Draft[];
}

/** A rule over one calling file. */
export interface CallerRule {
  readonly meta: RuleMeta & { readonly subject: "caller" };
  /** Every finding of this rule, in any order. Pure: reads nothing but the facts. */
  readonly check: (facts: CallerFacts) => readonly Draft[];
}
