/**
 * Plans what is mended in a project: Dockerfiles first, then the files that call their builds, then ignore files, so that
 * both sides of a build change together or not at all. Reads ignore files; writes nothing.
 */

import { resolve } from "node:path";
import type { Pass } from "../callers/facts.ts";
import type { CallerReading, WantedSecret } from "../fix/caller-pass.ts";
import { readForFix, type DockerfileReading } from "../fix/dockerfile-reading.ts";
import { applyEdits } from "../fix/edit.ts";
import { filesToLeaveOut, mayName, withIgnored } from "../fix/ignore-lines.ts";
import { mendCaller } from "../fix/mend-caller.ts";
import { mendDockerfile, type LintedText, type MendedDockerfile } from "../fix/mend-dockerfile.ts";
import { takesSecret } from "../fix/secret-mount.ts";
import { locationOf } from "../callers/place.ts";
import { lintDockerfileFacts } from "../lint.ts";
import type { Finding } from "../model/finding.ts";
import { isInSource } from "../model/location.ts";
import type { Caller, LintedProject, LintProjectOptions } from "./lint-project.ts";
import type { ProjectText } from "./project-text.ts";
import { readTextFile } from "./read-text.ts";

/** A file with another text than before. */
export interface FilePlan {
  /** Absolute. */
  readonly path: string;
  readonly shown: string;
  /** Null for a file that is made. */
  readonly before: string | null;
  readonly after: string;
}

/** What is to be mended. */
export interface FixPlan {
  readonly texts: ReadonlyMap<ProjectText, string>;
  readonly ignoreFiles: readonly FilePlan[];
  /** What a person has to know or do beside. */
  readonly remarks: readonly string[];
}

/** Builders that know no build secrets, or none as variables (podman-container-tools/podman#24906). */
const WITHOUT_SECRETS = /\b(?:kaniko|podman|buildah)\b/;

function lineOf({ opened }: Caller, pass: Pass): string {
  const { path, region } = locationOf(opened.facts, pass.span);
  return `${path}:${region.start.line}`;
}

/** Where a caller's findings on build arguments start, as line and column, by whether someone suppressed them. */
function passesFound({ outcomes }: LintedProject, { text }: Caller): Map<string, "open" | "suppressed"> {
  const found = new Map<string, "open" | "suppressed">();
  for (const { rule, suppressed, locations } of outcomes.get(text)?.findings ?? []) {
    const [place] = locations;
    if (rule !== "token-passed-as-build-argument" || place === undefined || !isInSource(place)) continue;
    const { line, column } = place.region.start;
    found.set(`${line}:${column}`, suppressed === null ? "open" : "suppressed");
  }
  return found;
}

function stateOf(caller: Caller, pass: Pass, found: ReadonlyMap<string, "open" | "suppressed">): string | undefined {
  const { line, column } = locationOf(caller.opened.facts, pass.span).region.start;
  return found.get(`${line}:${column}`);
}

/** A caller, and what was found at its passes. */
interface CallerFindings {
  readonly caller: Caller;
  readonly found: ReturnType<typeof passesFound>;
}

/** The build arguments of a Dockerfile that have to stay, because of who passes them. */
function keptFor(shown: string, callers: readonly CallerFindings[]): Set<string> {
  const kept = new Set<string>();
  for (const { caller, found } of callers) {
    for (const [pass, dockerfile] of caller.dockerfileOf) {
      if (dockerfile !== shown) continue;
      if (WITHOUT_SECRETS.test(caller.text.text) || stateOf(caller, pass, found) === "suppressed")
        kept.add(pass.argument);
    }
  }
  return kept;
}

/** Findings with those that the team lets through marked as such. */
function withAccepted(findings: readonly Finding[], accepted: ReadonlySet<string>): readonly Finding[] {
  return findings.map((finding) =>
    accepted.has(finding.fingerprint) ? { ...finding, suppressed: { by: "policy", reason: "" } } : finding,
  );
}

/** A mended Dockerfile, and what it reads as: linted when somebody asks, and once. */
interface ReadableDockerfile extends MendedDockerfile {
  readonly reading: () => DockerfileReading;
}

/** Each Dockerfile after mending, by what it is called. */
function mendDockerfiles(
  texts: readonly ProjectText[],
  project: LintedProject,
  callers: readonly CallerFindings[],
  options: LintProjectOptions,
  accepted: ReadonlySet<string>,
): Map<string, ReadableDockerfile> {
  const mended = new Map<string, ReadableDockerfile>();
  for (const { shown, text, path, format } of texts) {
    if (format !== null || path === null || !project.dockerfiles.has(shown)) continue;
    const lint = (changed: string): LintedText => {
      const { facts, outcome } = lintDockerfileFacts(changed, { ...options, path: shown, contexts: [] });
      return { facts, findings: withAccepted(outcome.findings, accepted), gaps: outcome.gaps };
    };
    const own = mendDockerfile(text, lint, keptFor(shown, callers));
    let known: DockerfileReading | null = null;
    mended.set(shown, { ...own, reading: () => (known ??= readForFix(lint(own.text).facts)) });
  }
  return mended;
}

/** Mends the callers of Dockerfiles that take a secret in place of what is passed. */
function mendCallers(
  callers: readonly CallerFindings[],
  mended: ReturnType<typeof mendDockerfiles>,
  remarks: string[],
): { readonly texts: Map<ProjectText, string>; readonly served: ReadonlySet<string> } {
  const texts = new Map<ProjectText, string>();
  const served = new Set<string>();
  for (const { caller, found } of callers) {
    const { text, opened, dockerfileOf } = caller;
    const wanted: WantedSecret[] = [];
    for (const pass of opened.facts.passes) {
      const shown = dockerfileOf.get(pass);
      const dockerfile = shown === undefined ? undefined : mended.get(shown);
      if (dockerfile === undefined) continue;
      const isFreed = dockerfile.secrets.includes(pass.argument);
      const isOpen = stateOf(caller, pass, found) === "open";
      const isReady = isFreed || (isOpen && takesSecret(dockerfile.reading(), pass.argument));
      if (isReady) wanted.push({ pass, id: pass.argument });
    }
    if (wanted.length === 0 || text.format === null) continue;
    // A stretch that is handed to several builds changes for all of them or for none.
    const starts = new Set(wanted.map(({ pass }) => pass.span.start));
    const others = opened.facts.passes.filter(
      (pass) => starts.has(pass.span.start) && wanted.every((item) => item.pass !== pass),
    );
    const shared = new Set(others.map(({ span }) => span.start));
    const reading: CallerReading = {
      facts: opened.facts,
      format: text.format,
      text: text.text,
      wanted: wanted.filter(({ pass }) => !shared.has(pass.span.start)),
    };
    // A caller that was not read in full is not known well enough to be changed.
    const isKnown = reading.wanted.length > 0 && opened.gaps.length === 0;
    const { edits, done } = isKnown ? mendCaller(reading) : { edits: [], done: [] };
    if (edits.length > 0) texts.set(text, applyEdits(text.text, edits));
    for (const { pass, id } of wanted) {
      if (done.includes(pass)) served.add(`${dockerfileOf.get(pass) ?? ""} ${id}`);
      else
        remarks.push(
          `${lineOf(caller, pass)}: hand ${id} to this build as a secret (id=${id}) in place of the build argument; this call was not changed`,
        );
    }
  }
  return { texts, served };
}

/** The ignore files that gain lines; `isAllowed` says where a file may be written. */
function planIgnoreFiles(project: LintedProject, cwd: string, isAllowed: (path: string) => boolean): FilePlan[] {
  const wanted = new Map<string, string[]>();
  for (const [text, { findings }] of project.outcomes) {
    const facts = text.format === null ? project.dockerfiles.get(text.shown)?.facts : undefined;
    if (facts === undefined || facts.contextLeaks.length + facts.cacheCopies.length === 0) continue;
    for (const { ignoreFile, path } of filesToLeaveOut(readForFix(facts), findings))
      wanted.set(ignoreFile, [...(wanted.get(ignoreFile) ?? []), path]);
  }
  // What another Dockerfile names may be of the same context, and has to stay.
  const others = [...project.dockerfiles.values()].map(({ facts }) => facts.source.text.replaceAll(/^\s*#.*$/gm, ""));
  return [...wanted].flatMap(([shown, paths]): FilePlan[] => {
    const path = resolve(cwd, shown);
    const read = readTextFile(path);
    const isReadable = read.ok || read.why === "missing" || read.why === "empty";
    if (!isAllowed(path) || !isReadable) return [];
    const before = read.ok ? read.text : read.why === "empty" ? "" : null;
    const after = withIgnored(
      before,
      paths.filter((item) => !others.some((text) => mayName(text, item))),
    );
    return after === null ? [] : [{ path, shown, before, after }];
  });
}

/** What bounds a plan. */
export interface PlanBounds {
  readonly cwd: string;
  /** Whether an ignore file may be written there; the path is absolute. */
  readonly isAllowed: (path: string) => boolean;
  /** Fingerprints of findings that the team lets through. */
  readonly accepted: ReadonlySet<string>;
}

/** Everything that can be mended in a project that was linted. */
export function planFixes(
  texts: readonly ProjectText[],
  linted: LintedProject,
  options: LintProjectOptions,
  { cwd, isAllowed, accepted }: PlanBounds,
): FixPlan {
  const remarks: string[] = [];
  const outcomes = [...linted.outcomes].map(
    ([text, outcome]) => [text, { ...outcome, findings: withAccepted(outcome.findings, accepted) }] as const,
  );
  const project: LintedProject = { ...linted, outcomes: new Map(outcomes) };
  const found = project.callers.map((caller) => ({ caller, found: passesFound(project, caller) }));
  const mended = mendDockerfiles(texts, project, found, options, accepted);
  const callers = mendCallers(found, mended, remarks);
  const changed = new Map<ProjectText, string>(callers.texts);
  for (const text of texts) {
    const own = text.format === null ? mended.get(text.shown) : undefined;
    if (own === undefined || own.text === text.text) continue;
    changed.set(text, own.text);
    for (const id of own.secrets.filter((name) => !callers.served.has(`${text.shown} ${name}`)))
      remarks.push(
        takesSecret(own.reading(), id)
          ? `${text.shown}: build it with --secret id=${id},env=${id}`
          : `${text.shown}: no RUN needs the build argument ${id}; do not hand it over any more`,
      );
    for (const name of own.environment)
      remarks.push(
        `${text.shown}: ${name} is no longer in the image; give it to the container where it needs it (docker run -e ${name})`,
      );
  }
  const ignoreFiles = planIgnoreFiles(project, cwd, isAllowed);
  if (changed.size + ignoreFiles.length > 0) remarks.push(OLD_IMAGES);
  return { texts: changed, ignoreFiles, remarks };
}

const OLD_IMAGES =
  "images that were built before still hold the token: revoke it at huggingface.co/settings/tokens if one was shared";
