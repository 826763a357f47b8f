/** Tokens in what documents and pictures hold packed. */

import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ascii85, chunk, flate, pdf, png } from "../../support/documents.ts";
import { tar } from "../../support/images.ts";
import { inspectFile, inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { zip } from "../../support/zip.ts";

const token = fakeToken("user", 1);
const page = `BT /F1 10 Tf 72 720 Td (login(token="${token}")) Tj ET\n`;
const empty = { dictionary: "/Type /Catalog" };

function withoutEnd(document: Buffer): Buffer {
  return document.subarray(0, document.lastIndexOf("\nendstream"));
}

function found(name: string): unknown {
  return { found: [`/f${name === "" ? "" : ` > ${name}`}: 1`], gaps: [], undecoded: {} };
}

describe("a PDF", () => {
  test.each([
    ["a page", pdf([empty, flate(page)]), "object 2"],
    ["a page whose keyword ends with both line ends", pdf([{ ...flate(page), lineEnd: "\r\n" }]), "object 1"],
    [
      "objects in a stream",
      pdf([empty, flate(`3 0 << /URI (https://user:${token}@example.org) >>`, "/Type /ObjStm")]),
      "object 2",
    ],
    ["a page of some megabytes", pdf([flate(`${"(x) Tj\n".repeat(900_000)}${page}`)]), "object 1"],
    [
      "a page that packs badly",
      pdf([
        flate(
          Buffer.concat([
            Buffer.from(Array.from({ length: 1_500_000 }, (_, i) => (Math.imul(i, 2_654_435_761) ^ (i >>> 3)) >>> 24)),
            Buffer.from(page),
          ]),
        ),
      ]),
      "object 1",
    ],
    [
      "letters that are set apart",
      pdf([
        flate(
          page.replace(
            `(login(token="${token}")) Tj`,
            `[(${token.slice(0, 9)})-12.5(${token.slice(9, 20)}) 30 (${token.slice(20)})]TJ`,
          ),
        ),
      ]),
      "object 1",
    ],
    [
      "Base-85",
      pdf([
        empty,
        { dictionary: "/Filter [/ASCII85Decode /FlateDecode]", data: Buffer.from(ascii85(deflateSync(page))) },
      ]),
      "object 2",
    ],
    [
      "Base-85 alone",
      pdf([{ dictionary: "/Filter /A85", data: Buffer.from(ascii85(Buffer.from(`${page}${"\0".repeat(9)}`))) }]),
      "object 1",
    ],
    [
      "hexadecimal",
      pdf([{ dictionary: "/Filter [ /AHx /Fl ]", data: Buffer.from(`${deflateSync(page).toString("hex")}>`) }]),
      "object 1",
    ],
    [
      "an attached file",
      pdf([empty, flate(zip([{ name: "a.env", content: page }]), "/Type /EmbeddedFile")]),
      "object 2 > a.env",
    ],
    [
      "an old version of an object",
      Buffer.concat([pdf([flate(page)]), Buffer.from("1 0 obj\nnull\nendobj\ntrailer\n<< >>\n%%EOF\n")]),
      "object 1",
    ],
    ["text that is not packed", pdf([{ dictionary: "", data: Buffer.from(page) }]), ""],
    ["no end", withoutEnd(pdf([flate(page)])), "object 1"],
    [
      "false keywords before an object",
      pdf([{ dictionary: `/A (stream\ny endstream\nstream\n)` }, flate(page)]),
      "object 2",
    ],
    ["a zip behind it", Buffer.concat([pdf([flate("x")]), zip([{ name: "a.env", content: page }])]), "a.env"],
    [
      "a gzip behind it",
      Buffer.concat([pdf([flate("x")]), gzipSync(page.repeat(9))]),
      "(behind the document) > (behind the document) (unpacked)",
    ],
  ])("%s", async (_, bytes, name) => {
    expect(await inspectFile(bytes)).toEqual(found(name));
  });

  test("in other archives", async () => {
    const bytes = pdf([flate(page)]);
    const seen = await inspectFiles({
      "a.whl": zip([{ name: "doc/a.pdf", content: bytes }]),
      "b.tgz": gzipSync(await tar([{ name: "b", content: bytes }])),
    });
    expect(seen.found).toEqual(["/a.whl > doc/a.pdf > object 1: 1", "/b.tgz > b.tar > b > object 1: 1"]);
  });

  test("what cannot be unpacked is counted", async () => {
    const damaged = flate(page.repeat(99));
    damaged.data?.fill(0xff, 20, 40);
    const seen = await inspectFiles({
      encrypted: pdf([{ ...flate("x"), data: Buffer.alloc(64, 7) }], "/Encrypt 5 0 R "),
      damaged: pdf([damaged]),
      lzw: pdf([{ dictionary: "/Filter /LZWDecode", data: Buffer.from([0x80, 0x0b, 0x60, 0x50]) }]),
    });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: { "pdf-encrypted": 1, "pdf-damaged": 1, "pdf-filter": 1 } });
  });

  test("what holds nothing packed is nothing", async () => {
    const seen = await inspectFiles({
      picture: pdf([{ dictionary: "/Filter /DCTDecode", data: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) }]),
      short: "%PDF-",
      text: "% a comment\n%PDF- is how they begin, endstream\nstream\n",
      empty: pdf([{ dictionary: "/Filter /FlateDecode", data: Buffer.alloc(0) }]),
    });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: {} });
  });

  test("of nothing but keywords comes to an end", async () => {
    const hostile = Buffer.concat([
      Buffer.from("%PDF-1.7\n"),
      Buffer.alloc(2_000_000, "1 0 obj stream\nx\x9c\x03", "latin1"),
    ]);
    const seen = await inspectFile(hostile);
    expect(seen.found).toEqual([]);
    expect(seen.gaps.length + Object.keys(seen.undecoded).length).toBeGreaterThan(0);
  });
});

describe("a PNG", () => {
  const packed = deflateSync(`{"token": "${token}"}`);
  test.each([
    ["packed text", [chunk("zTXt", Buffer.concat([Buffer.from("Comment\0\0"), packed]))], "zTXt Comment"],
    [
      "packed text of any language",
      [chunk("iTXt", Buffer.concat([Buffer.from("prompt\0\x01\0en\0Eingabe\0"), packed]))],
      "iTXt prompt",
    ],
    ["text", [chunk("tEXt", Buffer.from(`workflow\0${token}`))], ""],
    ["text of any language", [chunk("iTXt", Buffer.from(`workflow\0\0\0\0\0${token}`))], ""],
    [
      "the second of two",
      [
        chunk("zTXt", Buffer.concat([Buffer.from("a\0\0"), deflateSync("x")])),
        chunk("zTXt", Buffer.concat([Buffer.from("b\0\0"), packed])),
      ],
      "zTXt b",
    ],
  ])("%s", async (_, chunks, name) => {
    expect(await inspectFile(png(chunks))).toEqual(found(name));
  });

  test.each([
    ["a zip", zip([{ name: "a.env", content: page }]), "(behind the picture) > a.env"],
    ["a gzip", gzipSync(page), "(behind the picture) > (behind the picture) (unpacked)"],
    ["text", Buffer.from(page), "(behind the picture)"],
  ])("%s behind it", async (_, tail, name) => {
    expect(await inspectFile(Buffer.concat([png([]), tail]))).toEqual(found(name));
  });

  test("what cannot be unpacked is counted, a picture that is cut is nothing", async () => {
    const bad = chunk("zTXt", Buffer.concat([Buffer.from("a\0\0"), Buffer.alloc(30, 0xff)]));
    const seen = await inspectFiles({ bad: png([bad]), cut: png([]).subarray(0, 50), start: png([]).subarray(0, 9) });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: { "png-damaged": 1 } });
  });
});

test("what stands behind a zlib stream and behind a pack is looked at", async () => {
  const pack = Buffer.concat([Buffer.from("PACK\0\0\0\x02\0\0\0\0", "latin1"), Buffer.alloc(20, 7)]);
  const seen = await inspectFiles({
    zlib: Buffer.concat([deflateSync("x".repeat(99)), gzipSync(page)]),
    pack: Buffer.concat([pack, zip([{ name: "a.env", content: page }])]),
  });
  expect(seen).toEqual({
    found: ["/pack > (behind the pack) > a.env: 1", "/zlib > (behind the data) > (behind the data) (unpacked): 1"],
    gaps: [],
    undecoded: {},
  });
});
