/** What an image rule is: what it tells about itself, and a pure check over facts that the engine has read. */

import type { Draft } from "../model/finding.ts";
import type { RuleMeta } from "../model/rule.ts";
import type { ImageFacts } from "./facts.ts";

/** A rule over one image. */
export interface ImageRule {
  readonly meta: RuleMeta & { readonly subject: "image" };
  /** Every finding of this rule, in any order. Pure: reads nothing but the facts. */
  readonly check: (facts: ImageFacts) => readonly Draft[];
}
