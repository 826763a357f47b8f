/**
 * The use case of linting one Dockerfile: analyse, let every rule judge, apply the ignore comments, make the findings.
 * Pure: the text goes in, the outcome comes out; reads no file and prints nothing.
 */

import { assemble, redactAll, type Drafted, type LevelOverrides } from "./assemble.ts";
import { analyzeDockerfile } from "./dockerfile/analyze.ts";
import type { DockerfileFacts } from "./dockerfile/facts.ts";
import type { Ignore } from "./dockerfile/ignore.ts";
import { locationOf } from "./dockerfile/place.ts";
import type { Draft, Suppression } from "./model/finding.ts";
import type { Gap } from "./model/gap.ts";
import type { Outcome } from "./model/report.ts";
import { DOCKERFILE_RULES } from "./rules/dockerfile/index.ts";
import { Secrets } from "./token/secrets.ts";

/** How to lint. */
export interface LintOptions {
  /** What the report calls the file; `Dockerfile` unless given. */
  readonly path?: string;
  /** Levels by rule id; `off` drops a rule's findings. */
  readonly levels?: LevelOverrides;
  /** Whether `# hullcheck-ignore` comments count; true unless given. */
  readonly useInlineIgnores?: boolean;
}

interface Judged {
  readonly rule: string;
  readonly rank: number;
  readonly draft: Draft;
}

/** What every rule says; one that throws is a gap that names it, and the others still speak. */
function judge(facts: DockerfileFacts, gaps: Gap[]): Judged[] {
  return DOCKERFILE_RULES.flatMap(({ meta, check }, rank) => {
    try {
      return check(facts).map((draft) => ({ rule: meta.id, rank, draft }));
    } catch {
      const detail = `the rule ${meta.id} failed on this file; this is a bug of hullcheck, please report it`;
      gaps.push({ at: facts.path, why: "rule-failed", detail });
      return [];
    }
  });
}

function lineOf(draft: Draft): number | null {
  const [place] = draft.locations;
  return place?.in === "dockerfile" ? place.region.start.line : null;
}

function covers({ rule, lines, reason }: Ignore, judged: Judged): boolean {
  const line = lineOf(judged.draft);
  return (
    reason !== "" &&
    rule === judged.rule &&
    lines !== null &&
    line !== null &&
    lines.first <= line &&
    line <= lines.last
  );
}

const IDLE = "suppression-without-effect";

function whyIdle(ignore: Ignore, isUsed: boolean): string | null {
  const isRule = DOCKERFILE_RULES.some(({ meta }) => meta.id === ignore.rule);
  if (!isRule) return ignore.rule === "" ? "it names no rule" : "there is no rule of that name";
  if (ignore.reason === "") return "it gives no reason";
  return isUsed ? null : "nothing that it covers has such a finding";
}

/** The ignore comments that do nothing, as findings. */
function idleIgnores(facts: DockerfileFacts, judged: readonly Judged[]): Judged[] {
  const rank = DOCKERFILE_RULES.findIndex(({ meta }) => meta.id === IDLE);
  return facts.ignores.flatMap((ignore): Judged[] => {
    const why = whyIdle(
      ignore,
      judged.some((item) => covers(ignore, item)),
    );
    if (why === null) return [];
    const draft: Draft = {
      level: "note",
      confidence: "high",
      message: `This comment suppresses nothing: ${why}.`,
      token: null,
      fix: "Delete it, or write `# hullcheck-ignore <rule>: <reason>` on the line above the instruction.",
      locations: [locationOf(facts, ignore.span)],
      identity: [ignore.rule],
    };
    return [{ rule: IDLE, rank, draft }];
  });
}

function suppressionOf(judged: Judged, ignores: readonly Ignore[]): Suppression | null {
  const ignore = ignores.find((item) => covers(item, judged));
  return ignore === undefined ? null : { by: "comment", reason: ignore.reason };
}

/**
 * Lints the text of one Dockerfile. Never throws for what stands in the text: what cannot be read is a gap.
 * @param text the whole file
 * @returns one subject, the findings sorted by place, and the gaps; `decide` turns them into a verdict
 */
export function lintDockerfile(text: string, options: LintOptions = {}): Outcome {
  const path = options.path ?? "Dockerfile";
  const secrets = new Secrets();
  const analysis = analyzeDockerfile(path, text, secrets);
  const { facts } = analysis;
  const gaps: Gap[] = [...analysis.gaps];
  const judged = judge(facts, gaps);
  const ignores = options.useInlineIgnores === false ? [] : facts.ignores;
  const idle = ignores.length === 0 ? [] : idleIgnores(facts, judged);
  const drafted = [...judged, ...idle].map((item): Drafted => ({ ...item, suppressed: suppressionOf(item, ignores) }));
  return {
    subjects: [redactAll({ kind: "dockerfile", name: path } as const, secrets)],
    findings: assemble(drafted, secrets, options.levels),
    gaps: redactAll(gaps, secrets),
  };
}
