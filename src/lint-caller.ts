/**
 * The use case of linting one file that calls a build: read, let every rule judge, apply the ignore comments, make the
 * findings. Pure: the text goes in, the outcome comes out; reads no file and prints nothing.
 */

import { assemble, redactAll, type LevelOverrides } from "./assemble.ts";
import type { CallerFacts, Pass } from "./callers/facts.ts";
import { formatOfNamed, type CallerFormat } from "./callers/kind.ts";
import { locationOf } from "./callers/place.ts";
import { readCaller } from "./callers/read-caller.ts";
import type { Gap } from "./model/gap.ts";
import type { SourceLocation } from "./model/location.ts";
import type { Outcome } from "./model/report.ts";
import { CALLER_CHECKS } from "./rules/caller/index.ts";
import { withSuppressions, type Judged } from "./suppress.ts";
import { Secrets } from "./token/secrets.ts";

/** How to lint a calling file. */
export interface LintCallerOptions {
  /** How the file is read; by its name and text unless given. */
  readonly format?: CallerFormat;
  /** Levels by rule id; `off` drops a rule's findings. */
  readonly levels?: LevelOverrides;
  /** Whether `# hullcheck-ignore` comments count; true unless given. */
  readonly useInlineIgnores?: boolean;
  /** Where the Dockerfile of a pass declares it as a token's argument; nowhere unless given. */
  readonly receiversOf?: (pass: Pass) => readonly SourceLocation[];
}

/** An outcome with the facts that it was judged on. */
export interface LintedCaller {
  readonly outcome: Outcome;
  readonly facts: CallerFacts;
}

function judge(facts: CallerFacts, gaps: Gap[]): Judged[] {
  return CALLER_CHECKS.flatMap(({ id, check }, rank) => {
    try {
      return check(facts).map((draft) => ({ rule: id, rank, draft }));
    } catch {
      const detail = `the rule ${id} failed on this file; this is a bug of hullcheck, please report it`;
      gaps.push({ at: facts.path, why: "rule-failed", detail });
      return [];
    }
  });
}

/** Lints the text of one calling file, and keeps the facts for what is linted beside it. */
export function lintCallerFacts(path: string, text: string, options: LintCallerOptions = {}): LintedCaller {
  const secrets = new Secrets();
  const format = options.format ?? formatOfNamed(path, text) ?? "shell";
  const reading = readCaller(path, text, format, secrets);
  const { receiversOf } = options;
  const passes = reading.facts.passes.map((pass) => ({ ...pass, receivers: receiversOf?.(pass) ?? [] }));
  const facts: CallerFacts = { ...reading.facts, passes };
  const gaps: Gap[] = [...reading.gaps];
  const judged = judge(facts, gaps);
  const ignores = options.useInlineIgnores === false ? [] : facts.ignores;
  const rules = [...CALLER_CHECKS.map(({ id }) => id), "suppression-without-effect"];
  const drafted = withSuppressions(judged, ignores, { rules, locate: (span) => locationOf(facts, span) });
  const outcome: Outcome = {
    subjects: [redactAll({ kind: facts.kind, name: path }, secrets)],
    findings: assemble(drafted, secrets, options.levels),
    gaps: redactAll(gaps, secrets),
  };
  return { outcome, facts };
}

/**
 * Lints the text of one file that calls a build. Never throws for what stands in the text: what cannot be read is a gap.
 * @param path what the report calls the file; its name also says how it is read
 */
export function lintCaller(path: string, text: string, options: LintCallerOptions = {}): Outcome {
  return lintCallerFacts(path, text, options).outcome;
}
