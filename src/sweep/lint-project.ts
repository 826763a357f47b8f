/**
 * Lints texts that were read as what they are, Dockerfiles and the files that call their builds, and joins the two. One
 * text that an engine fails on leaves a gap, and never costs the others. Reads no text of its own; prints nothing.
 */

import { posix } from "node:path";
import type { LevelOverrides } from "../assemble.ts";
import type { CallerFacts, Pass } from "../callers/facts.ts";
import { placeOfBuild, receiversIn, withCallers, type BuildPlace, type JoinedPass } from "../join-callers.ts";
import { buildsOfPass, saidFor, type SaidParts } from "../join-parts.ts";
import type { OpenedCaller } from "../lint-caller.ts";
import { hasTarget, lintDockerfileFacts, unknownTarget, type LintedDockerfile } from "../lint.ts";
import type { SourceLocation } from "../model/location.ts";
import type { Outcome } from "../model/report.ts";
import type { Secrets } from "../token/secrets.ts";
import type { DockerfileContexts, ShownPath } from "./dockerfile-contexts.ts";
import { openCallers, type Opening } from "./open-callers.ts";
import type { ProjectText } from "./project-text.ts";

/** How to lint. */
export interface LintProjectOptions {
  readonly levels: LevelOverrides;
  readonly useInlineIgnores: boolean;
  readonly contexts: DockerfileContexts;
  /** The stage that is built, by name or number; what the calling files say unless given, else the last one. */
  readonly target?: string | null;
  /** Names of variables that hold a token, beside those that say so themselves; none unless given. */
  readonly tokenVariables?: readonly string[];
  /** Learns every secret of every text; nobody does unless given. */
  readonly secrets?: Secrets;
}

function failed(shown: string, error: unknown): Outcome {
  const name = error instanceof Error ? error.name : "unknown error";
  const detail = `hullcheck itself failed on this file (${name}); please report it`;
  return { subjects: [], findings: [], gaps: [{ at: shown, why: "parse-error", detail }] };
}

/** A calling file with the Dockerfiles that its passes go to. */
export interface Caller {
  readonly text: ProjectText;
  readonly opened: OpenedCaller;
  readonly dockerfileOf: ReadonlyMap<Pass, string>;
}

/** What linting a project gives. */
export interface LintedProject {
  readonly outcomes: ReadonlyMap<ProjectText, Outcome>;
  /** The Dockerfiles, by what they are called. */
  readonly dockerfiles: ReadonlyMap<string, LintedDockerfile>;
  readonly callers: readonly Caller[];
}

/** The absolute path of a shown one, going by where the Dockerfile lies. */
function shownFolder(dockerfile: ProjectText, context: string): ShownPath | null {
  if (dockerfile.path === null) return null;
  const steps = posix.relative(posix.dirname(dockerfile.shown), context);
  return { path: posix.join(posix.dirname(dockerfile.path.replaceAll("\\", "/")), steps), shown: context };
}

/** A pass, and where the Dockerfile lies that it goes to; null when that is not known. */
interface PlacedPass {
  readonly pass: Pass;
  readonly place: BuildPlace | null;
}

/** A pass for each Dockerfile that it goes to by what the files say of its part, else by its own file. */
function placed(
  pass: Pass,
  facts: CallerFacts,
  { root, said, byShown }: { root: string; said: SaidParts; byShown: ReadonlyMap<string, ProjectText> },
): PlacedPass[] {
  const found = new Map<string, PlacedPass>();
  for (const build of buildsOfPass(pass, said)) {
    const place = placeOfBuild(facts, build, root, byShown);
    if (place !== null && !found.has(place.dockerfile))
      found.set(place.dockerfile, { pass: { ...pass, build }, place });
  }
  return found.size > 0 ? [...found.values()] : [{ pass, place: placeOfBuild(facts, pass.build, root, byShown) }];
}

/** Of several Dockerfiles, those without the stage are built as they are; one must have it. Throws a usage error. */
function checkTarget(target: string | null, linted: readonly LintedDockerfile[]): void {
  if (target === null || linted.length === 0 || linted.some(({ facts }) => hasTarget(facts, target))) return;
  throw unknownTarget(
    target,
    linted.flatMap(({ facts }) => facts.stages),
  );
}

/** Everything, linted, with what the judgement is based on; `read` holds the calling files when they were read before. */
export async function lintProjectFacts(
  texts: readonly ProjectText[],
  options: LintProjectOptions,
  read: ReadonlyMap<ProjectText, Opening> | null = null,
): Promise<LintedProject> {
  const { levels, useInlineIgnores, contexts, target = null, tokenVariables = [], secrets } = options;
  const targetsOf = new Map<string, Set<string | null>>();
  const outcomes = new Map<ProjectText, Outcome>();
  const byShown = new Map(texts.filter(({ format }) => format === null).map((text) => [text.shown, text]));
  const contextsOf = new Map<string, Map<string, ShownPath>>();
  const passesOf = new Map<string, JoinedPass[]>();
  const callers: Caller[] = [];
  const openings = read ?? (await openCallers(texts, options));
  const engine = openings.size === 0 ? null : await import("../lint-caller.ts");

  const all = [...openings.values()].flatMap((opening) => (opening.ok ? [opening.opened.facts] : []));
  for (const [text, opening] of openings) {
    try {
      if (!opening.ok) throw opening.error;
      const { facts } = opening.opened;
      const root = text.root?.shown ?? ".";
      const dockerfileOf = new Map<Pass, string>();
      const said = saidFor(facts, all);
      const passes = facts.passes.flatMap((pass) => placed(pass, facts, { root, said, byShown }));
      for (const { pass, place } of passes) {
        const dockerfile = place === null ? undefined : byShown.get(place.dockerfile);
        if (place === null || dockerfile === undefined) continue;
        dockerfileOf.set(pass, place.dockerfile);
        const joined = passesOf.get(place.dockerfile) ?? [];
        passesOf.set(place.dockerfile, [...joined.slice(-MAX_JOINED), { caller: facts, pass }]);
        targetsOf.set(place.dockerfile, (targetsOf.get(place.dockerfile) ?? new Set()).add(pass.build.target));
        const folder = place.context === null ? null : shownFolder(dockerfile, place.context);
        if (folder === null) continue;
        const known = contextsOf.get(place.dockerfile) ?? new Map<string, ShownPath>();
        contextsOf.set(place.dockerfile, known.set(folder.shown, folder));
      }
      const opened = { ...opening.opened, facts: { ...facts, passes: passes.map(({ pass }) => pass) } };
      callers.push({ text, opened, dockerfileOf });
    } catch (error) {
      outcomes.set(text, failed(text.shown, error));
    }
  }

  const linted = new Map<string, LintedDockerfile>();
  for (const text of texts) {
    if (text.format !== null) continue;
    const { shown, path, root } = text;
    try {
      const named = [...(contextsOf.get(shown)?.values() ?? [])];
      const folders = contexts(path === null ? null : { path, shown }, root, named);
      const result = lintDockerfileFacts(text.text, {
        path: shown,
        levels,
        useInlineIgnores,
        tokenVariables,
        contexts: folders,
        target: target === null ? [...(targetsOf.get(shown) ?? [])] : [target],
        ...(secrets === undefined ? {} : { secrets }),
      });
      linted.set(shown, result);
      const findings = withCallers(result.outcome.findings, result.facts, passesOf.get(shown) ?? []);
      outcomes.set(text, { ...result.outcome, findings });
    } catch (error) {
      outcomes.set(text, failed(shown, error));
    }
  }

  checkTarget(target, [...linted.values()]);
  for (const { text, opened, dockerfileOf } of callers) {
    const receiversOf = (pass: Pass): readonly SourceLocation[] => {
      const result = linted.get(dockerfileOf.get(pass) ?? "");
      return result === undefined ? [] : receiversIn(result.facts, pass.argument);
    };
    try {
      const outcome = engine?.judgeCaller(opened, { levels, useInlineIgnores, receiversOf });
      if (outcome !== undefined) outcomes.set(text, outcome);
    } catch (error) {
      outcomes.set(text, failed(text.shown, error));
    }
  }
  return { outcomes, dockerfiles: linted, callers };
}

/** Passes to one Dockerfile that are kept: a finding names a few of them. */
const MAX_JOINED = 500;
