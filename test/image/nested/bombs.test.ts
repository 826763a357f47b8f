/** Archives that are made to eat memory, time or disk: each ends inside of its limits, with a gap, and hides nothing else. */

import { deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inspectFiles, type Seen } from "../../support/nested.ts";
import { copies, leb128, pack } from "../../support/packs.ts";
import { tar } from "../../support/images.ts";
import { fakeToken } from "../../support/tokens.ts";
import { zip, type ZipMember } from "../../support/zip.ts";

const token = fakeToken();

/** A bound that is met sooner than the real one, so that the tests are; the code is the same. */
const limits = { maxLayerBytes: 50_000_000 };

const MAX_BYTES = 400 * 1_048_576;

/** Inspects a bomb and, behind it, an archive that is none: what is found, and that memory stayed bounded. */
async function survived(bomb: Buffer, more: Parameters<typeof inspectFiles>[1] = { limits }): Promise<Seen> {
  const before = process.memoryUsage().rss;
  const seen = await inspectFiles({ bomb, plain: `T=${token}\n` }, more);
  expect(process.memoryUsage().rss - before).toBeLessThan(MAX_BYTES);
  expect(seen.found).toEqual(["/plain: 1"]);
  return seen;
}

const zeros = deflateRawSync(Buffer.alloc(20_000_000));

describe("zip", () => {
  test("zips of zips of zips", async () => {
    let bomb = zip([{ name: "zeros", content: Buffer.alloc(2_000_000) }]);
    for (let i = 0; i < 6; i++) {
      const content = bomb;
      bomb = zip(Array.from({ length: 16 }, (_, n): ZipMember => ({ name: `${n}.zip`, content })));
    }
    expect((await survived(bomb)).gaps).toEqual([expect.stringMatching(/^limit \/bomb: .*unpack to more than/)]);
  });

  test("members that overlap: many names for one stretch of zeros", async () => {
    const local = Buffer.alloc(31);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(zeros.length, 18);
    local.writeUInt16LE(1, 26);
    local.write("a", 30);
    const entry = Buffer.alloc(47);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(zeros.length, 20);
    entry.writeUInt16LE(1, 28);
    entry.write("a", 46);
    const directory = Buffer.concat(Array.from({ length: 5000 }, () => entry));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(local.length + zeros.length, 16);
    const bomb = Buffer.concat([local, zeros, directory, end]);
    expect((await survived(bomb)).gaps).toEqual([expect.stringMatching(/^limit \/bomb: /)]);
  });

  test("more members than anybody has", async () => {
    const members = Array.from({ length: 3000 }, (_, i): ZipMember => ({ name: `${i}`, content: "" }));
    const { gaps } = await survived(zip(members.map((member) => ({ ...member, content: "x".repeat(30) }))), {
      limits: { maxEntries: 2000 },
    });
    expect(gaps).toEqual([expect.stringMatching(/^limit \/bomb: archives in it hold more than 2000 members/)]);
  });

  test("a stretch full of what looks like headers", async () => {
    const { gaps } = await survived(Buffer.concat([zip([]), Buffer.from("PK\x03\x04".repeat(50_000), "latin1")]));
    expect(gaps).toEqual([]);
  });
});

describe("packed streams", () => {
  test("zeros, packed twice", async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(100_000_000)));
    expect((await survived(bomb)).gaps).toEqual([expect.stringMatching(/^limit \/bomb: /)]);
  });

  test("gzip in gzip without end, as a gzip that unpacks to itself is", async () => {
    let bomb: Buffer = Buffer.from("x");
    for (let i = 0; i < 500; i++) bomb = gzipSync(bomb);
    expect((await survived(bomb)).gaps).toEqual([
      expect.stringMatching(/^limit \/bomb: it holds archives more than 8 within one another/),
    ]);
  });

  test("a zstd frame that wants all memory there is", async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00]);
    const single = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x01, 0x00, 0x00]);
    for (const bomb of [frame, single]) {
      const { gaps } = await survived(bomb);
      expect(gaps).toEqual([expect.stringMatching(/^limit \/bomb: a zstd frame wants \d+ bytes of memory/)]);
    }
  });

  test("a tar of a hundred thousand empty files", async () => {
    const header = (await tar([{ name: "a", content: "" }])).subarray(0, 512);
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 100_000 }, () => header)));
    const { gaps } = await survived(bomb, { limits: { maxEntries: 50_000 } });
    expect(gaps.length).toBeGreaterThan(0);
  });
});

describe("git", () => {
  test("deltas that expand, one on the other", async () => {
    const first = Buffer.alloc(1000, "x");
    const sizes = [1000, 100_000, 10_000_000];
    const bomb = pack([
      () => ({ type: 3, content: first }),
      ...sizes.map((size) => (starts: readonly number[], at: number) => ({
        type: 6,
        content: copies(size, 100),
        base: at - (starts.at(-1) ?? 0),
      })),
    ]);
    expect((await survived(bomb, {})).gaps).toEqual([expect.stringMatching(/^limit \/bomb: a git pack has a delta/)]);
  });

  test("many deltas that expand a little", async () => {
    const base = Buffer.alloc(1_000_000, "x");
    const bomb = pack([
      () => ({ type: 3, content: base }),
      ...Array.from({ length: 1000 }, () => (starts: readonly number[], at: number) => ({
        type: 6,
        content: copies(1_000_000, 1),
        base: at - (starts[0] ?? 0),
      })),
    ]);
    expect((await survived(bomb)).gaps).toEqual([expect.stringMatching(/^limit \/bomb: /)]);
  });

  test("deltas by id that wait for one another, and a base that is the delta itself", async () => {
    const ids = [1, 2].map((byte) => Buffer.alloc(20, byte));
    const delta = Buffer.concat([leb128(5), leb128(5), Buffer.from([0x91, 0, 5])]);
    const bomb = pack(ids.map((base) => () => ({ type: 7, content: delta, base })));
    expect(await survived(bomb)).toEqual({ found: ["/plain: 1"], gaps: [], undecoded: { "git-delta-base": 2 } });
    const self = pack([() => ({ type: 6, content: delta, base: 0 })]);
    expect((await survived(self)).undecoded).toEqual({ "git-pack-damaged": 1 });
  });

  test("a chain of deltas longer than any git writes", async () => {
    const delta = Buffer.concat([leb128(5), leb128(5), Buffer.from([0x91, 0, 5])]);
    const bomb = pack([
      () => ({ type: 3, content: Buffer.from("hello") }),
      ...Array.from({ length: 6000 }, () => (starts: readonly number[], at: number) => ({
        type: 6,
        content: delta,
        base: at - (starts.at(-1) ?? 0),
      })),
    ]);
    expect((await survived(bomb)).gaps).toEqual([]);
  });

  test("a header that promises four billion objects", async () => {
    const bomb = pack([() => ({ type: 3, content: Buffer.from("hello") })]);
    bomb.writeUInt32BE(0xffffffff, 8);
    expect((await survived(bomb)).undecoded).toEqual({ "git-pack-damaged": 1 });
  });
});

/** A database of one page whose only cell says that its payload goes on, and on. */
function database(payload: number, overflow: number, pages: number): Buffer {
  const bytes = Buffer.alloc(512 * pages);
  bytes.write("SQLite format 3\0", "latin1");
  bytes.writeUInt16BE(512, 16);
  bytes.writeUInt32BE(1, 56);
  const page = 512;
  bytes[page] = 13;
  bytes.writeUInt16BE(1, page + 3);
  bytes.writeUInt16BE(100, page + 8);
  const size = [payload >> 14, payload >> 7, payload].map((part, i) => (part & 0x7f) | (i < 2 ? 0x80 : 0));
  Buffer.from([...size, 1]).copy(bytes, page + 100);
  for (let at = page + 104; at + 4 <= bytes.length; at += 4) bytes.writeUInt32BE(overflow, at);
  return bytes;
}

describe("sqlite", () => {
  test("a chain of pages that goes round in circles", async () => {
    const seen = await survived(database(4000, 3, 10));
    expect({ gaps: seen.gaps, undecoded: seen.undecoded }).toEqual({ gaps: [], undecoded: {} });
  });

  test("a record larger than the file", async () => {
    expect((await survived(database(2_000_000, 3, 10))).gaps).toEqual([]);
  });

  test("a page whose many cells are one and the same long record", async () => {
    const bytes = database(400_000, 3, 1000);
    bytes.writeUInt16BE(45, 512 + 3);
    for (let i = 0; i < 45; i++) bytes.writeUInt16BE(100, 512 + 8 + i * 2);
    for (let page = 2; page < 1000; page++) bytes.copy(bytes, page * 512, 512, 1024);
    expect((await survived(bytes)).gaps).toEqual([expect.stringMatching(/^limit \/bomb: /)]);
  });
});
