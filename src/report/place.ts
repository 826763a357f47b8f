/** Says in words where a finding is: the short form that every format uses in a title. Escapes nothing, draws nothing. */

import { counted } from "../model/counted.ts";
import type { Finding } from "../model/finding.ts";
import { isInSource, type Location, type SourceLocation } from "../model/location.ts";
import type { Report, Subject } from "../model/report.ts";

/** A digest as people read it: the algorithm and the first 12 digits. */
export function shortDigest(digest: string): string {
  return digest.replace(/^([a-z0-9]+:[0-9a-f]{12})[0-9a-f]+$/, "$1");
}

/** The path in the image and the members below it, outermost first. */
export function pathWithin(path: string, within: readonly string[]): string {
  return [path, ...within].join(" > ");
}

/** Where a location is, in one line: `Dockerfile:4:1`, `app:1 layer 3: /root/token`, `app:1 config /config/Env/3`. */
export function placeOf(location: Location): string {
  if (isInSource(location)) return `${location.path}:${location.region.start.line}:${location.region.start.column}`;
  switch (location.in) {
    case "context":
      return `${location.path}${location.line === null ? "" : `:${location.line}`}`;
    case "layer":
      return `${location.image} layer ${location.layer}: ${pathWithin(location.path, location.within)}`;
    case "config":
      return `${location.image} config ${location.pointer}`;
    case "history":
      return `${location.image} history entry ${location.index}`;
    case "attestation":
      return `${location.image} attestation ${shortDigest(location.digest)} ${location.pointer}`;
    case "archive":
      return `archive ${location.path}`;
  }
}

/**
 * The place in the project that stands for a finding: its own, or for one in an image that of what made it; null when
 * only the image shows it.
 */
export function placeInProject({ locations: [first, ...related] }: Finding): SourceLocation | null {
  if (first === undefined || first.in === "context") return null;
  return isInSource(first) ? first : (related.find((location) => isInSource(location)) ?? null);
}

/** The place, to stand before the message of a finding that is not in a file of the project; else nothing. */
export function placeBefore({ locations: [first] }: Finding): string {
  return first === undefined || isInSource(first) ? "" : `${placeOf(first)}: `;
}

/** What a subject of a kind is called. */
const SUBJECT_NAMES: readonly (readonly [kind: Subject["kind"], name: string])[] = [
  ["dockerfile", "Dockerfile"],
  ["compose", "compose file"],
  ["bake", "bake file"],
  ["workflow", "CI file"],
  ["script", "script"],
  ["image", "image"],
];

/** How much was looked at: `3 Dockerfiles, 1 image`. */
function subjectsOf(subjects: readonly Subject[]): string {
  const parts = SUBJECT_NAMES.flatMap(([kind, name]) => {
    const count = subjects.filter((subject) => subject.kind === kind).length;
    return count === 0 ? [] : [counted(count, name)];
  });
  return parts.length === 0 ? "nothing could be read" : parts.join(", ");
}

/** The last line of what a person reads: verdict, reasons, extent. */
export function verdictLine(report: Report): string {
  const reasons = report.findings.length + report.gaps.length === 0 ? ["no leak found"] : [];
  return `${report.verdict}: ${[...reasons, ...report.because].join(", ")} (${subjectsOf(report.subjects)})`;
}
