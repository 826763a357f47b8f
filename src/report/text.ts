/**
 * The report for a person: findings with code frames, gaps, what is suppressed, and a last line with the verdict.
 * Every line that quotes input has something of ours before it, so that no log reader takes it for a command.
 */

import { styleText } from "node:util";
import type { Finding } from "../model/finding.ts";
import { isAtLeast, type Level } from "../model/level.ts";
import { isInSource, type Location } from "../model/location.ts";
import type { Report, Verdict } from "../model/report.ts";
import { frameOf } from "./code-frame.ts";
import { findingDetails, placeDetails } from "./details.ts";
import { visible, visibleLines } from "./escape.ts";
import type { FormatOptions } from "./format.ts";
import { placeOf, verdictLine } from "./place.ts";
import { alarms, byUrgency } from "./urgency.ts";

type Style = "bold" | "dim" | "red" | "yellow" | "cyan" | "green";
/** Colours a piece of text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

const LEVEL_STYLES: Readonly<Record<Level, Style>> = { error: "red", warning: "yellow", note: "cyan" };
const VERDICT_STYLES: Readonly<Record<Verdict, Style>> = { fail: "red", unknown: "yellow", pass: "green" };

/** Width of the words that stand before a detail: `token`, `sha256`, `hidden`. */
const LABEL_WIDTH = 8;

/** A detail of a finding: a label and one or more lines, the later ones behind a bar. */
function detail(paint: Paint, label: string, text: string): string[] {
  const [first = "", ...rest] = visibleLines(text);
  return [
    `  ${paint("dim", label.padEnd(LABEL_WIDTH))}${first}`,
    ...rest.map((line) => `  ${" ".repeat(LABEL_WIDTH - 2)}${paint("dim", "│")} ${line}`),
  ];
}

function frame(paint: Paint, location: Location, style: Style, indent: string = "  "): string[] {
  return frameOf(location).map(({ gutter, kind, text }) => {
    const shown = kind === "code" ? text : paint(kind === "mark" ? style : "dim", text);
    return `${indent}${paint("dim", `${gutter} │`)} ${shown}`.trimEnd();
  });
}

/** The place itself, drawn: a code frame, or what a place in an image tells. */
function place(paint: Paint, location: Location, style: Style): string[] {
  return [
    ...placeDetails(location).flatMap(({ label, text }) => detail(paint, label, text)),
    ...frame(paint, location, style),
  ];
}

function related(paint: Paint, location: Location): string[] {
  const why = location.text === null ? "" : `  ${visible(location.text)}`;
  const head = `  ${paint("dim", "see".padEnd(LABEL_WIDTH))}${visible(placeOf(location))}${why}`;
  return [head, ...(isInSource(location) ? frame(paint, location, "cyan", " ".repeat(LABEL_WIDTH + 2)) : [])];
}

/** A finding as lines, uncoloured unless `paint` colours; the last one is empty. */
export function block(paint: Paint, finding: Finding): string[] {
  const style = LEVEL_STYLES[finding.level];
  const [first, ...others] = finding.locations;
  const lines = [
    `${paint("bold", paint(style, finding.level))}  ${paint("bold", visible(finding.rule))}${
      first === undefined ? "" : `  ${visible(placeOf(first))}`
    }`,
    `  ${visible(finding.message)}`,
  ];
  if (first !== undefined) {
    const drawn = place(paint, first, style);
    if (drawn.length > 0) lines.push("", ...drawn);
  }
  if (lines.at(-1) !== "") lines.push("");
  for (const location of others) lines.push(...related(paint, location));
  for (const { label, text } of findingDetails(finding)) lines.push(...detail(paint, label, text));
  while (lines.at(-1) === "") lines.pop();
  return [...lines, ""];
}

function suppressedLine(paint: Paint, finding: Finding): string {
  const [first] = finding.locations;
  const where = first === undefined ? "" : `  ${visible(placeOf(first))}`;
  const why = finding.suppressed === null ? "" : `  by ${finding.suppressed.by}: ${visible(finding.suppressed.reason)}`;
  return paint("dim", `suppressed  ${visible(finding.rule)}${where}${why}`);
}

/** The report as text for a terminal or a log. */
export function format(report: Report, options: FormatOptions): string {
  const paint: Paint = (style, text) => (options.color ? styleText(style, text, { validateStream: false }) : text);
  const active = report.findings.filter((finding) => finding.suppressed === null);
  const threshold = options.atLeast;
  const shown = threshold === null ? active : active.filter((finding) => isAtLeast(finding.level, threshold));
  const called = alarms(active).map((sentence) => paint("bold", paint("red", visible(sentence))));
  const lines = [...called, ...(called.length > 0 ? [""] : [])];
  lines.push(...byUrgency(shown).flatMap((finding) => block(paint, finding)));
  for (const gap of report.gaps) {
    lines.push(`${paint("bold", paint("yellow", "gap"))}  ${paint("bold", gap.why)}  ${visible(gap.at)}`);
    lines.push(`  ${visible(gap.detail)}`, "");
  }
  if (threshold === null) {
    const suppressed = report.findings.filter((finding) => finding.suppressed !== null);
    if (suppressed.length > 0) lines.push(...suppressed.map((finding) => suppressedLine(paint, finding)), "");
  }
  lines.push(paint("bold", paint(VERDICT_STYLES[report.verdict], verdictLine(report))));
  return `${lines.join("\n")}\n`;
}
