/** Places in tar headers that no reader shows: a token there is shipped like any other. */

import { describe, expect, test } from "vitest";
import { inspectBytes, inspectLayers } from "../support/inspect-layers.ts";
import { gaps } from "../support/summary.ts";
import { content, END, file, header, pax } from "../support/tar-blocks.ts";
import { fakeToken } from "../support/tokens.ts";

const TOKEN = fakeToken("user", 1);

/** The content of an extended header, with a token in the padding behind it. */
function paddedPayload(payload: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(payload);
  block.write(` ${TOKEN} `, 100);
  return block;
}

/** A stored stretch of a sparse file, as its two fields. */
function stretch(i: number): string {
  return `${(i * 4096).toString(8).padStart(11, "0")}\u{0}00000001000\0`;
}

/** An old GNU sparse file with six stretches, and a token in what the header's second block leaves empty. */
function sparse(): Buffer {
  const first = header({
    name: "sparse",
    size: 6 * 512,
    type: "S",
    magic: "ustar  \0",
    raw: [[386, [0, 1, 2, 3].map(stretch).join("")] as const, [482, "\u0001"] as const],
  });
  const second = Buffer.alloc(512);
  second.write([4, 5].map(stretch).join(""));
  second.write(` ${TOKEN} `, 300);
  return Buffer.concat([first, second, Buffer.alloc(6 * 512)]);
}

const PLACES: Readonly<Record<string, Buffer>> = {
  "behind the zero that ends the name": file("a", "x", { raw: [[10, ` ${TOKEN}`]] }),
  "behind the zero that ends a link": header({ name: "a", type: "2", link: "b", raw: [[170, ` ${TOKEN}`]] }),
  "the link field of a file": file("a", "x", { raw: [[157, TOKEN]] }),
  "across a link, the magic and the user name": file("a", "x", { raw: [[240, TOKEN]] }),
  "across the user and the group name": file("a", "x", { raw: [[280, TOKEN]] }),
  "user and group name": file("a", "x", { raw: [[265, TOKEN]] }),
  "the prefix of a GNU header": file("a", "x", { magic: "ustar  ", raw: [[345, TOKEN]] }),
  "behind the zero that ends the prefix": file("a", "x", { prefix: "p", raw: [[350, TOKEN]] }),
  "the name of an extended header": Buffer.concat([
    header({ name: `PaxHeaders/${TOKEN}`, size: 12, type: "x" }),
    content("12 path=abc\n"),
    file("a", "x"),
  ]),
  "the padding of an extended header": Buffer.concat([
    header({ name: "P", size: 12, type: "x" }),
    paddedPayload("12 path=abc\n"),
    file("a", "x"),
  ]),
  "the padding of a global extended header": Buffer.concat([
    header({ name: "P", size: 12, type: "g" }),
    paddedPayload("12 path=abc\n"),
    file("a", "x"),
  ]),
  "the padding of a GNU long name": Buffer.concat([
    header({ name: "././@LongLink", size: 9, type: "L" }),
    paddedPayload("longname\0"),
    file("a", "x"),
  ]),
  "the second block of a sparse header": sparse(),
};

describe.each(Object.entries(PLACES))("a token in %s is found", (_, entry) => {
  const bytes = Buffer.concat([entry, file("z", "z"), END]);

  test("in a layer", async () => {
    const outcome = await inspectLayers([bytes]);
    expect(outcome.findings.map(({ rule, token }) => `${rule} ${token?.family}`)).toEqual(["token-in-archive user"]);
    expect(gaps(outcome)).toEqual([]);
    expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  });

  test("in a root filesystem", async () => {
    const outcome = await inspectBytes(bytes);
    expect(outcome.findings.map(({ rule, token }) => `${rule} ${token?.family}`)).toEqual(["token-in-archive user"]);
    expect(gaps(outcome)).toEqual([]);
    expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  });
});

test("a token in a name is told once, though the header holds it too", async () => {
  const bytes = Buffer.concat([pax({ path: `d/${TOKEN}` }), file(`d/${TOKEN}`, "x"), END]);
  for (const outcome of [await inspectLayers([bytes]), await inspectBytes(bytes)]) {
    expect(outcome.findings.map(({ rule, message }) => `${rule} ${/a file name/.test(message)}`)).toEqual([
      "token-in-archive true",
    ]);
  }
});

test("a place that several headers tell of is named once, and a layer is no other one than itself", async () => {
  const link = { name: "d", type: "2", link: TOKEN };
  const bytes = Buffer.concat([pax({ linkpath: TOKEN, path: "d" }), header(link), file("e", TOKEN), END]);
  const [inName, inFile] = (await inspectLayers([bytes])).findings;
  expect(inName?.locations.map((place) => [place.in === "layer" && place.path, place.text])).toEqual([
    ["/d", null],
    ["/e", "the same token"],
  ]);
  expect(inFile?.locations.map((place) => [place.in === "layer" && place.path, place.text])).toEqual([
    ["/e", null],
    ["/d", "the same token"],
  ]);
  const twice = Buffer.concat([file("e", `x ${TOKEN}`), file("e", TOKEN), END]);
  const [overwritten] = (await inspectLayers([twice])).findings;
  expect(overwritten?.locations.map(({ text }) => text)).toEqual([null, "the same once more in this layer"]);
});

test("a root filesystem with a header whose size is negative comes to an end, and is a gap", async () => {
  const negative = Buffer.alloc(12, 0xff);
  const bytes = Buffer.concat([header({ name: "a", size: negative }), content(TOKEN), file("z", "z"), END]);
  const outcome = await inspectBytes(bytes);
  expect(outcome.findings).toHaveLength(1);
  expect(gaps(outcome)).toEqual(["corrupt -"]);
});

test("a chain of extended headers that no entry ends: all are searched, and few are remembered", async () => {
  const chain = Buffer.concat([
    pax({ comment: TOKEN }),
    ...Array.from({ length: 3000 }, () => pax({ comment: "x" })),
    pax({ comment: fakeToken("user", 2) }),
  ]);
  const bytes = Buffer.concat([chain, file("z", "z"), END]);
  for (const outcome of [await inspectLayers([bytes]), await inspectBytes(bytes)]) {
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(["token-in-archive", "token-in-archive"]);
    expect(gaps(outcome)).toEqual([]);
  }
});

test("a damaged gzip file in a root filesystem is a gap: what stands behind the damage was not read", async () => {
  const damaged = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.alloc(6), Buffer.from(`no gzip ${TOKEN}`)]);
  const outcome = await inspectBytes(Buffer.concat([file("x.gz", damaged), END]));
  expect(gaps(outcome)).toEqual(["corrupt - x.gz"]);
});
