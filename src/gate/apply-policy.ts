/**
 * Applies what a team lets through, accept entries and baseline, to what was found: findings stay and say why they do not
 * count, entries that do nothing become findings of their own. Pure; decides no verdict.
 */

import { createHash } from "node:crypto";
import { counted } from "../model/counted.ts";
import type { Finding, Suppression } from "../model/finding.ts";
import { withoutTag } from "../model/image-name.ts";
import { isInSource, type Location } from "../model/location.ts";
import type { Outcome } from "../model/report.ts";
import { fixedPartOf, matchesPattern } from "./pattern.ts";
import {
  ACCEPT_WITHOUT_EFFECT,
  projectPath,
  type AcceptEntry,
  type BaselineEntry,
  type FileOrigin,
  type Settings,
} from "./settings.ts";

/** The places of one note; a reader of more looks into the file. */
const MAX_PLACES = 20;

type Entry = AcceptEntry | BaselineEntry;

/** The path of a finding that patterns are held against; null for one that has none. */
function pathOf(place: Location | undefined, settings: Settings): string | null {
  if (place === undefined) return null;
  if (place.in === "layer") return place.path;
  return isInSource(place) || place.in === "context" ? projectPath(settings, place.path) : null;
}

function isAccepted(entry: AcceptEntry, finding: Finding, path: string | null): boolean {
  return (
    (entry.fingerprint === null || entry.fingerprint === finding.fingerprint) &&
    (entry.token === null || entry.token === finding.token?.sha256) &&
    (entry.rule === null || entry.rule === finding.rule) &&
    (entry.path === null || (path !== null && matchesPattern(entry.path, path)))
  );
}

function isExpired({ expires }: Entry, today: string): boolean {
  return expires !== null && expires < today;
}

/** True when everything at and below a path of the project was linted. */
function isLinted(path: string, settings: Settings): boolean {
  return (settings.paths ?? []).some((typed) => {
    const linted = projectPath(settings, typed);
    const isAbove = /^(?:\.\.(?:\/|$))*$/.test(linted);
    return typed !== "-" && (isAbove || path === linted || path.startsWith(`${linted}/`));
  });
}

/** True when the rule of an entry, or of one without a rule every rule, can say something. */
function isJudged({ rule }: Entry, { levels }: Settings): boolean {
  const off = Object.keys(levels).filter((id) => levels[id]?.value === "off");
  return rule === null ? off.length === 0 : !off.includes(rule);
}

/** True when the image of an entry was inspected: any one, for an entry that names none. */
function isInspected(entry: Entry, { subjects }: Outcome): boolean {
  const images = subjects.filter(({ kind }) => kind === "image").map(({ name }) => withoutTag(name));
  return "token" in entry ? images.length > 0 : images.some((name) => entry.path.startsWith(`${name} `));
}

/** True when all that an entry can be about was looked at; `path` is where it starts in the project. */
function isLookedAt(entry: Entry, path: string, outcome: Outcome, settings: Settings): boolean {
  if (outcome.gaps.length > 0 || !isJudged(entry, settings)) return false;
  if (entry.subject === "image") return isInspected(entry, outcome);
  return isLinted(path, settings) && (entry.subject === "project" || isInspected(entry, outcome));
}

interface Note {
  readonly message: string;
  readonly fix: string;
  readonly places: readonly FileOrigin[];
  readonly identity: readonly string[];
}

function noteFinding({ message, fix, places, identity }: Note, settings: Settings): Finding[] {
  const level = settings.levels[ACCEPT_WITHOUT_EFFECT]?.value ?? "note";
  const [first] = places;
  if (level === "off" || first === undefined) return [];
  const what = JSON.stringify([ACCEPT_WITHOUT_EFFECT, first.path, identity]);
  return [
    {
      rule: ACCEPT_WITHOUT_EFFECT,
      level,
      confidence: "high",
      message,
      fingerprint: createHash("sha256").update(what).digest("hex"),
      suppressed: null,
      token: null,
      fix,
      confirmedBy: [],
      locations: places.slice(0, MAX_PLACES).map(({ path, line, column }, i) => ({
        role: i === 0 ? "primary" : "related",
        in: "policy",
        path,
        region: { start: { line, column }, end: { line, column: column + 1 } },
        snippet: null,
        text: null,
      })),
    },
  ];
}

/** The entries of the config: what each matches is suppressed by the first that does. */
function applyAccept(findings: readonly Finding[], outcome: Outcome, settings: Settings, today: string): Judged {
  const { accept } = settings;
  const paths = findings.map((finding) => pathOf(finding.locations[0], settings));
  const matched = accept.map((entry) => findings.filter((finding, i) => isAccepted(entry, finding, paths[i] ?? null)));
  const reasons = new Map<Finding, Suppression>();
  const notes = accept.flatMap((entry, i): Finding[] => {
    const own = matched[i] ?? [];
    const { fingerprint, token, rule, path, expires, origin, reason } = entry;
    const identity = [fingerprint, token, rule, path, expires].map((part) => part ?? "");
    const note = { places: [origin], identity };
    if (isExpired(entry, today) && own.length > 0) {
      const message = `This accept entry expired on ${expires ?? ""}: what it let through counts again.`;
      const fix = "Mend what it let through and delete the entry, or look at it again and give it a later date.";
      return noteFinding({ ...note, message, fix }, settings);
    }
    for (const finding of own) if (!reasons.has(finding)) reasons.set(finding, { by: "policy", reason });
    if (own.length > 0 || !isLookedAt(entry, fixedPartOf(path ?? ""), outcome, settings)) return [];
    const message = "This accept entry matches no finding: what it let through is gone, or was never there.";
    return noteFinding({ ...note, message, fix: "Delete the entry, or correct what it names." }, settings);
  });
  return { findings: suppress(findings, reasons), notes };
}

interface Judged {
  readonly findings: readonly Finding[];
  readonly notes: readonly Finding[];
}

function suppress(findings: readonly Finding[], reasons: ReadonlyMap<Finding, Suppression>): readonly Finding[] {
  return findings.map((finding) => {
    const suppressed = finding.suppressed ?? reasons.get(finding) ?? null;
    return suppressed === finding.suppressed ? finding : { ...finding, suppressed };
  });
}

function countedEntries({ length }: readonly FileOrigin[]): string {
  return length === 1 ? "1 entry of the baseline" : `${length} entries of the baseline`;
}

/** The entries of the baseline: known findings are suppressed, those that are gone are named in one note. */
function applyBaseline(findings: readonly Finding[], outcome: Outcome, settings: Settings, today: string): Judged {
  const { baseline } = settings;
  if (baseline === null) return { findings, notes: [] };
  // Two images of a run may hold the same leak, which is one entry.
  const byFingerprint = new Map<string, Finding[]>();
  for (const finding of findings) {
    const { fingerprint } = finding;
    byFingerprint.set(fingerprint, [...(byFingerprint.get(fingerprint) ?? []), finding]);
  }
  const reasons = new Map<Finding, Suppression>();
  const gone: FileOrigin[] = [];
  const expired: FileOrigin[] = [];
  for (const entry of baseline.entries) {
    const own = byFingerprint.get(entry.fingerprint) ?? [];
    if (own.length === 0) {
      if (isLookedAt(entry, projectPath(settings, entry.path), outcome, settings)) gone.push(entry.origin);
    } else if (isExpired(entry, today)) expired.push(entry.origin);
    else {
      const reason = entry.reason ?? `known since the baseline ${baseline.path}`;
      for (const finding of own) reasons.set(finding, { by: "baseline", reason });
    }
  }
  const notes = [
    {
      places: gone,
      identity: ["gone"],
      message: `${countedEntries(gone)} can be removed: what stood there is fixed.`,
      fix: `Write the baseline again: --write-baseline ${baseline.path}`,
    },
    {
      places: expired,
      identity: ["expired"],
      message: `${countedEntries(expired)} expired: what stands there counts again.`,
      fix: "Mend it, or look at it again and give the entry a later date.",
    },
  ].flatMap((note) => noteFinding(note, settings));
  return { findings: suppress(findings, reasons), notes };
}

/** How many rules the config turns off: what a pull request can change has to show. */
function remarksOf({ levels, config }: Settings): readonly string[] {
  const off = Object.values(levels).filter(({ value, origin }) => value === "off" && origin.from === "file").length;
  return off === 0 ? [] : [`${counted(off, "rule")} off by ${config ?? "the config"}`];
}

/**
 * The outcome under the policy of these settings: suppressed findings say by what, entries without effect are notes.
 * @param today YYYY-MM-DD; entries with an earlier `expires` do not count
 */
export function applyPolicy(outcome: Outcome, settings: Settings, today: string): Outcome {
  const accepted = applyAccept(outcome.findings, outcome, settings, today);
  const known = applyBaseline(accepted.findings, outcome, settings, today);
  return {
    ...outcome,
    findings: [...known.findings, ...accepted.notes, ...known.notes],
    remarks: [...(outcome.remarks ?? []), ...remarksOf(settings)],
  };
}
