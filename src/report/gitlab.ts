/**
 * The report as GitLab's Code Quality artifact: one violation a finding or gap. Fields and severities are those of
 * docs.gitlab.com/ci/testing/code_quality ("Code Quality report format"). GitLab knows no suppressed violation and no
 * error of the tool: both say in their description what they are.
 */

import type { Finding } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import type { Level } from "../model/level.ts";
import type { Report } from "../model/report.ts";
import { safeJson, visible, visibleLines } from "./escape.ts";
import { placeBefore, placeInProject, placeOf } from "./place.ts";
import { isUrgent } from "./urgency.ts";

/** One entry of the artifact. */
interface Violation {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: "info" | "minor" | "major" | "critical" | "blocker";
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const SEVERITIES: Readonly<Record<Level, Violation["severity"]>> = {
  error: "critical",
  warning: "major",
  note: "info",
};

function at(path: string, line: number | null): Violation["location"] {
  return { path: visible(path), lines: { begin: line ?? 1 } };
}

/** The file and line to open: of the project where there is one, also for what was found in an image. */
function whereToLook(finding: Finding): Violation["location"] {
  const source = placeInProject(finding);
  if (source !== null) return at(source.path, source.region.start.line);
  const [first] = finding.locations;
  if (first === undefined) return at("-", null);
  if (first.in === "context") return at(first.path, first.line);
  if (first.in === "layer") return at(`${first.image}/layer-${first.layer}${first.path}`, first.line);
  return at(placeOf(first), null);
}

function descriptionOf(finding: Finding): string {
  const { message, token, fix, suppressed } = finding;
  const head = suppressed === null ? "" : `Suppressed by ${suppressed.by} (${suppressed.reason}): `;
  const shown = token === null ? "" : ` Token: ${token.preview}, SHA-256 ${token.sha256}.`;
  return visibleLines(`${head}${placeBefore(finding)}${message}${shown}${fix === null ? "" : ` Fix: ${fix}`}`).join(
    "\n",
  );
}

function severityOf(finding: Finding): Violation["severity"] {
  if (isUrgent(finding)) return "blocker";
  return finding.suppressed === null ? SEVERITIES[finding.level] : "info";
}

function violation(finding: Finding): Violation {
  return {
    description: descriptionOf(finding),
    check_name: visible(finding.rule),
    fingerprint: finding.fingerprint,
    severity: severityOf(finding),
    location: whereToLook(finding),
  };
}

/** What was not read is as bad as an error: nobody knows what stands there. */
function unread({ at: what, why, detail }: Gap): Violation {
  return {
    description: visibleLines(`Not looked at: ${what}: ${detail}`).join("\n"),
    check_name: `gap-${why}`,
    fingerprint: visible(`gap ${why} ${what}`),
    severity: SEVERITIES.error,
    location: at(what.replace(/:\d+:\d+$/, ""), Number(/:(\d+):\d+$/.exec(what)?.[1] ?? 1)),
  };
}

/** GitLab keeps one violation a fingerprint; a second one with the same gets a number, so that none is lost. */
function distinct(violations: readonly Violation[]): Violation[] {
  const seen = new Map<string, number>();
  return violations.map((item) => {
    const count = (seen.get(item.fingerprint) ?? 0) + 1;
    seen.set(item.fingerprint, count);
    return count === 1 ? item : { ...item, fingerprint: `${item.fingerprint}-${count}` };
  });
}

/** The report as the JSON of a Code Quality artifact. */
export function format(report: Report): string {
  return safeJson(
    distinct([
      ...report.findings.map((finding) => violation(finding)),
      ...report.gaps.map((gap) => unread(gap)),
    ] satisfies Violation[]),
  );
}
