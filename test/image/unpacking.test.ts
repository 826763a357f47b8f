// What unpacks in steps: the same however the bytes come and are asked for, over Node's own binding and over a stream.
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import * as zlib from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buffered, readChunks, type BufferedReader, type ByteReader } from "../../src/image/byte-reader.ts";
import { gunzip } from "../../src/image/gunzip.ts";
import type { Problem } from "../../src/image/problem.ts";
import { createInflateStep, createZstdStep, type StepDecoder } from "../../src/image/step-decoder.ts";
import { isCut, unpacking } from "../../src/image/unpacking.ts";
import { unzstd } from "../../src/image/unzstd.ts";
import { windowBytes } from "../../src/image/zstd-frame.ts";

function inPieces(bytes: Uint8Array, size: number): BufferedReader {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return buffered(readChunks(pieces()));
}

/** All of it, `size` bytes at a time. */
async function drain(reader: ByteReader, size: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(size);
    const count = await reader.read(part);
    if (count === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, count));
  }
}

/** ZSTD_c_checksumFlag; without, damage may unpack to something else. */
const ZSTD_CHECKSUM = 201;
const zstdCompressSync: unknown = Reflect.get(zlib, "zstdCompressSync");
/** A zstd frame; null where Node cannot make one. */
function zstdFrame(bytes: Uint8Array): Buffer | null {
  const params = { [ZSTD_CHECKSUM]: 1 };
  return typeof zstdCompressSync === "function" ? Buffer.from(zstdCompressSync(bytes, { params })) : null;
}

/** What is packed, and what unpacks it; null where Node cannot. */
type Way = readonly [
  name: string,
  pack: (bytes: Uint8Array) => Buffer | null,
  decoder: (isDirect: boolean) => StepDecoder | null,
];

const WAYS: readonly Way[] = [
  ["raw", deflateRawSync, (isDirect) => createInflateStep("raw", { isDirect })],
  ["zlib", deflateSync, (isDirect) => createInflateStep("zlib", { isDirect })],
  ["gzip", gzipSync, (isDirect) => createInflateStep("gzip", { isDirect })],
  ["zstd", zstdFrame, (isDirect) => createZstdStep({ isDirect })],
];

/** Bytes that can be packed a little, a lot, or not at all. */
const content = fc
  .tuple(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 200 }))
  .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes)));
const steps = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 200_000 }));

describe.each(WAYS)("%s", (name, pack, decoderOf) => {
  const isHere = decoderOf(true) !== null;

  test.runIf(isHere).each([true, false])(
    "any content in any steps, and nothing beyond it (direct: %s)",
    async (isDirect) => {
      await fc.assert(
        fc.asyncProperty(content, steps, fc.uint8Array({ maxLength: 100 }), async (bytes, [inSize, outSize], tail) => {
          const packed = pack(bytes) ?? Buffer.alloc(0);
          const decoder = decoderOf(isDirect);
          if (decoder === null) return;
          // What follows gzip would be taken for another member, so it begins with a zero, as padding does; a frame of zstd
          // is cut to its length by who knows it.
          const rest = name === "zstd" ? Buffer.alloc(0) : Buffer.from([0, ...tail]);
          const source = inPieces(Buffer.concat([packed, rest]), inSize);
          const reader = unpacking(decoder, source);
          expect((await drain(reader, outSize)).equals(bytes)).toBe(true);
          expect(reader.error()).toBeNull();
          expect((await drain(source, 1000)).equals(rest)).toBe(true);
          decoder.close();
        }),
        { numRuns: 60 },
      );
    },
  );

  test.runIf(isHere)("what is cut short or damaged is told, and what stands before it given", async () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (__, i) => `line ${i} ${(i * 7919) % 104_729}\n`).join(""));
    const packed = pack(bytes) ?? Buffer.alloc(0);
    for (const at of [packed.length >> 2, packed.length >> 1, packed.length - 9]) {
      const decoder = decoderOf(true);
      if (decoder === null) return;
      const cut = unpacking(decoder, inPieces(packed.subarray(0, at), 1000));
      const got = await drain(cut, 4096);
      // Node 22 does not say that a frame of zstd is cut short; who reads frames knows.
      expect(isCut(cut.error() ?? new Error("none")) || name === "zstd").toBe(true);
      expect(bytes.subarray(0, got.length).equals(got)).toBe(true);
      // zstd unpacks whole blocks, of which this is one.
      expect(got.length).toBeGreaterThanOrEqual(name === "zstd" ? 0 : bytes.length / 8);
      const damaged = Buffer.from(packed);
      damaged.fill(0xff, at, at + 8);
      const second = decoderOf(true);
      if (second === null) return;
      const broken = unpacking(second, inPieces(damaged, 1000));
      await drain(broken, 4096);
      // Bare deflate has no checksum: damage may unpack to something else.
      expect(broken.error() !== null || name === "raw").toBe(true);
    }
  });
});

test("of a small gzip that is damaged every byte before the damage is given, however much is asked for", async () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => `${(i * 7919) % 104_729}\n`).join(""));
  const packed = gzipSync(bytes);
  const at = packed.length >> 1;
  // The same up to the damage, whose place in the unpacked bytes one who unpacks byte for byte knows.
  packed.fill(0xff, at, at + 8);
  const least = (await drain(unpacking(createInflateStep("gzip"), inPieces(packed, 1)), 1)).length;
  expect(least).toBeGreaterThan(bytes.length / 4);
  for (const size of [64, 4096, 131_072, 1_000_000]) {
    const got = await drain(unpacking(createInflateStep("gzip"), inPieces(packed, 65_536)), size);
    expect(got.length).toBe(least);
  }
});

test.each([true, false])("members, padding between them and what is none (direct: %s)", async (isDirect) => {
  const member = gzipSync("a member\n");
  const cases: readonly (readonly [Buffer, string, readonly string[]])[] = [
    [Buffer.concat([member, member]), "a member\na member\n", []],
    [Buffer.concat([member, Buffer.alloc(70_000), member, Buffer.alloc(3)]), "a member\na member\n", []],
    [Buffer.concat([member, Buffer.from("junk")]), "a member\n", ["corrupt"]],
    [Buffer.concat([member, Buffer.alloc(5), Buffer.from("junk")]), "a member\n", ["corrupt"]],
    [member.subarray(0, -4), "a member\n", ["truncated"]],
    [Buffer.concat([member, member.subarray(0, 5)]), "a member\n", ["truncated"]],
  ];
  for (const [bytes, text, whys] of cases) {
    for (const size of [1, 20, 100_000]) {
      const problems: Problem[] = [];
      const reader = gunzip(inPieces(bytes, size), (problem) => void problems.push(problem), { isDirect });
      expect((await drain(reader, 1000)).toString()).toBe(text);
      expect(problems.map(({ why }) => why)).toEqual(whys);
    }
  }
});

test.runIf(zstdFrame(Buffer.alloc(0)) !== null)("frames, skippable ones and what is none, both ways", async () => {
  const frame = zstdFrame(Buffer.from("a frame\n")) ?? Buffer.alloc(0);
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]);
  const cases: readonly (readonly [Buffer, string, readonly string[]])[] = [
    [Buffer.concat([frame, skippable, frame]), "a frame\na frame\n", []],
    [skippable, "", []],
    [Buffer.concat([frame, Buffer.from("junk")]), "a frame\n", ["corrupt"]],
    ...Array.from({ length: frame.length - 1 }, (_, i): [Buffer, string, readonly string[]] => [
      Buffer.concat([frame, frame.subarray(0, i + 1)]),
      "a frame\n",
      ["truncated"],
    ]),
  ];
  for (const isDirect of [true, false]) {
    for (const [bytes, text, whys] of cases) {
      for (const size of [1, 20, 100_000]) {
        const problems: Problem[] = [];
        const reader = unzstd(inPieces(bytes, size), (problem) => void problems.push(problem), { isDirect });
        expect((await drain(reader, 1000)).toString().startsWith(text)).toBe(true);
        expect(problems.map(({ why }) => why)).toEqual(whys);
      }
    }
  }
});

test("a block whose decoding has no end is damage, whatever decodes it", async () => {
  // Huffman weights in a table (RFC 8878, 4.1.1) of 32 states that are all one symbol's: none takes a bit.
  const table = [5, 0xf0, 0x03, 1, 1, 0x80];
  const literals = [0x02 | (20 << 4), (20 >> 4) | (20 << 6), 20 >> 2, ...table, ...Array.from({ length: 20 }, () => 1)];
  const block = [...literals, 0];
  const size = (block.length << 3) | (2 << 1) | 1;
  const header = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 20, size & 255, size >> 8, size >> 16];
  for (const symbolsBefore of [0, 1]) {
    const bytes = Buffer.from([...header, ...block]);
    // A first symbol without a share, and the flag that no other follows: then comes the one that has all.
    if (symbolsBefore === 1) bytes.writeUIntLE(0b111111_00_00001_0000, header.length + 4, 3);
    for (const isDirect of [true, false]) {
      const problems: Problem[] = [];
      const reader = unzstd(inPieces(bytes, 1000), (problem) => void problems.push(problem), { isDirect });
      expect((await drain(reader, 1000)).length).toBe(0);
      expect(problems.map(({ why }) => why)).toEqual(["truncated"]);
    }
  }
});

test("a frame of tiny blocks in a large window ends soon, with a gap where the decoder is slow", async () => {
  // A window of 2^27 bytes, and blocks of one byte that stand there as it is.
  const blocks = Array.from({ length: 20_000 }, (_, i) => [(1 << 3) | (i === 19_999 ? 1 : 0), 0, 0, 0x61]).flat();
  const bytes = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, ...blocks]);
  const problems: Problem[] = [];
  const got = await drain(
    unzstd(inPieces(bytes, 1000), (problem) => void problems.push(problem)),
    100_000,
  );
  const isNative = createZstdStep() !== null;
  expect(problems.map(({ why }) => why)).toEqual(isNative ? [] : ["limit"]);
  expect(got.length).toBe(isNative ? 20_000 : got.length);
  expect(got.equals(Buffer.alloc(got.length, "a"))).toBe(true);
});

test("a frame of one block takes no more memory than that, whatever window it asks for", async () => {
  const text = "what streams pack: small files, one after the other\n";
  const block = [((text.length << 3) | 1) & 255, text.length >> 5, 0, ...Buffer.from(text)];
  // From 2^17 bytes, and something, up to more than any decoder gives.
  for (const window of [57, 13 << 3, 17 << 3, 0xff]) {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, window, ...block]);
    expect(windowBytes(frame)).toBe(131_072);
    for (const size of [1, 9, 100_000]) {
      const problems: Problem[] = [];
      const bytes = Buffer.concat([frame, frame, frame]);
      const got = await drain(
        unzstd(inPieces(bytes, size), (problem) => void problems.push(problem)),
        1000,
      );
      expect(got.toString()).toBe(text.repeat(3));
      expect(problems).toEqual([]);
    }
  }
  // Two blocks may look back as far as they say.
  const two = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3, (text.length << 3) & 255, text.length >> 5, 0]);
  expect(windowBytes(two)).toBe(8_388_608);
});
