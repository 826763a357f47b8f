/** Archives that are too large for memory: a file without a name, which is gone when the search is. */

import { readdirSync, readlinkSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createSpool } from "../../../src/image/nested/spool.ts";
import { inspectFile } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { zip } from "../../support/zip.ts";

const token = fakeToken();

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function leftBehind(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^hullcheck-[0-9a-f-]{36}$/.test(name));
}

test("a zip larger than what is kept in memory", async () => {
  const noise = randomBytes(6_000_000);
  const bytes = zip([
    { name: "a", content: noise },
    { name: "b", content: noise, isStored: true },
    { name: "c", content: `T=${token}\n` },
  ]);
  expect((await inspectFile(bytes)).found).toEqual(["/f > c: 1"]);
  expect(leftBehind()).toEqual([]);
});

test("bytes come back as they were written, and no name is left", () => {
  const spool = createSpool(null, 1000);
  const parts = Array.from({ length: 50 }, () => randomBytes(77));
  for (const part of parts) spool.write(part);
  const content = spool.content();
  expect(content.bytes).toBeNull();
  expect(leftBehind()).toEqual([]);
  const whole = new Uint8Array(content.size);
  expect(content.readAt(whole, 0)).toBe(50 * 77);
  expect(Buffer.from(whole).equals(Buffer.concat(parts))).toBe(true);
  expect(content.readAt(new Uint8Array(100), content.size - 10)).toBe(10);
  spool.close();
});

test.skipIf(process.platform !== "linux")("nobody else can open the file", () => {
  const spool = createSpool(null, 10);
  spool.write(randomBytes(100));
  const modes = readdirSync("/proc/self/fd").flatMap((name) => {
    const path = `/proc/self/fd/${name}`;
    const target = linkOf(path);
    return target.includes("hullcheck-")
      ? [`${target.endsWith(" (deleted)")} ${(statSync(path).mode & 0o777).toString(8)}`]
      : [];
  });
  expect(modes).toEqual(["true 600"]);
  spool.close();
});
