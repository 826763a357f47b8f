/**
 * The JSON Schema of the report, version 1: docs/report.schema.json is written from here, and every report that a test
 * makes is held against it. The published schema lets later versions add keys; the strict one, for tests, does not.
 */

import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

interface Schema {
  readonly [keyword: string]: unknown;
}

const string: Schema = { type: "string" };
const integer = (minimum: number): Schema => ({ type: "integer", minimum });
const list = (items: Schema): Schema => ({ type: "array", items });
const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const oneOf = (...values: readonly (string | number)[]): Schema => ({ enum: values });

/** An object with exactly these keys, all of them there. */
function object(properties: Readonly<Record<string, Schema>>, description?: string): Schema {
  return {
    ...(description === undefined ? {} : { description }),
    type: "object",
    required: Object.keys(properties),
    properties,
  };
}

const level = oneOf("error", "warning", "note");
const sha256: Schema = { type: "string", pattern: "^[0-9a-f]{64}$" };
const counts: Schema = { type: "object", additionalProperties: integer(1) };
const position = object({ line: integer(1), column: integer(1) }, "1-based; columns count UTF-16 units");
const placed = { role: oneOf("primary", "related"), text: nullable(string) };

const hidden = object({
  byLayer: integer(0),
  how: oneOf("whiteout", "opaque-whiteout", "overwrite", "replaced-type"),
  createdBy: nullable(string),
});

const locations: readonly Schema[] = [
  object(
    {
      ...placed,
      in: oneOf("dockerfile", "compose", "bake", "workflow", "script", "policy"),
      path: string,
      region: object({ start: position, end: position }, "the end is exclusive"),
      snippet: nullable(string),
    },
    "a stretch of a file of the project, or of its policy; the snippet is masked",
  ),
  object(
    { ...placed, in: { const: "context" }, path: string, byteOffset: nullable(integer(0)), line: nullable(integer(1)) },
    "a file of the build context; what it holds is not shown",
  ),
  object(
    {
      ...placed,
      in: { const: "layer" },
      image: string,
      layer: integer(0),
      diffId: nullable(string),
      digest: nullable(string),
      path: { type: "string", pattern: "^/" },
      within: list(string),
      byteOffset: nullable(integer(0)),
      line: nullable(integer(1)),
      createdBy: nullable(string),
      hidden: nullable(hidden),
    },
    "an entry of a layer; `hidden` tells which later layer deletes or overwrites it",
  ),
  object(
    { ...placed, in: { const: "config" }, image: string, pointer: string, variable: nullable(string) },
    "a value of an image's config",
  ),
  object(
    {
      ...placed,
      in: { const: "history" },
      image: string,
      index: integer(0),
      pointer: string,
      variable: nullable(string),
    },
    "an entry of an image's history",
  ),
  object(
    { ...placed, in: { const: "attestation" }, image: string, digest: string, pointer: string },
    "a value of a provenance or SBOM statement",
  ),
  object(
    { ...placed, in: { const: "archive" }, path: string, byteOffset: nullable(integer(0)) },
    "a member of the archive that belongs to no image",
  ),
];

const verification = object(
  {
    state: oneOf("live", "invalid", "unknown"),
    reason: nullable(string),
    role: nullable(string),
    name: nullable(string),
    scopes: list(string),
    organizations: list(object({ name: string, role: nullable(string) })),
    advice: nullable(string),
    revoke: nullable(string),
  },
  "what Hugging Face said of the token, with --verify; `reason` tells why a state is unknown",
);

const token = object(
  {
    family: string,
    preview: string,
    sha256,
    encoding: list(string),
    known: nullable(string),
    verification: nullable(verification),
  },
  'what may be shown of a token; compare the hash with: printf %s "$HF_TOKEN" | sha256sum',
);

const finding = object({
  rule: string,
  level,
  confidence: oneOf("high", "medium", "low"),
  message: string,
  fingerprint: sha256,
  suppressed: nullable(object({ by: oneOf("comment", "baseline", "policy"), reason: string })),
  token: nullable(token),
  fix: nullable(string),
  confirmedBy: list(string),
  locations: { type: "array", minItems: 1, items: { oneOf: locations } },
});

const coverage = object({
  layers: integer(0),
  files: integer(0),
  bytes: integer(0),
  undecoded: counts,
  absentPlatforms: list(string),
});

const subjects: readonly Schema[] = [
  object({ kind: oneOf("dockerfile", "compose", "bake", "workflow", "script"), name: string }),
  object({
    kind: { const: "image" },
    name: string,
    source: string,
    platform: nullable(string),
    configDigest: nullable(string),
    coverage,
  }),
];

const gapKinds = (
  "missing unreadable not-utf-8 binary empty too-large no-dockerfile parse-error no-image " +
  "not-an-archive truncated corrupt missing-blob missing-layer digest-mismatch unsupported-compression " +
  "encrypted foreign-layer unknown-media-type absent-platform undecoded limit rule-failed aborted"
).split(" ");

/** The published schema. */
export const REPORT_SCHEMA: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "hullcheck report, version 1",
  ...object({
    schemaVersion: { const: 1 },
    tool: object({ name: { const: "hullcheck" }, version: string }),
    verdict: oneOf("pass", "fail", "unknown"),
    because: list(string),
    subjects: list({ oneOf: subjects }),
    findings: list(finding),
    gaps: list(object({ at: string, why: oneOf(...gapKinds), detail: string })),
  }),
};

/** The schema with every object closed: no key that it does not know. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => closed(item));
  if (schema === null || typeof schema !== "object") return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return "properties" in inner && "required" in inner ? { ...inner, additionalProperties: false } : inner;
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
const isReport = ajv.compile(closed(REPORT_SCHEMA) as Schema);

/** Fails, with every reason, when a parsed JSON report does not match the schema. */
export function expectReport(report: unknown): void {
  isReport(report);
  expect(isReport.errors ?? []).toEqual([]);
}
