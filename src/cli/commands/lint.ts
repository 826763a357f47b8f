/** `hullcheck lint`: reads the options, runs the use case, shows the report, and turns the verdict into the exit code. */

import type { Command } from "commander";
import type { Settings } from "../../gate/settings.ts";
import { counted } from "../../model/counted.ts";
import { HullcheckError } from "../../model/errors.ts";
import type { Outcome } from "../../model/report.ts";
import type { LintPathsOptions } from "../../sweep/lint-paths.ts";
import type { Io } from "../io.ts";
import { addLintOptions, lintedPaths, lintOptions, type LintFlags } from "../lint-options.ts";
import { addBaselineOptions, loadSettings } from "../load-settings.ts";
import { parseTargets } from "../outputs.ts";
import { printDiff, say } from "../report-error.ts";
import { addReportOptions, loadRules, showOutcome, type ReportFlags } from "../report-options.ts";
import { createVerifier } from "../verify-options.ts";

/** What the parser gives. */
interface Flags extends ReportFlags, LintFlags {
  readonly fix?: boolean;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
Examples:
  hullcheck lint                                 every Dockerfile below this folder
  hullcheck lint Dockerfile --fail-on warning
  hullcheck lint . --format github --format sarif=out.sarif
  hullcheck lint --level login-at-start=off .
  hullcheck lint docker/Dockerfile --context .   with the folder that docker build is given
  hullcheck lint --fix --dry-run                 what --fix would change, as a diff
  git show HEAD:Dockerfile | hullcheck lint - --stdin-filename Dockerfile

A folder is searched for Dockerfile, dockerfile, Dockerfile.*, *.Dockerfile, *.dockerfile and Containerfile*, and for what
calls a build: compose and bake files, CI files, Makefiles, shell scripts and package.json. .git, node_modules, virtual
environments and links to folders are left out.

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

/** Refuses what mending cannot do. */
function checkFixFlags({ fix: isFix, dryRun, format }: Flags, paths: readonly string[]): void {
  if (dryRun === true && isFix !== true) {
    throw new HullcheckError("usage", "--dry-run without --fix", { hint: "add --fix to see what it would change" });
  }
  if (isFix === true && paths.includes("-")) {
    throw new HullcheckError("usage", "--fix cannot change standard input", { hint: "name the file itself" });
  }
  if (dryRun === true && format !== undefined) {
    throw new HullcheckError("usage", "--format with --dry-run, which prints a diff and no report", {
      hint: "leave out one of them",
    });
  }
}

/** Mends, or prints what mending would change; gives what is left. */
async function fix(options: LintPathsOptions, settings: Settings, { dryRun }: Flags, io: Io): Promise<Outcome> {
  const [{ fixPaths }, { applyPolicy }] = await Promise.all([
    import("../../sweep/fix-paths.ts"),
    import("../../gate/apply-policy.ts"),
  ]);
  const { outcome, diff, changed, remarks } = await fixPaths(options, {
    isDryRun: dryRun === true,
    applyPolicy: (found) => applyPolicy(found, settings, io.today()),
  });
  if (dryRun === true) printDiff(io, diff);
  const files = counted(changed.length, "file");
  const names = changed.length === 0 ? "" : `: ${changed.join(", ")}`;
  say(io, dryRun === true ? `would mend ${files}${names}; nothing was written` : `mended ${files}${names}`);
  for (const remark of remarks) say(io, remark);
  return outcome;
}

/** Lints and reports; the exit code is the verdict's, but for `--exit-zero` and a report that could not be written. */
async function lint(paths: readonly string[], flags: Flags, io: Io): Promise<number> {
  const targets = parseTargets(flags.format ?? []);
  const wanted = lintedPaths(paths, flags);
  checkFixFlags(flags, wanted);
  const verifier = await createVerifier(flags, io);
  const settings = await loadSettings(flags, wanted, io);
  const [rules, { lintPaths }] = await Promise.all([loadRules(targets), import("../../sweep/lint-paths.ts")]);
  const options = { ...(await lintOptions(wanted, flags, settings, io)), ...verifier.options };
  const outcome = flags.fix === true ? await fix(options, settings, flags, io) : await lintPaths(options);
  const isDiffOnly = flags.dryRun === true;
  const verified = await verifier.verify(outcome);
  return showOutcome(verified, { targets: isDiffOnly ? [] : targets, settings, rules, flags }, io);
}

/** Adds arguments, options and the action of `hullcheck lint`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Finds Hugging Face tokens that the builds of Dockerfiles leak.")
    .argument("[paths...]", "files, folders, or - for standard input (default: this folder)");
  addLintOptions(addBaselineOptions(addReportOptions(command)))
    .option("--fix", "change the files where the fix is certain, then report what is left")
    .option("--dry-run", "with --fix: print the changes as a diff, write nothing, and judge what is there")
    .addHelpText("after", EXAMPLES)
    .action(async (paths: readonly string[], flags: Flags) => finish(await lint(paths, flags, io)));
}
