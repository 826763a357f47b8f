/** Which formats go where: reads `--format FORMAT[=FILE]` and writes the reports. Standard output takes one format. */

import { promises } from "node:fs";
import { normalize, resolve } from "node:path";
import { HullcheckError } from "../model/errors.ts";
import { knownName } from "../model/known-name.ts";
import type { Report } from "../model/report.ts";
import type { RenderOptions } from "../report/index.ts";
import { FORMATS, render, type FormatName } from "../report/index.ts";
import type { Io } from "./io.ts";
import { outputError, print, reportError } from "./report-error.ts";

/** One report to write. */
export interface Target {
  readonly format: FormatName;
  /** A file, as typed; null for standard output. */
  readonly file: string | null;
}

/** One value of `--format`; throws a `HullcheckError` for an unknown format or an empty file name. */
function parseTarget(value: string): Target {
  const at = value.indexOf("=");
  const name = at === -1 ? value : value.slice(0, at);
  const file = at === -1 ? null : value.slice(at + 1);
  const format = knownName("format", name, FORMATS);
  if (file === "") throw new HullcheckError("usage", `no file after '${value}'`, { hint: `write ${name}=FILE` });
  return { format, file: file === "-" ? null : file };
}

/** All values of `--format` in order; text on standard output when there is none. */
export function parseTargets(values: readonly string[]): readonly Target[] {
  const targets = values.map((value) => parseTarget(value));
  const places = targets.map(({ file }) => (file === null ? null : normalize(file)));
  const twice = places.findIndex((file, i) => places.indexOf(file) !== i);
  if (twice !== -1) {
    const file = places[twice];
    const isStdout = file === null || file === undefined;
    throw new HullcheckError("usage", `two formats for ${isStdout ? "standard output" : `'${file}'`}`, {
      hint: isStdout ? "give all but one a file, as in --format sarif=out.sarif" : "give each a file of its own",
    });
  }
  return targets.length === 0 ? [{ format: "text", file: null }] : targets;
}

/** Writes every report; says on standard error which could not be, and returns whether all were. */
export async function writeReports(
  report: Report,
  targets: readonly Target[],
  options: Omit<RenderOptions, "format"> & { readonly color: boolean },
  io: Io,
): Promise<boolean> {
  let isComplete = true;
  for (const { format, file } of targets) {
    const text = await render(report, { ...options, format, color: file === null && options.color });
    try {
      if (file === null) print(io, text, "the report");
      // A named pipe that nobody reads yet must not keep signals waiting.
      else await promises.writeFile(resolve(io.cwd(), file), text);
    } catch (error) {
      isComplete = false;
      reportError(error instanceof HullcheckError ? error : outputError("the report", file, error), io);
    }
  }
  return isComplete;
}
