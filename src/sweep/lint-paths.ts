/**
 * The use case of `hullcheck lint`: from paths as a person types them to one outcome. One bad input never costs the
 * others; everything that was not read is a gap. Prints nothing and decides nothing.
 */

import { statSync } from "node:fs";
import { isAbsolute, posix, relative, resolve } from "node:path";
import { redactAll, type LevelOverrides } from "../assemble.ts";
import { formatOfFound, formatOfName, formatOfNamed } from "../callers/kind.ts";
import type { IgnoredPaths } from "../gate/ignored-path.ts";
import { counted } from "../model/counted.ts";
import type { Gap } from "../model/gap.ts";
import { compareCodeUnits, comparePlaces } from "../model/order.ts";
import type { Outcome } from "../model/report.ts";
import { Secrets } from "../token/secrets.ts";
import { identityOf, isBelow, toPosix } from "../disk.ts";
import { dockerfileContexts, type DockerfileContexts, type ShownPath } from "./dockerfile-contexts.ts";
import { findBuildFiles, isDockerfileName } from "./find-build-files.ts";
import { lintProjectFacts, type LintedProject, type LintProjectOptions } from "./lint-project.ts";
import { namedDockerfiles, type NamedDockerfile } from "./named-dockerfiles.ts";
import { openCallers, type Opening } from "./open-callers.ts";
import type { ProjectText } from "./project-text.ts";
import { accessGap, readTextFile, readTextStream, type ReadResult } from "./read-text.ts";

/** What to lint and how. */
export interface LintPathsOptions {
  /** Files, folders, and `-` for standard input, as typed. */
  readonly paths: readonly string[];
  /** The folder that paths are relative to, absolute. */
  readonly cwd: string;
  /** Read only when a path is `-`. */
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
  /** What standard input is called in the report; null for `-`. */
  readonly stdinFilename: string | null;
  readonly levels: LevelOverrides;
  readonly useInlineIgnores: boolean;
  /** Names of variables that hold a token, beside those that say so themselves; none unless given. */
  readonly tokenVariables?: readonly string[];
  /** Learns every secret of every text; nobody does unless given. */
  readonly secrets?: Secrets;
  /** What is left out of folders, and counted in a remark; nothing unless given. */
  readonly ignored?: IgnoredPaths | null;
  /** The build context of every Dockerfile, as typed; each one's own unless given. */
  readonly context?: string | null;
  /** The stage that is built, by name or number; what the calling files say unless given, else the last one. */
  readonly target?: string | null;
}

/** One input: what it is called, and how to read it. */
interface Input {
  readonly shown: string;
  readonly read: () => ReadResult | Promise<ReadResult>;
  /** Where it lies; null for standard input. */
  readonly path: string | null;
  /** The typed folder that it was found below. */
  readonly root: ShownPath | null;
  /** `caller` when a folder was searched and its name may be one's; its text decides. */
  readonly as: "dockerfile" | "caller" | "named";
}

/** The path as the report shows it: relative to the working folder; as typed when it is absolute and outside of it. */
function shownPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return posix.normalize(toPosix(path)).replace(/(?<=.)\/$/, "");
  return isBelow(cwd, path) ? toPosix(relative(cwd, path)) || "." : posix.normalize(toPosix(path));
}

/** What a typed path stands for, and what could not be looked into. */
interface Expanded {
  readonly shown: string;
  readonly isFolder: boolean;
  readonly inputs: readonly (Input & { readonly path: string })[];
  /** What the config leaves out. */
  readonly ignored: readonly string[];
  readonly gaps: readonly Gap[];
}

/** The inputs that a typed path stands for, and what could not be looked into. */
function expand(typed: string, options: LintPathsOptions): Expanded {
  const path = resolve(options.cwd, typed);
  const shown = shownPath(typed, options.cwd);
  if (typed === "")
    return {
      shown,
      isFolder: false,
      inputs: [],
      ignored: [],
      gaps: [{ at: '""', why: "missing", detail: "the path is empty; check the variable it comes from" }],
    };
  try {
    if (!statSync(path).isDirectory()) {
      return {
        shown,
        isFolder: false,
        inputs: [{ path, root: null, shown, as: "named", read: () => readTextFile(path) }],
        ignored: [],
        gaps: [],
      };
    }
  } catch (error) {
    return { shown, isFolder: false, inputs: [], ignored: [], gaps: [{ at: shown, ...accessGap(error) }] };
  }
  const found = findBuildFiles(path);
  const below = (name: string): string => (shown === "." ? name : posix.join(shown, name));
  const ignored: string[] = [];
  const isWanted = (at: string): boolean => {
    const isIgnored = options.ignored?.isIgnored(at) === true;
    if (isIgnored) ignored.push(at);
    return !isIgnored;
  };
  const gaps = found.gaps
    .map((gap): Gap => ({ ...gap, at: gap.at === "" ? shown : below(gap.at) }))
    .filter(({ at }) => at === shown || isWanted(at));
  const inputFor = (name: string, as: Input["as"]): Input & { path: string } => {
    const file = resolve(path, name);
    return { path: file, root: { path, shown }, shown: below(name), as, read: () => readTextFile(file) };
  };
  const inputs = [
    ...found.dockerfiles.map((name) => inputFor(name, "dockerfile")),
    ...found.callers.map((name) => inputFor(name, "caller")),
  ].filter((input) => isWanted(input.shown));
  return { shown, isFolder: true, inputs, ignored, gaps };
}

/** The input as a text to lint; null for a file that turns out to be no caller. */
function textOf({ shown, path, root, as }: Input, text: string): ProjectText | null {
  const base = { shown, text, path, root };
  if (as === "dockerfile" || (as === "named" && isDockerfileName(posix.basename(shown))))
    return { ...base, format: null };
  if (as === "named") return { ...base, format: formatOfNamed(shown, text) };
  const format = formatOfFound(shown, text);
  return format === null ? null : { ...base, format };
}

/** True for a found file of which nothing needs to be said when it cannot be read: it calls nothing, or has no caller's name. */
function mayGoUnread({ as, shown }: Input, why: Gap["why"]): boolean {
  return as === "caller" && (why === "empty" || formatOfName(shown) === null);
}

/** Each gap once: Dockerfiles with the same context have the same gaps in it. */
function once(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()];
}

/** The build contexts of a run; `ignoreTexts` are ignore files as they are to be read in place of what is on disk. */
export function contextsOf(
  { context = null, cwd, secrets }: LintPathsOptions,
  ignoreTexts?: ReadonlyMap<string, string>,
): DockerfileContexts {
  const wanted = context === null ? null : { path: resolve(cwd, context), shown: shownPath(context, cwd) };
  return dockerfileContexts(wanted, ignoreTexts, secrets);
}

function byShown(a: { readonly shown: string }, b: { readonly shown: string }): number {
  return compareCodeUnits(a.shown, b.shown);
}

/** What the given paths lead to, read, and what could not be. */
export interface OpenedPaths {
  readonly texts: readonly ProjectText[];
  /** Those of them that call a build, as they were read. */
  readonly openings: ReadonlyMap<ProjectText, Opening>;
  /** The Dockerfiles that they name and that are there, once for each build. */
  readonly named: readonly NamedDockerfile[];
  readonly gaps: readonly Gap[];
  readonly remarks: readonly string[];
}

/** Reads everything that the given paths lead to, and the Dockerfiles that it names, in the order of what it is called. */
export async function openPaths(options: LintPathsOptions): Promise<OpenedPaths> {
  const inputs = new Map<string, Input>();
  const ignored = new Set<string>();
  const gaps: Gap[] = [];
  const roots: ShownPath[] = [];
  const folders: (Pick<Expanded, "shown" | "ignored"> & { readonly identities: readonly string[] })[] = [];
  for (const typed of options.paths) {
    if (typed === "-") {
      const shown = options.stdinFilename === null ? "-" : shownPath(options.stdinFilename, options.cwd);
      inputs.set("-", { path: null, root: null, shown, as: "named", read: () => readTextStream(options.stdin()) });
      continue;
    }
    const expanded = expand(typed, options);
    gaps.push(...expanded.gaps);
    for (const path of expanded.ignored) ignored.add(path);
    const identities = expanded.inputs.map(({ path }) => identityOf(path));
    if (expanded.isFolder) roots.push({ path: resolve(options.cwd, typed), shown: expanded.shown });
    if (expanded.isFolder && expanded.gaps.length === 0) folders.push({ ...expanded, identities });
    for (const [i, input] of expanded.inputs.entries()) {
      const identity = identities[i] ?? input.path;
      if (!inputs.has(identity)) inputs.set(identity, input);
    }
  }
  const texts: ProjectText[] = [];
  const idle = new Set<string>();
  const read = async (identity: string, input: Input): Promise<void> => {
    const result = await input.read();
    const text = result.ok ? textOf(input, result.text) : null;
    if (text !== null) texts.push(text);
    else if (result.ok || mayGoUnread(input, result.why)) idle.add(identity);
    else gaps.push({ at: input.shown, why: result.why, detail: result.detail });
  };
  for (const [identity, input] of [...inputs].sort(([, a], [, b]) => byShown(a, b))) await read(identity, input);
  const openings = await openCallers(texts, options);
  const named = namedDockerfiles(openings, options.cwd, roots);
  for (const { path, shown, root } of named) {
    const identity = identityOf(path);
    if (options.ignored?.isIgnored(shown) === true) {
      if (!inputs.has(identity)) ignored.add(shown);
      continue;
    }
    // The name of a script without an ending says nothing of it: this one was looked at, and is none.
    if (inputs.has(identity) && !idle.delete(identity)) continue;
    const input: Input = { path, shown, root, as: "dockerfile", read: () => readTextFile(path) };
    inputs.set(identity, input);
    await read(identity, input);
  }
  for (const { shown, identities, ignored: left } of folders) {
    if (identities.every((identity) => idle.has(identity)))
      gaps.push({ at: shown, why: "no-dockerfile", detail: left.length === 0 ? NO_DOCKERFILE : ALL_IGNORED });
  }
  const remarks =
    ignored.size === 0 ? [] : [`${counted(ignored.size, "file")} ignored by ${options.ignored?.by ?? ""}`];
  return { texts: texts.sort(byShown), openings, named, gaps, remarks };
}

/** The outcome of all texts together with what could not be read: sorted by path and redacted. */
function joinOutcomes({ gaps, remarks }: OpenedPaths, outcomes: readonly Outcome[]): Outcome {
  const outcome: Outcome = {
    subjects: outcomes.flatMap((item) => item.subjects),
    findings: outcomes.flatMap((item) => item.findings),
    gaps: once([...gaps, ...outcomes.flatMap((item) => item.gaps)]).sort((a, b) => comparePlaces(a.at, b.at)),
    remarks,
  };
  return redactAll(outcome, new Secrets());
}

/** Everything that the given paths lead to, linted; the outcome is sorted by path and redacted. */
export async function lintPaths(options: LintPathsOptions): Promise<Outcome> {
  return (await openAndLint(options)).outcome;
}

/** What the given paths lead to, as it stands on disk at one point of time. */
export interface LintedPaths {
  /** What `lintPaths` gives. */
  readonly outcome: Outcome;
  readonly texts: readonly ProjectText[];
  readonly project: LintedProject;
  /** How it was linted: with a reading of the build contexts that remembers what it has read. */
  readonly options: LintProjectOptions;
}

/** As `lintPaths`, with all that the outcome is made of. */
export async function openAndLint(paths: LintPathsOptions): Promise<LintedPaths> {
  const options = { ...paths, contexts: contextsOf(paths) };
  const opened = await openPaths(paths);
  const project = await lintProjectFacts(opened.texts, options, opened.openings);
  const outcomes = opened.texts.flatMap((text) => project.outcomes.get(text) ?? []);
  return { outcome: joinOutcomes(opened, outcomes), texts: opened.texts, project, options };
}

const NO_DOCKERFILE =
  "the folder holds no Dockerfile and nothing that calls a build; name the file if it is called otherwise";

const ALL_IGNORED =
  "what may build an image there is ignored by the config, so nothing was looked at; name the file, or narrow `ignorePaths`";
