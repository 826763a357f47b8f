/**
 * The report as one page that stands for itself: no script, no link out, nothing to load, and a policy in the page that
 * forbids all of it. Every string is shown as text.
 */

import type { Finding } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import type { Location } from "../model/location.ts";
import type { Report, Subject } from "../model/report.ts";
import type { RuleMeta } from "../model/rule.ts";
import { frameLine, frameOf } from "./code-frame.ts";
import { findingDetails, placeDetails, type Detail } from "./details.ts";
import { visible, visibleLines } from "./escape.ts";
import type { FormatOptions } from "./format.ts";
import { placeOf, verdictLine } from "./place.ts";
import { ruleText } from "./rule-page.ts";
import { alarms, byUrgency } from "./urgency.ts";

/** The page's only style; the policy names its hash, which a test computes anew. */
const STYLE = `
:root { color-scheme: light dark; --line: #8886; --error: #c4232b; --warning: #9a6700; --note: #0969a8; --pass: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --error: #ff8182; --warning: #e3b341; --note: #79c0ff; --pass: #7ee787; } }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; }
code, pre, td, dd, bdi { unicode-bidi: isolate; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { overflow-x: auto; overflow-wrap: normal; padding: .5rem; border: 1px solid var(--line); border-radius: .25rem; }
article { border: 1px solid var(--line); border-left-width: .4rem; border-radius: .25rem; margin: 1rem 0; padding: 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: .5rem 0; }
dt { opacity: .7; }
dd { margin: 0; white-space: pre-wrap; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
.error, .fail { border-left-color: var(--error); } .error b, b.error, b.fail { color: var(--error); }
.warning, .unknown { border-left-color: var(--warning); } .warning b, b.warning, b.unknown { color: var(--warning); }
.note { border-left-color: var(--note); } .note b { color: var(--note); }
b.pass { color: var(--pass); }
`;

const POLICY =
  "default-src 'none'; style-src 'sha256-do7+SV5Cyk4iABcfUYpONIg8RdB8w0ywdPSP4VH2W8U='; base-uri 'none'; form-action 'none'";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text of one line, for content and attributes. */
function html(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** Text with the line feeds that it has, on one line of the page, so that none of it begins a line of a log. */
function lines(text: string): string {
  return visibleLines(text)
    .map((line) => html(line))
    .join("<br>");
}

function list(rows: readonly Detail[]): string[] {
  if (rows.length === 0) return [];
  return ["<dl>", ...rows.map(({ label, text }) => `<dt>${html(label)}</dt><dd>${lines(text)}</dd>`), "</dl>"];
}

function frame(location: Location): string[] {
  const rows = frameOf(location).map((row) => frameLine(row, html));
  return rows.length === 0 ? [] : [`<pre>${rows.join("\n")}</pre>`];
}

function related(location: Location): string[] {
  const why = location.text === null ? "" : ` ${html(location.text)}`;
  return [`<p>See <code>${html(placeOf(location))}</code>${why}</p>`, ...frame(location)];
}

function article(finding: Finding): string[] {
  const { level, rule, message, suppressed } = finding;
  const [first, ...others] = finding.locations;
  const why = suppressed === null ? [] : [{ label: "suppressed", text: `by ${suppressed.by}: ${suppressed.reason}` }];
  return [
    `<article class="${suppressed === null ? level : "suppressed"}">`,
    `<h3><b>${level}</b> ${html(rule)}${first === undefined ? "" : ` <code>${html(placeOf(first))}</code>`}</h3>`,
    `<p>${html(message)}</p>`,
    ...(first === undefined ? [] : [...frame(first), ...list(placeDetails(first))]),
    ...others.flatMap((location) => related(location)),
    ...list([...why, ...findingDetails(finding)]),
    "</article>",
  ];
}

function gapArticle({ at, why, detail }: Gap): string[] {
  return [
    '<article class="unknown">',
    `<h3><b class="unknown">${html(why)}</b> <code>${html(at)}</code></h3>`,
    `<p>${html(detail)}</p>`,
    "</article>",
  ];
}

function extentOf(subject: Subject): string {
  if (subject.kind !== "image") return "";
  const { layers, files, bytes, undecoded, absentPlatforms } = subject.coverage;
  const parts = [
    ...(subject.platform === null ? [] : [subject.platform]),
    `${layers} layers, ${files} files, ${bytes} bytes`,
    ...Object.entries(undecoded).map(([kind, count]) => `${count} not decoded (${kind})`),
    ...absentPlatforms.map((platform) => `${platform} is not in it`),
  ];
  return html(parts.join("; "));
}

function section(title: string, count: number, content: readonly string[]): string[] {
  return count === 0 ? [] : [`<section>`, `<h2>${title} (${count})</h2>`, ...content, "</section>"];
}

function subjectTable(subjects: readonly Subject[]): string[] {
  const rows = subjects.map(
    (subject) => `<tr><td>${subject.kind}</td><td>${html(subject.name)}</td><td>${extentOf(subject)}</td></tr>`,
  );
  return ["<table>", "<tr><th>kind</th><th>name</th><th>what was read</th></tr>", ...rows, "</table>"];
}

function rulePage(meta: RuleMeta): string[] {
  return [
    `<details><summary>${html(meta.id)}</summary>`,
    `<pre>${lines(ruleText(meta).trimEnd())}</pre>`,
    "</details>",
  ];
}

/** The report as an HTML page. */
export function format(report: Report, options: FormatOptions): string {
  const { verdict, subjects, findings, gaps } = report;
  const active = findings.filter(({ suppressed }) => suppressed === null);
  const suppressed = findings.filter((finding) => finding.suppressed !== null);
  const told = options.rules.filter(({ id }) => findings.some(({ rule }) => rule === id));
  return `${[
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="referrer" content="no-referrer">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>hullcheck: ${verdict}</title>`,
    `<style>${STYLE}</style>`,
    "</head>",
    "<body>",
    `<h1>hullcheck: <b class="${verdict}">${verdict}</b></h1>`,
    `<p>${html(verdictLine(report))}</p>`,
    ...alarms(findings).map((sentence) => `<p><b class="error">${html(sentence)}</b></p>`),
    ...section(
      "Findings",
      active.length,
      byUrgency(active).flatMap((finding) => article(finding)),
    ),
    ...section(
      "Not looked at",
      gaps.length,
      gaps.flatMap((gap) => gapArticle(gap)),
    ),
    ...section(
      "Suppressed",
      suppressed.length,
      suppressed.flatMap((finding) => article(finding)),
    ),
    ...section("Looked at", subjects.length, subjectTable(subjects)),
    ...section(
      "About the rules",
      told.length,
      told.flatMap((meta) => rulePage(meta)),
    ),
    `<footer><p>Written by hullcheck ${html(report.tool.version)}.</p></footer>`,
    "</body>",
    "</html>",
  ].join("\n")}\n`;
}
