/** What stands between the members of a tar and behind its end: read on, unpacked, or a gap; padding is nothing. */

import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/model/report.ts";
import { archiveOf, inspectBytes, inspectLayers } from "../support/inspect-layers.ts";
import { tar } from "../support/images.ts";
import { inspectFile } from "../support/nested.ts";
import { findings, gaps } from "../support/summary.ts";
import { END, file } from "../support/tar-blocks.ts";
import { fakeToken } from "../support/tokens.ts";
import { isMissing, run } from "../support/writers.ts";
import { zip } from "../support/zip.ts";
import { zstdRaw } from "../support/zstd-frames.ts";

const text = Buffer.from(`HF_TOKEN=${fakeToken("user", 1)}\n`);
const settings = { name: "a.env", content: text };
/** Bytes that compress badly and hold no zeros. */
const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => 1 + (((i * 2654435761) >>> 13) % 255)));
const wholePacked = gzipSync(Buffer.concat([noise, text]));
const cutPacked = wholePacked.subarray(0, wholePacked.length >> 1);
const files = await tar([settings]);
const zipped = zip([{ ...settings, isStored: true, content: Buffer.concat([Buffer.alloc(2048), text]) }]);

/** Behind a layer of one file, and behind the archive of an image with such a layer. */
async function behind(tail: Buffer): Promise<{ readonly inLayer: Outcome; readonly inArchive: Outcome }> {
  const layer = await tar([{ name: "f", content: "x" }]);
  return {
    inLayer: await inspectLayers([Buffer.concat([layer, tail])]),
    inArchive: await inspectBytes(Buffer.concat([await archiveOf([layer]), tail])),
  };
}

/** The place below the archive or the layer, without its digest. */
function places(outcome: Outcome): string[] {
  return findings(outcome).map((line) => line.replace(/blobs\/sha256\/[0-9a-f]+:/, ""));
}

describe("behind the end of a layer and of an archive", () => {
  const tails: readonly (readonly [string, Buffer, string])[] = [
    ["gzip", gzipSync(text), "(unpacked)@9"],
    ["a packed tar", gzipSync(files), "(unpacked):a.env@9"],
    ["zstd", zstdRaw(text), "(unpacked)@9"],
    ["zip", zip([settings]), "a.env@9"],
    ["a zip with blocks of zeros in it", zipped, "a.env@2057"],
    ["gzip behind zeros", Buffer.concat([Buffer.alloc(12_345), gzipSync(text)]), "(unpacked)@9"],
    ["gzip before zeros", Buffer.concat([gzipSync(text), Buffer.alloc(10_000)]), "(unpacked)@9"],
    ["a large gzip", gzipSync(Buffer.concat([...Array.from({ length: 80 }, () => noise), text])), "(unpacked)@400009"],
    ["a zip behind other bytes", Buffer.concat([noise, zip([settings])]), "a.env@9"],
    [
      "a zip behind many other bytes",
      Buffer.concat([...Array.from({ length: 99 }, () => noise), zip([settings])]),
      "a.env@9",
    ],
  ];
  test.each(tails)("%s", async (_, tail, place) => {
    const { inLayer, inArchive } = await behind(tail);
    for (const outcome of [inLayer, inArchive]) {
      expect(gaps(outcome)).toEqual([]);
      expect(places(outcome)).toEqual([`token-in-archive #1 archive (between members):${place}`]);
    }
  });

  test.skipIf(isMissing("xz"))("xz", async () => {
    const { inLayer, inArchive } = await behind(run("xz", ["-c"], "/", text));
    for (const outcome of [inLayer, inArchive])
      expect(places(outcome)).toEqual(["token-in-archive #1 archive (between members):(unpacked)@9"]);
  });

  test.each([
    ["gzip", gzipSync(noise)],
    ["what is nothing", noise],
  ])("a packed last file ends where its content does: before %s", async (_, tail) => {
    const content = gzipSync(Buffer.concat([randomBytes(300_000), Buffer.alloc(70_000, "-"), text]));
    const layer = await tar([{ name: "a.gz", content }]);
    const outcome = await inspectLayers([Buffer.concat([layer, tail])]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a.gz → a@370009"]);
    expect(gaps(outcome)).toEqual([]);
    expect(outcome.subjects[0]).toHaveProperty("coverage.undecoded", {});
  });

  test("a tar is read on", async () => {
    const { inLayer, inArchive } = await behind(
      Buffer.concat([Buffer.alloc(3 * 512), files, Buffer.alloc(9216), files]),
    );
    expect([findings(inLayer), gaps(inLayer)]).toEqual([["token-in-layer #1 0 /a.env@9:1"], []]);
    expect([findings(inArchive), gaps(inArchive)]).toEqual([["token-in-archive #1 archive a.env@9"], []]);
  });

  test("a tar behind other bytes is read on, and so is what stands between two tars", async () => {
    const { inLayer, inArchive } = await behind(Buffer.concat([noise.subarray(0, 1024), files]));
    expect(findings(inLayer)).toEqual(["token-in-layer #1 0 /a.env@9:1"]);
    expect(findings(inArchive)).toEqual(["token-in-archive #1 archive a.env@9"]);
    const packed = gzipSync(text);
    const block = Buffer.concat([packed, Buffer.alloc(512 - (packed.length % 512))]);
    const between = await behind(Buffer.concat([block, await tar([{ name: "g", content: "x" }])]));
    for (const outcome of [between.inLayer, between.inArchive])
      expect(places(outcome)).toEqual(["token-in-archive #1 archive (between members):(unpacked)@9"]);
  });

  test("an image behind an image: what docker reads of the first is its own, the rest is read as well", async () => {
    const [one, two] = [
      await archiveOf([[{ name: "a", content: text }]]),
      await archiveOf([[{ name: "b", content: "x" }]]),
    ];
    for (const bytes of [Buffer.concat([one, two]), Buffer.concat([two, one])])
      expect((await inspectBytes(bytes)).findings.map(({ token }) => token?.family)).toEqual(["user"]);
  });

  test.each([
    ["a gzip that is cut", cutPacked, "gzip-damaged"],
    ["bzip2", Buffer.from("BZh91AY&SY\0\0\0\0\0\0\0\0", "latin1"), "bzip2"],
    ["7z", Buffer.from("7z\xbc\xaf\x27\x1c\0\x04", "latin1"), "7z"],
    ["an encrypted zip", zip([{ ...settings, isEncrypted: true }]), "zip-encrypted"],
    [
      "an encrypted zip behind other bytes",
      Buffer.concat([noise, zip([{ ...settings, isEncrypted: true }])]),
      "zip-encrypted",
    ],
  ])("what cannot be opened is a gap: %s", async (_, tail, kind) => {
    const { inLayer, inArchive } = await behind(tail);
    expect(gaps(inLayer)).toEqual(["undecoded app:1 layer 0"]);
    expect(gaps(inArchive)).toEqual(["undecoded -"]);
    for (const outcome of [inLayer, inArchive]) {
      expect(outcome.findings).toEqual([]);
      expect(outcome.gaps[0]?.detail).toContain(`(${kind})`);
    }
  });

  test.each([
    ["padding", Buffer.alloc(10_240)],
    ["much padding", Buffer.alloc(3_000_000)],
    ["padding that is no whole block", Buffer.alloc(700)],
    ["noise", noise],
    ["text", Buffer.from("x y z\n".repeat(5000))],
    ["the name of a magic", Buffer.from("PK is a name, and PK\x03\x04 no member of a zip")],
  ])("%s is nothing", async (_, tail) => {
    const { inLayer, inArchive } = await behind(tail);
    for (const outcome of [inLayer, inArchive]) expect([findings(outcome), gaps(outcome)]).toEqual([[], []]);
  });
});

describe("between members", () => {
  const packed = gzipSync(text);
  const block = Buffer.concat([packed, Buffer.alloc(512 - (packed.length % 512))]);

  test("where a header is damaged, what stands there is unpacked all the same", async () => {
    const damaged = Buffer.concat([file("f", "x"), block, file("g", "x"), END]);
    const outcome = await inspectLayers([damaged]);
    expect(gaps(outcome)).toEqual(["corrupt app:1 layer 0"]);
    expect(places(outcome)).toEqual(["token-in-archive #1 archive (between members):(unpacked)@9"]);
  });

  test("a token that begins in padding and goes on behind it: a block that is no header, also behind the end", async () => {
    const image = await archiveOf([[{ name: "f", content: "x" }]]);
    const whole = image.subarray(0, image.length - 1024);
    for (const ends of [[], [END]]) {
      const bytes = Buffer.concat([whole, ...ends, file("g", "x"), Buffer.alloc(512), END]);
      const at = bytes.length - END.length - 512 - 20;
      text.copy(bytes, at);
      const outcome = await inspectBytes(bytes);
      expect(findings(outcome)).toEqual([`token-in-archive #1 archive @${at + 9}`]);
      expect(gaps(outcome)).toEqual(ends.length === 0 ? ["corrupt -"] : []);
    }
  });

  test("in a root filesystem", async () => {
    const root = await tar(["etc/a", "usr/b", "bin/c", "var/d"].map((name) => ({ name, content: "x" })));
    const outcome = await inspectBytes(Buffer.concat([root, packed]));
    expect(outcome.gaps).toEqual([]);
    expect(places(outcome).join()).toContain("(between members):(unpacked)@9");
  });

  test("in a tar in a file of a layer", async () => {
    const { found, undecoded } = await inspectFile(
      Buffer.concat([files.subarray(0, 1024), Buffer.alloc(1024), Buffer.alloc(300), packed]),
    );
    expect(found).toContain("/f > (between members) > (between members) (unpacked): 1");
    expect(undecoded).toEqual({});
  });
});
