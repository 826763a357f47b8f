/** Tokens in packed files and packages: gzip, zstd, xz, tar, deb, rpm, cpio, conda, in one another. */

import { tmpdir } from "node:os";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cpio, deb, rpm } from "../../support/packages.ts";
import { tar } from "../../support/images.ts";
import { inspectFile, inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { isMissing, run } from "../../support/writers.ts";
import { zip } from "../../support/zip.ts";
import { zstdRaw } from "../../support/zstd-frames.ts";

const token = fakeToken();
const text = `HF_TOKEN=${token}\n`;
const files = [{ name: "etc/app.env", content: text }];

function xz(bytes: Buffer, ...options: string[]): Buffer {
  return run("xz", ["-c", ...options], tmpdir(), bytes);
}

describe("one thing, packed", () => {
  test("names follow the unpacker", async () => {
    const seen = await inspectFiles({
      "log.txt.gz": gzipSync(text),
      "log.json.GZ": gzipSync(text),
      dump: gzipSync(text),
      "a.tgz": gzipSync(await tar(files)),
      "a.zst": zstdRaw(Buffer.from(text)),
      z: deflateSync(text),
    });
    expect(seen).toEqual({
      found: [
        "/a.tgz > a.tar > etc/app.env: 1",
        "/a.zst > a: 1",
        "/dump > dump (unpacked): 1",
        "/log.json.GZ > log.json: 1",
        "/log.txt.gz > log.txt: 1",
        "/z > z (unpacked): 1",
      ],
      gaps: [],
      undecoded: {},
    });
  });

  test("gzip of several members, with zeros between them", async () => {
    const bytes = Buffer.concat([gzipSync("a"), Buffer.alloc(100), gzipSync(text)]);
    expect((await inspectFile(bytes)).found).toEqual(["/f > f (unpacked): 1"]);
  });

  test("a gzip too large for one step, a gzip that is cut", async () => {
    const noise = Array.from({ length: 100_000 }, (_, i) => ((i * 7919) % 1_000_003).toString(36)).join(" ");
    const whole = gzipSync(`${noise}\n${text}${"x".repeat(5_000_000)}`);
    expect((await inspectFile(whole)).found).toEqual(["/f > f (unpacked): 1"]);
    const cut = await inspectFile(gzipSync(`${text}${noise}`).subarray(0, 5000));
    expect(cut).toEqual({ found: ["/f > f (unpacked): 1"], gaps: [], undecoded: { "gzip-damaged": 1 } });
  });

  test("what merely begins like something packed", async () => {
    const seen = await inspectFiles({
      a: "x^2 + y^2 = z^2, says Pythagoras",
      b: "BZh is how bzip2 begins",
      c: "PK is a name",
      d: Buffer.from([0x1f, 0x8b]),
      e: "#!/bin/sh\necho hello\n",
      f: "MZ",
    });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: {} });
  });

  test("what is known but not opened is counted", async () => {
    const seen = await inspectFiles({
      a: Buffer.from("BZh91AY&SY\0\0\0\0", "latin1"),
      b: Buffer.from("7z\xbc\xaf\x27\x1c\0\x04", "latin1"),
      c: Buffer.from("Rar!\x1a\x07\x01\0", "latin1"),
      d: gzipSync(Buffer.from("hsqs squashed".padEnd(96))),
    });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: { bzip2: 1, "7z": 1, rar: 1, squashfs: 1 } });
  });
});

describe("tar", () => {
  test("is one finding, at the more exact place", async () => {
    expect((await inspectFile(await tar(files))).found).toEqual(["/f > etc/app.env: 1"]);
  });

  test("names, links, attributes", async () => {
    const [one, two, three] = [1, 2, 3].map((number) => fakeToken("user", number)) as [string, string, string];
    const bytes = await tar([
      { name: `${one}.txt`, content: "x" },
      { name: "link", type: "symlink", link: two },
      { name: "attribute", content: "x", pax: { "SCHILY.xattr.user.note": three } },
    ]);
    const { found } = await inspectFile(gzipSync(bytes));
    expect(found.map((line) => line.slice(-3))).toEqual([": 3", ": 1", ": 2"]);
    expect(found[2]).toMatch(/> link: 2$/);
  });

  test("a tar that is cut", async () => {
    const bytes = (await tar([{ name: "a", content: `${text}${"x".repeat(10_000)}` }])).subarray(0, 5000);
    expect(await inspectFile(gzipSync(bytes))).toEqual({
      found: ["/f > f (unpacked) > a: 1"],
      gaps: [],
      undecoded: { "tar-damaged": 1 },
    });
  });
});

describe("packages", () => {
  test("deb", async () => {
    const bytes = deb([
      { name: "debian-binary", content: Buffer.from("2.0\n") },
      { name: "control.tar.gz", content: gzipSync(await tar([{ name: "postinst", content: "#!/bin/sh\n" }])) },
      { name: "data.tar.zst", content: zstdRaw(await tar(files)) },
    ]);
    expect((await inspectFile(bytes)).found).toEqual(["/f > data.tar.zst > data.tar > etc/app.env: 1"]);
  });

  test("rpm and cpio", async () => {
    const archive = cpio([
      { name: "./a", content: Buffer.from("odd") },
      { name: "./etc/app.env", content: Buffer.from(text) },
    ]);
    const seen = await inspectFiles({
      "a.rpm": rpm(gzipSync(archive)),
      initrd: Buffer.concat([cpio([]), Buffer.alloc(600), gzipSync(archive)]),
    });
    expect(seen).toEqual({
      found: [
        "/a.rpm > payload > payload (unpacked) > ./etc/app.env: 1",
        "/initrd > (behind the archive) > (behind the archive) (unpacked) > ./etc/app.env: 1",
      ],
      gaps: [],
      undecoded: {},
    });
  });

  test("conda", async () => {
    const bytes = zip([
      { name: "metadata.json", content: "{}", isStored: true },
      { name: "pkg-a-1.tar.zst", content: zstdRaw(await tar(files)), isStored: true },
    ]);
    expect((await inspectFile(bytes)).found).toEqual(["/f > pkg-a-1.tar.zst > pkg-a-1.tar > etc/app.env: 1"]);
  });
});

describe.skipIf(isMissing("xz"))("xz", () => {
  test("one stream, several blocks, several streams with padding", async () => {
    const noise = Buffer.from(
      Array.from({ length: 200_000 }, (_, i) => ((i * 7919) % 1_000_003).toString(36)).join(" "),
    );
    const seen = await inspectFiles({
      "a.xz": xz(Buffer.from(text)),
      "b.xz": xz(Buffer.concat([noise, Buffer.from(`\n${text}`)]), "-0", "--block-size=100000"),
      "c.xz": Buffer.concat([xz(Buffer.from("a")), Buffer.alloc(8), xz(Buffer.from(text))]),
      "d.txz": xz(await tar(files)),
      "e.xz": xz(xz(Buffer.from(text))),
    });
    expect(seen).toEqual({
      found: [
        "/a.xz > a: 1",
        "/b.xz > b: 1",
        "/c.xz > c: 1",
        "/d.txz > d.tar > etc/app.env: 1",
        "/e.xz > e > e (unpacked): 1",
      ],
      gaps: [],
      undecoded: {},
    });
  });

  test.each(["none", "crc32", "crc64", "sha256"])("with the checksum %s", async (check) => {
    const noise = Buffer.from(
      Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) ^ (i >>> 3)) >>> 24),
    );
    const large = Buffer.concat([noise, Buffer.from(`\n${text}`)]);
    const seen = await inspectFiles({
      "a.xz": xz(Buffer.from(text), `--check=${check}`),
      "b.xz": xz(large, "-0", `--check=${check}`, "--block-size=70000"),
      "c.xz": Buffer.concat([xz(large, `--check=${check}`), Buffer.alloc(4), xz(Buffer.alloc(0), `--check=${check}`)]),
    });
    expect(seen).toEqual({ found: ["/a.xz > a: 1", "/b.xz > b: 1", "/c.xz > c: 1"], gaps: [], undecoded: {} });
  });

  test("the format before it is counted", async () => {
    const seen = await inspectFiles({
      "a.lzma": xz(Buffer.from(text), "--format=lzma"),
      text: "] is a bracket, and so on",
    });
    expect(seen).toEqual({ found: [], gaps: [], undecoded: { lzma: 1 } });
  });

  test("damage is counted, and the next file is read all the same", async () => {
    const whole = xz(Buffer.from(text));
    const damaged = Buffer.from(whole);
    damaged.fill(0x55, 20, 40);
    const other = xz(Buffer.alloc(1000, "x"), "--check=sha256");
    const promising = Buffer.from(other);
    promising.fill(0xff, promising.length - 8, promising.length - 4);
    const more = await inspectFiles({ a: promising, b: other.subarray(0, 40), c: other.subarray(0, 13) });
    expect(more).toEqual({ found: [], gaps: [], undecoded: { "xz-damaged": 3 } });
    const seen = await inspectFiles({ a: damaged, b: whole.subarray(0, 30), c: whole.subarray(0, 13), d: whole });
    expect(seen).toEqual({ found: ["/d > d (unpacked): 1"], gaps: [], undecoded: { "xz-damaged": 3 } });
  });
});
