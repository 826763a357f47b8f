/**
 * Fields that every engine reads and this program would not: Go's JSON reader takes `Layers` for `layers`, and the last
 * of both counts. Pure. Fact: encoding/json, "preferring an exact match but also accepting a case-insensitive match".
 */

import type { Problem } from "../problem.ts";

/** As Go folds names, with the long s and the Kelvin sign, which are letters of ASCII to it. */
function folded(name: string): string {
  return name.toLowerCase().toUpperCase();
}

/** A gap for each field of an object that is one of the `known` but for capitals; what hangs on it was not read. */
export function disguisedFields(value: unknown, known: readonly string[]): Problem[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const found = Object.keys(value).flatMap((key) =>
    known.filter((name) => name !== key && folded(name) === folded(key)),
  );
  return found.map((name) => ({
    why: "corrupt",
    detail: `a manifest has a field that engines take for '${name}', and writes it otherwise; it was not read`,
  }));
}
