/** The options that every command with a report has, and the way from an outcome to its report and exit code. */

import type { Command } from "commander";
import type { LevelOverrides } from "../assemble.ts";
import { EXIT_CODES } from "../gate/decide.ts";
import { judge } from "../gate/judge.ts";
import { HullcheckError } from "../model/errors.ts";
import { LEVELS, type Level } from "../model/level.ts";
import type { Outcome } from "../model/report.ts";
import type { RuleMeta } from "../model/rule.ts";
import { verdictLine } from "../report/place.ts";
import { wantsColor } from "./color.ts";
import { hintFor } from "../model/did-you-mean.ts";
import type { Io } from "./io.ts";
import { writeReports, type Target } from "./outputs.ts";
import { say } from "./report-error.ts";

/** What the parser gives for these options. */
export interface ReportFlags {
  readonly format?: readonly string[];
  readonly failOn: string;
  readonly exitZero?: boolean;
  readonly level?: readonly string[];
  readonly quiet?: boolean;
  readonly color?: boolean;
}

const SETTINGS: readonly (Level | "off")[] = ["off", ...LEVELS];

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The level of `--fail-on`; throws a usage error for another word. */
export function parseFailOn(value: string): Level {
  const level = LEVELS.find((known) => known === value);
  if (level !== undefined) return level;
  throw new HullcheckError("usage", `unknown level '${value}' for --fail-on`, { hint: hintFor(value, LEVELS) });
}

/** The catalogue of rules for what needs it, a `--level` or a format that explains rules; for start-up's sake nothing else. */
export async function loadRules(targets: readonly Target[], { level = [] }: ReportFlags): Promise<readonly RuleMeta[]> {
  if (level.length === 0 && !targets.some(({ format }) => format === "sarif")) return [];
  const { RULES } = await import("../rules/index.ts");
  return RULES.map(({ meta }) => meta);
}

/** The values of `--level rule=setting`; the last one for a rule counts. */
export function parseLevels(values: readonly string[], rules: readonly RuleMeta[]): LevelOverrides {
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

/** Adds the options that every command with a report has. */
export function addReportOptions(command: Command): Command {
  return command
    .option("--format <format[=file]>", "text, json, sarif or github; repeatable, into a file after =", collect)
    .option("--fail-on <level>", "the level that fails: error, warning or note", "error")
    .option("--exit-zero", "end with 0 whatever the verdict is, for a roll-out")
    .option("--level <rule=level>", "set a rule to off, note, warning or error; repeatable", collect)
    .option("--quiet", "text: show only findings that fail, gaps and the verdict")
    .option("--color", "colour the text, also when it is not for a terminal")
    .option("--no-color", "never colour the text");
}

/** How an outcome is shown. */
export interface ShowOptions {
  readonly targets: readonly Target[];
  readonly failOn: Level;
  readonly rules: readonly RuleMeta[];
  readonly flags: ReportFlags;
}

/** Writes the reports; the exit code is the verdict's, but for `--exit-zero` and a report that could not be written. */
export async function showOutcome(
  outcome: Outcome,
  { targets, failOn, rules, flags }: ShowOptions,
  io: Io,
): Promise<number> {
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
