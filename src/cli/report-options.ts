/** The options that every command with a report has, and the way from an outcome to its report and exit code. */

import type { Command } from "commander";
import { EXIT_CODES } from "../gate/decide.ts";
import { judge } from "../gate/judge.ts";
import { policyOf, type Settings } from "../gate/settings.ts";
import type { Outcome } from "../model/report.ts";
import type { RuleMeta } from "../model/rule.ts";
import { FORMATS } from "../report/index.ts";
import { verdictLine } from "../report/place.ts";
import { wantsColor } from "./color.ts";
import type { Io } from "./io.ts";
import { addSettingsOptions, collect, type SettingsFlags } from "./load-settings.ts";
import { writeReports, type Target } from "./outputs.ts";
import { reportError, say } from "./report-error.ts";
import { addVerifyOptions, type VerifyFlags } from "./verify-options.ts";

/** What the parser gives for these options. */
export interface ReportFlags extends SettingsFlags, VerifyFlags {
  readonly format?: readonly string[];
  readonly exitZero?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

/** The catalogue of rules for a format that explains them; for start-up's sake for nothing else. */
export async function loadRules(targets: readonly Target[]): Promise<readonly RuleMeta[]> {
  if (!targets.some(({ format }) => format === "sarif" || format === "html")) return [];
  const { RULES } = await import("../rules/index.ts");
  return RULES.map(({ meta }) => meta);
}

/** Adds the options that every command with a report has. */
export function addReportOptions(command: Command): Command {
  const reporting = addSettingsOptions(command)
    .option("--format <format[=file]>", `${FORMATS.join(", ")}; repeatable, into a file after =`, collect)
    .option("--exit-zero", "end with 0 whatever the verdict is, for a roll-out")
    .option("--quiet", "text: show only findings that fail, gaps and the verdict")
    .option("--color", "colour the text, also when it is not for a terminal")
    .option("--no-color", "never colour the text");
  return addVerifyOptions(reporting);
}

/** How an outcome is shown. */
export interface ShowOptions {
  readonly targets: readonly Target[];
  readonly settings: Settings;
  readonly rules: readonly RuleMeta[];
  readonly flags: ReportFlags;
}

/** The outcome under the team's policy, after the baseline was written where that is asked for. */
async function police(
  outcome: Outcome,
  settings: Settings,
  flags: ReportFlags,
  io: Io,
): Promise<{ readonly policed: Outcome; readonly isSaved: boolean }> {
  const isWanted = flags.writeBaseline !== undefined && flags.writeBaseline !== false;
  if (settings.config === null && settings.baseline === null && !isWanted) return { policed: outcome, isSaved: true };
  const { applyPolicy } = await import("../gate/apply-policy.ts");
  if (!isWanted) return { policed: applyPolicy(outcome, settings, io.today()), isSaved: true };
  try {
    const { saveBaseline } = await import("./baseline-file.ts");
    const saved = await saveBaseline(outcome, settings, flags, io);
    return { policed: applyPolicy(outcome, saved, io.today()), isSaved: true };
  } catch (error) {
    reportError(error, io);
    return { policed: applyPolicy(outcome, settings, io.today()), isSaved: false };
  }
}

/** Writes the reports; the exit code is the verdict's, but for `--exit-zero` and a report that could not be written. */
export async function showOutcome(
  outcome: Outcome,
  { targets, settings, rules, flags }: ShowOptions,
  io: Io,
): Promise<number> {
  const remarks = flags.exitZero === true ? ["exit code 0 asked for by --exit-zero"] : [];
  const { policed, isSaved } = await police(outcome, settings, flags, io);
  const policy = policyOf(settings);
  const { failOn } = policy;
  const report = judge(policed, policy, remarks);
  const color = wantsColor(flags.color, io);
  const isWritten = await writeReports(
    report,
    targets,
    { color, rules, failOn, atLeast: flags.quiet === true ? failOn : null },
    io,
  );
  const isShownAsText = targets.some(({ format, file }) => format === "text" && file === null) && io.stdout.isTerminal;
  if (!isShownAsText) for (const gap of report.gaps) say(io, `${gap.at}: ${gap.detail}`);
  if (!targets.some(({ file }) => file === null)) say(io, verdictLine(report));
  if (!isWritten || !isSaved) return EXIT_CODES.unknown;
  return flags.exitZero === true ? EXIT_CODES.pass : EXIT_CODES[report.verdict];
}
