/**
 * Damaged archives, by the thousand: no crash, no hang, no token in what is returned, and never a pass while the token
 * that the archive held is still in its bytes. `HULLCHECK_MUTATIONS` sets how many; the seed is printed with a failure.
 */

import { gzipSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { docker24, docker25, ociLayout, tar, type Entry, type ImageSpec } from "../support/images.ts";
import { inspectBytes } from "../support/inspect-layers.ts";
import { pax } from "../support/tar-blocks.ts";
import { fakeToken } from "../support/tokens.ts";
import { zstdRaw } from "../support/zstd-frames.ts";

const COUNT = Number(process.env["HULLCHECK_MUTATIONS"] ?? 300);
const TOKEN = fakeToken();

/** A small generator of numbers, the same in every run. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ENTRIES: readonly Entry[] = [
  { name: "etc/", type: "directory" },
  { name: `etc/${"long/".repeat(30)}x`, content: "a file with a long name" },
  { name: "root/.cache/huggingface/token", content: TOKEN },
  { name: "etc/after", content: "after\n".repeat(200) },
];

function spec(compress?: (bytes: Buffer) => Buffer): ImageSpec {
  const layer = { entries: ENTRIES, ...(compress === undefined ? {} : { compress }) };
  return { tags: ["app:1"], layers: [layer, { entries: [{ name: "root/.cache/huggingface/.wh.token" }] }] };
}

const SEEDS: readonly (readonly [string, () => Promise<Buffer>])[] = [
  ["docker save up to 24", async () => tar(await docker24(spec()))],
  ["docker save from 25 on", async () => tar(await docker25(spec()))],
  ["an OCI layout with gzip layers", async () => tar(await ociLayout(spec(gzipSync)))],
  ["an OCI layout with zstd layers", async () => tar(await ociLayout(spec(zstdRaw)))],
  [
    "a root filesystem with extended headers",
    async () => Buffer.concat([pax({ "SCHILY.xattr.user.a": "b".repeat(600) }), await tar(ENTRIES)]),
  ],
  ["gzip around everything", async () => gzipSync(await tar(await docker25(spec())))],
];

/** One change, of the kinds that damage, attacks and bad copies are. */
function mutated(bytes: Buffer, next: () => number): Buffer {
  const at = Math.floor(next() * bytes.length);
  const block = Math.floor(at / 512) * 512;
  const some = Math.floor(next() * 1500);
  const result = Buffer.from(bytes);
  switch (Math.floor(next() * 9)) {
    case 0:
      result[at] = Math.floor(next() * 256);
      return result;
    case 1:
      return result.subarray(0, at);
    case 2:
      return Buffer.concat([result.subarray(0, at), result.subarray(at + some)]);
    case 3:
      return Buffer.concat([
        result.subarray(0, block),
        Buffer.alloc(512 * Math.ceil(next() * 3)),
        result.subarray(block),
      ]);
    case 4:
      return Buffer.concat([result.subarray(0, block), result.subarray(block, block + 1024), result.subarray(block)]);
    case 5:
      result.fill(Math.floor(next() * 256), at, Math.min(result.length, at + some));
      return result;
    case 6:
      if (block + 512 > result.length) return result;
      // A size or type of some header, with a checksum that fits.
      result.write(
        Math.floor(next() * 8 ** 6)
          .toString(8)
          .padStart(11, "0"),
        block + 124,
        "latin1",
      );
      if (next() < 0.5) result[block + 156] = "01234567xgLKSV\0".charCodeAt(Math.floor(next() * 15));
      result.fill(0x20, block + 148, block + 156);
      result.write(
        `${result
          .subarray(block, block + 512)
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
        block + 148,
        "latin1",
      );
      return result;
    case 7:
      return Buffer.concat([result, Buffer.from("trailing"), Buffer.alloc(some, Math.floor(next() * 256))]);
    default:
      return Buffer.concat([result.subarray(0, block), result.subarray(block + 512)]);
  }
}

/** True when the token is still there for whoever looks at the bytes, or could be, packed. */
function isIntact(bytes: Buffer): boolean {
  if (bytes.includes(TOKEN)) return true;
  try {
    return gunzipSync(bytes).includes(TOKEN);
  } catch {
    return false;
  }
}

test.each(SEEDS)(
  "%s",
  async (_, make) => {
    const seed = await make();
    const whole = await inspectBytes(seed);
    expect(decide(whole).verdict).toBe("fail");
    for (let i = 0; i < COUNT; i++) {
      const next = random(i * 7919 + seed.length);
      let bytes = mutated(seed, next);
      while (next() < 0.3 && bytes.length > 600) bytes = mutated(bytes, next);
      const outcome = await inspectBytes(bytes, { limits: { maxLayerBytes: 50_000_000 } });
      const { verdict } = decide(outcome);
      expect(verdict === "pass" && isIntact(bytes), `mutation ${i} passes with the token in it`).toBe(false);
      expect(JSON.stringify(outcome).includes(TOKEN), `mutation ${i} shows the token`).toBe(false);
    }
  },
  300_000,
);
