/** The report as workflow commands of GitHub Actions: one annotation a finding or gap, then the verdict in plain text. */

import type { Level } from "../model/level.ts";
import type { Finding } from "../model/finding.ts";
import type { Report } from "../model/report.ts";
import { visible, visibleLines } from "./escape.ts";
import { placeBefore, placeInProject, verdictLine } from "./place.ts";
import { byUrgency } from "./urgency.ts";

const COMMANDS: Readonly<Record<Level, string>> = { error: "error", warning: "warning", note: "notice" };

/** Text after `::`, as the runner unescapes it. Line feeds stay line feeds of the annotation. */
function data(text: string): string {
  return visibleLines(text)
    .map((line) => line.replaceAll("%", "%25"))
    .join("%0A");
}

/** The value of a property, where `:` and `,` are syntax too. */
function property(text: string): string {
  return visible(text).replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function command(name: string, pairs: readonly (readonly [string, string | number])[], message: string): string {
  const shown = pairs.map(([key, value]) => `${key}=${property(String(value))}`).join(",");
  return `::${name}${shown === "" ? "" : ` ${shown}`}::${data(message)}`;
}

/** Where the annotation stands, for a finding in an image at what made it. Columns only within one line: the runner drops them otherwise. */
function properties(finding: Finding): (readonly [string, string | number])[] {
  const place = placeInProject(finding);
  const title = ["title", `hullcheck ${finding.rule}`] as const;
  if (place === null || place.path === "-") return [title];
  const { start, end } = place.region;
  const columns =
    start.line === end.line
      ? ([
          ["col", start.column],
          ["endColumn", end.column],
        ] as const)
      : [];
  return [["file", place.path], ["line", start.line], ["endLine", end.line], ...columns, title];
}

function annotation(finding: Finding): string {
  const token = finding.token === null ? "" : `\ntoken ${finding.token.preview} sha256 ${finding.token.sha256}`;
  const { advice = null, revoke = null } = finding.token?.verification ?? {};
  const rows = [
    ...(advice === null ? [] : [`\nadvice: ${advice}`]),
    ...(revoke === null ? [] : [`\nrevoke: ${revoke}`]),
    ...(finding.fix === null ? [] : [`\nfix: ${finding.fix}`]),
  ];
  const confirmed = finding.confirmedBy.length === 0 ? "" : `\nconfirmed by ${finding.confirmedBy.join(", ")}`;
  const message = `${placeBefore(finding)}${finding.message}${confirmed}${token}${rows.join("")}`;
  return command(COMMANDS[finding.level], properties(finding), message);
}

/**
 * The report as lines for the log of a workflow. A runner shows the first few of a step, so urgent ones come first.
 * Suppressed findings are counted in the verdict line.
 */
export function format(report: Report): string {
  const active = report.findings.filter((finding) => finding.suppressed === null);
  const lines = byUrgency(active).map((finding) => annotation(finding));
  for (const gap of report.gaps) {
    lines.push(command("error", [["title", `hullcheck gap ${gap.why}`]], `${gap.at}: ${gap.detail}`));
  }
  lines.push(visible(verdictLine(report)));
  return `${lines.join("\n")}\n`;
}
