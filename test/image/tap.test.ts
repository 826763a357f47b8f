/** The seam for content inside of content: who is asked about which file, and what a tap is given. */

import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { beginningsOf } from "../../src/image/beginnings.ts";
import { buffered, readChunks } from "../../src/image/byte-reader.ts";
import { DEFAULT_LIMITS } from "../../src/image/limits.ts";
import { createStreamScanner } from "../../src/image/scan/stream-scan.ts";
import type { NestedOpener } from "../../src/image/scan/tap.ts";
import type { StreamFacts } from "../../src/image/hit.ts";
import { findTokens } from "../../src/token/match.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { tar } from "../support/images.ts";
import { fakeToken } from "../support/tokens.ts";

interface Taken {
  readonly path: string;
  readonly size: number;
  readonly headBytes: number;
  content: Buffer;
  isComplete: boolean | null;
}

/** An opener that takes every file that begins with `@`, and says a token of each. */
function recording(taken: Taken[], afterEnd: () => Promise<void> = async () => {}): NestedOpener {
  return {
    beginnings: beginningsOf([[0x40]]),
    open: (head, size, path, sinkOf) => {
      if (head[0] !== 0x40) return null;
      const sink = sinkOf();
      const one: Taken = {
        path: path(),
        size,
        headBytes: head.length,
        content: Buffer.alloc(0),
        isComplete: null,
      };
      taken.push(one);
      return {
        push: (bytes) => void (one.content = Buffer.concat([one.content, bytes])),
        end: async (isComplete) => {
          await afterEnd();
          one.isComplete = isComplete;
          for (const match of findTokens(fakeToken("user", 7)))
            sink.add(match, { within: ["inner", "deep"], byteOffset: 3, line: 1 });
          sink.undecoded("odd");
          if (!isComplete) sink.report({ why: "truncated", detail: "told by the tap" });
        },
      };
    },
    openInside: () => null,
    openRun: () => null,
  };
}

async function scan(bytes: Buffer, nested: NestedOpener, step = bytes.length, simd = true): Promise<StreamFacts> {
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const options = {
    limits: DEFAULT_LIMITS,
    secrets: new Secrets(),
    hash: false,
    nested,
    progress: () => {},
    isStopped: () => false,
  };
  return createStreamScanner({ simd }).scan(buffered(readChunks(parts())), [], options);
}

const SIZES = [1, 511, 512, 513, 1500, 131_072, 400_000];

describe.each([true, false])("taps with vectors: %s", (simd) => {
  test.each([1000, 65_536, 10_000_000])("get each content whole and in order, read by %i bytes", async (step) => {
    const files = SIZES.flatMap((size, i) => [
      { name: `at${i}`, content: Buffer.concat([Buffer.from("@"), Buffer.alloc(size - 1, String(i))]) },
      { name: `other${i}`, content: Buffer.alloc(size, "x") },
      { name: `empty${i}`, content: "" },
    ]);
    const taken: Taken[] = [];
    const facts = await scan(await tar(files), recording(taken), step, simd);
    expect(facts.problems).toEqual([]);
    const wanted = files.filter(({ name }) => name.startsWith("at"));
    expect(taken.map(({ path, size }) => [path, size])).toEqual(
      wanted.map(({ name, content }) => [`/${name}`, content.length]),
    );
    for (const [i, one] of taken.entries()) {
      expect(one.content.equals(Buffer.from(wanted[i]?.content ?? ""))).toBe(true);
      expect(one.isComplete).toBe(true);
      expect(one.headBytes).toBe(Math.min(512, one.size));
    }
    expect(facts.undecoded).toEqual({ odd: SIZES.length });
    expect(facts.hits.map(({ path, within, ordinal, byteOffset }) => ({ path, within, ordinal, byteOffset }))).toEqual(
      wanted.map((_, i) => ({ path: `/at${i}`, within: ["inner", "deep"], ordinal: 3 * i, byteOffset: 3 })),
    );
  });

  test("are ended when the layer is cut short", async () => {
    const bytes = await tar([{ name: "cut", content: Buffer.alloc(300_000, "@") }]);
    const taken: Taken[] = [];
    const facts = await scan(bytes.subarray(0, 200_000), recording(taken), 50_000, simd);
    expect(taken).toMatchObject([{ path: "/cut", isComplete: false }]);
    expect(taken[0]?.content.length).toBe(200_000 - 512);
    expect(facts.problems.map(({ detail }) => detail)).toContain("told by the tap");
  });

  test("are waited for before the scan ends", async () => {
    const taken: Taken[] = [];
    await scan(
      await tar([{ name: "a", content: "@" }]),
      recording(taken, async () => setTimeout(5)),
      512,
      simd,
    );
    expect(taken[0]?.isComplete).toBe(true);
  });

  test("see a tar by its header, whatever byte it begins with", async () => {
    const inner = await tar([{ name: "x", content: "1" }]);
    const asked: number[] = [];
    const opener: NestedOpener = {
      beginnings: beginningsOf([]),
      open: (_, size) => {
        asked.push(size);
        return null;
      },
      openInside: () => null,
      openRun: () => null,
    };
    await scan(
      await tar([
        { name: "inner.tar", content: inner },
        { name: "text", content: "x".repeat(3000) },
      ]),
      opener,
      1000,
      simd,
    );
    expect(asked).toEqual([inner.length]);
  });
});
