/** Zips behind other bytes, and inside of them: programs, scripts, packages of browsers, documents with junk before. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { tar } from "../../support/images.ts";
import { inspectLayers } from "../../support/inspect-layers.ts";
import { inspectFile, inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { isMissing } from "../../support/writers.ts";
import { zip } from "../../support/zip.ts";

const token = fakeToken("user", 1);
const settings = { name: "pkg/config.py", content: `TOKEN = "${token}"\n` };
const zipped = zip([{ name: "first", content: "x" }, settings]);
const FOUND = { found: ["/f > pkg/config.py: 1"], gaps: [], undecoded: {} };

/** Bytes of no format that do not compress. */
function noise(length: number): Buffer {
  let state = 88_675_123;
  return Buffer.from(
    Array.from({ length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return 1 + ((state >>> 8) % 255);
    }),
  );
}

/** The zip with offsets that count from the start of the file, as `zip -A` writes them. */
function adjusted(prefix: Buffer): Buffer {
  const bytes = Buffer.concat([prefix, zipped]);
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const directory = bytes.readUInt32LE(end + 16) + prefix.length;
  bytes.writeUInt32LE(directory, end + 16);
  for (let at = directory; bytes.readUInt32LE(at) === 0x02014b50;) {
    bytes.writeUInt32LE(bytes.readUInt32LE(at + 42) + prefix.length, at + 42);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return bytes;
}

/** An ELF header that says where the program ends, and so much of a program. */
function elf(length: number): Buffer {
  const bytes = noise(length);
  bytes.write("\x7fELF\x02\x01\x01", 0, "latin1");
  bytes.writeBigUInt64LE(BigInt(length - 64), 0x28);
  bytes.writeUInt16LE(64, 0x3a);
  bytes.writeUInt16LE(1, 0x3c);
  return bytes;
}

const PREFIXES: Readonly<Record<string, Buffer>> = {
  "one byte": Buffer.from("x"),
  "a script": Buffer.from("#!/usr/bin/env python3\n"),
  "a shell script": Buffer.from(`#!/bin/sh\nexec java -jar "$0" "$@"\nexit 1\n`),
  "a Windows program": Buffer.concat([Buffer.from("MZ"), noise(3000)]),
  "an ELF program": elf(5000),
  "a browser's signature": Buffer.concat([Buffer.from("Cr24\x03\0\0\0"), noise(600)]),
  "a picture": Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), noise(9000)]),
  zeros: Buffer.alloc(10_000),
  "bytes with false signs of a zip": Buffer.concat([
    Buffer.from("PK\x03\x04\xff\xff\xff\xff PK\x03\x04", "latin1"),
    noise(99),
  ]),
  "less than a window": noise(131_000),
  "more than a window": noise(400_001),
};

describe.each(Object.entries(PREFIXES))("a zip behind %s", (_, prefix) => {
  test.each([{}, { simd: false }])("%j", async (options) => {
    expect(await inspectFile(Buffer.concat([prefix, zipped]), options)).toEqual(FOUND);
  });

  test("with offsets that count the bytes before it", async () => {
    expect(await inspectFile(adjusted(prefix))).toEqual(FOUND);
  });

  test("in a packed file, and in a packed tar", async () => {
    const bytes = Buffer.concat([prefix, zipped]);
    const seen = await inspectFiles({
      "a.gz": gzipSync(bytes),
      "b.tgz": gzipSync(await tar([{ name: "b", content: bytes }])),
    });
    expect(seen).toEqual({
      found: ["/a.gz > a > pkg/config.py: 1", "/b.tgz > b.tar > b > pkg/config.py: 1"],
      gaps: [],
      undecoded: {},
    });
  });
});

test("a zip at every place around the border of a window", async () => {
  const borders = Array.from({ length: 80 }, (_, i) => 131_072 - 1024 - 60 + i * 16);
  const entries = borders.map((length, i) => ({ name: `f${i}`, content: Buffer.concat([noise(length), zipped]) }));
  const { findings } = await inspectLayers([entries]);
  expect(findings.map(({ locations: [place] }) => (place?.in === "layer" ? place.path : "")).sort()).toEqual(
    entries.map(({ name }) => `/${name}`).sort(),
  );
});

test("a packed layer, and a layer that is no tar", async () => {
  const content = Buffer.concat([noise(5000), zipped]);
  const packed = await inspectLayers([gzipSync(await tar([{ name: "f", content }]))]);
  expect(packed.findings.map(({ rule }) => rule)).toEqual(["token-in-layer"]);
  const bare = await inspectLayers([content]);
  expect(bare.findings.map(({ rule }) => rule)).toEqual(["token-in-archive"]);
});

test("zips in the middle of something: each member is read, and nothing is said of an end that is missing", async () => {
  const between = Buffer.concat([
    noise(500),
    zipped,
    noise(70_000),
    zip([{ name: "b", content: fakeToken("user", 2) }]),
    noise(70_000),
  ]);
  expect(await inspectFile(between)).toEqual({
    found: ["/f > b: 2", "/f > pkg/config.py: 1"],
    gaps: [],
    undecoded: {},
  });
});

test("what cannot be unpacked of it is counted", async () => {
  const seen = await inspectFiles({
    encrypted: Buffer.concat([noise(500), zip([{ ...settings, isEncrypted: true }])]),
    method: Buffer.concat([noise(500), zip([{ ...settings, method: 14 }])]),
    cut: Buffer.concat([noise(500), zip([{ name: "a", content: noise(9000) }]).subarray(0, 4000)]),
  });
  expect(seen).toEqual({ found: [], gaps: [], undecoded: { "zip-encrypted": 1, "zip-method": 1, "zip-damaged": 1 } });
});

test("constants of programs that read zips, and texts about them, are nothing", async () => {
  const constant = Buffer.from("PK\x03\x04", "latin1");
  const program = elf(9000);
  for (const at of [900, 1200, 5000]) constant.copy(program, at);
  program.fill(0, 1204, 1300);
  const unnumbered = Buffer.concat([constant, Buffer.alloc(22, 7), Buffer.from([5, 0, 0, 0]), Buffer.from("names")]);
  const seen = await inspectFiles({
    "libzip.so": program,
    "mime.cache": Buffer.concat([noise(300), unnumbered, noise(300)]),
    "magic.mgc": Buffer.concat([noise(300), constant, Buffer.alloc(40), noise(300)]),
    "zip.md": Buffer.from("A local header begins with PK\x03\x04, a directory ends with PK\x05\x06.\n".repeat(40)),
  });
  expect(seen).toEqual({ found: [], gaps: [], undecoded: {} });
});

test("with --depth 0 it is counted as not opened", async () => {
  const seen = await inspectFile(Buffer.concat([noise(500), zipped]), { limits: { maxDepth: 0 } });
  expect(seen).toEqual({ found: [], gaps: [], undecoded: { "not-opened": 1 } });
});

describe.skipIf(isMissing("python3"))("applications that Python makes", () => {
  test("zipapp, with and without an interpreter's line, packed and not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hullcheck-test-"));
    try {
      mkdirSync(join(folder, "app"));
      writeFileSync(join(folder, "app", "__main__.py"), `print("hello")\n`);
      writeFileSync(join(folder, "app", "settings.py"), settings.content);
      const made = [["-p", "/usr/bin/env python3"], ["-c"], ["-c", "-p", "/usr/bin/env python3"]].map((options, i) => {
        const path = join(folder, `${i}.pyz`);
        execFileSync("python3", ["-m", "zipapp", join(folder, "app"), "-o", path, ...options]);
        return [`${i}.pyz`, readFileSync(path)] as const;
      });
      expect(await inspectFiles(Object.fromEntries(made))).toEqual({
        found: made.map(([name]) => `/${name} > settings.py: 1`),
        gaps: [],
        undecoded: {},
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
