/** `hullcheck lint`: reads the options, runs the use case, shows the report, and turns the verdict into the exit code. */

import type { Command } from "commander";
import { HullcheckError } from "../../model/errors.ts";
import type { Io } from "../io.ts";
import { addBaselineOptions, lintSettings, loadSettings } from "../load-settings.ts";
import { parseTargets } from "../outputs.ts";
import { addReportOptions, loadRules, showOutcome, type ReportFlags } from "../report-options.ts";

/** What the parser gives. */
interface LintFlags extends ReportFlags {
  readonly inlineIgnore: boolean;
  readonly stdinFilename?: string;
  readonly context?: string;
}

const EXAMPLES = `
Examples:
  hullcheck lint                                 every Dockerfile below this folder
  hullcheck lint Dockerfile --fail-on warning
  hullcheck lint . --format github --format sarif=out.sarif
  hullcheck lint --level login-at-start=off .
  hullcheck lint docker/Dockerfile --context .   with the folder that docker build is given
  git show HEAD:Dockerfile | hullcheck lint - --stdin-filename Dockerfile

A folder is searched for Dockerfile, Dockerfile.*, *.Dockerfile, *.dockerfile and Containerfile*, and for what calls a
build: compose and bake files, CI files, Makefiles, shell scripts and package.json. .git, node_modules, virtual
environments and links to folders are left out.

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

/** Lints and reports; the exit code is the verdict's, but for `--exit-zero` and a report that could not be written. */
async function lint(paths: readonly string[], flags: LintFlags, io: Io): Promise<number> {
  const targets = parseTargets(flags.format ?? []);
  const wanted = paths.length === 0 ? ["."] : paths;
  if (flags.stdinFilename !== undefined && !wanted.includes("-")) {
    throw new HullcheckError("usage", "--stdin-filename without `-`", { hint: "name standard input as `-`" });
  }
  const settings = await loadSettings(flags, wanted, io);
  const [rules, { lintPaths }] = await Promise.all([loadRules(targets, flags), import("../../sweep/lint-paths.ts")]);
  const outcome = await lintPaths({
    paths: wanted,
    cwd: io.cwd(),
    stdin: io.stdin,
    stdinFilename: flags.stdinFilename ?? null,
    ...(await lintSettings(settings)),
    useInlineIgnores: flags.inlineIgnore,
    context: flags.context ?? null,
  });
  return showOutcome(outcome, { targets, settings, rules, flags }, io);
}

/** Adds arguments, options and the action of `hullcheck lint`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Finds Hugging Face tokens that the builds of Dockerfiles leak.")
    .argument("[paths...]", "files, folders, or - for standard input (default: this folder)");
  addBaselineOptions(addReportOptions(command))
    .option("--no-inline-ignore", "do not heed `# hullcheck-ignore` comments")
    .option("--context <dir>", "the build context of the Dockerfiles (default: the folder of each)")
    .option("--stdin-filename <name>", "what to call standard input in the report")
    .addHelpText("after", EXAMPLES)
    .action(async (paths: readonly string[], flags: LintFlags) => finish(await lint(paths, flags, io)));
}
