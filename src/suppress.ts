/**
 * Applies the ignore comments of one file to what its rules said: which findings they suppress, and which comments do
 * nothing. Pure; the same for Dockerfiles and for the files that call a build.
 */

import type { Drafted } from "./assemble.ts";
import type { Ignore } from "./dockerfile/ignore.ts";
import type { Span } from "./dockerfile/mapped-text.ts";
import { closest } from "./model/did-you-mean.ts";
import type { Draft, Suppression } from "./model/finding.ts";
import { isInSource, type SourceLocation } from "./model/location.ts";

/** A draft with the rule it comes from. */
export type Judged = Omit<Drafted, "suppressed">;

/** The rules that looked at a file, and how its places are told. */
export interface SuppressionSetting {
  /** Ids of the rules, in the order of their ranks. */
  readonly rules: readonly string[];
  readonly locate: (span: Span) => SourceLocation;
}

const IDLE = "suppression-without-effect";

function covers({ rule, lines, reason }: Ignore, judged: Judged): boolean {
  const [place] = judged.draft.locations;
  const line = place !== undefined && isInSource(place) ? place.region.start.line : null;
  return (
    reason !== "" &&
    rule === judged.rule &&
    lines !== null &&
    line !== null &&
    lines.first <= line &&
    line <= lines.last
  );
}

function whyIdle(ignore: Ignore, isUsed: boolean, rules: readonly string[]): string | null {
  if (ignore.rule === "") return "it names no rule";
  if (!rules.includes(ignore.rule)) return "no rule of that name looks at this file";
  if (ignore.reason === "") return "it gives no reason";
  return isUsed ? null : "nothing that it covers has such a finding";
}

/** What to write instead, where a rule's name is nearly right; else how an ignore comment is written. */
function fixFor({ rule }: Ignore, rules: readonly string[]): string {
  const meant = rules.includes(rule) ? null : closest(rule, rules);
  return meant === null
    ? "Delete it, or write `# hullcheck-ignore <rule>: <reason>` on the line above the instruction."
    : `If ${meant} is meant, write that name; else delete the comment.`;
}

/** The ignore comments that do nothing, as findings. */
function idleIgnores(judged: readonly Judged[], ignores: readonly Ignore[], setting: SuppressionSetting): Judged[] {
  const { rules, locate } = setting;
  return ignores.flatMap((ignore): Judged[] => {
    const isUsed = judged.some((item) => covers(ignore, item));
    const why = whyIdle(ignore, isUsed, rules);
    if (why === null) return [];
    const draft: Draft = {
      level: "note",
      confidence: "high",
      message: `This comment suppresses nothing: ${why}.`,
      token: null,
      fix: fixFor(ignore, rules),
      locations: [locate(ignore.span)],
      identity: [ignore.rule],
    };
    return [{ rule: IDLE, rank: rules.indexOf(IDLE), draft }];
  });
}

function suppressionOf(judged: Judged, ignores: readonly Ignore[]): Suppression | null {
  const ignore = ignores.find((item) => covers(item, judged));
  return ignore === undefined ? null : { by: "comment", reason: ignore.reason };
}

/** What was said, with the suppressions of the file's comments, and a note for each comment that does nothing. */
export function withSuppressions(
  judged: readonly Judged[],
  ignores: readonly Ignore[],
  setting: SuppressionSetting,
): Drafted[] {
  const idle = ignores.length === 0 ? [] : idleIgnores(judged, ignores, setting);
  return [...judged, ...idle].map((item) => {
    const { rule, rank, draft } = item;
    return { rule, rank, draft, suppressed: suppressionOf(item, ignores) };
  });
}
