/** What a Dockerfile rule is: what it tells about itself, and a pure check over facts that the engine has read. */

import type { Draft } from "../model/finding.ts";
import type { RuleMeta } from "../model/rule.ts";
import type { DockerfileFacts } from "./facts.ts";

/** A rule over one Dockerfile. */
export interface DockerfileRule {
  readonly meta: RuleMeta & { readonly subject: "dockerfile" };
  /** Every finding of this rule, in any order. Pure: reads nothing but the facts. */
  readonly check: (facts: DockerfileFacts) => readonly Draft[];
}
