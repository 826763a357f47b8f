/**
 * The report in Markdown, for the summary of a CI job or a comment. Whatever comes from input stands in a code span, a
 * fenced block, or has its punctuation escaped: it can be no link, image, mention, heading, table or HTML.
 */

import type { Finding } from "../model/finding.ts";
import { LEVELS, type Level } from "../model/level.ts";
import type { Location } from "../model/location.ts";
import type { Report } from "../model/report.ts";
import { frameLine, frameOf } from "./code-frame.ts";
import { findingDetails, placeDetails, type Detail } from "./details.ts";
import { visible, visibleLines } from "./escape.ts";
import { placeOf, verdictLine } from "./place.ts";
import { alarms, byUrgency } from "./urgency.ts";

/** GitHub drops a job's summary above 1 MiB; what does not fit is counted instead. */
const MAX_BYTES = 900_000;

const HEADINGS: Readonly<Record<Level, string>> = { error: "Errors", warning: "Warnings", note: "Notes" };

/** Backticks that are more than any in a row in the text, and at least `least`. */
function fenceFor(text: string, least: number): string {
  const runs = (text.match(/`+/g) ?? []).map((run) => run.length);
  return "`".repeat(Math.max(least, ...runs.map((length) => length + 1)));
}

/** The text as it stands, in a code span. */
function code(text: string): string {
  const shown = visible(text);
  if (shown === "") return "";
  const fence = fenceFor(shown, 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Every character that Markdown may read as more than itself within a line, behind a backslash. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|&~$^=!#@]/g, "\\$&");
}

/** What a reader's software takes for more, however it is escaped: a path, link, mention, issue, emoji, mathematics. */
const SPEAKS = /[@#:/$~`]|www\./i;

function word(text: string): string {
  const [, head = "", core = "", tail = ""] = /^([("']*)(.*?)([)"',.;:!?]*)$/s.exec(text) ?? [];
  return SPEAKS.test(core) ? escaped(head) + code(core) + escaped(tail) : escaped(text);
}

/** A sentence of ours with pieces of input in it: what stands between backticks is code, the rest is text. */
function prose(text: string): string {
  const parts = visible(text)
    .split(/(`[^`]+`)/)
    .flatMap((part, i) => (i % 2 === 1 ? [code(part.slice(1, -1))] : part.split(/( +)/).map((piece) => word(piece))));
  // Two code spans side by side would be one with other fences.
  return parts
    .filter((part) => part !== "")
    .reduce((before, part) => `${before}${before.endsWith("`") && part.startsWith("`") ? " " : ""}${part}`, "");
}

/** A fenced block below a list item. */
function block(lines: readonly string[]): string[] {
  const fence = fenceFor(lines.join("\n"), 3);
  return ["", `  ${fence}text`, ...lines.map((line) => `  ${line}`), `  ${fence}`, ""];
}

function frame(location: Location): string[] {
  const rows = frameOf(location).map((one) => frameLine(one));
  return rows.length === 0 ? [] : block(rows);
}

function row({ label, text }: Detail): string[] {
  const lines = visibleLines(text);
  if (label !== "fix") return [`  - ${label}: ${code(text)}`];
  if (lines.length === 1) return [`  - ${label}: ${prose(text)}`];
  return [`  - ${label}:`, ...block(lines.map((line) => `│ ${line}`)).map((line) => (line === "" ? "" : `  ${line}`))];
}

function item(finding: Finding): string[] {
  const [first, ...others] = finding.locations;
  const where = first === undefined ? "" : ` at ${code(placeOf(first))}`;
  return [
    `- **${code(finding.rule)}**${where}: ${prose(finding.message)}`,
    ...(first === undefined ? [] : [...frame(first), ...placeDetails(first).flatMap((detail) => row(detail))]),
    ...others.map((place) => `  - see ${code(placeOf(place))}${place.text === null ? "" : `: ${prose(place.text)}`}`),
    ...findingDetails(finding).flatMap((detail) => row(detail)),
  ];
}

function suppressedItem({ rule, locations, suppressed }: Finding): string[] {
  const [first] = locations;
  const where = first === undefined ? "" : ` at ${code(placeOf(first))}`;
  return [`- ${code(rule)}${where}, by ${suppressed?.by ?? ""}: ${prose(suppressed?.reason ?? "")}`];
}

/** A heading and what stands below it; `items` holds the lines of each entry. */
interface Section {
  readonly title: string;
  readonly items: readonly (readonly string[])[];
}

function sectionsOf({ findings, gaps }: Report): readonly Section[] {
  const active = findings.filter(({ suppressed }) => suppressed === null);
  const byLevel = LEVELS.toReversed().map((level) => ({
    title: HEADINGS[level],
    items: byUrgency(active.filter((finding) => finding.level === level)).map((finding) => item(finding)),
  }));
  const unread = gaps.map(({ at, why, detail }) => [`- **${why}** at ${code(at)}: ${prose(detail)}`]);
  const suppressed = findings
    .filter((finding) => finding.suppressed !== null)
    .map((finding) => suppressedItem(finding));
  return [...byLevel, { title: "Not looked at", items: unread }, { title: "Suppressed", items: suppressed }].filter(
    ({ items }) => items.length > 0,
  );
}

/** The report as a Markdown document. */
export function format(report: Report): string {
  const lines = [`## hullcheck: ${report.verdict}`, "", prose(verdictLine(report))];
  for (const sentence of alarms(report.findings)) lines.push("", `**${prose(sentence)}**`);
  let room = MAX_BYTES;
  for (const { title, items } of sectionsOf(report)) {
    lines.push("", `### ${title} (${items.length})`, "");
    let shown = 0;
    for (const entry of items) {
      room -= Buffer.byteLength(entry.join("\n")) + 1;
      if (room < 0) break;
      lines.push(...entry);
      shown++;
    }
    if (shown < items.length) lines.push(`- ${items.length - shown} more, which do not fit into a summary`);
  }
  return `${lines
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}
