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
}

/** One input: what it is called, and how to read it. */
interface Input {
  readonly shown: string;
  readonly read: () => ReadResult | Promise<ReadResult>;
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
      return { inputs: [{ path, shown, read: () => readTextFile(path) }], gaps: [] };
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
    return { path: file, shown: below(name), read: () => readTextFile(file) };
  });
  return { inputs, gaps };
}

/** Lints one text; an engine that fails on it leaves a gap, so that the other inputs are still linted. */
function lintText(text: string, shown: string, options: LintPathsOptions): Outcome {
  try {
    const { levels, useInlineIgnores } = options;
    return lintDockerfile(text, { path: shown, levels, useInlineIgnores });
  } catch (error) {
    const name = error instanceof Error ? error.name : "unknown error";
    const detail = `hullcheck itself failed on this file (${name}); please report it`;
    return { subjects: [], findings: [], gaps: [{ at: shown, why: "parse-error", detail }] };
  }
}

/** Everything that the given paths lead to, linted; the outcome is sorted by path and redacted. */
export async function lintPaths(options: LintPathsOptions): Promise<Outcome> {
  const inputs = new Map<string, Input>();
  const gaps: Gap[] = [];
  for (const typed of options.paths) {
    if (typed === "-") {
      const shown = options.stdinFilename === null ? "-" : shownPath(options.stdinFilename, options.cwd);
      inputs.set("-", { shown, read: () => readTextStream(options.stdin()) });
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
  for (const { shown, read } of [...inputs.values()].sort((a, b) => compareCodeUnits(a.shown, b.shown))) {
    const result = await read();
    if (result.ok) {
      outcomes.push(lintText(result.text, shown, options));
    } else {
      gaps.push({ at: shown, why: result.why, detail: result.detail });
    }
  }
  const outcome: Outcome = {
    subjects: outcomes.flatMap((item) => item.subjects),
    findings: outcomes.flatMap((item) => item.findings),
    gaps: [...gaps, ...outcomes.flatMap((item) => item.gaps)].sort((a, b) => compareCodeUnits(a.at, b.at)),
  };
  return redactAll(outcome, new Secrets());
}
