/**
 * The baseline: the findings that a team starts with, by fingerprint. Reads and writes its text; never holds a token, nor
 * anything of which a report would not show as much. Pure: whoever calls reads and writes the file.
 */

import { z } from "zod";
import type { Finding } from "../model/finding.ts";
import { withoutTag } from "../model/image-name.ts";
import { isInSource, type Location } from "../model/location.ts";
import { compareCodeUnits } from "../model/order.ts";
import type { RuleMeta } from "../model/rule.ts";
import { configError, readConfigText } from "./config-text.ts";
import { dateSchema, HASH, reasonSchema } from "./entry-schema.ts";
import { problemInValue } from "./problem-in-value.ts";
import { ACCEPT_WITHOUT_EFFECT, subjectOf, type Baseline } from "./settings.ts";

const VERSION = 1;
/** About ten thousand entries; more leaks than that are no start. */
const MAX_CHARACTERS = 4 * 1_048_576;
const MAX_TEXT = 8192;

const text = z.string({ error: "a text" }).max(MAX_TEXT, { error: `at most ${MAX_TEXT} characters long` });
const entrySchema = z.strictObject(
  {
    fingerprint: z.string({ error: "64 hex digits" }).regex(HASH, { error: "64 hex digits" }),
    rule: text,
    path: text,
    reason: reasonSchema.optional(),
    expires: dateSchema.optional(),
  },
  { error: "an entry with `fingerprint`, `rule` and `path`" },
);
const baselineSchema = z.strictObject(
  { version: z.literal(VERSION), entries: z.array(entrySchema, { error: "a list" }) },
  { error: "a baseline with `version` and `entries`" },
);

/**
 * Reads the text of a baseline, JSON or YAML.
 * @param shown what the user calls the file
 * @throws HullcheckError with line and column for a broken one, one of another version, and an entry that stands twice
 */
export function readBaseline(content: string, shown: string, rules: readonly RuleMeta[]): Baseline {
  const read = readConfigText(content, shown, MAX_CHARACTERS);
  const { value } = read;
  if (typeof value === "object" && value !== null && "version" in value && value.version !== VERSION) {
    const hint = "write it again with --write-baseline";
    throw configError(read.placeOf(["version"]), `this is a baseline of another version than ${VERSION}`, hint);
  }
  const result = baselineSchema.safeParse(value);
  if (!result.success) {
    throw problemInValue(result.error.issues, read, (path) => ({
      what: "key",
      keys: Object.keys(path.length === 0 ? baselineSchema.shape : entrySchema.shape),
    }));
  }
  const known = new Set<string>();
  const entries = result.data.entries.map(({ fingerprint, rule, path, reason, expires }, i) => {
    const origin = read.placeOf(["entries", i]);
    const lower = fingerprint.toLowerCase();
    if (known.has(lower))
      throw configError(origin, "this fingerprint stands here twice", "delete one of the two entries");
    known.add(lower);
    return {
      fingerprint: lower,
      rule,
      path,
      reason: reason ?? null,
      expires: expires ?? null,
      subject: subjectOf(rule, rules),
      origin,
    };
  });
  return { path: shown, entries };
}

/** Where a finding is, without lines and layer numbers. */
function pathOf(location: Location): string {
  if (isInSource(location) || location.in === "context" || location.in === "archive") return location.path;
  if (location.in === "layer") return [withoutTag(location.image), location.path, ...location.within].join(" ");
  return `${withoutTag(location.image)} ${location.in}`;
}

/** Text that a reviewer sees as it is: ASCII, whatever a path holds. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * The text of a baseline of these findings, one entry a line, by path, rule and fingerprint. What is suppressed otherwise
 * is left out; entries of `before` that still count on `today` keep their reason and date.
 */
export function writeBaseline(findings: readonly Finding[], before: Baseline | null, today: string): string {
  const kept = new Map(
    (before?.entries ?? [])
      .filter(({ expires }) => expires === null || expires >= today)
      .map((entry) => [entry.fingerprint, entry]),
  );
  const entries = findings
    .filter(({ rule, suppressed }) => rule !== ACCEPT_WITHOUT_EFFECT && suppressed === null)
    .map(({ rule, fingerprint, locations: [place] }) => {
      const { reason = null, expires = null } = kept.get(fingerprint) ?? {};
      return {
        fingerprint,
        rule,
        path: place === undefined ? "" : pathOf(place).slice(0, MAX_TEXT),
        ...(reason === null ? {} : { reason }),
        ...(expires === null ? {} : { expires }),
      };
    })
    .sort(
      (a, b) =>
        compareCodeUnits(a.path, b.path) ||
        compareCodeUnits(a.rule, b.rule) ||
        compareCodeUnits(a.fingerprint, b.fingerprint),
    );
  // Two images of a run may hold the same leak.
  const seen = new Set<string>();
  const once = entries.filter(({ fingerprint }) => !seen.has(fingerprint) && seen.add(fingerprint));
  const lines = once.map((entry) => `    ${asciiJson(entry)}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`;
  return `{\n  "version": ${VERSION},\n  "entries": ${list}\n}\n`;
}
