// Chooses which three neighbouring bytes of each needle the search compares, and which needles share a bucket: what of a
// few real files lets the fewest false candidates through. Writes src/token/simd/chosen.ts; run it when needles change, after
// `npm run build`: node scripts/choose-fingerprints.js FILE... (archives of programs and text; random bytes and base64 are
// added), then `npx oxfmt src/token/simd`. Starts from what is chosen now, moves one needle at a time, and takes minutes.
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const load = (path) => import(pathToFileURL(join(root, path)).href);
const { NEEDLES } = await load("dist/token/needle.js");
const { ZIP_MARK_TEXT } = await load("dist/token/candidates.js");
const { CHOSEN } = await load("dist/token/simd/chosen.js");

const LENGTH = 3;
const BUCKETS = 8;
const SAMPLE_BYTES = 4 * 1_048_576;
const SAMPLES = 64;
const texts = [...NEEDLES.map(({ text }) => text), ZIP_MARK_TEXT];
const needles = texts.map((text) => Buffer.from(text, "latin1"));

function sample(bytes) {
  const size = SAMPLE_BYTES / SAMPLES;
  const from = (i) => Math.floor((bytes.length / SAMPLES) * i);
  return Buffer.concat(Array.from({ length: SAMPLES }, (_, i) => bytes.subarray(from(i), from(i) + size)));
}

/** Content and how much it counts. Random bytes stand for all that is packed; base64 is rare, and full of candidates. */
const contents = [
  ...process.argv.slice(2).map((path) => [sample(readFileSync(path)), 1]),
  [randomBytes(SAMPLE_BYTES), 4],
  [Buffer.from(randomBytes((SAMPLE_BYTES * 3) / 4).toString("base64")), 0.4],
];
const weights = new Map();
for (const [bytes, weight] of contents) {
  for (let i = 0; i + 2 < bytes.length; i++) {
    const three = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    weights.set(three, (weights.get(three) ?? 0) + weight / bytes.length);
  }
}
const low = new Set(needles.flatMap((bytes) => [...bytes].map((byte) => byte & 15)));
const high = new Set(needles.flatMap((bytes) => [...bytes].map((byte) => byte >> 4)));
const canMatch = (byte) => low.has(byte & 15) && high.has(byte >> 4);
const threes = [...weights.keys()].filter((t) => canMatch(t >> 16) && canMatch((t >> 8) & 255) && canMatch(t & 255));
const [first, second, third] = [16, 8, 0].map((shift) => Uint8Array.from(threes, (t) => (t >> shift) & 255));
const weight = Float64Array.from(threes, (t) => weights.get(t));

function accepted(members, i) {
  let lows = 0;
  let highs = 0;
  for (const { needle, offset } of members) {
    lows |= 1 << (needles[needle][offset + i] & 15);
    highs |= 1 << (needles[needle][offset + i] >> 4);
  }
  return Uint8Array.from({ length: 256 }, (_, byte) => (lows >> (byte & 15)) & (highs >> (byte >> 4)) & 1);
}

function costOf(members) {
  if (members.length === 0) return 0;
  const [a, b, c] = [0, 1, 2].map((i) => accepted(members, i));
  let sum = 0;
  for (let i = 0; i < weight.length; i++) if ((a[first[i]] & b[second[i]] & c[third[i]]) === 1) sum += weight[i];
  return sum;
}

const buckets = Array.from({ length: BUCKETS }, () => []);
for (const [needle, text] of texts.entries()) {
  const [bucket, offset] = CHOSEN.get(text) ?? [needle % BUCKETS, 0];
  buckets[bucket].push({ needle, offset });
}
const costs = buckets.map(costOf);
for (let moved = 1; moved > 0;) {
  moved = 0;
  for (const needle of needles.keys()) {
    const from = buckets.findIndex((members) => members.some((member) => member.needle === needle));
    const now = buckets[from].find((member) => member.needle === needle);
    const without = buckets[from].filter((member) => member !== now);
    const left = costOf(without);
    let best = { cost: costs[from] - left, bucket: from, offset: now.offset };
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const others = bucket === from ? without : buckets[bucket];
      for (let offset = 0; offset + LENGTH <= needles[needle].length; offset++) {
        const cost = costOf([...others, { needle, offset }]) - (bucket === from ? left : costs[bucket]);
        if (cost < best.cost - 1e-12) best = { cost, bucket, offset };
      }
    }
    if (best.bucket === from && best.offset === now.offset) continue;
    moved++;
    buckets[from] = without;
    costs[from] = left;
    buckets[best.bucket] = [...buckets[best.bucket], { needle, offset: best.offset }];
    costs[best.bucket] = costOf(buckets[best.bucket]);
  }
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  console.error(`moved ${moved} needles; ${Math.round(total * 1e6)} by a million bytes`);
}

const entries = buckets.flatMap((members, bucket) =>
  members.map(({ needle, offset }) => `  [${JSON.stringify(texts[needle])}, [${bucket}, ${Number(offset)}]],`),
);
writeFileSync(
  join(root, "src/token/simd/chosen.ts"),
  `/**
 * Which neighbouring bytes of each needle the search compares, and which needles share a bucket. Written by
 * scripts/choose-fingerprints.js; any choice finds the same, and this one is fast.
 */

/** Bucket and offset by the needle's text. */
export const CHOSEN: ReadonlyMap<string, readonly [bucket: number, offset: number]> = new Map([
${entries.sort().join("\n")}
]);
`,
);
