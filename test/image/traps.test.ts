/** What hostile, old and odd writers put into tars, and where readers go wrong. */

import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inspectLayers } from "../support/inspect-layers.ts";
import { content, END, file, header, pax } from "../support/tar-blocks.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

const token = (number: number): string => fakeToken("user", number);
const layerOf = (...parts: readonly Buffer[]): Buffer => Buffer.concat([...parts, END]);

/** A number field of 12 bytes. */
function numberField(value: number): string {
  return `${value.toString(8).padStart(11, "0")}\0`;
}

describe("neighbours", () => {
  test("a token at the very end of a file whose last block is full is followed by no header", async () => {
    for (const size of [512, 1024, 4096]) {
      const text = `${"x".repeat(size - 1 - token(1).length)} ${token(1)}`;
      const outcome = await inspectLayers([layerOf(file("a", text), file("zzz", token(2)))]);
      expect(findings(outcome)).toEqual([
        `token-in-layer #1 0 /a@${size - token(1).length}:1`,
        "token-in-layer #2 0 /zzz@0:1",
      ]);
    }
  });

  test("a token at the start of a file has nothing on its left", async () => {
    const outcome = await inspectLayers([layerOf(file("a", "x".repeat(512)), file("b", token(1)))]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /b@0:1"]);
  });

  test("half a token at the end of one file and half at the start of the next are no token", async () => {
    const outcome = await inspectLayers([
      layerOf(
        Buffer.concat([
          header({ name: "a", size: 512 }),
          Buffer.from(`${"x".repeat(512 - 20)}${token(1).slice(0, 20)}`),
        ]),
        file("b", token(1).slice(20)),
      ),
    ]);
    expect(findings(outcome)).toEqual([]);
    expect(gaps(outcome)).toEqual([]);
  });
});

describe("wherever the reader's window ends", () => {
  const WINDOW = 131_072;
  const wrapped = {
    plain: (text: string) => Buffer.from(text),
    base64: (text: string) => Buffer.from(Buffer.from(text).toString("base64")),
    "base64, second phase": (text: string) => Buffer.from(Buffer.from(`x${text}`).toString("base64")),
    "base64, third phase": (text: string) => Buffer.from(Buffer.from(`xy${text}`).toString("base64")),
    "UTF-16": (text: string) => Buffer.from(text, "utf16le"),
  };

  test.each(Object.entries(wrapped))("%s", async (_, wrap) => {
    for (const kind of ["user", "oauth"]) {
      const planted = fakeToken(kind, 1);
      const bytes = wrap(planted);
      for (const back of [-1, 0, 1, 2, 3, 4, 30, bytes.length - 1, bytes.length, bytes.length + 1, 14_000]) {
        const at = WINDOW - 512 - back;
        const big = Buffer.concat([Buffer.alloc(at, "\n"), bytes, Buffer.from("\n"), Buffer.alloc(WINDOW * 2, "\n")]);
        const outcome = await inspectLayers([
          [
            { name: "big", content: big },
            { name: "small", content: token(2) },
          ],
        ]);
        const places = outcome.findings.map(({ token: of, locations }) => [of?.family, locations[0]]);
        expect(places, `${kind} ${back} bytes before the border`).toMatchObject([
          [kind, { path: "/big", byteOffset: at, line: at + 1 }],
          ["user", { path: "/small", byteOffset: 0 }],
        ]);
      }
    }
  });

  test("headers and extended headers on the border are read", async () => {
    for (const back of [0, 512, 1024, 1536, 2048, 2560]) {
      const filler = file("filler", Buffer.alloc(WINDOW - 512 - back, "x"));
      const long = `${"d/".repeat(100)}${token(3)}`;
      const outcome = await inspectLayers([
        layerOf(
          filler,
          pax({ path: long, "SCHILY.xattr.user.t": token(4) }),
          file("short", token(1)),
          file("z", token(2)),
        ),
      ]);
      const path = `/${"d/".repeat(100)}${token(3).slice(0, 3)}`;
      expect(gaps(outcome)).toEqual([]);
      expect(
        outcome.findings.map(({ rule, locations: [place] }) => [
          rule,
          place?.in === "layer" && (place.path.startsWith(path) || place.path),
        ]),
      ).toEqual([
        ["token-in-archive", true],
        ["token-in-archive", true],
        ["token-in-layer", true],
        ["token-in-layer", "/z"],
      ]);
    }
  });
});

describe("headers", () => {
  test("a link, folder or device with a size has no content, as engines read it", async () => {
    for (const type of ["1", "2", "3", "4", "5", "6"]) {
      const outcome = await inspectLayers([
        layerOf(
          header({ name: "odd", type, link: "a", size: 1536 }),
          file("hidden", token(1)),
          file("after", token(2)),
        ),
      ]);
      expect(gaps(outcome)).toEqual([]);
      expect(findings(outcome)).toEqual(["token-in-layer #2 0 /after@0:1", "token-in-layer #1 0 /hidden@0:1"]);
      expect(outcome.subjects).toMatchObject([{ coverage: { undecoded: { "link-with-size": 1 } } }]);
    }
  });

  test("a link that does have content is a gap, and its bytes are searched", async () => {
    const outcome = await inspectLayers([
      layerOf(
        header({ name: "odd", type: "1", link: "a", size: 600 }),
        content(`${"y".repeat(550)} ${token(1)} `),
        file("after", token(2)),
      ),
    ]);
    expect(gaps(outcome)).toEqual(["corrupt app:1 layer 0"]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #2 0 /after@0:1",
      expect.stringMatching(/^token-in-archive #1 archive blobs.*@1063$/),
    ]);
  });

  test("V7 headers, old folders with a slash, unknown types", async () => {
    const v7 = { magic: "\0\0\0\0\0\0\0\0", type: "\0" };
    const outcome = await inspectLayers([
      layerOf(
        header({ ...v7, name: "folder/", size: 100 }),
        file("folder/old", token(1), v7),
        file("odd", token(2), { type: "Z" }),
        file("contiguous", token(3), { type: "7" }),
      ),
    ]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #3 0 /contiguous@0:1",
      "token-in-layer #1 0 /folder/old@0:1",
      "token-in-layer #2 0 /odd@0:1",
    ]);
  });

  test("sizes in base 256, in PAX headers, and prefixes of names", async () => {
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size.writeUInt32BE(37, 8);
    const outcome = await inspectLayers([
      layerOf(
        Buffer.concat([header({ name: "base256", size }), content(token(1))]),
        Buffer.concat([pax({ size: "37" }), header({ name: "pax", size: 1024 }), content(token(2))]),
        file("short", token(3), { prefix: "a/long/prefix" }),
        file("gnu", token(4), { magic: "ustar  \0", prefix: "times, not a name" }),
      ),
    ]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #3 0 /a/long/prefix/short@0:1",
      "token-in-layer #1 0 /base256@0:1",
      "token-in-layer #4 0 /gnu@0:1",
      "token-in-layer #2 0 /pax@0:1",
    ]);
  });

  test("GNU long names and links", async () => {
    const name = `${"n/".repeat(80)}end`;
    const outcome = await inspectLayers([
      layerOf(
        file("././@LongLink", `${name}\0`, { type: "L" }),
        file("cut", token(1)),
        file("././@LongLink", `x/${token(2)}\0`, { type: "K" }),
        header({ name: "link", type: "2" }),
      ),
    ]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(["token-in-archive #2 0 /link", `token-in-layer #1 0 /${name}@0:1`]);
  });

  test("a name of 100 bytes is followed by the mode, which is no neighbour", async () => {
    const outcome = await inspectLayers([layerOf(file(`${"p".repeat(62)}-${token(1)}`, "x"))]);
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(["token-in-archive"]);
  });

  test("old GNU sparse files with more than four stretches: offsets are those of the file", async () => {
    const raw = [0, 1, 2, 3].map((i) => [386 + i * 24, numberField(i * 10_000) + numberField(512)] as const);
    const extension = Buffer.alloc(512);
    extension.write(numberField(40_000) + numberField(512), 0);
    const data = Buffer.concat([Buffer.alloc(2048, "x"), Buffer.from(` ${token(1)}`), Buffer.alloc(512 - 38, " ")]);
    const outcome = await inspectLayers([
      layerOf(
        header({
          name: "sparse",
          type: "S",
          size: 2560,
          magic: "ustar  \0",
          raw: [...raw, [482, "\u{1}"], [483, numberField(50_000)]],
        }),
        extension,
        data,
        file("after", token(2)),
      ),
    ]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(["token-in-layer #2 0 /after@0:1", "token-in-layer #1 0 /sparse@40001"]);
  });

  test("an archive that is stored as a sparse file with its map in headers is opened, one that holes tear is counted", async () => {
    const packed = gzipSync(`${"x".repeat(3000)} ${token(1)}`);
    const length = packed.length;
    const old = { type: "S", magic: "ustar  \0", size: length };
    const map = [386, numberField(0) + numberField(length)] as const;
    const extension = Buffer.alloc(512);
    const end = [483, numberField(9000)] as const;
    const sparse = [
      pax({ "GNU.sparse.map": `0,${length}`, "GNU.sparse.name": "pax.gz" }),
      file("GNUSparseFile.0/x", packed),
      header({ ...old, name: "old.gz", raw: [map, end] }),
      content(packed),
      header({ ...old, name: "extended.gz", raw: [map, [482, "\u{1}"], end] }),
      extension,
      content(packed),
    ];
    expect(findings(await inspectLayers([layerOf(...sparse)]))).toEqual([
      "token-in-layer #1 0 /extended.gz → extended@3001:1",
      "token-in-layer #1 0 /old.gz → old@3001:1",
      "token-in-layer #1 0 /pax.gz → pax@3001:1",
    ]);
    const torn = Buffer.concat([packed.subarray(0, 40), packed.subarray(60)]);
    const holes = pax({ "GNU.sparse.map": `0,40,60,${length - 60}`, "GNU.sparse.name": "torn.gz" });
    const outcome = await inspectLayers([layerOf(holes, file("GNUSparseFile.0/x", torn))]);
    expect(outcome.subjects).toMatchObject([{ coverage: { undecoded: { "gzip-damaged": 1 } } }]);
  });

  test("PAX sparse files: the map in the header (0.1) and in the body (1.0)", async () => {
    const body = `2\n100\n50\n9000\n50\n`.padEnd(512, "\0") + "x".repeat(50) + token(2).padEnd(50, " ");
    const outcome = await inspectLayers([
      layerOf(
        pax({ "GNU.sparse.map": "1000,40,5000,60", "GNU.sparse.name": "real-name" }),
        file("GNUSparseFile.0/x", `${"x".repeat(40)}${token(1)}${" ".repeat(23)}`),
        pax({
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.name": "in/body",
          "GNU.sparse.realsize": "9050",
        }),
        file("GNUSparseFile.0/y", body),
        file("after", token(3)),
      ),
    ]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #3 0 /after@0:1",
      "token-in-layer #2 0 /in/body@9000",
      "token-in-layer #1 0 /real-name@5000",
    ]);
  });
});

describe("names", () => {
  test("are absolute and resolved, whatever the spelling", async () => {
    const outcome = await inspectLayers([
      layerOf(file("./a", token(1)), file("/b", token(2)), file("x/../../../c", token(3)), file("d//./e/", token(4))),
    ]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #1 0 /a@0:1",
      "token-in-layer #2 0 /b@0:1",
      "token-in-layer #3 0 /c@0:1",
      "token-in-layer #4 0 /d/e@0:1",
    ]);
  });

  test("tokens in link targets and extended attributes, also of a global header", async () => {
    const outcome = await inspectLayers([
      layerOf(
        pax({ comment: `built with ${token(1)}` }, "g"),
        header({ name: "link", type: "2", link: `/x/${token(2)}` }),
        pax({ "SCHILY.xattr.user.token": token(3) }),
        file("file", "x"),
      ),
    ]);
    expect(findings(outcome).toSorted()).toEqual([
      "token-in-archive #1 0 /link",
      "token-in-archive #2 0 /link",
      "token-in-archive #3 0 /file",
    ]);
  });
});

describe("after the end", () => {
  test("concatenated tars are read on", async () => {
    const outcome = await inspectLayers([Buffer.concat([layerOf(file("a", token(1))), layerOf(file("b", token(2)))])]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1", "token-in-layer #2 0 /b@0:1"]);
  });

  test("trailing data is searched, and is no damage", async () => {
    for (const tail of [` ${token(2)}`, ` ${token(2)} ${"y".repeat(5000)}`]) {
      const outcome = await inspectLayers([Buffer.concat([layerOf(file("a", token(1))), Buffer.from(tail)])]);
      expect(gaps(outcome)).toEqual([]);
      expect(findings(outcome)).toEqual([
        "token-in-layer #1 0 /a@0:1",
        expect.stringMatching(/^token-in-archive #2 archive blobs.*@2049$/),
      ]);
    }
  });

  test("padding that is not zeros is searched", async () => {
    const padded = Buffer.concat([
      header({ name: "a", size: 10 }),
      Buffer.from("0123456789"),
      Buffer.from(token(1)),
      Buffer.alloc(512 - 47),
    ]);
    const outcome = await inspectLayers([layerOf(padded, file("b", "x"))]);
    expect(findings(outcome)).toEqual([expect.stringMatching(/^token-in-archive #1 archive blobs.*@522$/)]);
  });

  test("one block of zeros is an end; a tar without any may have been cut off", async () => {
    const outcome = await inspectLayers([Buffer.concat([file("a", token(1)), END.subarray(512)])]);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1"]);
    const cut = await inspectLayers([file("a", token(1))]);
    expect(gaps(cut)).toEqual(["truncated app:1 layer 0"]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1"]);
  });
});

describe("damage", () => {
  test("a header with a wrong checksum: everything before, in and after it is found", async () => {
    const outcome = await inspectLayers([
      layerOf(file("a", token(1)), file("b", token(2), { checksum: 1 }), file("c", token(3))),
    ]);
    expect(gaps(outcome)).toEqual(["corrupt app:1 layer 0"]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #1 0 /a@0:1",
      "token-in-layer #3 0 /c@0:1",
      expect.stringMatching(/^token-in-archive #2 archive blobs.*@1536$/),
    ]);
  });

  test("a size that is no number, or negative", async () => {
    for (const size of [Buffer.from("zzzzzzzzzzz\0"), Buffer.alloc(12, 0xff)]) {
      const outcome = await inspectLayers([
        layerOf(file("a", token(1)), header({ name: "b", size }), file("c", token(3))),
      ]);
      expect(gaps(outcome)).toEqual(["corrupt app:1 layer 0"]);
      expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1", "token-in-layer #3 0 /c@0:1"]);
    }
  });

  test("a tar that ends too early", async () => {
    const whole = layerOf(file("a", token(1)), file("b", `${token(2)} ${"x ".repeat(1000)}`));
    for (const [length, expected] of [
      [1600, ["token-in-layer #1 0 /a@0:1", "token-in-layer #2 0 /b@0:1"]],
      [1536 + 37, ["token-in-layer #1 0 /a@0:1", "token-in-layer #2 0 /b@0:1"]],
      [1300, ["token-in-layer #1 0 /a@0:1"]],
    ] as const) {
      const outcome = await inspectLayers([whole.subarray(0, length)]);
      expect(gaps(outcome), String(length)).toEqual(["truncated app:1 layer 0"]);
      expect(findings(outcome)).toEqual(expected);
    }
  });

  test("an extended header that cannot be read, or leads nowhere", async () => {
    const broken = Buffer.concat([
      header({ name: "PaxHeader", type: "x", size: 60 }),
      content(`99 path=${token(1)}\n${" ".repeat(14)}`),
    ]);
    const outcome = await inspectLayers([layerOf(broken, file("a", token(2)))]);
    expect(gaps(outcome)).toEqual(["corrupt app:1 layer 0"]);
    expect(findings(outcome)).toEqual(["token-in-archive #1 0 /a", "token-in-layer #2 0 /a@0:1"]);

    const orphan = await inspectLayers([Buffer.concat([file("a", "x"), pax({ path: token(1) }), END])]);
    expect(orphan.findings.map(({ rule }) => rule)).toEqual(["token-in-archive"]);
  });
});
