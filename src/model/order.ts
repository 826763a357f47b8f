/** One order of strings for every list that is shown: by code unit, the same on every machine and in every locale. */

/** Compares two strings by UTF-16 code unit; negative, zero or positive as `Array.prototype.sort` wants it. */
export function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
