/** Compressed bytes in base64, as Kubernetes, Helm, cloud-init and programs keep them: found wherever text can stand. */

import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { deflateSync, gzipSync } from "node:zlib";
import { array, assert, asyncProperty, boolean, constantFrom, integer, nat } from "fast-check";
import { describe, expect, test } from "vitest";
import type { InspectOptions } from "../../../src/inspect.ts";
import type { Finding } from "../../../src/model/finding.ts";
import { tar } from "../../support/images.ts";
import { inspectLayers } from "../../support/inspect-layers.ts";
import { inspectFile, inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { isMissing, run } from "../../support/writers.ts";
import { zip } from "../../support/zip.ts";
import { wrap } from "../../support/wrappers.ts";
import { zstdRaw } from "../../support/zstd-frames.ts";

const token = fakeToken();
const second = fakeToken("user", 2);

/** Text that gzip makes little of, the same in every run. */
function noise(bytes: number, seed = 1): Buffer {
  const out = Buffer.alloc(bytes);
  let state = seed;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    out[i] = 0x20 + ((state >>> 16) % 95);
  }
  return out;
}

const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString("base64");
const secret = `export HF_TOKEN=${token}\n`;
const packed = base64(gzipSync(secret));
const lines = (text: string, width: number, between: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, "g")) ?? []).join(between);

/** The places and chains of what is found in a file. */
async function chains(content: Buffer | string, options: InspectOptions = {}): Promise<string[]> {
  const { findings } = await inspectLayers([[{ name: "f", content: Buffer.from(content) }]], {}, options);
  return findings.map(chainOf);
}

function chainOf({ token: found, locations: [place] }: Finding): string {
  const where =
    place?.in === "layer" ? `${place.path}:${place.line} ${place.byteOffset} ${place.within.join(" > ")}` : "";
  return `${where}${found?.encoding.join(" > ")}`;
}

const template = `apiVersion: v1\nkind: Secret\nstringData:\n  token: ${token}\n`;
const release = JSON.stringify({
  name: "app",
  chart: { templates: [{ name: "templates/secret.yaml", data: base64(template) }] },
});

describe("where it is found", () => {
  test("a line of a script, with the place of the text and the chain", async () => {
    expect(await chains(`#!/bin/sh\necho ${packed} | base64 -d | gunzip > /root/.env\n`)).toEqual([
      "/f:2 15 base64 > gzip",
    ]);
  });

  test("a Helm release in a Secret, as Helm keeps it and as kubectl shows it", async () => {
    const long = base64(gzipSync(release));
    expect(await chains(`data:\n  release: ${base64(long)}\n`)).toEqual(["/f:2 17 base64 > base64 > gzip > base64"]);
    expect(await chains(long)).toEqual(["/f:1 0 base64 > gzip > base64"]);
  });

  test("a token in JSON in it, escaped", async () => {
    expect(
      await chains(base64(gzipSync(JSON.stringify({ run: `A\u0000=${token}` }).replaceAll("_", "\\u005f")))),
    ).toEqual(["/f:1 0 base64 > gzip > escape"]);
  });

  test("user data: an archive in it, with the names of its members", async () => {
    const archive = await tar([{ name: "etc/hf.env", content: Buffer.from(secret) }]);
    const content = `#cloud-config\nwrite_files:\n- encoding: gz+b64\n  content: !!binary |\n    ${lines(base64(gzipSync(archive)), 76, "\n    ")}\n  path: /a.tar\n`;
    expect(await chains(content)).toEqual(["/f:1 16 etc/hf.envbase64 > gzip"]);
  });

  test("packed twice, and packed in what is packed", async () => {
    const inner = `x: "${packed}"\n`;
    expect(await chains(base64(gzipSync(inner)))).toEqual(["/f:1 0 base64 > gzip > base64 > gzip"]);
    expect((await inspectFile(Buffer.from(base64(gzipSync(gzipSync(secret)))))).found).toEqual(["/f > (unpacked): 1"]);
  });

  test("zstd", async () => {
    // What is packed here is hex, for a writer at hand that packs nothing: base64 alone would show what is plain.
    const bytes = zstdRaw(Buffer.from(Buffer.from(secret).toString("hex")));
    expect(await chains(`a: ${base64(bytes)}\n`)).toEqual(["/f:1 3 base64 > zstd > hex"]);
    expect(await chains(`a: ${base64(base64(bytes))}\n`)).toEqual(["/f:1 3 base64 > base64 > zstd > hex"]);
  });

  test("a zip, with the names of its members", async () => {
    const archive = zip([{ name: "etc/hf.env", content: `${secret}\n${"nothing of note\n".repeat(9)}` }]);
    expect(await chains(`a: ${base64(archive)}\n`)).toEqual(["/f:1 16 etc/hf.envbase64"]);
    const both = `${base64(archive).replace(/=+$/, "")}\n${base64(gzipSync(`T=${second}`))}\n`;
    expect((await inspectFile(Buffer.from(both))).found).toEqual(["/f > etc/hf.env: 1", "/f: 2"]);
  });

  test.skipIf(isMissing("xz"))("xz", async () => {
    const bytes = run("xz", ["-c"], tmpdir(), Buffer.from(secret));
    for (const text of [bytes.toString("base64"), bytes.toString("base64url")])
      expect((await inspectFile(Buffer.from(`a: ${text}\n`))).found).toEqual(["/f > (unpacked): 1"]);
  });

  test("several in one file, some with the same token, some in one line", async () => {
    const other = base64(gzipSync(`T=${second}\n`));
    const { found } = await inspectFile(Buffer.from(`a: ${packed}\nb: ["${other}", "${packed}"]\n`));
    expect(found).toEqual(["/f: 1", "/f: 2"]);
  });

  test("one that ends without padding before words, and the next one", async () => {
    for (const padding of ["", "x", "xy"]) {
      const first = base64(gzipSync(noise(200) + padding)).replace(/=+$/, "");
      const { found, undecoded } = await inspectFile(Buffer.from(`${first}\nwords\n${packed}\nmore\n`));
      expect(found).toEqual(["/f: 1"]);
      expect(undecoded).toEqual({});
    }
  });

  test("several members of gzip, packed one by one", async () => {
    const both = Buffer.concat([gzipSync("nothing of note here, and nothing to see\n"), gzipSync(secret)]);
    expect(await chains(base64(both))).toEqual(["/f:1 0 base64 > gzip"]);
  });

  test("a gzip that names its file, and one with every field", async () => {
    const plain = gzipSync(secret);
    const header = Buffer.from(plain.subarray(0, 10));
    header[3] = 8 + 16 + 4;
    const fields = Buffer.concat([Buffer.from([4, 0, 1, 2, 3, 4]), Buffer.from("a name\0a comment\0")]);
    const named = Buffer.concat([header, fields, plain.subarray(10)]);
    expect(await chains(base64(named))).toEqual(["/f:1 0 base64 > gzip"]);
  });

  test.each(["zip, deflated", "zip, stored", "tar", "gzip", "sqlite", "git object", "deb", "cpio"] as const)(
    "in a member of: %s",
    async (name) => {
      const content = await wrap(Buffer.from(`key: ${packed}\n`), [name]);
      const { found, gaps } = await inspectFile(content);
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(/^\/f > .*: 1$/);
      expect(gaps).toEqual([]);
    },
  );

  test("in a binary file", async () => {
    const content = Buffer.concat([Buffer.alloc(100_000, 1), Buffer.from(packed), Buffer.alloc(100_000)]);
    expect(await chains(content)).toEqual(["/f:null 100000 base64 > gzip"]);
  });
});

describe("how it is written", () => {
  const big = base64(gzipSync(Buffer.concat([noise(300), Buffer.from(secret)])));

  test.each([
    ["lines of 76", lines(big, 76, "\n")],
    ["lines of Windows", lines(big, 76, "\r\n")],
    ["YAML, folded", `a: >-\n  ${lines(big, 60, "\n  ")}\nb: 1\n`],
    ["JSON", JSON.stringify({ a: lines(big, 76, "\n") })],
    ["JSON of Windows", JSON.stringify({ a: lines(big, 76, "\r\n") })],
    ["JSON in JSON", JSON.stringify(JSON.stringify({ a: lines(big, 76, "\n") }))],
    ["JSON with escaped slashes", JSON.stringify({ a: big }).replaceAll("/", "\\/")],
    ["JSON with every sign escaped", JSON.stringify({ a: big }).replaceAll("+", "\\u002b").replaceAll("/", "\\u002F")],
    ["a URL", `https://example.com/?data=${encodeURIComponent(big)}&x=1`],
    ["the URL-safe alphabet", `"${Buffer.from(big, "base64").toString("base64url")}"`],
    ["single quotes", `data='${big}'`],
    ["a program's strings", `const a =\n  "${lines(big, 70, '" +\n  "')}";\n`],
    ["a shell's lines", `echo ${lines(big, 70, "\\\n")} | base64 -d\n`],
  ])("%s", async (_, content) => {
    expect((await inspectFile(Buffer.from(content))).found).toEqual(["/f: 1"]);
  });

  test("at random", async () => {
    const breaks = constantFrom("\n", "\r\n", "\n    ", "\\n", "\\r\\n", "");
    const written = asyncProperty(
      array(breaks, { minLength: 1, maxLength: 3 }),
      integer({ min: 8, max: 100 }),
      boolean(),
      nat(1),
      nat(140_000),
      nat(3000),
      async (between, width, isUrlSafe, times, before, size) => {
        let bytes: Buffer = gzipSync(Buffer.concat([noise(size, size + 1), Buffer.from(`\n${secret}`)]));
        for (let i = 0; i < times; i++) bytes = Buffer.from(bytes.toString("base64"));
        const text = bytes.toString(isUrlSafe ? "base64url" : "base64");
        const parts = text.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
        const wrapped = parts
          .map((part, i) => part + (i === parts.length - 1 ? "" : between[i % between.length]))
          .join("");
        const content = Buffer.from(`${".".repeat(before)}"${wrapped}"\n`);
        const { found, gaps, undecoded } = await inspectFile(content);
        expect({ found, gaps, undecoded }).toEqual({ found: ["/f: 1"], gaps: [], undecoded: {} });
      },
    );
    await assert(written, { numRuns: 60 });
  }, 60_000);
});

describe("size", () => {
  test("megabytes in one line, far beyond the window, with the token at the end", async () => {
    const large = Buffer.concat([noise(6_000_000), Buffer.from(secret)]);
    expect(await chains(`release: ${base64(gzipSync(large))}\n`)).toEqual(["/f:1 9 base64 > gzip"]);
  });

  test("more than is kept in memory", async () => {
    const large = Buffer.concat([noise(14_000_000), Buffer.from(secret)]);
    const text = lines(base64(gzipSync(large, { level: 1 })), 76, "\n");
    expect(text.length).toBeGreaterThan(8 * 1_048_576);
    expect(await chains(`a:\n${text}\n`)).toEqual(["/f:2 3 base64 > gzip"]);
  }, 60_000);

  test("without vectors the same", async () => {
    const content = `a: ${packed}\nb: ${base64(base64(gzipSync(`T=${second}`)))}\n`;
    expect(await chains(content, { simd: false })).toEqual(await chains(content));
  });
});

describe("what is no gap, and what is one", () => {
  test("texts that speak of it, and examples that are cut off", async () => {
    const content = [
      "the magic is H4sI, or H4sIAAAAAAAA, in base64",
      "H4sIAAAAAAAAA",
      'const GZIP = ["H4sI", "KLUv", "SDRzSU", "S0xVd"];',
      "H4sICJ0AAAAA/path/to/some/thing/that/is/no/gzip/at/all/and/goes/on/for/long",
      "KLUvLongNameOfSomeSortThatGoesOnAndOnAndOnAndOnAndOnUntilItEndsSomewhere",
      packed.slice(0, 40),
    ].join("\n");
    const { found, gaps, undecoded } = await inspectFile(Buffer.from(content));
    expect({ found, gaps, undecoded }).toEqual({ found: [], gaps: [], undecoded: {} });
  });

  test("base64 of random bytes in which it seems to begin, with every flag", async () => {
    const beginnings = Array.from({ length: 32 }, (_, flags) =>
      Array.from({ length: 8 }, (__, seed) => {
        const bytes = createHash("shake256", { outputLength: 600 }).update(`${flags} ${seed}`).digest();
        return base64(Buffer.concat([Buffer.from([0x1f, 0x8b, 8, flags]), bytes]));
      }),
    ).flat();
    const { gaps, undecoded } = await inspectFile(Buffer.from(beginnings.join("=\n")));
    expect({ gaps, undecoded }).toEqual({ gaps: [], undecoded: {} });
  });

  test("a name that is longer than the first look", async () => {
    const plain = gzipSync(secret);
    const header = Buffer.from(plain.subarray(0, 10));
    header[3] = 8;
    const named = Buffer.concat([header, Buffer.from(`${"long ".repeat(150)}\0`), plain.subarray(10)]);
    expect((await inspectFile(Buffer.from(base64(named)))).found).toEqual(["/f: 1"]);
  });

  test("one that is cut is counted, and what there is of it is searched", async () => {
    const text = base64(gzipSync(Buffer.concat([Buffer.from(secret), noise(5000)])));
    const { found, gaps, undecoded } = await inspectFile(Buffer.from(`a: ${text.slice(0, 3000)}\n`));
    expect({ found, gaps, undecoded }).toEqual({
      found: ["/f: 1"],
      gaps: [],
      undecoded: { "base64-gzip-damaged": 1 },
    });
    expect((await inspectFile(Buffer.from(`a: ${text.slice(0, 3000)}\n`), { strict: true })).gaps).toEqual([
      expect.stringContaining("base64-gzip-damaged"),
    ]);
  });

  test("one behind another that is cut, in the same run of text", async () => {
    const cut = base64(gzipSync(noise(900))).slice(0, 600);
    expect((await inspectFile(Buffer.from(`${cut}\n${packed}\n`))).found).toEqual(["/f: 1"]);
    expect((await inspectFile(Buffer.from(`${cut}${packed}`))).found).toEqual(["/f: 1"]);
  });

  test("a wrong checksum does not hide what is there", async () => {
    const wrong = gzipSync(secret);
    wrong.writeUInt32LE(12_345, wrong.length - 8);
    const { found, undecoded } = await inspectFile(Buffer.from(`a: ${base64(wrong)}\n`));
    expect({ found, undecoded }).toEqual({ found: ["/f: 1"], undecoded: { "base64-gzip-damaged": 1 } });
  });

  test("--depth 0 opens none, and counts them; a depth is a limit", async () => {
    const content = Buffer.from(`a: ${packed}\nb: H4sI\n`);
    const closed = await inspectFile(content, { limits: { maxDepth: 0 } });
    expect(closed).toEqual({ found: [], gaps: [], undecoded: { "not-opened": 1 } });
    const twice = Buffer.from(base64(gzipSync(`x: ${packed}\n`)));
    const { found, gaps } = await inspectFile(twice, { limits: { maxDepth: 1 } });
    expect({ found, gaps }).toEqual({ found: [], gaps: [expect.stringMatching(/^limit \/f: .*--depth/)] });
  });
});

describe("bombs", () => {
  const limits = { maxLayerBytes: 50_000_000 };

  test("zeros, packed twice, end at the bound, and hide nothing else", async () => {
    const bomb = base64(gzipSync(Buffer.alloc(200_000_000)));
    const { found, gaps } = await inspectFiles({ bomb: `a: ${bomb}\n`, plain: `T=${token}\n` }, { limits });
    expect(found).toEqual(["/plain: 1"]);
    expect(gaps).toEqual([expect.stringMatching(/^limit \/bomb: .*unpack to more than/)]);
  }, 60_000);

  test("a hundred thousand beginnings are looked at, and are nothing", async () => {
    const many = Buffer.from("H4sIAAAA".repeat(100_000));
    const { found, gaps, undecoded } = await inspectFiles({ many, spaced: "H4sIAAAA ".repeat(100_000), last: packed });
    expect({ found, gaps, undecoded }).toEqual({ found: ["/last: 1"], gaps: [], undecoded: {} });
  }, 60_000);

  test("thousands of texts in one file are all unpacked", async () => {
    const small = base64(gzipSync("nothing of note stands in this text, which is all that there is\n"));
    const content = `${`a: ${small}\n`.repeat(2000)}b: ${packed}\n`;
    const { found, gaps, undecoded } = await inspectFile(Buffer.from(content));
    expect({ found, gaps, undecoded }).toEqual({ found: ["/f: 1"], gaps: [], undecoded: {} });
  }, 60_000);

  test("hundreds of beginnings that are damaged later, in one run of text", async () => {
    const cut = base64(gzipSync(noise(400))).slice(0, 120);
    const { found, gaps } = await inspectFile(Buffer.from(`${cut.repeat(500)}${packed}\n`));
    expect({ found, gaps }).toEqual({ found: ["/f: 1"], gaps: [] });
  }, 60_000);
});

test("zlib in base64 is not looked for", async () => {
  expect((await inspectFile(Buffer.from(base64(deflateSync(secret))))).found).toEqual([]);
});
