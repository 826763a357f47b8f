/**
 * Fields that an engine may read and this program would not: Go's JSON reader takes `Layers` for `layers`, and the last
 * of both counts. Pure. Fact: encoding/json, "preferring an exact match but also accepting a case-insensitive match".
 */

import { field } from "../json-document.ts";
import type { Problem } from "../problem.ts";

/** As Go folds names, with the long s and the Kelvin sign, which are letters of ASCII to it. */
function folded(name: string): string {
  return name.toLowerCase().toUpperCase();
}

/** A gap for each field of an object that is one of the `known` but for capitals; what hangs on it was not read. */
export function disguisedFields(value: unknown, known: readonly string[], what: string = "a manifest"): Problem[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const found = Object.keys(value).flatMap((key) =>
    known.filter((name) => name !== key && folded(name) === folded(key)),
  );
  return found.map((name) => ({
    why: "corrupt",
    detail: `${what} has a field that engines take for '${name}', and writes it otherwise; it was not read`,
  }));
}

function isItem(value: unknown): boolean {
  return typeof value === "string" || typeof field(value, "digest") === "string";
}

/** A gap for each field of an object that ought to be a list of names or descriptors, and is something else. */
export function oddLists(value: unknown, names: readonly string[]): Problem[] {
  const odd = names.filter((name) => {
    const list = field(value, name) ?? [];
    return !Array.isArray(list) || !list.every(isItem);
  });
  return odd.map((name) => ({ why: "corrupt", detail: `'${name}' of a manifest is no list of what belongs to it` }));
}

/** A gap for an object that may be read as an index or as a manifest: engines differ in which (CVE-2021-41190). */
export function ambiguities(value: unknown): Problem[] {
  const isBoth = field(value, "manifests") !== undefined && field(value, "layers") !== undefined;
  return isBoth ? [{ why: "corrupt", detail: "a manifest is an index as well; it was read as an index" }] : [];
}
