/**
 * Chooses, for every needle, the few neighbouring bytes that a vector search compares, and packs them into lookup
 * tables of nibbles. Pure; knows nothing of WebAssembly or of what the needles mean.
 *
 * The scheme is Hyperscan's "Teddy": up to eight buckets, one bit each. A byte belongs to a bucket when both of its
 * nibbles do, so a bucket of several needles lets through some strings that are none of them: candidates are confirmed
 * afterwards.
 */

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

/** The nibbles a bucket accepts at each compared byte, as sets of 16 bits. */
interface Nibbles {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const NOTHING: Nibbles = { low: [0, 0, 0], high: [0, 0, 0] };

/** Roughly how often a byte stands in the layers of an image: programs, text and their mix. Only the order matters. */
function frequency(byte: number): number {
  if (byte === 0) return 0.15;
  if (byte >= 0x80) return 0.002;
  const char = String.fromCharCode(byte);
  if (/[etaoinsr \n]/.test(char)) return 0.03;
  if (/[a-z]/.test(char)) return 0.012;
  if (/[0-9_./-]/.test(char)) return 0.008;
  return /[A-Z]/.test(char) ? 0.005 : 0.003;
}

/** The share of places at which a bucket with these nibbles matches, bytes taken as independent. */
function matchRate({ low, high }: Nibbles): number {
  let rate = 1;
  for (let i = 0; i < FINGERPRINT_LENGTH; i++) {
    let share = 0;
    for (let byte = 0; byte < 256; byte++) {
      if ((((low[i] ?? 0) >> (byte & 15)) & ((high[i] ?? 0) >> (byte >> 4)) & 1) === 1) share += frequency(byte);
    }
    rate *= share;
  }
  return rate;
}

function withBytes(nibbles: Nibbles, bytes: Uint8Array): Nibbles {
  return {
    low: nibbles.low.map((set, i) => set | (1 << ((bytes[i] ?? 0) & 15))),
    high: nibbles.high.map((set, i) => set | (1 << ((bytes[i] ?? 0) >> 4))),
  };
}

/** Puts each needle where it adds the fewest false candidates. Throws when a needle is shorter than a fingerprint. */
export function chooseFingerprints(needles: readonly Uint8Array[]): FingerprintTables {
  const buckets = Array.from({ length: BUCKETS }, (): { nibbles: Nibbles; members: Fingerprint[] } => ({
    nibbles: NOTHING,
    members: [],
  }));
  const choices = needles.map((bytes) => bytes.length - FINGERPRINT_LENGTH + 1);
  const order = needles.map((_, i) => i).sort((a, b) => (choices[a] ?? 0) - (choices[b] ?? 0) || a - b);
  for (const needle of order) {
    const bytes = needles[needle] ?? new Uint8Array();
    let best: { cost: number; offset: number; bucket: number; nibbles: Nibbles } | null = null;
    for (const [index, bucket] of buckets.entries()) {
      const before = matchRate(bucket.nibbles);
      for (let offset = 0; offset + FINGERPRINT_LENGTH <= bytes.length; offset++) {
        const nibbles = withBytes(bucket.nibbles, bytes.subarray(offset, offset + FINGERPRINT_LENGTH));
        const cost = matchRate(nibbles) - before;
        if (best === null || cost < best.cost) best = { cost, offset, bucket: index, nibbles };
      }
    }
    const chosen = best === null ? undefined : buckets[best.bucket];
    if (best === null || chosen === undefined) throw new Error("a needle is shorter than its fingerprint");
    chosen.nibbles = best.nibbles;
    chosen.members.push({ needle, offset: best.offset });
  }
  const tables = new Uint8Array(FINGERPRINT_LENGTH * 32);
  for (const [index, { nibbles }] of buckets.entries()) {
    for (let i = 0; i < FINGERPRINT_LENGTH; i++) {
      for (let nibble = 0; nibble < 16; nibble++) {
        const at = i * 32 + nibble;
        if ((((nibbles.low[i] ?? 0) >> nibble) & 1) === 1) tables[at] = (tables[at] ?? 0) | (1 << index);
        if ((((nibbles.high[i] ?? 0) >> nibble) & 1) === 1) tables[at + 16] = (tables[at + 16] ?? 0) | (1 << index);
      }
    }
  }
  return { buckets: buckets.map(({ members }) => members), tables };
}
