/** The report as SARIF 2.1.0, for code scanning. Rule help comes from the metadata that the caller hands in. */

import type {
  Invocation,
  Location as SarifLocation,
  Log,
  LogicalLocation,
  Notification,
  PhysicalLocation,
  ReportingDescriptor,
  Result,
  Suppression as SarifSuppression,
} from "sarif";
import type { Finding } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import type { Level } from "../model/level.ts";
import { isInSource, type LayerLocation, type Location, type SourceLocation } from "../model/location.ts";
import type { Report } from "../model/report.ts";
import type { RuleMeta } from "../model/rule.ts";
import { safeJson } from "./escape.ts";
import type { FormatOptions } from "./format.ts";
import { placeInProject, placeOf } from "./place.ts";
import { ruleMarkdown, ruleText } from "./rule-page.ts";
import { isUrgent } from "./urgency.ts";

const NO_ARCHIVES: ReadonlyMap<string, string> = new Map();
const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** What code scanning sorts by: the worst leak is as bad as a hard-coded credential. */
const SEVERITIES: Readonly<Record<Level, string>> = { error: "8.5", warning: "5.5", note: "2.0" };

/** A path as a relative (or, when it is absolute, a file) URI. */
function uriOf(path: string): string {
  const encoded = path.split("/").map((part) => encodeURIComponent(part.replaceAll(/\p{Cs}/gu, "\u{fffd}")));
  return path.startsWith("/") ? `file://${encoded.join("/")}` : encoded.join("/");
}

/** `[text](target)` in a message is a link in SARIF; ours have none, so the brackets are meant as they stand. */
function messageText(text: string): string {
  return text.replaceAll(/[[\]]/g, "\\$&");
}

function artifact(path: string): PhysicalLocation["artifactLocation"] {
  return path.startsWith("/") ? { uri: uriOf(path) } : { uri: uriOf(path), uriBaseId: "%SRCROOT%" };
}

/** Where something starts in a file: its line, or its offset in a file without lines. */
function startOf({ line, byteOffset }: Pick<LayerLocation, "line" | "byteOffset">): Pick<PhysicalLocation, "region"> {
  if (line !== null) return { region: { startLine: line } };
  return byteOffset === null ? {} : { region: { byteOffset, byteLength: 0 } };
}

/** What was opened for each image, by the image's name. */
type Archives = ReadonlyMap<string, string>;

/** The archive that an image is in. */
function archiveOf(image: string, archives: Archives): PhysicalLocation["artifactLocation"] {
  const source = archives.get(image) ?? image;
  return source === "-" ? { uri: "stdin" } : artifact(source);
}

function physical(location: Location, archives: Archives): PhysicalLocation {
  if (isInSource(location)) {
    const { start, end } = location.region;
    const snippet = location.snippet === null ? {} : { contextRegion: context(location, location.snippet) };
    return {
      artifactLocation: artifact(location.path),
      region: {
        startLine: start.line,
        startColumn: start.column,
        endLine: end.line,
        endColumn: end.column,
      },
      ...snippet,
    };
  }
  switch (location.in) {
    case "context":
      return {
        artifactLocation: artifact(location.path),
        ...startOf(location),
      };
    case "archive":
      return {
        artifactLocation: { uri: uriOf(location.path.replace(/^\/+/, "")) },
        ...(location.byteOffset === null ? {} : { region: { byteOffset: location.byteOffset, byteLength: 0 } }),
      };
    default:
      return { artifactLocation: archiveOf(location.image, archives) };
  }
}

/** The masked lines around a region. */
function context(location: SourceLocation, snippet: string): PhysicalLocation["contextRegion"] {
  const lines = snippet.replace(/\r?\n$/, "").split("\n");
  const { start, end } = location.region;
  return {
    startLine: start.line,
    endLine: Math.max(end.line, start.line + lines.length - 1),
    snippet: { text: snippet },
  };
}

/** The image, and the place in it: SARIF has no physical place for most of what an image holds. */
function logical(location: Location): LogicalLocation[] {
  if (isInSource(location) || location.in === "context") return [];
  const name = location.in === "archive" ? location.path : location.image;
  return [{ kind: "resource", fullyQualifiedName: placeOf(location), name }];
}

function place(location: Location, archives: Archives, id?: number): SarifLocation {
  const logicalLocations = logical(location);
  return {
    ...(id === undefined ? {} : { id }),
    physicalLocation: physical(location, archives),
    ...(logicalLocations.length === 0 ? {} : { logicalLocations }),
    ...(location.text === null ? {} : { message: { text: messageText(location.text) } }),
    ...(isInSource(location) || location.in === "context" ? {} : { properties: { ...location } }),
  };
}

/** The way of the token through the project's files: the related places in order, then the primary one. */
function codeFlows(finding: Finding): Pick<Result, "codeFlows"> {
  const [first, ...related] = finding.locations;
  const others = related.filter((location) => isInSource(location) || location.in === "context");
  if (first === undefined || !isInSource(first) || others.length === 0) return {};
  const locations = [...others, first].map((location, i) => ({
    location: place(location, NO_ARCHIVES),
    executionOrder: i + 1,
  }));
  return { codeFlows: [{ threadFlows: [{ locations }] }] };
}

function suppressions(finding: Finding): SarifSuppression[] {
  const { suppressed } = finding;
  if (suppressed === null) return [];
  return [
    {
      kind: suppressed.by === "comment" ? "inSource" : "external",
      status: "accepted",
      justification: suppressed.reason,
      properties: { by: suppressed.by },
    },
  ];
}

/** Where code scanning shows the finding: for one in an image at what made it, with the place in the image beside it. */
function primary(finding: Finding, archives: Archives): SarifLocation[] {
  const [first] = finding.locations;
  if (first === undefined) return [];
  const own = place(first, archives);
  const source = placeInProject(finding);
  return [source === null ? own : { ...own, physicalLocation: physical(source, archives) }];
}

function result(finding: Finding, ruleIndex: number, archives: Archives): Result {
  const [, ...others] = finding.locations;
  const fix = finding.fix === null ? "" : `\n\nFix: ${finding.fix}`;
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: finding.level,
    message: { text: messageText(`${finding.message}${fix}`) },
    locations: primary(finding, archives),
    ...(others.length === 0 ? {} : { relatedLocations: others.map((location, i) => place(location, archives, i + 1)) }),
    ...codeFlows(finding),
    partialFingerprints: { "hullcheck/v1": finding.fingerprint },
    suppressions: suppressions(finding),
    // Of all results those of a live token that can write come first.
    ...(isUrgent(finding) ? { rank: 100 } : {}),
    properties: {
      ...(isUrgent(finding) ? { tags: ["live-write-token"] } : {}),
      confidence: finding.confidence,
      confirmedBy: finding.confirmedBy,
      token: finding.token,
      fix: finding.fix,
    },
  };
}

function descriptor(meta: RuleMeta): ReportingDescriptor {
  return {
    id: meta.id,
    name: meta.id,
    shortDescription: { text: meta.summary },
    fullDescription: { text: meta.rationale, markdown: meta.rationale },
    help: { text: ruleText(meta), markdown: ruleMarkdown(meta) },
    defaultConfiguration: { level: meta.level },
    properties: {
      tags: ["security", "secret", "external/cwe/cwe-798"],
      precision: "high",
      "security-severity": SEVERITIES[meta.level],
    },
  };
}

/** The rules of the run: all that the caller knows, then those of findings that it does not know. */
function descriptors(report: Report, rules: readonly RuleMeta[]): ReportingDescriptor[] {
  const known = rules.map((meta) => descriptor(meta));
  const ids = new Set(rules.map((meta) => meta.id));
  const others = new Set(report.findings.map((finding) => finding.rule).filter((id) => !ids.has(id)));
  return [...known, ...[...others].map((id) => ({ id }))];
}

function notification(gap: Gap): Notification {
  return {
    descriptor: { id: gap.why },
    level: "error",
    message: { text: messageText(`${gap.at}: ${gap.detail}`) },
    locations: [{ logicalLocations: [{ fullyQualifiedName: gap.at }] }],
  };
}

/** The report as a SARIF log with one run. */
export function format(report: Report, options: FormatOptions): string {
  const rules = descriptors(report, options.rules);
  const archives = new Map(
    report.subjects.flatMap((subject) => (subject.kind === "image" ? [[subject.name, subject.source] as const] : [])),
  );
  const indexes = new Map(rules.map((rule, i) => [rule.id, i]));
  const invocation: Invocation = {
    executionSuccessful: report.gaps.length === 0,
    toolExecutionNotifications: report.gaps.map((gap) => notification(gap)),
    properties: { verdict: report.verdict, because: report.because },
  };
  const log: Log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: report.tool.name, version: report.tool.version, semanticVersion: report.tool.version, rules },
        },
        columnKind: "utf16CodeUnits",
        invocations: [invocation],
        artifacts: report.subjects.map((subject) =>
          subject.kind !== "image"
            ? { location: artifact(subject.name), roles: ["analysisTarget"] }
            : {
                location: archiveOf(subject.name, archives) ?? {},
                roles: ["analysisTarget"],
                properties: { ...subject },
              },
        ),
        results: report.findings.map((finding) => result(finding, indexes.get(finding.rule) ?? -1, archives)),
      },
    ],
  };
  return safeJson(log);
}
