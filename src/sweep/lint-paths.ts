/**
 * The use case of `hullcheck lint`: from paths as a person types them to one outcome. One bad input never costs the
 * others; everything that was not read is a gap. Prints nothing and decides nothing.
 */

import { realpathSync, statSync } from "node:fs";
import { isAbsolute, posix, relative, resolve, sep } from "node:path";
import { redactAll, type LevelOverrides } from "../assemble.ts";
import { lintDockerfile } from "../lint.ts";
import type { Gap } from "../model/gap.ts";
import { compareCodeUnits } from "../model/order.ts";
import type { Outcome } from "../model/report.ts";
import { Secrets } from "../token/secrets.ts";
import { dockerfileContexts, type DockerfileContexts, type ShownPath } from "./dockerfile-contexts.ts";
import { findDockerfiles } from "./find-dockerfiles.ts";
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
  /** The build context of every Dockerfile, as typed; each one's own unless given. */
  readonly context?: string | null;
}

/** One input: what it is called, and how to read it. */
interface Input {
  readonly shown: string;
  readonly read: () => ReadResult | Promise<ReadResult>;
  /** Where it lies; null for standard input. */
  readonly path: string | null;
  /** The typed folder that it was found below. */
  readonly root: ShownPath | null;
}

function toPosix(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

/** The path as the report shows it: relative to the working folder; as typed when it is absolute and outside of it. */
function shownPath(path: string, cwd: string): string {
  if (!isAbsolute(path)) return posix.normalize(toPosix(path)).replace(/(?<=.)\/$/, "");
  const below = relative(cwd, path);
  const isOutside = below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below);
  return isOutside ? posix.normalize(toPosix(path)) : toPosix(below) || ".";
}

/** The identity of a file whatever path leads to it; the path itself when there is none. */
function identityOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The inputs that a typed path stands for, and what could not be looked into. */
function expand(typed: string, options: LintPathsOptions): { inputs: (Input & { path: string })[]; gaps: Gap[] } {
  const path = resolve(options.cwd, typed);
  const shown = shownPath(typed, options.cwd);
  if (typed === "")
    return {
      inputs: [],
      gaps: [{ at: '""', why: "missing", detail: "the path is empty; check the variable it comes from" }],
    };
  try {
    if (!statSync(path).isDirectory()) {
      return { inputs: [{ path, root: null, shown, read: () => readTextFile(path) }], gaps: [] };
    }
  } catch (error) {
    return { inputs: [], gaps: [{ at: shown, ...accessGap(error) }] };
  }
  const found = findDockerfiles(path);
  const below = (name: string): string => (shown === "." ? name : posix.join(shown, name));
  const gaps = found.gaps.map((gap): Gap => ({ ...gap, at: gap.at === "" ? shown : below(gap.at) }));
  if (found.paths.length === 0 && gaps.length === 0) {
    const detail = "the folder holds no Dockerfile; name the file if it is called otherwise";
    gaps.push({ at: shown, why: "no-dockerfile", detail });
  }
  const inputs = found.paths.map((name) => {
    const file = resolve(path, name);
    return { path: file, root: { path, shown }, shown: below(name), read: () => readTextFile(file) };
  });
  return { inputs, gaps };
}

/** Lints one text; an engine that fails on it leaves a gap, so that the other inputs are still linted. */
function lintText(text: string, input: Input, contexts: DockerfileContexts, options: LintPathsOptions): Outcome {
  const { path, root, shown } = input;
  try {
    const { levels, useInlineIgnores } = options;
    const folders = contexts(path === null ? null : { path, shown }, root);
    return lintDockerfile(text, { path: shown, levels, useInlineIgnores, contexts: folders });
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown error";
    const detail = `hullcheck itself failed on this file (${name}); please report it`;
    return { subjects: [], findings: [], gaps: [{ at: shown, why: "parse-error", detail }] };
  }
}

/** Each gap once: Dockerfiles with the same context have the same gaps in it. */
function once(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()];
}

/** Everything that the given paths lead to, linted; the outcome is sorted by path and redacted. */
export async function lintPaths(options: LintPathsOptions): Promise<Outcome> {
  const { context = null, cwd } = options;
  const wanted = context === null ? null : { path: resolve(cwd, context), shown: shownPath(context, cwd) };
  const contexts = dockerfileContexts(wanted);
  const inputs = new Map<string, Input>();
  const gaps: Gap[] = [];
  for (const typed of options.paths) {
    if (typed === "-") {
      const shown = options.stdinFilename === null ? "-" : shownPath(options.stdinFilename, options.cwd);
      inputs.set("-", { path: null, root: null, shown, read: () => readTextStream(options.stdin()) });
      continue;
    }
    const expanded = expand(typed, options);
    gaps.push(...expanded.gaps);
    for (const input of expanded.inputs) {
      const identity = identityOf(input.path);
      if (!inputs.has(identity)) inputs.set(identity, input);
    }
  }
  const outcomes: Outcome[] = [];
  for (const input of [...inputs.values()].sort((a, b) => compareCodeUnits(a.shown, b.shown))) {
    const result = await input.read();
    if (result.ok) {
      outcomes.push(lintText(result.text, input, contexts, options));
    } else {
      gaps.push({ at: input.shown, why: result.why, detail: result.detail });
    }
  }
  const outcome: Outcome = {
    subjects: outcomes.flatMap((item) => item.subjects),
    findings: outcomes.flatMap((item) => item.findings),
    gaps: once([...gaps, ...outcomes.flatMap((item) => item.gaps)]).sort((a, b) => compareCodeUnits(a.at, b.at)),
  };
  return redactAll(outcome, new Secrets());
}
