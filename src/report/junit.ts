/**
 * The report as JUnit XML, as GitLab, Jenkins and others read it: a suite a subject, a test case a finding. What fails
 * the policy is a failure, what does not passes with its text beside it, what is suppressed is skipped, what was not
 * read is an error. A subject passes by a case of its own, and only when it was read as a whole.
 */

import type { Finding } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import { isAtLeast, type Level } from "../model/level.ts";
import { isInSource } from "../model/location.ts";
import type { Report, Subject } from "../model/report.ts";
import { visible } from "./escape.ts";
import type { FormatOptions } from "./format.ts";
import { placeInProject, placeOf, verdictLine } from "./place.ts";
import { block } from "./text.ts";

/** One test case: what it is called, and what came of it. */
interface Case {
  readonly name: string;
  readonly outcome: "passed" | "failures" | "errors" | "skipped";
  /** Attributes beside class and name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The XML below it, or nothing. */
  readonly inner: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** The suite of what belongs to no subject. */
const ELSEWHERE = "hullcheck";

/** Text for content and attributes; what XML 1.0 forbids was made visible before. */
function xml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function attribute(text: string): string {
  return xml(visible(text));
}

function element(name: string, attributes: Readonly<Record<string, string>>, inner: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  return `<${name}${pairs.join("")}${inner === "" ? "/>" : `>${inner}</${name}>`}`;
}

/** The finding as the text format shows it. */
function textOf(finding: Finding): string {
  return xml(`\n${block((_, text) => text, finding).join("\n")}`);
}

function findingCase(finding: Finding, failOn: Level): Case {
  const { rule, level, message, suppressed } = finding;
  const [first] = finding.locations;
  const source = placeInProject(finding);
  const name = first === undefined ? rule : `${rule} at ${placeOf(first)}`;
  const attributes: Record<string, string> =
    source === null ? {} : { file: source.path, line: String(source.region.start.line) };
  if (suppressed !== null) {
    const why = `suppressed by ${suppressed.by}: ${suppressed.reason}`;
    return { name, outcome: "skipped", attributes, inner: element("skipped", { message: why }, "") };
  }
  if (isAtLeast(level, failOn)) {
    const inner = element("failure", { type: level, message }, textOf(finding));
    return { name, outcome: "failures", attributes, inner };
  }
  return { name, outcome: "passed", attributes, inner: element("system-out", {}, textOf(finding)) };
}

function gapCase({ at, why, detail }: Gap): Case {
  const inner = element("error", { type: why, message: detail }, "");
  return { name: `looked at ${at}`, outcome: "errors", attributes: {}, inner };
}

function passedCase(): Case {
  return { name: "no leak found", outcome: "passed", attributes: {}, inner: "" };
}

/** The name of the subject that a finding is in. */
function subjectOf({ locations }: Finding): string {
  const [first] = locations;
  if (first === undefined || first.in === "archive" || first.in === "context") return ELSEWHERE;
  return isInSource(first) ? first.path : first.image;
}

/** True when a gap is a part of the subject: `Dockerfile:3:1`, `app:1 layer 4`. */
function isWithin({ at }: Gap, { kind, name }: Subject): boolean {
  return at === name || at.startsWith(`${name}${kind === "image" ? " " : ":"}`);
}

function suitesOf(report: Report, failOn: Level): Suite[] {
  const { subjects, findings, gaps } = report;
  const strays = gaps.filter((gap) => !subjects.some((subject) => isWithin(gap, subject)));
  const names = new Set(subjects.map(({ name }) => name));
  const suites = [...names].map((name): Suite => {
    const own = subjects.filter((subject) => subject.name === name);
    const cases = [
      ...findings.filter((finding) => subjectOf(finding) === name).map((finding) => findingCase(finding, failOn)),
      ...gaps.filter((gap) => own.some((subject) => isWithin(gap, subject))).map((gap) => gapCase(gap)),
    ];
    // A gap of an archive may be one of any image in it.
    const mayPass = own.every(({ kind }) => kind !== "image") || strays.length === 0;
    return { name, cases: cases.length === 0 && mayPass ? [passedCase()] : cases };
  });
  const others = [
    ...findings.filter((finding) => !names.has(subjectOf(finding))).map((finding) => findingCase(finding, failOn)),
    ...strays.map((gap) => gapCase(gap)),
  ];
  return [...suites, { name: ELSEWHERE, cases: others }].filter(({ cases }) => cases.length > 0);
}

function counts(cases: readonly Case[]): Readonly<Record<string, string>> {
  const count = (outcome: Case["outcome"]): string => String(cases.filter((item) => item.outcome === outcome).length);
  return {
    tests: String(cases.length),
    failures: count("failures"),
    errors: count("errors"),
    skipped: count("skipped"),
    time: "0",
  };
}

/** A suite as lines. Readers tell cases apart by their names: a second one of a name gets a number. */
function suiteLines({ name, cases }: Suite): string[] {
  const seen = new Map<string, number>();
  const lines = cases.map((item) => {
    const count = (seen.get(item.name) ?? 0) + 1;
    seen.set(item.name, count);
    const shown = count === 1 ? item.name : `${item.name} (${count})`;
    return `    ${element("testcase", { classname: name, name: shown, time: "0", ...item.attributes }, item.inner)}`;
  });
  return [`  ${element("testsuite", { name, ...counts(cases) }, `\n${lines.join("\n")}\n  `)}`];
}

/** The report as a JUnit XML document. */
export function format(report: Report, { failOn }: FormatOptions): string {
  const suites = suitesOf(report, failOn);
  const summary = { name: verdictLine(report), ...counts(suites.flatMap(({ cases }) => cases)) };
  const inner = suites.flatMap((suite) => suiteLines(suite)).map((line) => `\n${line}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", summary, `${inner.join("")}\n`)}\n`;
}
