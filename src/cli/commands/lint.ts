/** `hullcheck lint`: reads the options, runs the use case, shows the report, and turns the verdict into the exit code. */

import type { Command } from "commander";
import type { LevelOverrides } from "../../assemble.ts";
import { EXIT_CODES } from "../../gate/decide.ts";
import { judge } from "../../gate/judge.ts";
import { HullcheckError } from "../../model/errors.ts";
import { LEVELS, type Level } from "../../model/level.ts";
import type { RuleMeta } from "../../model/rule.ts";
import { verdictLine } from "../../report/place.ts";
import { wantsColor } from "../color.ts";
import { hintFor } from "../did-you-mean.ts";
import type { Io } from "../io.ts";
import { parseTargets, writeReports } from "../outputs.ts";
import { say } from "../report-error.ts";

/** What the parser gives. */
interface LintFlags {
  readonly format?: readonly string[];
  readonly failOn: string;
  readonly exitZero?: boolean;
  readonly level?: readonly string[];
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly inlineIgnore: boolean;
  readonly stdinFilename?: string;
}

const SETTINGS: readonly (Level | "off")[] = ["off", ...LEVELS];

const EXAMPLES = `
Examples:
  hullcheck lint                                 every Dockerfile below this folder
  hullcheck lint Dockerfile --fail-on warning
  hullcheck lint . --format github --format sarif=out.sarif
  hullcheck lint --level login-at-start=off .
  git show HEAD:Dockerfile | hullcheck lint - --stdin-filename Dockerfile

A folder is searched for Dockerfile, Dockerfile.*, *.Dockerfile, *.dockerfile and Containerfile*; .git, node_modules,
virtual environments and links to folders are left out.

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function parseFailOn(value: string): Level {
  const level = LEVELS.find((known) => known === value);
  if (level !== undefined) return level;
  throw new HullcheckError("usage", `unknown level '${value}' for --fail-on`, { hint: hintFor(value, LEVELS) });
}

/** The values of `--level rule=setting`; the last one for a rule counts. */
function parseLevels(values: readonly string[], rules: readonly RuleMeta[]): LevelOverrides {
  const ids = rules.map((rule) => rule.id);
  return Object.fromEntries(
    values.map((value) => {
      const [id = "", name, ...rest] = value.split("=");
      if (name === undefined || rest.length > 0) {
        throw new HullcheckError("usage", `--level '${value}' is not of the form rule=level`, {
          hint: "write for example --level login-at-start=off",
        });
      }
      if (!ids.includes(id)) throw new HullcheckError("usage", `unknown rule '${id}'`, { hint: hintFor(id, ids) });
      const setting = SETTINGS.find((known) => known === name);
      if (setting === undefined) {
        throw new HullcheckError("usage", `unknown level '${name}' for rule ${id}`, { hint: hintFor(name, SETTINGS) });
      }
      return [id, setting];
    }),
  );
}

/** Lints and reports; the exit code is the verdict's, but for `--exit-zero` and a report that could not be written. */
async function lint(paths: readonly string[], flags: LintFlags, io: Io): Promise<number> {
  const targets = parseTargets(flags.format ?? []);
  const failOn = parseFailOn(flags.failOn);
  const wanted = paths.length === 0 ? ["."] : paths;
  if (flags.stdinFilename !== undefined && !wanted.includes("-")) {
    throw new HullcheckError("usage", "--stdin-filename without `-`", { hint: "name standard input as `-`" });
  }
  const [{ RULES }, { lintPaths }] = await Promise.all([
    import("../../rules/index.ts"),
    import("../../sweep/lint-paths.ts"),
  ]);
  const rules = RULES.map(({ meta }): RuleMeta => meta);
  const outcome = await lintPaths({
    paths: wanted,
    cwd: io.cwd(),
    stdin: io.stdin,
    stdinFilename: flags.stdinFilename ?? null,
    levels: parseLevels(flags.level ?? [], rules),
    useInlineIgnores: flags.inlineIgnore,
  });
  const remarks = flags.exitZero === true ? ["exit code 0 asked for by --exit-zero"] : [];
  const report = judge(outcome, { failOn, acceptedGaps: [] }, remarks);
  const color = wantsColor(flags.color, io);
  const isWritten = await writeReports(
    report,
    targets,
    { color, rules, atLeast: flags.quiet === true ? failOn : null },
    io,
  );
  const isShownAsText = targets.some(({ format, file }) => format === "text" && file === null) && io.stdout.isTerminal;
  if (!isShownAsText) for (const gap of report.gaps) say(io, `${gap.at}: ${gap.detail}`);
  if (!targets.some(({ file }) => file === null)) say(io, verdictLine(report));
  if (!isWritten) return EXIT_CODES.unknown;
  return flags.exitZero === true ? EXIT_CODES.pass : EXIT_CODES[report.verdict];
}

/** Adds arguments, options and the action of `hullcheck lint`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Finds Hugging Face tokens that the builds of Dockerfiles leak.")
    .argument("[paths...]", "files, folders, or - for standard input (default: this folder)")
    .option("--format <format[=file]>", "text, json, sarif or github; repeatable, into a file after =", collect)
    .option("--fail-on <level>", "the level that fails: error, warning or note", "error")
    .option("--exit-zero", "end with 0 whatever the verdict is, for a roll-out")
    .option("--level <rule=level>", "set a rule to off, note, warning or error; repeatable", collect)
    .option("--quiet", "text: show only findings that fail, gaps and the verdict")
    .option("--color", "colour the text, also when it is not for a terminal")
    .option("--no-color", "never colour the text")
    .option("--no-inline-ignore", "do not heed `# hullcheck-ignore` comments")
    .option("--stdin-filename <name>", "what to call standard input in the report")
    .addHelpText("after", EXAMPLES)
    .action(async (paths: readonly string[], flags: LintFlags) => finish(await lint(paths, flags, io)));
}
