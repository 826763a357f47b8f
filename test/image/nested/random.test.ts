/** Random wrappings around a token, and random damage to them: what is whole is found, and nothing breaks. */

import { array, assert, asyncProperty, constantFrom, integer, record, string } from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../../src/image/limits.ts";
import { memoryContent, type Content } from "../../../src/image/nested/content.ts";
import type { NestedFinds } from "../../../src/image/nested/finds.ts";
import { HEAD_BYTES, kindOf } from "../../../src/image/nested/kind.ts";
import { createNestedSearch } from "../../../src/image/nested/search.ts";
import { inspectFile } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { wrap, WRAPPER_NAMES, type WrapperName } from "../../support/wrappers.ts";

const token = fakeToken();

/** Four packages in one another are twelve levels. */
const LIMITS = { ...DEFAULT_LIMITS, maxDepth: 16 };

const NAMES = WRAPPER_NAMES.filter((name) => !["zip, 64 bits", "git object", "sqlite"].includes(name));

/** Those in which the bytes stand as they are. */
const OPEN: readonly WrapperName[] = ["zip, stored", "tar", "zstd", "deb", "cpio"];

const before = string({ unit: "grapheme-ascii", maxLength: 200 });

async function wrapped(names: readonly WrapperName[], text: string): Promise<Buffer> {
  return wrap(Buffer.from(`${text.replaceAll("hf_", "")}\n${token}\n`), names);
}

/** The same bytes as if they were in a file. */
function inFile(bytes: Buffer): Content {
  return { ...memoryContent(bytes), bytes: null };
}

async function search(bytes: Buffer, toContent: (bytes: Buffer) => Content = memoryContent): Promise<NestedFinds> {
  const kind = kindOf(bytes.subarray(0, HEAD_BYTES), bytes.length) ?? "zip-inside";
  const nested = createNestedSearch({ limits: LIMITS, isStopped: () => false, simd: false });
  return nested.search(toContent(bytes), kind, "/f", null);
}

function damagedAt(
  bytes: Buffer,
  changes: readonly { at: number; to: number }[],
  spared: readonly [number, number],
): Buffer {
  const damaged = Buffer.from(bytes);
  for (const { at, to } of changes) {
    const place = at % bytes.length;
    if (place < spared[0] || place >= spared[1]) damaged[place] = to;
  }
  return damaged;
}

function places(hits: NestedFinds["hits"]): string[] {
  return hits.map(({ within }) => within.join(" > "));
}

test("whatever a token is wrapped in, it is found, once", async () => {
  const names = array(constantFrom(...NAMES), { minLength: 1, maxLength: 4 });
  await assert(
    asyncProperty(names, before, async (chosen, text) => {
      const bytes = await wrapped(chosen, text);
      const { hits, undecoded, problems } = await search(bytes);
      expect(places((await search(bytes, inFile)).hits)).toEqual(places(hits));
      const deepest = Math.max(...hits.map(({ within }) => within.length));
      expect(hits.filter(({ within }) => within.length === deepest).map(({ match }) => match.value)).toEqual([token]);
      expect(hits.every(({ match }) => match.value === token)).toBe(true);
      expect({ undecoded, problems }).toEqual({ undecoded: {}, problems: [] });
    }),
    { numRuns: 300 },
  );
}, 120_000);

const changes = array(record({ at: integer({ min: 0, max: 1_000_000 }), to: integer({ min: 0, max: 255 }) }), {
  minLength: 1,
  maxLength: 12,
});

test("damage never breaks a search", async () => {
  const names = array(constantFrom(...NAMES), { minLength: 1, maxLength: 3 });
  await assert(
    asyncProperty(names, before, changes, integer({ min: 0, max: 2000 }), async (chosen, text, damage, cut) => {
      const bytes = damagedAt(await wrapped(chosen, text), damage, [0, 0]);
      const seen = await search(
        bytes.subarray(0, Math.max(1, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0))),
      );
      expect(seen.problems.map(({ why }) => why).filter((why) => why !== "limit")).toEqual([]);
    }),
    { numRuns: 600 },
  );
}, 120_000);

test("damage around bytes that are as they were costs no token", async () => {
  const names = array(constantFrom(...OPEN), { minLength: 1, maxLength: 3 });
  await assert(
    asyncProperty(names, changes, async (chosen, damage) => {
      const bytes = await wrapped(chosen, "a text");
      const at = bytes.indexOf(token);
      const { found } = await inspectFile(damagedAt(bytes, damage, [at - 8, at + token.length + 8]));
      expect(found.length).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
}, 120_000);
