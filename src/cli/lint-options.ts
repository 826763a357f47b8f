/** The options that say how to lint a project, for `lint` and `gate`. */

import type { Command } from "commander";
import type { Settings } from "../gate/settings.ts";
import { HullcheckError } from "../model/errors.ts";
import type { LintPathsOptions } from "../sweep/lint-paths.ts";
import type { Io } from "./io.ts";
import { lintSettings } from "./load-settings.ts";

/** What the parser gives for these options. */
export interface LintFlags {
  readonly inlineIgnore: boolean;
  readonly stdinFilename?: string;
  readonly context?: string;
  readonly target?: string;
}

/** Adds the options. */
export function addLintOptions(command: Command): Command {
  return command
    .option("--no-inline-ignore", "do not heed `# hullcheck-ignore` comments")
    .option("--context <dir>", "the build context of the Dockerfiles (default: the folder of each)")
    .option("--target <stage>", "the stage that is built, by name or number (default: the last one)")
    .option("--stdin-filename <name>", "what to call standard input in the report");
}

/** The paths to lint: this folder unless some are given. Throws a usage error. */
export function lintedPaths(paths: readonly string[], { stdinFilename }: LintFlags): readonly string[] {
  const wanted = paths.length === 0 ? ["."] : paths;
  if (stdinFilename !== undefined && !wanted.includes("-")) {
    throw new HullcheckError("usage", "--stdin-filename without `-`", { hint: "name standard input as `-`" });
  }
  return wanted;
}

/** How to lint, as typed. */
export async function lintOptions(
  paths: readonly string[],
  flags: LintFlags,
  settings: Settings,
  io: Io,
): Promise<LintPathsOptions> {
  return {
    paths,
    cwd: io.cwd(),
    stdin: io.stdin,
    stdinFilename: flags.stdinFilename ?? null,
    ...(await lintSettings(settings)),
    useInlineIgnores: flags.inlineIgnore,
    context: flags.context ?? null,
    target: flags.target ?? null,
  };
}
