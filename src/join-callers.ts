/**
 * Joins the files that call a build with the Dockerfiles that they name: which Dockerfile a pass goes to, which folder is
 * its context, and who passes the token that an ARG takes. Pure: works on paths as they are shown, reads no file.
 */

import { posix } from "node:path";
import type { Build, CallerFacts, NamedBuild, Pass } from "./callers/facts.ts";
import { locationOf as placeInCaller } from "./callers/place.ts";
import type { DockerfileFacts } from "./dockerfile/facts.ts";
import { locationOf } from "./dockerfile/place.ts";
import { positionAt } from "./dockerfile/source-text.ts";
import type { Finding } from "./model/finding.ts";
import { isInSource, type SourceLocation } from "./model/location.ts";

/** A calling file, as far as it matters where its paths start. */
type CallerPlace = Pick<CallerFacts, "kind" | "path">;

/** Where a build may find its Dockerfile, and its context: paths as they are shown. */
export interface BuildPlace {
  readonly dockerfile: string;
  readonly context: string | null;
}

/** Folders of CI files; what is built lies in the folder that holds them. */
const CI_FOLDER = /(?:^|\/)\.(?:github|gitea|forgejo|circleci|gitlab|buildkite|woodpecker)(?:\/.*)?$/;
const DEFAULT_NAMES = ["Dockerfile", "Containerfile"];
/** Callers that one Dockerfile's finding names. */
const MAX_CALLERS = 8;

/** The folders that a caller's paths may start from, the likeliest first; `root` is the linted folder. */
function basesOf({ kind, path }: CallerPlace, root: string): string[] {
  const own = posix.dirname(path);
  if (kind === "compose" || kind === "bake") return [own];
  const project = own.replace(CI_FOLDER, "") || ".";
  return kind === "workflow" ? [project, root] : [own, root];
}

function under(folder: string, path: string): string | null {
  return path.startsWith("/") ? null : posix.join(folder, path);
}

function slashed(path: string): string {
  return posix.normalize(path.replaceAll("\\", "/"));
}

/** A path as Windows writes it names the same file there; elsewhere the backslash is a part of a name. */
function spellings(place: BuildPlace): BuildPlace[] {
  if (!place.dockerfile.includes("\\")) return [place];
  const context = place.context === null ? null : slashed(place.context);
  return [place, { dockerfile: slashed(place.dockerfile), context }];
}

/** The places of a build's Dockerfile, the likeliest first; none when the file does not say. */
function placesOf(
  build: Pick<Build, "dockerfile" | "context" | "folder">,
  bases: readonly string[],
  isInContext: boolean,
): BuildPlace[] {
  const places = bases.flatMap((base): BuildPlace[] => {
    const folder = posix.join(base, build.folder);
    const context = build.context === null ? null : under(folder, build.context);
    if (build.dockerfile === null) {
      return context === null ? [] : DEFAULT_NAMES.map((name) => ({ dockerfile: posix.join(context, name), context }));
    }
    const start = isInContext ? context : folder;
    const dockerfile = start === null ? null : under(start, build.dockerfile);
    // Podman and kaniko look for it in the context when it is not in the folder that they are started in.
    const inContext = isInContext || context === null ? null : under(context, build.dockerfile);
    return [dockerfile, inContext].flatMap((path) => (path === null ? [] : [{ dockerfile: path, context }]));
  });
  return places.flatMap(spellings);
}

/** True for a file whose paths to Dockerfiles start from the context. */
function startsInContext({ kind }: CallerPlace): boolean {
  return kind === "compose" || kind === "bake";
}

/** Where the Dockerfile that a build names may lie, the likeliest place first. */
export function placesOfNamed(caller: CallerPlace, build: NamedBuild, root: string): BuildPlace[] {
  const isInContext = build.part !== null || startsInContext(caller);
  const bases = build.isBeside ? [posix.dirname(caller.path)] : basesOf(caller, root);
  return placesOf(build, bases, isInContext);
}

/** The place of a build's Dockerfile among those that were linted; null when none of them is it. */
export function placeOfBuild<T>(
  caller: CallerPlace,
  build: Build,
  root: string,
  linted: ReadonlyMap<string, T>,
): BuildPlace | null {
  const isInContext = build.part !== null || startsInContext(caller);
  return placesOf(build, basesOf(caller, root), isInContext).find(({ dockerfile }) => linted.has(dockerfile)) ?? null;
}

/** Where a Dockerfile declares an argument that carries a token. */
export function receiversIn(facts: DockerfileFacts, argument: string): SourceLocation[] {
  return facts.variables
    .filter(({ kind, name }) => kind === "arg" && name === argument)
    .map(({ span }) => locationOf(facts, span, "related", `ARG ${argument} takes the value here`));
}

/** A pass that goes to a Dockerfile. */
export interface JoinedPass {
  readonly caller: CallerFacts;
  readonly pass: Pass;
}

/** The findings of a Dockerfile; those on an ARG say who passes the token. */
export function withCallers(
  findings: readonly Finding[],
  facts: DockerfileFacts,
  passes: readonly JoinedPass[],
): readonly Finding[] {
  if (passes.length === 0) return findings;
  const names = new Map<string, string>();
  for (const { kind, name, span } of facts.variables) {
    if (kind !== "arg") continue;
    const { line, column } = positionAt(facts.source, span.start);
    names.set(`${line}:${column}`, name);
  }
  return findings.map((finding) => {
    const [place] = finding.locations;
    if (finding.rule !== "token-in-build-argument" || place === undefined || !isInSource(place)) return finding;
    const name = names.get(`${place.region.start.line}:${place.region.start.column}`);
    const found = new Map<string, SourceLocation>();
    for (const { caller, pass } of passes) {
      if (pass.argument !== name || (pass.suspicion === null && !pass.mayCarry)) continue;
      const location = placeInCaller(caller, pass.span, "related", "the token is passed here");
      const { line, column } = location.region.start;
      if (found.size < MAX_CALLERS) found.set(`${location.path}:${line}:${column}`, location);
    }
    return { ...finding, locations: [...finding.locations, ...found.values()] };
  });
}
