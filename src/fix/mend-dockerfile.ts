/**
 * Mends one Dockerfile: logins first, one after the other, then build arguments and variables, each step on what the step
 * before has made. Pure: linting is handed in, since what a step leaves has to be read anew.
 */

import type { DockerfileFacts } from "../dockerfile/facts.ts";
import type { Finding } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import { readForFix } from "./dockerfile-reading.ts";
import { applyEdits } from "./edit.ts";
import { mendLogins } from "./mend-logins.ts";
import { mendVariables } from "./mend-variables.ts";

/** What linting gives of a Dockerfile's text. */
export interface LintedText {
  readonly facts: DockerfileFacts;
  readonly findings: readonly Finding[];
  readonly gaps: readonly Gap[];
}

/** A Dockerfile after mending. */
export interface MendedDockerfile {
  /** The same text when nothing could be mended. */
  readonly text: string;
  /** The build arguments that are build secrets now, by their name, which is also the secret's id. */
  readonly secrets: readonly string[];
  /** The variables that the final image no longer has. */
  readonly environment: readonly string[];
}

/** Token variables times lines: beyond this a file was made to be slow, and is left as it is. */
const MAX_WORK = 50_000;
/** Logins that wait for one another, one for each step; those that do not are mended in one. */
const MAX_STEPS = 32;

function count(findings: readonly Finding[], rule: string): number {
  return findings.filter((finding) => finding.rule === rule && finding.suppressed === null).length;
}

/** True when a step has mended something, brought no finding of any rule, and left nothing unread. */
function isBetter(before: LintedText, after: LintedText): boolean {
  if (after.gaps.length > before.gaps.length || after.findings.length >= before.findings.length) return false;
  const rules = new Set(after.findings.map(({ rule }) => rule));
  return [...rules].every((rule) => count(after.findings, rule) <= count(before.findings, rule));
}

/**
 * The Dockerfile after mending; a step that does not lint better than what was there is not taken.
 * @param lint lints a text in place of the file's
 * @param kept build arguments that have to stay, because of who passes them
 */
export function mendDockerfile(
  text: string,
  lint: (text: string) => LintedText,
  kept: ReadonlySet<string> = new Set(),
): MendedDockerfile {
  let at = { text, linted: lint(text) };
  const nothing: MendedDockerfile = { text, secrets: [], environment: [] };
  // What was not read in full is not known well enough to be changed.
  if (at.linted.gaps.some(({ why }) => why === "parse-error" || why === "rule-failed")) return nothing;
  const { variables, source } = at.linted.facts;
  if (variables.length * source.lineStarts.length > MAX_WORK) return nothing;
  let reading = readForFix(at.linted.facts);
  for (let step = 0; step < MAX_STEPS; step++) {
    const edits = mendLogins(reading, at.linted.findings);
    if (edits.length === 0) break;
    const next = applyEdits(at.text, edits);
    const linted = lint(next);
    if (!isBetter(at.linted, linted)) break;
    at = { text: next, linted };
    reading = readForFix(linted.facts);
  }
  const { edits, secrets, environment } = mendVariables(reading, at.linted.findings, kept);
  if (edits.length === 0) return { ...nothing, text: at.text };
  const mended = applyEdits(at.text, edits);
  return isBetter(at.linted, lint(mended)) ? { text: mended, secrets, environment } : { ...nothing, text: at.text };
}
