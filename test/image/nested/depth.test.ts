/** How deep archives are opened, and what is said of those that are not. */

import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { inspectFile, inspectFiles } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { zip } from "../../support/zip.ts";

const token = fakeToken();

function packed(times: number): Buffer {
  let bytes = Buffer.from(`T=${token}\n`);
  for (let i = 0; i < times; i++) bytes = Buffer.from(gzipSync(bytes));
  return bytes;
}

test("eight within one another are opened, nine are a gap", async () => {
  expect((await inspectFile(packed(8))).found).toHaveLength(1);
  const { found, gaps } = await inspectFile(packed(9));
  expect(found).toEqual([]);
  expect(gaps).toEqual([
    expect.stringMatching(/^limit \/f: it holds archives more than 8 within one another \(--depth\)/),
  ]);
});

test("--depth 2", async () => {
  const limits = { maxDepth: 2 };
  expect((await inspectFile(packed(2), { limits })).found).toHaveLength(1);
  expect((await inspectFile(packed(3), { limits })).gaps).toHaveLength(1);
});

test("--depth 0 opens nothing, and says so in the coverage", async () => {
  const files = { a: packed(1), b: zip([{ name: "a", content: token, isStored: true }]), c: "#!/bin/sh\n" };
  const seen = await inspectFiles(files, { limits: { maxDepth: 0 } });
  expect(seen.undecoded).toEqual({ "not-opened": 2 });
  expect(seen.gaps).toEqual([]);
});

test("--strict makes each kind of what was not decoded a gap", async () => {
  const files = { a: packed(1), b: packed(1) };
  expect((await inspectFiles(files, { limits: { maxDepth: 0 }, strict: true })).gaps).toEqual([
    "undecoded 2 things of the kind not-opened could not be decoded; raw bytes were searched (--strict)",
  ]);
});
