/**
 * Entries that are passed over in bulk, with vectors, against the same entries one by one: everything that a scan learns
 * must be the same, wherever an entry is out of the ordinary.
 */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginningsOf } from "../../src/image/beginnings.ts";
import { buffered, readChunks } from "../../src/image/byte-reader.ts";
import { CAPTURED_NAMES } from "../../src/image/captured-names.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/image/limits.ts";
import { hashPath } from "../../src/image/path-hash.ts";
import { createStreamScanner, type StreamScanner } from "../../src/image/scan/stream-scan.ts";
import { createTokenWindow } from "../../src/image/scan/token-window.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { END, file, header, pax, type Block } from "../support/tar-blocks.ts";
import { fakeToken } from "../support/tokens.ts";
import { isWithoutVectors } from "../support/variants.ts";

const FAST = createStreamScanner();
const SLOW = createStreamScanner({ simd: false });

/** All that a scan learns, and which files it offered to open. */
async function learned(
  scanner: StreamScanner,
  bytes: Buffer,
  step: number,
  limits: Limits = DEFAULT_LIMITS,
): Promise<unknown> {
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const asked: string[] = [];
  const options = {
    limits,
    secrets: new Secrets(),
    hash: false,
    progress: () => {},
    isStopped: () => false,
    nested: {
      beginnings: beginningsOf([[0x40]]),
      open: (head: Uint8Array, size: number, path: () => string) => {
        asked.push(`${path()} ${size} ${head.length}`);
        return null;
      },
      openInside: () => null,
      openRun: () => null,
    },
  };
  const { index, ...facts } = await scanner.scan(buffered(readChunks(parts())), [], options);
  const entries: string[] = [];
  index.each((path, kind, ordinal) => entries.push(`${ordinal} ${kind} ${path}`));
  return { ...facts, entries, asked };
}

/** The same by both ways, in large pieces and small ones. */
async function both(bytes: Buffer, limits?: Limits): Promise<{ fast: unknown[]; slow: unknown[] }> {
  const fast: unknown[] = [];
  const slow: unknown[] = [];
  for (const step of [bytes.length, 3000]) {
    fast.push(await learned(FAST, bytes, step, limits));
    slow.push(await learned(SLOW, bytes, step, limits));
  }
  return { fast, slow };
}

const name = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^(?:[a-z]{1,8}\/){0,4}[a-z._]{1,9}$/) },
  fc.constantFrom(
    "./",
    "/",
    "./a",
    "/abs/x",
    "a//b",
    "a/./b",
    "a/../b",
    "a/..",
    "a/.",
    ".hidden",
    "d/.wh.gone",
    "d/.wh..wh..opq",
    "dir/",
    "ü/日本",
    "x".repeat(100),
    `${"p/".repeat(49)}ab`,
    "manifest.json",
    ...CAPTURED_NAMES.map((last) => `root/${last}`),
  ),
);
const block: fc.Arbitrary<Block> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  fc.constantFrom<Block>(
    { type: "5" },
    { type: "1", link: "x" },
    { type: "2", link: "x" },
    { type: "\0" },
    { type: "3" },
    { type: "7" },
    { magic: "ustar  \0" },
    { magic: "" },
    { prefix: "pre/fix" },
    { magic: "ustar  \0", prefix: "no prefix" },
    { checksum: 4 },
    { raw: [[135, " "]] },
    { raw: [[124, "       "]] },
    { raw: [[124, Buffer.from([0x80])]] },
    { raw: [[400, Buffer.from([0xff, 0xfe])]] },
  ),
);
const entry = fc
  .record({
    name,
    block,
    size: fc.oneof(fc.nat(3), fc.nat(1600), fc.constantFrom(0, 511, 512, 513, 140_000)),
    text: fc.constantFrom("x", "@", "\n", "token"),
  })
  .map(({ name: full, block: more, size, text }) => {
    const body = Buffer.alloc(size, text === "token" ? `${fakeToken("user", 1)} ` : text);
    return file(full, body, more);
  });
const between = fc.oneof(
  { weight: 20, arbitrary: fc.constant(Buffer.alloc(0)) },
  fc.constantFrom(
    pax({ path: "from/pax" }),
    pax({ size: "512" }),
    pax({ comment: "all" }, "g"),
    Buffer.alloc(512),
    END,
    Buffer.alloc(512, "no header"),
    header({ name: "link-with-size", type: "1", size: 700 }),
  ),
);

describe("passing over entries", () => {
  test.skipIf(isWithoutVectors)("is done where there are vectors, and only there", () => {
    expect(createTokenWindow().entrySkip).not.toBeNull();
    expect(createTokenWindow({ simd: false }).entrySkip).toBeNull();
  });

  test("gives what one by one gives, for whatever stands in a tar", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(entry, between), { maxLength: 60 }), fc.boolean(), async (plan, hasEnd) => {
        const { fast, slow } = await both(Buffer.concat([...plan.flat(), ...(hasEnd ? [END] : [])]));
        expect(fast).toEqual(slow);
      }),
      { numRuns: 40, seed: 20_261_124 },
    );
  }, 120_000);

  test.skipIf(isWithoutVectors)(
    "numbers paths as everyone does, and leaves the headers of a window in a few steps",
    () => {
      const names = Array.from({ length: 100 }, (_, i) => `usr/lib/python3/site-packages/p${i}/m.py`);
      const bytes = Buffer.concat([...names.map((full) => file(full, "x")), END]);
      const { buffer, entrySkip } = createTokenWindow();
      buffer.set(bytes);
      const all = entrySkip?.skip(0, bytes.length, bytes.length);
      expect(all?.at).toBe(bytes.length - END.length);
      expect(all?.files).toBe(100);
      expect([...(all?.packed ?? [])]).toEqual(names.map((full) => hashPath(full) * 8 + 1));
      expect(entrySkip?.skip(0, 1024 * 7, bytes.length)).toMatchObject({ at: 7 * 1024, files: 7 });
      expect(entrySkip?.skip(0, bytes.length, 7 * 1024)).toMatchObject({ at: 6 * 1024, files: 6 });
    },
  );

  test.skipIf(isWithoutVectors)("leaves everything that is out of the ordinary", () => {
    const { buffer, entrySkip } = createTokenWindow();
    const odd: readonly Buffer[] = [
      Buffer.alloc(1536),
      file("root/.netrc", "x"),
      file("root/token", "x"),
      file("manifest.json", "x"),
      file("a/../b", "x"),
      file("a", "x", { prefix: "p" }),
      file("a", "x", { checksum: 1 }),
      file("a", "x", { type: "1" }),
      file("a", "x", { type: "L" }),
      file("a", "x", { type: "S" }),
      pax({ path: "a" }),
      file("", "x"),
    ];
    for (const bytes of odd) {
      buffer.fill(0);
      buffer.set(bytes);
      expect(entrySkip?.skip(0, 100_000, 100_000).packed.length).toBe(0);
    }
  });

  test("counts entries against the limit as one by one does", async () => {
    const bytes = Buffer.concat([...Array.from({ length: 3000 }, (_, i) => file(`f${i}`, fakeToken("user", 1))), END]);
    for (const maxEntries of [2500, 1]) {
      const { fast, slow } = await both(bytes, { ...DEFAULT_LIMITS, maxEntries });
      expect(fast).toEqual(slow);
    }
  });
});

test("line feeds are counted the same with vectors and without", () => {
  const fast = createTokenWindow();
  const slow = createTokenWindow({ simd: false });
  const client = { partAt: () => null, found: () => {} };
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i % 7 === 0 || i % 5 === 0 ? 10 : i % 251)));
  for (const window of [fast, slow]) {
    window.space().set(bytes);
    window.commit(bytes.length, true, client);
  }
  for (let from = 0; from < 40; from++) {
    for (const to of [from, from + 1, from + 15, from + 16, from + 17, 2999 - from, 3000]) {
      const want = bytes.subarray(from, to).filter((byte) => byte === 10).length;
      expect([fast.lineFeeds(from, to), slow.lineFeeds(from, to)]).toEqual([want, want]);
    }
  }
});
