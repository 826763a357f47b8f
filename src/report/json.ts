/** The report as JSON, version 1 of docs/report.schema.json: every key present, in one order, null when empty. */

import type { Finding, Verification } from "../model/finding.ts";
import { isInSource, type Location } from "../model/location.ts";
import type { Report, Subject } from "../model/report.ts";
import { safeJson } from "./escape.ts";

function subject(item: Subject): Subject {
  if (item.kind !== "image") return { kind: item.kind, name: item.name };
  const { layers, files, bytes, undecoded, absentPlatforms } = item.coverage;
  return {
    kind: item.kind,
    name: item.name,
    source: item.source,
    platform: item.platform,
    configDigest: item.configDigest,
    coverage: { layers, files, bytes, undecoded, absentPlatforms },
  };
}

function location(item: Location): Location {
  const { role, text } = item;
  if (isInSource(item)) {
    const { start, end } = item.region;
    return {
      role,
      in: item.in,
      path: item.path,
      region: {
        start: { line: start.line, column: start.column },
        end: { line: end.line, column: end.column },
      },
      snippet: item.snippet,
      text,
    };
  }
  switch (item.in) {
    case "layer": {
      const { image, layer, diffId, digest, path, within, byteOffset, line, createdBy, hidden } = item;
      return {
        role,
        in: item.in,
        image,
        layer,
        diffId,
        digest,
        path,
        within,
        byteOffset,
        line,
        createdBy,
        hidden,
        text,
      };
    }
    case "config":
      return { role, in: item.in, image: item.image, pointer: item.pointer, variable: item.variable, text };
    case "history":
      return {
        role,
        in: item.in,
        image: item.image,
        index: item.index,
        pointer: item.pointer,
        variable: item.variable,
        text,
      };
    case "attestation":
      return { role, in: item.in, image: item.image, digest: item.digest, pointer: item.pointer, text };
    case "context":
      return { role, in: item.in, path: item.path, byteOffset: item.byteOffset, line: item.line, text };
    case "archive":
      return { role, in: item.in, path: item.path, byteOffset: item.byteOffset, text };
  }
}

function verification(item: Verification | null): Verification | null {
  if (item === null) return null;
  const { state, reason, role, name, scopes, organizations, advice, revoke } = item;
  const members = organizations.map((member) => ({ name: member.name, role: member.role }));
  return { state, reason, role, name, scopes, organizations: members, advice, revoke };
}

function finding(item: Finding): Finding {
  const { token } = item;
  return {
    rule: item.rule,
    level: item.level,
    confidence: item.confidence,
    message: item.message,
    fingerprint: item.fingerprint,
    suppressed: item.suppressed === null ? null : { by: item.suppressed.by, reason: item.suppressed.reason },
    token:
      token === null
        ? null
        : {
            family: token.family,
            preview: token.preview,
            sha256: token.sha256,
            encoding: token.encoding,
            known: token.known,
            verification: verification(token.verification),
          },
    fix: item.fix,
    confirmedBy: item.confirmedBy,
    locations: item.locations.map((place) => location(place)),
  };
}

/** The report as JSON text. */
export function format(report: Report): string {
  return safeJson({
    schemaVersion: report.schemaVersion,
    tool: { name: report.tool.name, version: report.tool.version },
    verdict: report.verdict,
    because: report.because,
    subjects: report.subjects.map((item) => subject(item)),
    findings: report.findings.map((item) => finding(item)),
    gaps: report.gaps.map((gap) => ({ at: gap.at, why: gap.why, detail: gap.detail })),
  } satisfies Report);
}
