/** Inspections share what searches: one after the other, and never at the same time. */

import { expect, test } from "vitest";
import { inspectImage } from "../../src/inspect.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { fakeToken } from "../support/tokens.ts";
import { gzipSync } from "node:zlib";

/** The last letters of the tokens that one inspection finds in a file of its own. */
async function foundBy(number: number, simd: boolean): Promise<readonly string[]> {
  const file = { name: "a.env", content: `${"x\n".repeat(number * 997)}HF_TOKEN=${fakeToken("user", number)}\n` };
  const packed = { name: "b.gz", content: gzipSync(`HF_TOKEN=${fakeToken("user", number + 100)}\n`) };
  const bytes = await archiveOf([[file, packed]]);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 700) {
      // Lets the other inspections have their turn in the middle of this one.
      await new Promise((resolve) => setImmediate(resolve));
      yield bytes.subarray(at, at + 700);
    }
  }
  const { findings, gaps } = await inspectImage("-", { stdin: chunks(), simd });
  expect(gaps).toEqual([]);
  return findings.flatMap(({ token }) => (token === null ? [] : [token.preview?.slice(-4) ?? ""])).toSorted();
}

const wantedOf = (number: number): readonly string[] =>
  [number, number + 100].map((one) => fakeToken("user", one).slice(-4)).toSorted();

test.each([true, false])("inspections at the same time find each its own token (simd: %s)", async (simd) => {
  const numbers = Array.from({ length: 8 }, (_, i) => i + 1);
  for (let round = 0; round < 2; round++) {
    expect(await Promise.all(numbers.map(async (number) => foundBy(number, simd)))).toEqual(numbers.map(wantedOf));
  }
});

test("what an inspection left in the middle of a token is not seen by the next one", async () => {
  const token = fakeToken("user", 7);
  const whole = await archiveOf([[{ name: "a.env", content: `HF_TOKEN=${token}\n` }]]);
  const cut = whole.indexOf(token) + 20;
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield whole.subarray(0, cut);
    throw new Error("the pipe broke");
  }
  async function* rest(): AsyncGenerator<Uint8Array> {
    yield whole.subarray(cut, cut + 512);
  }
  const first = await inspectImage("-", { stdin: broken() });
  expect(first.gaps.map(({ why }) => why)).toContain("unreadable");
  const second = await inspectImage("-", { stdin: rest() });
  expect(second.findings).toEqual([]);
});
