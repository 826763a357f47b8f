/** Says in one line what is wrong with a value that a schema refuses, at its place, and what was probably meant. */

import { hintFor } from "../model/did-you-mean.ts";
import type { HullcheckError } from "../model/errors.ts";
import { configError, type ConfigText, type ValuePath } from "./config-text.ts";
import type { FileOrigin } from "./settings.ts";

/** What is read of an issue that zod reports. */
export interface SchemaIssue {
  readonly code: string;
  readonly path: ValuePath;
  readonly message: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
}

/** The keys that a mapping may have, by what it is called in a message. */
export interface KnownKeys {
  readonly what: string;
  readonly keys: readonly string[];
}

/** Longer words are no mistyped names. */
const MAX_QUOTED = 60;

/** `accept[2].reason`. */
function nameOf(path: ValuePath): string {
  return path.reduce<string>(
    (name, step) =>
      typeof step === "number" ? `${name}[${step}]` : name === "" ? String(step) : `${name}.${String(step)}`,
    "",
  );
}

function valueAt(value: unknown, path: ValuePath): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null
        ? Object.entries(inner).find(([key]) => key === String(step))?.[1]
        : undefined,
    value,
  );
}

interface Problem {
  readonly place: FileOrigin;
  readonly message: string;
  readonly hint?: string;
  /** A key that is missing is often there, mistyped: then that is what to say. */
  readonly isMissing?: true;
}

function describe(issue: SchemaIssue, text: ConfigText, keysAt: (path: ValuePath) => KnownKeys): Problem {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys ?? [];
    const { what, keys } = keysAt(path);
    // Not cut: of half a token nobody can tell that it is one.
    const quoted = key.length <= MAX_QUOTED ? ` '${key}'` : "";
    return { place: text.placeOfKey(path, key), message: `unknown ${what}${quoted}`, hint: hintFor(key, keys) };
  }
  const place = text.placeOf(path);
  const name = nameOf(path) || "the file";
  const value = valueAt(text.value, path);
  if (value === undefined) {
    return { place, message: `${name} is missing`, isMissing: true };
  }
  const words = (issue.values ?? []).map(String);
  if (words.length > 0 && typeof value === "string" && value.length <= MAX_QUOTED) {
    return { place, message: `unknown value '${value}' for ${name}`, hint: hintFor(value, words) };
  }
  if (words.length > 0) return { place, message: `${name} has to be one of ${words.join(", ")}` };
  return { place, message: `${name} has to be ${issue.message}` };
}

/** The first of the problems, by its place in the file and what is missing last, as an error. */
export function problemInValue(
  issues: readonly SchemaIssue[],
  text: ConfigText,
  keysAt: (path: ValuePath) => KnownKeys,
): HullcheckError {
  const problems = issues.map((issue) => describe(issue, text, keysAt));
  const [first] = problems.sort(
    (a, b) =>
      Number(a.isMissing === true) - Number(b.isMissing === true) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
  if (first === undefined) throw new Error("a refused value without a problem");
  return configError(first.place, first.message, first.hint);
}
