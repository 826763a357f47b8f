import { array, assert, constantFrom, nat, oneof, property, tuple, uint8Array } from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { createCandidateFinder, ZIP_MARK_TEXT, type CandidateFinder } from "../../src/token/candidates.ts";
import { NEEDLES } from "../../src/token/needle.ts";
import { CHOSEN } from "../../src/token/simd/chosen.ts";
import { fingerprintTables, FINGERPRINT_LENGTH } from "../../src/token/simd/fingerprint.ts";
import { searchModule } from "../../src/token/simd/search-module.ts";
import { isWithoutVectors } from "../support/variants.ts";

/** What is searched for, by index. */
const TEXTS: readonly string[] = [...NEEDLES.map(({ text }) => text), ZIP_MARK_TEXT];
const CAPACITY = 700;
const simd = createCandidateFinder(CAPACITY);
const plain = createCandidateFinder(CAPACITY, { simd: false });

/** The second opinion: one `Buffer.indexOf` after the other, sorted. */
function expected(bytes: Uint8Array, from: number, to: number): string[] {
  const buffer = Buffer.from(bytes).subarray(0, to);
  const places: [number, number][] = [];
  for (const [needle, text] of TEXTS.entries()) {
    for (let at = buffer.indexOf(text, from, "latin1"); at !== -1; at = buffer.indexOf(text, at + 1, "latin1")) {
      places.push([at, needle]);
    }
  }
  return places.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([at, needle]) => `${at} ${needle}`);
}

function found(finder: CandidateFinder, from: number, to: number): string[] {
  const { count, at, needle } = finder.find(from, to);
  return Array.from({ length: count }, (_, i) => `${at[i]} ${needle[i]}`);
}

/** What both ways of searching find. */
function foundByBoth(bytes: Uint8Array, from: number, to: number): string[][] {
  return [simd, plain].map((finder) => {
    finder.buffer.set(bytes);
    return found(finder, from, to);
  });
}

/** What both ways should find. */
function expectedOfBoth(bytes: Uint8Array, from: number, to: number): string[][] {
  const places = expected(bytes, from, to);
  return [places, places];
}

/** Bytes as images hold them at their worst: needles, halves of needles and near misses side by side. */
const pieces = oneof(
  constantFrom(...TEXTS.map((text) => Buffer.from(text, "latin1"))),
  tuple(constantFrom(...TEXTS), nat(20), nat(20)).map(([text, from, length]) =>
    Buffer.from(text, "latin1").subarray(from, from + length),
  ),
  uint8Array({ maxLength: 40 }),
  constantFrom("hf", "f_", "_", "\0_\0", "h\0f\0", "api_or", "aGZ", "Zf").map((text) => Buffer.from(text, "latin1")),
);
const dense = array(pieces, { maxLength: 60 }).map(
  (parts) => new Uint8Array(Buffer.concat([...parts, Buffer.alloc(CAPACITY)]).subarray(0, CAPACITY)),
);
const ranges = tuple(nat(CAPACITY), nat(CAPACITY)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

function NoRoom(): never {
  throw new RangeError("no addresses left");
}

describe("the search for needles", () => {
  it.skipIf(isWithoutVectors)("runs on vectors here", () => {
    expect(simd.isSimd).toBe(true);
    expect(plain.isSimd).toBe(false);
  });

  it.skipIf(isWithoutVectors)("does without vectors where there is no room for their memory", () => {
    const withoutRoom: unknown = Object.create(Reflect.get(globalThis, "WebAssembly") as object, {
      Memory: { value: NoRoom },
    });
    vi.stubGlobal("WebAssembly", withoutRoom);
    try {
      expect(createCandidateFinder(CAPACITY).isSimd).toBe(false);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("is a module of less than 2 kB", () => {
    for (const swizzle of ["strict", "relaxed"] as const) expect(searchModule(swizzle).length).toBeLessThan(2048);
  });

  it("finds what indexOf finds in random bytes", () => {
    assert(
      property(uint8Array({ minLength: CAPACITY, maxLength: CAPACITY }), ranges, (bytes, [from, to]) => {
        expect(foundByBoth(bytes, from, to)).toEqual(expectedOfBoth(bytes, from, to));
      }),
    );
  });

  it("finds what indexOf finds where needles and halves of needles are dense", () => {
    assert(
      property(dense, ranges, (bytes, [from, to]) => {
        expect(foundByBoth(bytes, from, to)).toEqual(expectedOfBoth(bytes, from, to));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(NEEDLES.map((needle, index) => [JSON.stringify(needle.text), index] as const))(
    "finds %s at every place, and not when its last or first byte lies outside",
    (_, index) => {
      const bytes = Buffer.from(NEEDLES[index]?.text ?? "", "latin1");
      for (let at = 0; at + bytes.length <= CAPACITY; at++) {
        simd.buffer.fill(0x2e);
        simd.buffer.set(bytes, at);
        const end = at + bytes.length;
        expect(found(simd, 0, CAPACITY)).toContain(`${at} ${index}`);
        expect(found(simd, at, end)).toContain(`${at} ${index}`);
        expect(found(simd, 0, end - 1)).not.toContain(`${at} ${index}`);
        expect(found(simd, at + 1, CAPACITY)).not.toContain(`${at} ${index}`);
      }
    },
  );

  it.each(["hf_", "hf_hf", "\0_\0", "h\0f\0_\0", "aGZfhmXoZl", "api_org_hf_oauth_app_secret_", "_", "\0", "\xff"])(
    "loses nothing in a buffer full of %j",
    (text) => {
      const bytes = Buffer.alloc(CAPACITY, text, "latin1");
      expect(foundByBoth(bytes, 0, CAPACITY)).toEqual(expectedOfBoth(bytes, 0, CAPACITY));
      expect(foundByBoth(bytes, 1, CAPACITY - 1)).toEqual(expectedOfBoth(bytes, 1, CAPACITY - 1));
      expect(foundByBoth(bytes, 63, 130)).toEqual(expectedOfBoth(bytes, 63, 130));
    },
  );

  it("forgets what an earlier call found", () => {
    simd.buffer.fill(0);
    simd.buffer.set(Buffer.from("hf_"), 10);
    expect(found(simd, 0, CAPACITY)).toEqual(["10 0"]);
    expect(found(simd, 11, CAPACITY)).toEqual([]);
    expect(found(simd, 300, 300)).toEqual([]);
  });

  it("works for any capacity, down to nothing", () => {
    for (const capacity of [0, 1, 3, 4, 15, 16, 17, 63, 64, 65, 4096, 131_072]) {
      for (const options of [{}, { simd: false }]) {
        const finder = createCandidateFinder(capacity, options);
        expect(finder.buffer.length).toBe(capacity);
        finder.buffer.set(Buffer.alloc(capacity, "hf_"));
        expect(finder.find(0, capacity).count).toBe(Math.floor(capacity / 3));
      }
    }
  });

  it("refuses a range outside of the buffer", () => {
    for (const finder of [simd, plain]) {
      expect(() => finder.find(-1, 3)).toThrow(RangeError);
      expect(() => finder.find(4, 3)).toThrow(RangeError);
      expect(() => finder.find(0, CAPACITY + 1)).toThrow(RangeError);
      expect(() => finder.find(Number.NaN, 3)).toThrow(RangeError);
    }
  });
});

describe("fingerprints", () => {
  const needles = TEXTS.map((text) => Buffer.from(text, "latin1"));
  const { buckets, tables } = fingerprintTables(needles);

  it("give every needle one bucket", () => {
    expect(buckets.flatMap((bucket) => bucket.map(({ needle }) => needle)).sort((a, b) => a - b)).toEqual([
      ...needles.keys(),
    ]);
  });

  it("let through what they were made of", () => {
    for (const [bit, bucket] of buckets.entries()) {
      for (const { needle, offset } of bucket) {
        for (let i = 0; i < FINGERPRINT_LENGTH; i++) {
          const byte = needles[needle]?.[offset + i] ?? 0;
          const low = tables[i * 32 + (byte & 15)] ?? 0;
          const high = tables[i * 32 + 16 + (byte >> 4)] ?? 0;
          expect((low & high) >> bit).toSatisfy((bits: number) => (bits & 1) === 1);
        }
      }
    }
  });

  it("are chosen for the needles that there are, and for no others", () => {
    expect([...CHOSEN.keys()].sort()).toEqual([...TEXTS].sort());
    for (const [text, [bucket, offset]] of CHOSEN) {
      expect(bucket).toBeLessThan(8);
      expect(offset + FINGERPRINT_LENGTH).toBeLessThanOrEqual(text.length);
    }
    expect(() => fingerprintTables([Buffer.from("hfx")])).toThrow("choose-fingerprints");
  });
});
