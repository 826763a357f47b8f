/** Memory that is lent: nobody has the same as somebody else, and what comes back is used again. */

import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { giveBack, lend } from "../../../src/image/nested/lent.ts";

describe("lent memory", () => {
  test("is as large as asked for, and nobody else's until it is given back", () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 300_000 }));
    const step = fc.record({ size, back: fc.option(fc.nat(), { freq: 2 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const held: { memory: Uint8Array; mark: number }[] = [];
        for (const [mark, { size: bytes, back }] of steps.entries()) {
          const memory = lend(bytes);
          expect(memory.length).toBeGreaterThanOrEqual(bytes);
          memory.fill(mark);
          held.push({ memory, mark });
          if (back !== null) giveBack(held.splice(back % held.length, 1)[0]?.memory ?? new Uint8Array());
          for (const one of held)
            expect([...new Set(one.memory.subarray(0, 64))].filter((byte) => byte !== one.mark)).toEqual([]);
        }
        for (const { memory } of held) giveBack(memory);
      }),
      { numRuns: 50 },
    );
  });

  test("is used again, but what is large or was never lent is not kept", () => {
    const memory = lend(100_000);
    giveBack(memory);
    expect(lend(70_000) === memory).toBe(true);
    for (const bytes of [new Uint8Array(2 ** 21), new Uint8Array(70_000), new Uint8Array(16)]) {
      giveBack(bytes);
      expect(lend(bytes.length) === bytes).toBe(false);
    }
  });

  test("is kept whatever large memory came back before", async () => {
    vi.resetModules();
    const fresh = await import("../../../src/image/nested/lent.ts");
    for (let i = 0; i < 2; i++) fresh.giveBack(fresh.lend(2 ** 21));
    const memory = fresh.lend(2000);
    fresh.giveBack(memory);
    expect(fresh.lend(2000) === memory).toBe(true);
  });

  test("is kept up to 4 MiB", () => {
    const all = Array.from({ length: 10 }, () => lend(2 ** 20));
    for (const memory of all) giveBack(memory);
    const again = new Set(Array.from({ length: 10 }, () => lend(2 ** 20)));
    expect(all.filter((memory) => again.has(memory)).length).toBeLessThanOrEqual(4);
  });
});
