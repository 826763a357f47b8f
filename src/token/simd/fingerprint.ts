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

/** The nibbles a bucket accepts at each compared byte, as sets of 16 bits: low nibbles, then high ones. */
type Nibbles = readonly number[];

const NOTHING: Nibbles = Array.from({ length: 2 * FINGERPRINT_LENGTH }, () => 0);

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

const FREQUENCIES: readonly number[] = Array.from({ length: 256 }, (_, byte) => frequency(byte));

/** The share of places at which a bucket with these nibbles matches, bytes taken as independent. */
function matchRate(nibbles: Nibbles): number {
  let rate = 1;
  for (let i = 0; i < FINGERPRINT_LENGTH; i++) {
    let share = 0;
    for (let high = nibbles[2 * i + 1] ?? 0; high !== 0; high &= high - 1) {
      for (let low = nibbles[2 * i] ?? 0; low !== 0; low &= low - 1) {
        share += FREQUENCIES[(31 - Math.clz32(high & -high)) * 16 + 31 - Math.clz32(low & -low)] ?? 0;
      }
    }
    rate *= share;
  }
  return rate;
}

/** The nibbles that accept what they did, and the bytes at `offset` too. */
function withBytes(nibbles: Nibbles, bytes: Uint8Array, offset: number): Nibbles {
  const added = [...nibbles];
  for (let i = 0; i < FINGERPRINT_LENGTH; i++) {
    const byte = bytes[offset + i] ?? 0;
    added[2 * i] = (added[2 * i] ?? 0) | (1 << (byte & 15));
    added[2 * i + 1] = (added[2 * i + 1] ?? 0) | (1 << (byte >> 4));
  }
  return added;
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
        const nibbles = withBytes(bucket.nibbles, bytes, offset);
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
    for (const [table, set] of nibbles.entries()) {
      for (let nibble = 0; nibble < 16; nibble++) {
        const at = table * 16 + nibble;
        if (((set >> nibble) & 1) === 1) tables[at] = (tables[at] ?? 0) | (1 << index);
      }
    }
  }
  return { buckets: buckets.map(({ members }) => members), tables };
}
