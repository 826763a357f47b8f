/** Joins an outcome with its verdict into the report that every format is made from. Pure; the policy decides, not this. */

import type { Outcome, Report } from "../model/report.ts";
import { VERSION } from "../model/version.ts";
import { decide, DEFAULT_POLICY, type Policy } from "./decide.ts";

/** The whole report on an outcome under a policy; `remarks` are added to the reasons of the verdict, after those of the outcome. */
export function judge(outcome: Outcome, policy: Policy = DEFAULT_POLICY, remarks: readonly string[] = []): Report {
  const { verdict, because } = decide(outcome, policy);
  return {
    schemaVersion: 1,
    tool: { name: "hullcheck", version: VERSION },
    verdict,
    because: [...because, ...(outcome.remarks ?? []), ...remarks],
    subjects: outcome.subjects,
    findings: outcome.findings,
    gaps: outcome.gaps,
  };
}
