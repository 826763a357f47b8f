/**
 * The use case of linting one Dockerfile: analyse, let every rule judge, apply the ignore comments, make the findings.
 * Pure: the text goes in, the outcome comes out; reads no file and prints nothing.
 */

import { assemble, redactAll, type LevelOverrides } from "./assemble.ts";
import { analyzeDockerfile } from "./dockerfile/analyze.ts";
import type { BuildContext } from "./dockerfile/build-context.ts";
import type { DockerfileFacts } from "./dockerfile/facts.ts";
import { locationOf } from "./dockerfile/place.ts";
import { stageIndex } from "./dockerfile/stages.ts";
import { hintFor } from "./model/did-you-mean.ts";
import { HullcheckError } from "./model/errors.ts";
import type { Gap } from "./model/gap.ts";
import type { Outcome } from "./model/report.ts";
import { DOCKERFILE_RULES } from "./rules/dockerfile/index.ts";
import { runRules } from "./run-rules.ts";
import { withSuppressions, type Judged } from "./suppress.ts";
import { Secrets } from "./token/secrets.ts";

/** How to lint. */
export interface LintOptions {
  /** What the report calls the file; `Dockerfile` unless given. */
  readonly path?: string;
  /** Levels by rule id; `off` drops a rule's findings. */
  readonly levels?: LevelOverrides;
  /** Names of variables that hold a token, beside those that say so themselves; none unless given. */
  readonly tokenVariables?: readonly string[];
  /** Learns every secret that is found, for what is shown of several readings together; nobody does unless given. */
  readonly secrets?: Secrets;
  /** Whether `# hullcheck-ignore` comments count; true unless given. */
  readonly useInlineIgnores?: boolean;
  /**
   * The stages that are built, as `docker build --target` says: a name or number, null for the last one; several count
   * together. The last one unless given.
   */
  readonly target?: string | null | readonly (string | null)[];
  /** The folders that may be the build's context, the likeliest first; without one nothing is read from disk. */
  readonly contexts?: readonly BuildContext[];
}

/** An outcome with the facts that it was judged on. */
export interface LintedDockerfile {
  readonly outcome: Outcome;
  readonly facts: DockerfileFacts;
}

/** The wanted stages; the last one unless some are given. */
function targetsOf({ target = null }: LintOptions): readonly (string | null)[] {
  const targets = target === null || typeof target === "string" ? [target] : target;
  return targets.length === 0 ? [null] : targets;
}

/** True when a Dockerfile has a stage of this name or number. */
export function hasTarget({ stages }: Pick<DockerfileFacts, "stages">, target: string): boolean {
  const named = stages.map((name) => ({ name }));
  return stageIndex(named, target) !== -1;
}

/** The error for a target that no Dockerfile has. */
export function unknownTarget(target: string, stages: readonly string[]): HullcheckError {
  const known = [...new Set(stages)];
  const hint = known.length === 0 ? "there is no stage in it" : hintFor(target, known);
  return new HullcheckError("usage", `there is no stage '${target}' to build`, { hint });
}

const RULE_IDS: readonly string[] = DOCKERFILE_RULES.map(({ meta }) => meta.id);

/** What every rule says. */
function judge(facts: DockerfileFacts, gaps: Gap[]): Judged[] {
  const rules = DOCKERFILE_RULES.map(({ meta, check }) => ({ id: meta.id, check }));
  return runRules(rules, facts, { at: facts.path, what: "file", gaps });
}

/** Lints the text of one Dockerfile, and keeps the facts for what is linted beside it. */
export function lintDockerfileFacts(text: string, options: LintOptions = {}): LintedDockerfile {
  const path = options.path ?? "Dockerfile";
  const secrets = new Secrets(options.secrets ?? null, options.tokenVariables);
  const analysis = analyzeDockerfile(path, text, secrets, options.contexts, targetsOf(options));
  const { facts } = analysis;
  const gaps: Gap[] = [...analysis.gaps];
  const judged = judge(facts, gaps);
  const ignores = options.useInlineIgnores === false ? [] : facts.ignores;
  const drafted = withSuppressions(judged, ignores, { rules: RULE_IDS, locate: (span) => locationOf(facts, span) });
  const outcome: Outcome = {
    subjects: [redactAll({ kind: "dockerfile", name: path } as const, secrets)],
    findings: assemble(drafted, secrets, options.levels),
    gaps: redactAll(gaps, secrets),
  };
  return { outcome, facts };
}

/**
 * Lints the text of one Dockerfile. Never throws for what stands in the text: what cannot be read is a gap.
 * @param text the whole file
 * @throws HullcheckError (`usage`) for a target that is no stage of it
 * @returns one subject, the findings sorted by place, and the gaps; `decide` turns them into a verdict
 */
export function lintDockerfile(text: string, options: LintOptions = {}): Outcome {
  const { outcome, facts } = lintDockerfileFacts(text, options);
  const unknown = targetsOf(options).find((target) => target !== null && !hasTarget(facts, target));
  if (typeof unknown === "string") throw unknownTarget(unknown, facts.stages);
  return outcome;
}
