/** The verdict: a pure function of what was found, what was not read, and the policy. Prints nothing, reads nothing. */

import { counted } from "../model/counted.ts";
import { ACCEPTABLE_GAPS, type Gap, type GapKind } from "../model/gap.ts";
import { isAtLeast, LEVELS, type Level } from "../model/level.ts";
import type { Outcome, Report, Verdict } from "../model/report.ts";

/** What a team lets through. */
export interface Policy {
  /** Findings at this level or worse fail the gate. */
  readonly failOn: Level;
  /** Kinds of gap that do not turn a pass into unknown; not those of a run that failed, or that could look at nothing. */
  readonly acceptedGaps: readonly GapKind[];
}

/** Errors fail, every gap counts. */
export const DEFAULT_POLICY: Policy = { failOn: "error", acceptedGaps: [] };

/** Accepted gaps speak of parts of what was looked at: where that is nothing, or the run itself failed, each one counts. */
function isAccepted({ why }: Gap, { subjects, needs }: Outcome, { acceptedGaps }: Policy): boolean {
  const isAnyRead = subjects.some(({ kind }) => needs === undefined || kind === needs);
  return isAnyRead && acceptedGaps.includes(why) && ACCEPTABLE_GAPS.includes(why);
}

/** The verdict and the reasons for it, in a few words each. */
export function decide(outcome: Outcome, policy: Policy = DEFAULT_POLICY): Pick<Report, "verdict" | "because"> {
  const active = outcome.findings.filter((finding) => finding.suppressed === null);
  const gaps = outcome.gaps.filter((gap) => !isAccepted(gap, outcome, policy));
  const because = LEVELS.toReversed().flatMap((level) => {
    const count = active.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [counted(count, level)];
  });
  if (gaps.length > 0) because.push(counted(gaps.length, "gap"));
  const suppressed = outcome.findings.length - active.length;
  if (suppressed > 0) because.push(`${suppressed} suppressed`);
  const acceptedGaps = outcome.gaps.length - gaps.length;
  if (acceptedGaps > 0) because.push(counted(acceptedGaps, "accepted gap"));
  const fails = active.some((finding) => isAtLeast(finding.level, policy.failOn));
  return { verdict: fails ? "fail" : gaps.length > 0 ? "unknown" : "pass", because };
}

/** Exit codes by verdict: pass 0, fail 1, unknown 2. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = { pass: 0, fail: 1, unknown: 2 };
