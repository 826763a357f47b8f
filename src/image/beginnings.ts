/**
 * A quick look at how a content begins, for a whole list of beginnings at once: four tables, one for each of the first
 * four bytes. Something of the list may begin where the four bytes have a bit in common; nearly everything else is told
 * apart by its second byte. Knows no format.
 */

/** A byte of a beginning, or null for any. */
export type Beginning = readonly (number | null)[];

/** Four tables of 256 bytes, one behind the other. */
export type Beginnings = Uint8Array;

/** How many bytes are looked at. */
export const LOOKED_AT = 4;

/** The tables for these beginnings, of which each says its first byte; what they say of a fifth does not count. */
export function beginningsOf(list: readonly Beginning[]): Beginnings {
  const tables = new Uint8Array(LOOKED_AT * 256);
  for (const beginning of list) {
    // Beginnings share a bit by their first byte, so that few that differ in it do.
    const bit = 1 << ((beginning[0] ?? 0) & 7);
    for (let i = 0; i < LOOKED_AT; i++) {
      const only = beginning[i] ?? null;
      for (let byte = 0; byte < 256; byte++)
        if (only === null || only === byte) tables[256 * i + byte] = (tables[256 * i + byte] ?? 0) | bit;
    }
  }
  return tables;
}

/** True when one of the list may begin at `at`. `scan/entry-skip-module.ts` holds the same. */
export function mayBegin(tables: Beginnings, bytes: Uint8Array, at: number): boolean {
  let bits = tables[bytes[at] ?? 0] ?? 0;
  for (let i = 1; i < LOOKED_AT && bits !== 0; i++) bits &= tables[256 * i + (bytes[at + i] ?? 0)] ?? 0;
  return bits !== 0;
}
