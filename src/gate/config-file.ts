/**
 * What a config file may say, as one schema that is also published, and the way from its text to settings with places.
 * Nothing in it can turn on network or name a host: there are no such keys, and images are local. Pure.
 */

import { z } from "zod";
import { ACCEPTABLE_GAPS } from "../model/gap.ts";
import { LEVEL_SETTINGS, LEVELS } from "../model/level.ts";
import type { RuleMeta } from "../model/rule.ts";
import { readConfigText, type ConfigText, type ValuePath } from "./config-text.ts";
import { dateSchema, HASH, reasonSchema } from "./entry-schema.ts";
import { problemInValue, type KnownKeys } from "./problem-in-value.ts";
import { subjectOf, type AcceptEntry, type ConfigFile, type Setting } from "./settings.ts";

/** The names that a config may use. */
export interface KnownNames {
  readonly rules: readonly RuleMeta[];
  /** The limits of an inspection, with what each bounds. */
  readonly limits: readonly { readonly name: string; readonly summary: string }[];
}

/** Longer configs are none; accept entries of a team have some 300 characters each. */
const MAX_CHARACTERS = 262_144;
const MAX_PATTERN = 512;

const TEXT = "a text; put it in quotes";
const LIST = "a list";
const MAPPING = "a mapping of keys to values";

function patternSchema(isAbsoluteAllowed: boolean): z.ZodString {
  const wanted = isAbsoluteAllowed
    ? "a path or pattern with * and **, without .., ! and backslashes"
    : "a path or pattern with * and **, from the folder of the config file, without .., ! and backslashes";
  const start = isAbsoluteAllowed ? "" : "(?!/)";
  return z
    .string({ error: TEXT })
    .max(MAX_PATTERN, { error: `at most ${MAX_PATTERN} characters long` })
    .regex(new RegExp(`^${start}(?!!)(?!(?:.*/)?\\.\\.(?:/|$))[^\\\\\\u0000-\\u001f]+$`, "u"), { error: wanted });
}

/** A saved image on disk, or one that the local engine has; a registry has to be asked for on the command line. */
const IMAGE =
  /^(?:(?:docker-archive|oci-archive|oci|dir):(?!-$)[^\u0000-\u001f]+|docker-daemon:(?!.*\/\/)[A-Za-z0-9][\w./:@-]*|(?!-)(?![A-Za-z][A-Za-z0-9+.-]*:)[^\u0000-\u001f]+)$/u;

function schemaFor({ rules, limits }: KnownNames) {
  const ruleIds = rules.map(({ id }) => id);
  const level = z.enum(LEVEL_SETTINGS);
  const accept = z
    .strictObject(
      {
        fingerprint: z
          .string({ error: TEXT })
          .regex(HASH, { error: "64 hex digits, as the JSON report shows them" })
          .describe("The finding's fingerprint, as the JSON report shows it.")
          .optional(),
        token: z
          .string({ error: TEXT })
          .regex(HASH, { error: "the SHA-256 of the token, 64 hex digits, and never the token itself" })
          .describe('The SHA-256 of the token, never the token itself: printf %s "$HF_TOKEN" | sha256sum')
          .optional(),
        rule: z.enum(ruleIds).describe("The rule; needs `path`, `fingerprint` or `token` beside it.").optional(),
        path: patternSchema(true)
          .describe(
            "A path or pattern; from the folder of the config file for a file of the project, with / at its start for a file in an image. Needs `rule` beside it.",
          )
          .optional(),
        reason: reasonSchema,
        expires: dateSchema.optional(),
      },
      { error: MAPPING },
    )
    .refine(
      ({ fingerprint, token, rule, path }) =>
        fingerprint !== undefined || token !== undefined || (rule !== undefined && path !== undefined),
      { error: "an entry with `fingerprint`, `token`, or both `rule` and `path`" },
    )
    .meta({ anyOf: [{ required: ["fingerprint"] }, { required: ["token"] }, { required: ["rule", "path"] }] })
    .describe("What is accepted; of several criteria all have to fit.");
  return z
    .strictObject(
      {
        failOn: z.enum(LEVELS).describe("Findings at this level or worse fail; error unless given.").optional(),
        levels: z
          .strictObject(Object.fromEntries(rules.map(({ id, summary }) => [id, level.describe(summary).optional()])), {
            error: MAPPING,
          })
          .describe("Rules set to another level, or off.")
          .optional(),
        tokenVariables: z
          .array(
            z.string({ error: TEXT }).regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/, { error: "the name of a variable" }),
            { error: LIST },
          )
          .describe("Names of variables that hold a Hugging Face token, beside those that say so themselves.")
          .optional(),
        ignorePaths: z
          .array(patternSchema(false), { error: LIST })
          .describe(
            "Files that a search of folders leaves out; the report says how many. A file that is named is read.",
          )
          .optional(),
        accept: z.array(accept, { error: LIST }).describe("Findings that the team lets through.").optional(),
        acceptedGaps: z
          .array(z.enum(ACCEPTABLE_GAPS), { error: LIST })
          .describe("Kinds of gaps that do not turn a pass into unknown.")
          .optional(),
        limits: z
          .strictObject(
            Object.fromEntries(
              limits.map(({ name, summary }) => [
                name,
                // Nor is maxDepth 0: a pull request could leave every archive closed, without a gap.
                z
                  .int({ error: "a whole number above 0" })
                  .min(1, { error: "a whole number above 0" })
                  .describe(`Limit: ${summary.replace(/; 0 .*$/, "")}.`)
                  .optional(),
              ]),
            ),
            { error: MAPPING },
          )
          .describe("Bounds of an inspection; one that is reached is a gap.")
          .optional(),
        images: z
          .array(
            z.string({ error: TEXT }).max(MAX_PATTERN).regex(IMAGE, {
              error:
                "a saved image on disk or docker-daemon:NAME; registries and standard input are named on the command line",
            }),
            { error: LIST },
          )
          .describe("Images that `hullcheck gate` inspects when its command line names none.")
          .optional(),
      },
      { error: MAPPING },
    )
    .meta({ title: "hullcheck config", description: "The policy of a project: .hullcheck.yaml" });
}

/** The JSON Schema of a config, draft 2020-12. */
export function configJsonSchema(known: KnownNames): unknown {
  return z.toJSONSchema(schemaFor(known));
}

function keysAt(path: ValuePath, known: KnownNames): KnownKeys {
  const schema = schemaFor(known);
  switch (path[0]) {
    case "levels":
      return { what: "rule", keys: known.rules.map(({ id }) => id) };
    case "limits":
      return { what: "limit", keys: known.limits.map(({ name }) => name) };
    case "accept":
      return { what: "key", keys: Object.keys(schema.shape.accept.unwrap().element.shape) };
    default:
      return { what: "key", keys: Object.keys(schema.shape) };
  }
}

type Parsed = z.infer<ReturnType<typeof schemaFor>>;

function listOf<T extends string>(
  values: readonly T[] | undefined,
  key: string,
  { placeOf }: ConfigText,
): readonly Setting<T>[] {
  return (values ?? []).map((value, i) => ({ value, origin: placeOf([key, i]) }));
}

function mapOf<T>(
  values: Readonly<Record<string, T | undefined>> | undefined,
  key: string,
  { placeOfKey }: ConfigText,
): Readonly<Record<string, Setting<T>>> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, { value, origin: placeOfKey([key], name) }] as const],
    ),
  );
}

function acceptEntries(
  entries: Parsed["accept"],
  { placeOf }: ConfigText,
  { rules }: KnownNames,
): readonly AcceptEntry[] {
  return (entries ?? []).map(({ fingerprint, token, rule, path, reason, expires }, i) => ({
    fingerprint: fingerprint?.toLowerCase() ?? null,
    token: token?.toLowerCase() ?? null,
    rule: rule ?? null,
    path: path ?? null,
    reason,
    expires: expires ?? null,
    subject: subjectOf(rule ?? null, rules),
    origin: placeOf(["accept", i]),
  }));
}

/**
 * Reads the text of a config file.
 * @param shown what the user calls the file
 * @throws HullcheckError with line and column for whatever is not understood
 */
export function readConfigFile(text: string, shown: string, known: KnownNames): ConfigFile {
  const read = readConfigText(text, shown, MAX_CHARACTERS);
  const result = schemaFor(known).safeParse(read.value);
  if (!result.success) throw problemInValue(result.error.issues, read, (path) => keysAt(path, known));
  const { failOn, levels, tokenVariables, ignorePaths, accept, acceptedGaps, limits, images } = result.data;
  return {
    path: shown,
    ...(failOn === undefined ? {} : { failOn: { value: failOn, origin: read.placeOfKey([], "failOn") } }),
    levels: mapOf(levels, "levels", read),
    tokenVariables: listOf(tokenVariables, "tokenVariables", read),
    ignorePaths: listOf(ignorePaths, "ignorePaths", read),
    accept: acceptEntries(accept, read, known),
    acceptedGaps: listOf(acceptedGaps, "acceptedGaps", read),
    limits: mapOf(limits, "limits", read),
    images: listOf(images, "images", read),
  };
}
