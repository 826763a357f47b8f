/**
 * Packs the few neighbouring bytes of every needle that a vector search compares into lookup tables of nibbles. Pure;
 * knows nothing of WebAssembly or of what the needles mean, and chooses nothing: see `chosen.ts`.
 *
 * The scheme is Hyperscan's "Teddy": up to eight buckets, one bit each. A byte belongs to a bucket when both of its
 * nibbles do, so a bucket of several needles lets through some strings that are none of them: candidates are confirmed
 * afterwards.
 */

import { CHOSEN } from "./chosen.ts";

/** How many neighbouring bytes of a needle are compared. No needle is shorter. */
export const FINGERPRINT_LENGTH = 3;

const BUCKETS = 8;

/** A needle in its bucket. */
export interface Fingerprint {
  /** Index of the needle in the list that was given. */
  readonly needle: number;
  /** Where in the needle the compared bytes begin. */
  readonly offset: number;
}

/** The needles of each bucket, and the tables: for each compared byte 16 bytes by low nibble, then 16 by high nibble. */
export interface FingerprintTables {
  readonly buckets: readonly (readonly Fingerprint[])[];
  readonly tables: Uint8Array;
}

/** The tables of these needles. Throws for a needle that nothing was chosen for. */
export function fingerprintTables(needles: readonly Uint8Array[]): FingerprintTables {
  const buckets = Array.from({ length: BUCKETS }, (): Fingerprint[] => []);
  const tables = new Uint8Array(FINGERPRINT_LENGTH * 32);
  const accept = (table: number, nibble: number, bucket: number): void => {
    const at = table * 16 + nibble;
    tables[at] = (tables[at] ?? 0) | (1 << bucket);
  };
  for (const [needle, bytes] of needles.entries()) {
    const chosen = CHOSEN.get(Buffer.from(bytes).toString("latin1"));
    if (chosen === undefined) throw new Error("a needle without fingerprint: run scripts/choose-fingerprints.js");
    const [bucket, offset] = chosen;
    buckets[bucket]?.push({ needle, offset });
    for (const [i, byte] of bytes.subarray(offset, offset + FINGERPRINT_LENGTH).entries()) {
      accept(2 * i, byte & 15, bucket);
      accept(2 * i + 1, byte >> 4, bucket);
    }
  }
  return { buckets, tables };
}
