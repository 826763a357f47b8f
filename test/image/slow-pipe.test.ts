/** Bytes that come slowly, a few at a time, as from `docker save` over a network. */

import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { buffered, readAll, readChunks } from "../../src/image/byte-reader.ts";
import { gunzip } from "../../src/image/gunzip.ts";
import type { Problem } from "../../src/image/problem.ts";
import { inspectImage } from "../../src/inspect.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

/** The parts, with a moment between them. */
async function* slowly(parts: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await setTimeout(3);
    yield part;
  }
}

test("gzip members that arrive after the one before has ended, with zeros between, lose nothing", async () => {
  const bytes = await archiveOf([
    [{ name: "a", content: fakeToken("user", 1) }],
    [{ name: "b", content: fakeToken("user", 2) }],
  ]);
  const members = [0, 1, 2, 3].map((i) =>
    gzipSync(bytes.subarray((i * bytes.length) / 4, ((i + 1) * bytes.length) / 4)),
  );
  for (const zeros of [1, 512, 70_000]) {
    const parts = members.flatMap((member) => [member, Buffer.alloc(zeros)]);
    const outcome = await inspectImage("-", { stdin: slowly(parts) });
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1", "token-in-layer #2 1 /b@0:1"]);
  }
});

test("one byte at a time", async () => {
  const bytes = gzipSync(await archiveOf([[{ name: "a", content: fakeToken("user", 1) }]]));
  async function* single(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < bytes.length; i++) yield bytes.subarray(i, i + 1);
  }
  const outcome = await inspectImage("-", { stdin: single() });
  expect(gaps(outcome)).toEqual([]);
  expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1"]);
});

test("a member that arrives between the end of the one before and word of that end is not lost", async () => {
  const bytes = Buffer.concat([randomBytes(3000), Buffer.alloc(20_000)]);
  const quarters = [0, 1, 2, 3].map((i) => bytes.subarray((i * bytes.length) / 4, ((i + 1) * bytes.length) / 4));
  const parts = quarters.flatMap((quarter) => [gzipSync(quarter), Buffer.alloc(1)]);
  async function* hurried(): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      for (let turns = Math.floor(Math.random() * 40); turns > 0; turns--) await Promise.resolve();
      if (Math.random() < 0.3) await setTimeout(1);
      yield part;
    }
  }
  for (let run = 0; run < 100; run++) {
    const problems: Problem[] = [];
    const unpacked = gunzip(buffered(readChunks(hurried())), (problem) => void problems.push(problem));
    const got = await readAll(unpacked, bytes.length);
    expect(problems).toEqual([]);
    expect(got?.equals(bytes)).toBe(true);
  }
});
