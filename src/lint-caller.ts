/**
 * The use case of linting one file that calls a build: read, let every rule judge, apply the ignore comments, make the
 * findings. Pure: the text goes in, the outcome comes out; reads no file and prints nothing.
 */

import { assemble, redactAll, type LevelOverrides } from "./assemble.ts";
import type { CallerFacts, Pass } from "./callers/facts.ts";
import { formatOfNamed, type CallerFormat } from "./callers/kind.ts";
import { inOrder, lintInline } from "./lint-inline.ts";
import { locationOf } from "./callers/place.ts";
import { readCaller } from "./callers/read-caller.ts";
import type { Gap } from "./model/gap.ts";
import type { SourceLocation } from "./model/location.ts";
import type { Outcome } from "./model/report.ts";
import type { FileBeside } from "./callers/yaml-passes.ts";
import { CALLER_CHECKS } from "./rules/caller/index.ts";
import { runRules } from "./run-rules.ts";
import { withSuppressions } from "./suppress.ts";
import { Secrets } from "./token/secrets.ts";

/** How to judge a calling file. */
export interface JudgeCallerOptions {
  /** Levels by rule id; `off` drops a rule's findings. */
  readonly levels?: LevelOverrides;
  /** Whether `# hullcheck-ignore` comments count; true unless given. */
  readonly useInlineIgnores?: boolean;
  /** Where the Dockerfile of a pass declares it as a token's argument; nowhere unless given. */
  readonly receiversOf?: (pass: Pass) => readonly SourceLocation[];
}

/** How to lint a calling file. */
export interface LintCallerOptions extends JudgeCallerOptions {
  /** How the file is read; by its name and text unless given. */
  readonly format?: CallerFormat;
  /** Names of variables that hold a token, beside those that say so themselves; none unless given. */
  readonly tokenVariables?: readonly string[];
}

/** A calling file that was read and not yet judged. */
export interface OpenedCaller {
  readonly facts: CallerFacts;
  readonly gaps: readonly Gap[];
  readonly secrets: Secrets;
  readonly tokenVariables: readonly string[];
}

/** How to read a calling file. */
export interface OpenCallerOptions {
  /** Names of variables that hold a token, beside those that say so themselves; none unless given. */
  readonly tokenVariables?: readonly string[];
  /** Learns every secret of it; nobody does unless given. */
  readonly all?: Secrets | null;
  /** Reads files of its folder; there are none unless given. */
  readonly beside?: FileBeside;
}

/** Reads the text of one calling file. */
export function openCaller(
  path: string,
  text: string,
  format: CallerFormat,
  { tokenVariables = [], all = null, beside }: OpenCallerOptions = {},
): OpenedCaller {
  const secrets = new Secrets(all, tokenVariables);
  return { ...readCaller(path, text, format, secrets, beside), secrets, tokenVariables };
}

/** Judges a calling file that was read. */
export function judgeCaller(opened: OpenedCaller, options: JudgeCallerOptions = {}): Outcome {
  const { secrets } = opened;
  const { receiversOf } = options;
  const passes = opened.facts.passes.map((pass) => {
    const isGiven = pass.suspicion !== null || pass.mayCarry;
    return { ...pass, receivers: isGiven ? (receiversOf?.(pass) ?? []) : [] };
  });
  const facts: CallerFacts = { ...opened.facts, passes };
  const gaps: Gap[] = [...opened.gaps];
  const judged = runRules(CALLER_CHECKS, facts, { at: facts.path, what: "file", gaps });
  const ignores = options.useInlineIgnores === false ? [] : facts.ignores;
  const rules = [...CALLER_CHECKS.map(({ id }) => id), "suppression-without-effect"];
  const drafted = withSuppressions(judged, ignores, { rules, locate: (span) => locationOf(facts, span) });
  const inside = lintInline(facts, { ...options, secrets, tokenVariables: opened.tokenVariables });
  return {
    subjects: [redactAll({ kind: facts.kind, name: facts.path }, secrets)],
    findings: inOrder([...assemble(drafted, secrets, options.levels), ...inside.findings]),
    gaps: redactAll([...gaps, ...inside.gaps], secrets),
  };
}

/**
 * Lints the text of one file that calls a build. Never throws for what stands in the text: what cannot be read is a gap.
 * @param path what the report calls the file; its name also says how it is read
 */
export function lintCaller(path: string, text: string, options: LintCallerOptions = {}): Outcome {
  const format = options.format ?? formatOfNamed(path, text) ?? "shell";
  return judgeCaller(openCaller(path, text, format, options), options);
}
