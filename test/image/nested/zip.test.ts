/** Tokens in zip files: what a zip is told by, where its members are, and what cannot be unpacked. */

import { describe, expect, test } from "vitest";
import { inspectFile, inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { zip } from "../../support/zip.ts";

const token = fakeToken();
const settings = { name: "pkg/config.py", content: `TOKEN = "${token}"\n` };

describe("members", () => {
  test.each([
    ["deflated", zip([settings])],
    ["stored", zip([{ ...settings, isStored: true }])],
    ["with sizes behind the data", zip([{ ...settings, hasDescriptor: true }])],
    ["zip64", zip([settings], { zip64: true })],
    ["without its directory", zip([settings, { name: "cut", content: "x" }], { isCut: true })],
    [
      "that the directory does not name",
      zip([
        { name: "a", content: "x" },
        { ...settings, isUnlisted: true },
      ]),
    ],
    [
      "that the directory does not name, with sizes behind the data",
      zip([
        { ...settings, isUnlisted: true, hasDescriptor: true },
        { name: "a", content: "x" },
      ]),
    ],
    ["that the directory says is shorter", zip([{ ...settings, statedBytes: 3 }])],
    ["that the directory says is empty", zip([{ ...settings, statedBytes: 0 }])],
    ["behind a script", Buffer.concat([Buffer.from("#!/usr/bin/env python3\n"), zip([settings])])],
    ["behind a program", Buffer.concat([Buffer.from("MZ program of another system"), zip([settings])])],
    ["behind a zip", Buffer.concat([zip([{ name: "a", content: "x" }]), zip([settings])])],
    ["before a zip", Buffer.concat([zip([settings]), zip([{ name: "a", content: "x" }])])],
    ["with bytes behind it", Buffer.concat([zip([settings]), Buffer.alloc(70_000, "x")])],
    ["larger than what is unpacked at once", zip([{ ...settings, content: `${"x y\n".repeat(2_000_000)}${token}\n` }])],
  ])("%s", async (_, bytes) => {
    expect((await inspectFile(bytes)).found).toEqual(["/f > pkg/config.py: 1"]);
  });

  test("a stored member at whose end the next thing begins with a letter", async () => {
    const seen = await inspectFile(zip([{ name: "token", content: token, isStored: true }]));
    expect(seen).toEqual({ found: ["/f > token: 1"], gaps: [], undecoded: {} });
  });

  test("a name", async () => {
    const seen = await inspectFile(zip([{ name: `${token}.txt`, content: "" }]));
    expect(seen.found).toHaveLength(1);
    expect(seen.found[0]).toMatch(/: 1$/);
  });

  test("zips within zips", async () => {
    const inner = zip([settings]);
    const middle = zip([{ name: "middle.jar", content: inner, isStored: true }]);
    expect((await inspectFile(zip([{ name: "a.jar", content: middle }]))).found).toEqual([
      "/f > a.jar > middle.jar > pkg/config.py: 1",
    ]);
  });
});

describe("what cannot be unpacked is counted, and no gap", () => {
  test("encrypted, of an unknown method, damaged", async () => {
    const whole = zip([{ name: "a", content: "x".repeat(1000) }]);
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 31, 36);
    const seen = await inspectFiles({
      encrypted: zip([{ ...settings, isEncrypted: true }]),
      aes: zip([{ ...settings, method: 99 }]),
      lzma: zip([{ ...settings, method: 14 }]),
      damaged,
      cut: whole.subarray(0, 35),
    });
    expect(seen.gaps).toEqual([]);
    expect(seen.undecoded).toEqual({ "zip-encrypted": 2, "zip-method": 1, "zip-damaged": 3 });
  });

  test("a token before the damage is found", async () => {
    const noise = Array.from({ length: 20_000 }, (_, i) => (i * i).toString(36)).join(" ");
    const whole = zip([{ name: "a", content: `${token}\n${noise}` }]);
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 5000, 6000);
    expect((await inspectFile(damaged)).found).toEqual(["/f > a: 1"]);
  });
});

test("a clean zip says nothing", async () => {
  expect(await inspectFile(zip([{ name: "a", content: "x".repeat(1000) }]))).toEqual({
    found: [],
    gaps: [],
    undecoded: {},
  });
});
