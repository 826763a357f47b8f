/**
 * Turns what rules drafted into the findings of a report: levels as asked for, one finding per token and place, sorted,
 * with fingerprints, every string redacted. The only place where findings are made; does no I/O and decides nothing.
 */

import { createHash } from "node:crypto";
import type { Draft, Finding, Suppression } from "./model/finding.ts";
import { withoutTag } from "./model/image-name.ts";
import { worse, type Level } from "./model/level.ts";
import { isInSource, overlaps, type Location } from "./model/location.ts";
import { compareCodeUnits } from "./model/order.ts";
import type { Secrets } from "./token/secrets.ts";

/** What a rule id is set to: `off` drops its findings. */
export type LevelOverrides = Readonly<Record<string, Level | "off">>;

/** A draft with the rule it comes from, as its position in the catalogue: the smaller, the more specific. */
export interface Drafted {
  readonly rule: string;
  readonly rank: number;
  readonly draft: Draft;
  readonly suppressed: Suppression | null;
}

/** The file that a location is in, as fingerprints and the order of findings know it. */
function fileOf(location: Location): string {
  if (isInSource(location)) return location.path;
  switch (location.in) {
    case "archive":
    case "context":
      return location.path;
    case "layer":
      return `${withoutTag(location.image)} ${location.path} ${location.within.join(" ")}`;
    default:
      return `${withoutTag(location.image)} ${location.in}`;
  }
}

/** Sort keys of a location, the coarsest first; numbers sort as numbers. */
function orderOf(location: Location): readonly (string | number)[] {
  if (isInSource(location)) return [location.path, location.region.start.line, location.region.start.column];
  switch (location.in) {
    case "context":
      return [location.path, location.line ?? 0, 0, location.byteOffset ?? -1];
    case "archive":
      return ["~archive", 0, 0, location.path, location.byteOffset ?? -1];
    case "config":
      return [location.image, 0, 0, location.pointer];
    case "history":
      return [location.image, 1, location.index];
    case "attestation":
      return [location.image, 2, 0, location.digest, location.pointer];
    case "layer":
      return [location.image, 3, location.layer, location.path, location.within.join("\0"), location.byteOffset ?? -1];
  }
}

function compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i] ?? "";
    const y = b[i] ?? "";
    const order = typeof x === "number" && typeof y === "number" ? x - y : compareCodeUnits(String(x), String(y));
    if (order !== 0) return order;
  }
  return 0;
}

function primary(draft: Draft): Location {
  const [first] = draft.locations;
  if (first === undefined) throw new Error("a finding needs a place");
  return first;
}

/** True when two locations are the same place, or stretches of one file that overlap. */
function isSamePlace(a: Location, b: Location): boolean {
  if (!isInSource(a) || !isInSource(b)) return compareKeys(orderOf(a), orderOf(b)) === 0;
  return a.path === b.path && overlaps(a.region, b.region);
}

/** One finding per token and place: the most specific rule stays, with the highest level of all. */
function deduplicate(sorted: readonly Drafted[]): Drafted[] {
  const byToken = new Map<string, Drafted[]>();
  const kept: Drafted[] = [];
  for (const drafted of [...sorted].sort((a, b) => a.rank - b.rank)) {
    const token = drafted.draft.token?.sha256;
    const place = primary(drafted.draft);
    const key = token === undefined ? `${drafted.rule} ${JSON.stringify(orderOf(place))}` : `${token} ${fileOf(place)}`;
    const others = byToken.get(key) ?? [];
    const twin = others.findIndex((other) => isSamePlace(primary(other.draft), place));
    const same = others[twin];
    if (same === undefined) {
      others.push(drafted);
      byToken.set(key, others);
      kept.push(drafted);
      continue;
    }
    const level = worse(same.draft.level, drafted.draft.level);
    const merged = { ...same, draft: { ...same.draft, level } };
    others[twin] = merged;
    kept[kept.indexOf(same)] = merged;
  }
  return kept;
}

/* oxlint-disable typescript/no-unsafe-type-assertion -- the shape of the value stays; only its strings change */
/** The value with every string in it redacted, at any depth. */
export function redactAll<T>(value: T, secrets: Secrets): T {
  if (typeof value === "string") return secrets.redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactAll(item, secrets)) as T;
  if (value !== null && typeof value === "object") {
    const entries: [string, unknown][] = Object.entries(value);
    for (const entry of entries) {
      entry[0] = secrets.redact(entry[0]);
      entry[1] = redactAll(entry[1], secrets);
    }
    return Object.fromEntries(entries) as T;
  }
  return value;
}
/* oxlint-enable typescript/no-unsafe-type-assertion */

/** The findings of a report, sorted by file, position and rule. */
export function assemble(drafted: readonly Drafted[], secrets: Secrets, levels: LevelOverrides = {}): Finding[] {
  const wanted = drafted.filter(({ rule }) => levels[rule] !== "off");
  const sorted = deduplicate(wanted)
    .map((item) => {
      // What is asked for counts for the finding that stays, whatever level its twins had.
      const level = levels[item.rule] ?? "off";
      return level === "off" ? item : { ...item, draft: { ...item.draft, level } };
    })
    .map((item) => ({ item, key: [...orderOf(primary(item.draft)), item.rule] }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ item }) => item);
  const seen = new Map<string, number>();
  return sorted.map(({ rule, draft, suppressed }) => {
    const shown = redactAll(draft, secrets);
    const what = JSON.stringify([
      rule,
      secrets.redact(fileOf(primary(draft))),
      shown.identity,
      draft.token?.sha256 ?? null,
    ]);
    const occurrence = seen.get(what) ?? 0;
    seen.set(what, occurrence + 1);
    const fingerprint = createHash("sha256").update(`${what} ${occurrence}`).digest("hex");
    return {
      rule,
      level: shown.level,
      confidence: shown.confidence,
      message: shown.message,
      fingerprint,
      suppressed: suppressed === null ? null : redactAll(suppressed, secrets),
      token: shown.token,
      fix: shown.fix,
      confirmedBy: [],
      locations: shown.locations,
    };
  });
}
