/** Compressed layers and archives, as writers and attackers make them. */

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { inspectImage } from "../../src/inspect.ts";
import { ociLayout, removeFolders, tar, writeTemporary, type LayerSpec } from "../support/images.ts";
import { archiveOf, inspectBytes, inspectLayers } from "../support/inspect-layers.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";
import { skippableFrame, zstdRaw } from "../support/zstd-frames.ts";

afterAll(removeFolders);

const token = (number: number): string => fakeToken("user", number);
const ENTRIES = [
  { name: "a", content: `${token(1)}\n${"text ".repeat(20_000)}` },
  { name: "noise", content: randomBytes(300_000) },
  { name: "z", content: token(2) },
];
const BOTH = ["token-in-layer #1 0 /a@0:1", "token-in-layer #2 0 /z@0:1"];

/** An OCI layout, whose layers are stored as `compress` says. */
async function inspectStored(
  compress: (bytes: Buffer) => Buffer,
  more: Partial<LayerSpec> = {},
): Promise<ReturnType<typeof inspectBytes>> {
  return inspectBytes(
    await tar(await ociLayout({ tags: ["app:1"], layers: [{ entries: ENTRIES, compress, ...more }] })),
  );
}

/** Cut into pieces at odd places. */
function pieces(bytes: Buffer, count: number): Buffer[] {
  const size = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** What a command makes of bytes; the command stands in every image that the tests run in. */
const piped =
  (command: string, ...args: readonly string[]) =>
  (bytes: Buffer): Buffer =>
    execFileSync(command, args, { input: bytes, maxBuffer: 1e9 });

const cut =
  (by: number) =>
  (bytes: Buffer): Buffer =>
    bytes.subarray(0, bytes.length - by);

/** gzip with a hundred bytes in the middle overwritten. */
function gzipDamaged(bytes: Buffer): Buffer {
  const packed = gzipSync(bytes);
  packed.fill(0xff, 2_000_000, 2_000_100);
  return packed;
}

/** 80 MB of zeros, whatever it is given. */
function bomb(): Buffer {
  return Buffer.concat(Array.from({ length: 20 }, () => gzipSync(Buffer.alloc(4_000_000))));
}

describe("whole layers", () => {
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ["gzip", gzipSync],
    ["gzip of several members", (bytes) => Buffer.concat(pieces(bytes, 7).map((piece) => gzipSync(piece)))],
    [
      "gzip of a thousand members, as eStargz",
      (bytes) => Buffer.concat(pieces(bytes, 1000).map((piece) => gzipSync(piece))),
    ],
    [
      "gzip members with zeros between",
      (bytes) =>
        Buffer.concat(
          pieces(bytes, 5).flatMap((piece, i) => [gzipSync(piece), Buffer.alloc([1, 511, 65_536, 200_000, 3][i] ?? 0)]),
        ),
    ],
    [
      "gzip with a name and comment",
      (bytes) =>
        Buffer.concat([
          Buffer.from([0x1f, 0x8b, 8, 0x18, 0, 0, 0, 0, 0, 3]),
          Buffer.from("name\0comment\0"),
          gzipSync(bytes).subarray(10),
        ]),
    ],
    ["zstd without compression", zstdRaw],
    [
      "zstd of several frames with skippable ones, as zstd:chunked",
      (bytes) =>
        Buffer.concat([
          skippableFrame(Buffer.from("first")),
          ...pieces(bytes, 6).flatMap((piece) => [zstdRaw(piece), skippableFrame(Buffer.from("between"))]),
        ]),
    ],
    ["zstd by the zstd program", piped("zstd", "-c", "-q")],
    ["zstd with a checksum and a long window", piped("zstd", "-c", "-q", "--check", "--long=24")],
    ["gzip in zstd", (bytes) => zstdRaw(gzipSync(bytes))],
  ])("%s", async (_, compress) => {
    const outcome = await inspectStored(compress);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(BOTH);
  });

  test("whatever the media type says", async () => {
    for (const mediaType of [
      "application/vnd.oci.image.layer.v1.tar+zstd",
      "application/vnd.docker.image.rootfs.diff.tar",
      "application/x-odd",
    ]) {
      const outcome = await inspectStored(gzipSync, { mediaType });
      expect(gaps(outcome)).toEqual([]);
      expect(findings(outcome)).toEqual(BOTH);
    }
  });
});

describe("damage", () => {
  test.each<[string, (bytes: Buffer) => Buffer, string, readonly string[]]>([
    ["a gzip that ends in its last member's trailer", (bytes) => cut(4)(gzipSync(bytes)), "truncated", BOTH],
    ["a gzip that ends in the middle", (bytes) => cut(150_000)(gzipSync(bytes)), "truncated", [BOTH[0] ?? ""]],
    [
      "a gzip with bytes that are no gzip behind it",
      (bytes) => Buffer.concat([gzipSync(bytes), Buffer.from("tail that is no gzip")]),
      "corrupt",
      BOTH,
    ],
    [
      "a gzip with zeros and then other bytes behind it",
      (bytes) => Buffer.concat([gzipSync(bytes), Buffer.alloc(100), Buffer.from("tail")]),
      "corrupt",
      BOTH,
    ],
    [
      "a gzip with a wrong checksum",
      (bytes) => Buffer.concat([cut(8)(gzipSync(bytes)), Buffer.alloc(8, 1)]),
      "corrupt",
      BOTH,
    ],
    ["a zstd that ends too early", (bytes) => cut(150_000)(zstdRaw(bytes)), "truncated", [BOTH[0] ?? ""]],
    [
      "a zstd with other bytes behind it",
      (bytes) => Buffer.concat([zstdRaw(bytes), Buffer.from("tail that is no frame")]),
      "corrupt",
      BOTH,
    ],
  ])("%s", async (_, compress, why, expected) => {
    const outcome = await inspectStored(compress);
    expect(gaps(outcome)).toContain(`${why} app:1 layer 0`);
    expect(new Set(outcome.gaps.map(({ at }) => at))).toEqual(new Set(["app:1 layer 0"]));
    expect(findings(outcome)).toEqual(expected);
  });

  test("a damaged byte in the middle of a large gzip: what stands before it is found, and the rest is a gap", async () => {
    const noise = { name: "noise", content: randomBytes(3_000_000) };
    const outcome = await inspectStored(gzipDamaged, {
      entries: [ENTRIES[0] ?? { name: "" }, noise, { name: "z", content: token(2) }],
    });
    expect(findings(outcome)).toContain(BOTH[0]);
    expect(gaps(outcome)).toContain("corrupt app:1 layer 0");
  });

  test("the layers around a damaged one are read", async () => {
    const bad = gzipSync(await tar([{ name: "x", content: "x" }])).subarray(0, -9);
    const layers = [
      { entries: [{ name: "a", content: token(1) }] },
      { bytes: bad },
      { entries: [{ name: "b", content: token(2) }] },
    ];
    const outcome = await inspectLayers(layers);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1", "token-in-layer #2 2 /b@0:1"]);
    expect(new Set(gaps(outcome))).toEqual(new Set(["truncated app:1 layer 1"]));
  });
});

describe("what cannot be unpacked is a gap", () => {
  test.each([
    ["bzip2", piped("bzip2", "-c")],
    ["xz", piped("xz", "-c")],
  ] as const)("%s layers and archives", async (_, compress) => {
    expect(gaps(await inspectStored(compress))).toEqual(["unsupported-compression app:1 layer 0"]);
    const path = await writeTemporary(compress(await archiveOf([ENTRIES])));
    const outcome = await inspectImage(path);
    expect(gaps(outcome)).toEqual([`unsupported-compression ${path}`]);
  });

  test("more compressions around one another than the limit", async () => {
    const outcome = await inspectStored((bytes) => [1, 2, 3, 4, 5].reduce((packed) => gzipSync(packed), bytes));
    expect(gaps(outcome)).toContain("limit app:1 layer 0");
  });
});

describe("the archive as a whole", () => {
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ["gzip", gzipSync],
    ["zstd", zstdRaw],
    [
      "gzip members with padding",
      (bytes) => Buffer.concat(pieces(bytes, 3).flatMap((piece) => [gzipSync(piece), Buffer.alloc(512)])),
    ],
  ])("%s", async (_, compress) => {
    const outcome = await inspectBytes(compress(await archiveOf([ENTRIES])));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(BOTH);
  });

  test("that ends too early: what was there is reported, with a gap", async () => {
    const bytes = await archiveOf([ENTRIES]);
    for (const packed of [bytes.subarray(0, bytes.length - 200_000), gzipSync(bytes).subarray(0, 200_000)]) {
      const outcome = await inspectBytes(packed);
      expect(outcome.gaps.map(({ why }) => why)).toContain("truncated");
      expect(outcome.findings.length).toBeGreaterThan(0);
    }
  });
});

test("a bomb of zeros ends at its limit, in bounded time", async () => {
  const outcome = await inspectBytes(
    await tar(await ociLayout({ tags: ["app:1"], layers: [{ bytes: Buffer.alloc(1024), compress: bomb }] })),
    { limits: { maxLayerBytes: 10_000_000 } },
  );
  expect(gaps(outcome)).toEqual(["limit app:1 layer 0"]);
});

/** A gzip whose header names a file. */
const named =
  (name: string) =>
  (bytes: Buffer): Buffer => {
    const packed = gzipSync(bytes);
    packed[3] = 0x08;
    return Buffer.concat([packed.subarray(0, 10), Buffer.from(`${name}\0`), packed.subarray(10)]);
  };

describe("packed bytes that no decoder shows", () => {
  test.each<[string, (bytes: Buffer) => Buffer]>([
    ["the file name in a gzip header", named(`x-${token(7)}`)],
    ["a skippable zstd frame", (bytes) => Buffer.concat([zstdRaw(bytes), skippableFrame(Buffer.from(token(7)))])],
    ["what follows a gzip", (bytes) => Buffer.concat([gzipSync(bytes), Buffer.from(`tail ${token(7)}`)])],
    ["what follows a zstd", (bytes) => Buffer.concat([zstdRaw(bytes), Buffer.from(`tail ${token(7)}`)])],
  ])("%s", async (_, compress) => {
    const found = findings(await inspectStored(compress));
    expect(found.filter((line) => line.includes("#7"))).toEqual([expect.stringContaining("token-in-archive #7")]);
    expect(found).toEqual(expect.arrayContaining(BOTH));
  });

  test("a token that unpacking shows, too, is found once", async () => {
    expect(findings(await inspectStored(zstdRaw))).toEqual(BOTH);
  });
});

test("a zstd block that is larger than its frame's window is damage, and no crash", async () => {
  const outcome = await inspectStored((bytes) => {
    const packed = zstdRaw(bytes);
    packed[5] = 0;
    return packed;
  });
  expect(gaps(outcome)).toContain("corrupt app:1 layer 0");
  expect(findings(outcome).join()).toContain("#1");
});
