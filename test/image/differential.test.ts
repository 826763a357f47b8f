/**
 * Our reading of tars against tar-stream's, which was written by others, over archives that are generated and the
 * captured ones: the same entries, and every planted token where the writer put it. Where GNU tar or bsdtar are
 * installed they are asked too.
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { extract, pack } from "tar-stream";
import { buffered, readChunks, type BufferedReader } from "../../src/image/byte-reader.ts";
import { DEFAULT_LIMITS } from "../../src/image/limits.ts";
import { absolutePath, hashPath } from "../../src/image/path-hash.ts";
import { createStreamScanner } from "../../src/image/scan/stream-scan.ts";
import type { StreamFacts } from "../../src/image/hit.ts";
import { readTar } from "../../src/image/tar-archive.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { capturedArchive, capturedNames } from "../support/captured.ts";
import { removeFolders, writeTemporary } from "../support/images.ts";
import { inspectBytes, archiveOf } from "../support/inspect-layers.ts";
import { fakeToken } from "../support/tokens.ts";

afterAll(removeFolders);

const token = (number: number): string => fakeToken("user", number);

function readerOf(bytes: Buffer, step: number = bytes.length): BufferedReader {
  const count = Math.max(1, Math.ceil(bytes.length / Math.max(1, step)));
  return buffered(
    readChunks(Readable.from(Array.from({ length: count }, (_, i) => bytes.subarray(i * step, (i + 1) * step)))),
  );
}

/** What the search in place sees. */
async function scanned(bytes: Buffer, step?: number, simd = true): Promise<StreamFacts> {
  const options = {
    limits: DEFAULT_LIMITS,
    secrets: new Secrets(),
    hash: false,
    progress: () => {},
    isStopped: () => false,
  };
  return createStreamScanner({ simd }).scan(readerOf(bytes, step), [], options);
}

/** What the reader of archives sees: name, type, size and content of each member. */
async function read(bytes: Buffer): Promise<{ name: string; size: number; content: string }[]> {
  const members: { name: string; size: number; content: string }[] = [];
  await readTar(readerOf(bytes), DEFAULT_LIMITS, () => {}, {
    isStopped: () => false,
    meta: () => {},
    stray: async () => {},
    member: async ({ name, size }, body) => {
      const content = Buffer.alloc(size);
      for (let got = 0; got < size;) {
        const count = await body.read(content.subarray(got));
        if (count === 0) break;
        got += count;
      }
      members.push({ name: absolutePath(name), size, content: content.toString("latin1") });
    },
  });
  return members;
}

/** What tar-stream sees. */
async function reference(bytes: Buffer): Promise<{ name: string; size: number; content: string }[]> {
  const members: { name: string; size: number; content: string }[] = [];
  const reader = extract();
  const done = new Promise<void>((resolve, reject) => {
    reader.on("entry", (header, stream, next) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: unknown) => {
        if (Buffer.isBuffer(part)) parts.push(part);
      });
      stream.on("end", () => {
        members.push({
          name: absolutePath(header.name),
          size: header.size ?? 0,
          content: Buffer.concat(parts).toString("latin1"),
        });
        next();
      });
    });
    reader.on("finish", () => resolve());
    reader.on("error", reject);
  });
  reader.end(bytes);
  await done;
  return members;
}

interface Planned {
  readonly name: string;
  readonly type: "file" | "directory" | "symlink" | "link";
  readonly before: number;
  readonly planted: number | null;
  readonly after: number;
}

const segment = fc.stringMatching(/^[a-z.][a-z0-9._-]{0,40}$/).filter((text) => !/^\.{1,2}$|^\.wh\./.test(text));
const entry: fc.Arbitrary<Planned> = fc.record({
  name: fc
    .array(fc.oneof(segment, fc.constantFrom("ü", "日本", "a b")), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join("/")),
  type: fc.oneof(
    { weight: 6, arbitrary: fc.constant("file" as const) },
    fc.constantFrom("directory" as const, "symlink" as const, "link" as const),
  ),
  before: fc.oneof(fc.nat(1500), fc.constantFrom(0, 475, 512, 131_072, 130_000, 200_000)),
  planted: fc.option(fc.nat(30)),
  after: fc.oneof(fc.nat(1500), fc.constantFrom(0, 512, 150_000)),
});

function contentOf({ before, planted, after }: Planned): Buffer {
  return Buffer.concat([
    Buffer.alloc(before, " "),
    Buffer.from(planted === null ? "" : token(planted)),
    Buffer.alloc(after, "\n"),
  ]);
}

async function packed(plan: readonly Planned[]): Promise<Buffer> {
  const packer = pack();
  for (const one of plan) {
    const header = {
      name: one.name,
      type: one.type,
      mtime: new Date(0),
      ...(one.type === "file" || one.type === "directory" ? {} : { linkname: "elsewhere" }),
    };
    packer.entry(header, one.type === "file" ? contentOf(one) : Buffer.alloc(0));
  }
  packer.finalize();
  const parts: Buffer[] = [];
  for await (const part of packer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

describe("generated tars", () => {
  test("are read as tar-stream reads them, and every token is where it was planted", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry, { maxLength: 12 }),
        fc.integer({ min: 1, max: 300_000 }),
        fc.boolean(),
        async (plan, step, simd) => {
          const bytes = await packed(plan);
          const expected = await reference(bytes);
          expect(await read(bytes)).toEqual(expected);
          const facts = await scanned(bytes, step, simd);
          expect(facts.problems).toEqual([]);
          const hashes: number[] = [];
          facts.index.each((path) => hashes.push(path));
          expect(hashes).toEqual(expected.map(({ name }) => hashPath(name)));
          const want = plan.flatMap(({ name, type, before, planted }, ordinal) =>
            planted === null || type !== "file"
              ? []
              : [{ path: absolutePath(name), ordinal, byteOffset: before, preview: token(planted).slice(-4) }],
          );
          expect(
            facts.hits.map(({ path, ordinal, byteOffset, token: of }) => ({
              path,
              ordinal,
              byteOffset,
              preview: of.preview.slice(-4),
            })),
          ).toEqual(want);
        },
      ),
      { numRuns: 150, seed: 20_261_124 },
    );
  }, 120_000);

  test("give the same findings as layers, however they are packed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), async (plan) => {
        const bytes = await packed(plan);
        const plain = await inspectBytes(await archiveOf([bytes]));
        const zipped = await inspectBytes(gzipSync(await archiveOf([bytes])));
        expect(zipped).toEqual(plain);
        expect(plain.gaps).toEqual([]);
        const count = new Set(
          plan
            .filter(({ planted, type }) => planted !== null && type === "file")
            .map(({ name, planted }) => `${absolutePath(name)} ${planted}`),
        ).size;
        expect(plain.findings).toHaveLength(count);
      }),
      { numRuns: 40, seed: 20_261_124 },
    );
  }, 120_000);
});

describe("captured archives", () => {
  test.each(capturedNames())("%s", async (name) => {
    const bytes = capturedArchive(name);
    const expected = await reference(bytes);
    expect(await read(bytes)).toEqual(expected);
    const facts = await scanned(bytes, 1000);
    const hashes: number[] = [];
    facts.index.each((path) => hashes.push(path));
    expect(hashes).toEqual(expected.map((member) => hashPath(member.name)));
  });
});

const SECOND_READERS = ["tar", "bsdtar"].filter((command) => spawnSync(command, ["--version"]).status === 0);

describe.skipIf(SECOND_READERS.length === 0)("other readers", () => {
  test.each(SECOND_READERS)(
    "%s lists the same entries",
    async (command) => {
      const plans = fc.sample(fc.array(entry, { minLength: 1, maxLength: 10 }), { numRuns: 15, seed: 7 });
      for (const plan of plans) {
        const bytes = await packed(plan);
        const path = await writeTemporary(bytes);
        const listed = spawnSync(command, ["-tf", path, ...(command === "tar" ? ["--quoting-style=literal"] : [])], {
          encoding: "utf8",
          env: { ...process.env, LC_ALL: "C.UTF-8" },
        });
        const names = listed.stdout
          .split("\n")
          .filter((name) => name !== "")
          .map((name) => absolutePath(name));
        expect((await read(bytes)).map(({ name }) => name)).toEqual(names);
        expect(readFileSync(path).length).toBe(bytes.length);
      }
    },
    60_000,
  );
});
