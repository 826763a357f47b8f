/**
 * The use case of `hullcheck lint --fix`: lints what the paths lead to, mends what can be mended with certainty, and lints
 * what is left. Writes only files that the paths lead to and ignore files beside them; a dry run writes nothing.
 */

import { dirname, resolve } from "node:path";
import { unifiedDiff, type ChangedText } from "../fix/unified-diff.ts";
import type { Outcome } from "../model/report.ts";
import { maskSpans, Secrets } from "../token/secrets.ts";
import { exists, folderOf, identityOf, isBelow } from "../disk.ts";
import { contextsOf, openAndLint, type LintedPaths, type LintPathsOptions } from "./lint-paths.ts";
import { lintProjectFacts } from "./lint-project.ts";
import { planFixes, type FilePlan, type FixPlan } from "./plan-fixes.ts";
import type { ProjectText } from "./project-text.ts";
import { replaceFile } from "./replace-file.ts";

/** What mending comes to. */
export interface FixedPaths {
  /** What is left: after a dry run, all that there is. */
  readonly outcome: Outcome;
  /** The difference that was made, or would be: a unified diff in which tokens are masked. */
  readonly diff: string;
  /** The files that were written, or would be. */
  readonly changed: readonly string[];
  /** What a person has to know or do beside. */
  readonly remarks: readonly string[];
}

/** A project at one point of time, or as it would be. */
type State = Pick<LintedPaths, "texts" | "project">;

/** Says whether an ignore file may be written: in a folder that was named, or that holds a named file. */
function writablePlaces({ paths, cwd, context = null }: LintPathsOptions): (path: string) => boolean {
  const named = [...paths, ...(context === null ? [] : [context])].filter((path) => path !== "-" && path !== "");
  const folders = named.flatMap((typed) => {
    const path = resolve(cwd, typed);
    return exists(path) ? [folderOf(identityOf(path))] : [];
  });
  return (path) => {
    const folder = dirname(path);
    return exists(folder) && folders.some((root) => isBelow(root, identityOf(folder)));
  };
}

/** Findings of each rule that nobody suppressed, and gaps. */
function tally({ findings, gaps }: Outcome): Map<string, number> {
  const counts = new Map([["gaps", gaps.length]]);
  for (const { rule, suppressed } of findings) {
    if (suppressed === null) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}

function isWorse(before: Outcome | undefined, after: Outcome | undefined): boolean {
  if (before === undefined || after === undefined) return true;
  const known = tally(before);
  return [...tally(after)].some(([what, count]) => count > (known.get(what) ?? 0));
}

/** The texts with those of a plan in their place. */
function withPlan(texts: readonly ProjectText[], plan: FixPlan): ProjectText[] {
  return texts.map((text) => ({ ...text, text: plan.texts.get(text) ?? text.text }));
}

/** The project as it would be after a plan, and the texts that would be worse than before: there the plan is wrong. */
async function tried(
  before: State,
  plan: FixPlan,
  options: LintPathsOptions,
): Promise<State & { readonly worse: readonly ProjectText[] }> {
  const ignoreTexts = new Map(plan.ignoreFiles.map(({ path, after }) => [path, after]));
  const contexts = contextsOf(options, ignoreTexts);
  const texts = withPlan(before.texts, plan);
  const project = await lintProjectFacts(texts, { ...options, contexts });
  const worse = before.texts.filter((old, i) => {
    const now = texts[i];
    return now === undefined || isWorse(before.project.outcomes.get(old), project.outcomes.get(now));
  });
  return { texts, project, worse };
}

/** A plan without some texts, and without all that is joined with them: both sides of a build change or none. */
function withoutTexts(plan: FixPlan, { project }: State, worse: readonly ProjectText[]): FixPlan {
  const dropped = new Set(worse.map(({ shown }) => shown));
  for (let size = -1; size !== dropped.size;) {
    size = dropped.size;
    for (const { text, dockerfileOf } of project.callers) {
      const joined = [text.shown, ...dockerfileOf.values()];
      if (joined.some((shown) => dropped.has(shown))) for (const shown of joined) dropped.add(shown);
    }
  }
  const texts = new Map([...plan.texts].filter(([{ shown }]) => !dropped.has(shown)));
  return {
    texts,
    ignoreFiles: [],
    remarks: plan.remarks.filter((remark) => ![...dropped].some((shown) => remark.startsWith(`${shown}:`))),
  };
}

/** The text of a file as it may be shown. */
function masked({ project }: State, { shown, format }: ProjectText, text: string): string {
  const facts =
    format === null
      ? project.dockerfiles.get(shown)?.facts
      : project.callers.find((caller) => caller.text.shown === shown)?.opened.facts;
  return redact(maskSpans(text, facts?.hidden ?? []));
}

function redact(text: string): string {
  return new Secrets().redact(text);
}

/** The difference between two states, file by file. */
function diffOf(before: State, after: State, ignoreFiles: readonly FilePlan[]): ChangedText[] {
  const files = before.texts.flatMap((text, i): ChangedText[] => {
    const now = after.texts[i];
    if (now === undefined || now.text === text.text) return [];
    return [{ path: text.shown, before: masked(before, text, text.text), after: masked(after, now, now.text) }];
  });
  const ignored = ignoreFiles.map(({ shown, before: old, after: now }): ChangedText => {
    return { path: shown, before: old === null ? null : redact(old), after: redact(now) };
  });
  return [...files, ...ignored];
}

/** Writes a plan's files; what could not be written is said in a remark, and is not in the result. */
function write(plan: FixPlan, remarks: string[]): string[] {
  const texts = [...plan.texts].flatMap(([{ path, shown, text }, after]): FilePlan[] =>
    path === null ? [] : [{ path, shown, before: text, after }],
  );
  return [...texts, ...plan.ignoreFiles].flatMap((file) => {
    const problem = replaceFile(file);
    if (problem === null) return [file.shown];
    remarks.push(`${file.shown} was not changed: ${problem}`);
    return [];
  });
}

/** How to mend. */
export interface FixPathsOptions {
  readonly isDryRun: boolean;
  /** The outcome under the team's policy: what that lets through is not mended; a known finding of a baseline is. */
  readonly applyPolicy?: ((outcome: Outcome) => Outcome) | null;
}

/** Lints, mends and lints again. */
export async function fixPaths(
  options: LintPathsOptions,
  { isDryRun, applyPolicy = null }: FixPathsOptions,
): Promise<FixedPaths> {
  const before = await openAndLint(options);
  const policed = applyPolicy?.(before.outcome).findings ?? [];
  const accepted = policed
    .filter(({ suppressed }) => suppressed?.by === "policy")
    .map(({ fingerprint }) => fingerprint);
  const bounds = { cwd: options.cwd, isAllowed: writablePlaces(options), accepted: new Set(accepted) };
  let plan = planFixes(before.texts, before.project, before.options, bounds);
  let after = await tried(before, plan, options);
  if (after.worse.length > 0) {
    plan = withoutTexts(plan, before, after.worse);
    after = await tried(before, plan, options);
  }
  if (after.worse.length > 0 || (plan.texts.size === 0 && plan.ignoreFiles.length === 0)) {
    return { outcome: before.outcome, diff: "", changed: [], remarks: [] };
  }
  const files = diffOf(before, after, plan.ignoreFiles);
  const diff = files.map(unifiedDiff).join("");
  const remarks = [...plan.remarks];
  if (isDryRun) return { outcome: before.outcome, diff, changed: files.map(({ path }) => path), remarks };
  const changed = write(plan, remarks);
  // What is left is what stands on disk now, whatever happened on the way.
  const { outcome } = await openAndLint(options);
  return { outcome, diff, changed, remarks };
}
