/** `hullcheck init`: shows what it would write into a project, asks where there is somebody to ask, and writes it. */

import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { HullcheckError } from "../../model/errors.ts";
import { knownName } from "../../model/known-name.ts";
import { EXIT_CODES } from "../../gate/decide.ts";
import type { CiService } from "../../sweep/plan-init.ts";
import type { Io } from "../io.ts";
import { print, printDiff, reportError, say } from "../report-error.ts";

interface InitFlags {
  readonly ci?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
Examples:
  hullcheck init                  shows the files and asks
  hullcheck init --dry-run        only shows them
  hullcheck init --ci gitlab --yes

Writes .hullcheck.yaml, lines for the .dockerignore of each Dockerfile, and a file for GitHub Actions or GitLab CI where the
folder has one of them. A file that is there is never replaced; only .dockerignore is added to, at its end.

Exit codes: 0 done, or nothing to do; 2 something was not written, or a usage error.
`;

/** The services of `--ci`; null without it. */
function servicesOf(value: string | undefined, known: readonly CiService[]): readonly CiService[] | null {
  if (value === undefined) return null;
  const service = knownName("service", value, [...known, "none"], " for --ci");
  return service === "none" ? [] : [service];
}

/** The first line of standard input, without the blanks around it. */
async function answer(io: Io): Promise<string> {
  let text = "";
  for await (const chunk of io.stdin()) {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    if (text.includes("\n")) break;
  }
  return (text.split("\n", 1)[0] ?? "").trim();
}

async function init(typed: string, flags: InitFlags, io: Io): Promise<number> {
  const [{ planInit, CI_SERVICES }, { replaceFile }] = await Promise.all([
    import("../../sweep/plan-init.ts"),
    import("../../sweep/replace-file.ts"),
  ]);
  if (typed === "") {
    throw new HullcheckError("usage", "the folder's name is empty", { hint: "check the variable it comes from" });
  }
  const folder = resolve(io.cwd(), typed);
  const { files, diff, remarks } = await planInit({ folder, shown: typed, ci: servicesOf(flags.ci, CI_SERVICES) });
  printDiff(io, diff);
  for (const remark of remarks) say(io, remark);
  if (files.length === 0) {
    say(io, "nothing to write");
    return EXIT_CODES.pass;
  }
  if (flags.dryRun === true) return EXIT_CODES.pass;
  if (flags.yes !== true) {
    if (!io.stdout.isTerminal) {
      throw new HullcheckError("usage", "nothing was written: there is no terminal to ask on", {
        hint: "add --yes to write these files, or --dry-run only to see them",
      });
    }
    print(io, `\nWrite ${files.length === 1 ? "this file" : `these ${files.length} files`}? [y/N] `);
    if (!/^y(?:es)?$/i.test(await answer(io))) {
      say(io, "nothing was written");
      return EXIT_CODES.pass;
    }
  }
  let isComplete = true;
  for (const file of files) {
    try {
      mkdirSync(dirname(file.path), { recursive: true });
    } catch {
      // Writing the file says why not.
    }
    const problem = replaceFile(file);
    if (problem === null) say(io, `wrote ${file.shown}`);
    else {
      isComplete = false;
      reportError(new HullcheckError("output", `${file.shown} was not written: ${problem}`), io);
    }
  }
  return isComplete ? EXIT_CODES.pass : EXIT_CODES.unknown;
}

/** Adds argument, options and action of `hullcheck init`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Writes a config, ignore lines and a CI file for what it finds in a folder, and shows them first.")
    .argument("[folder]", "the project", ".")
    .option("--ci <service>", "github, gitlab or none (default: what the folder shows)")
    .option("-y, --yes", "write without asking")
    .option("--dry-run", "only show what would be written")
    .addHelpText("after", EXAMPLES)
    .action(async (folder: string, flags: InitFlags) => finish(await init(folder, flags, io)));
}
