/** Memory for the objects of a pack: what it gives is what was kept, however often it was written round. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packMemory } from "../../../src/image/nested/git-memory.ts";

const RING_BYTES = 8192;

/** Every byte of an object tells which one it is. */
function isWhole(bytes: Uint8Array, at: number): boolean {
  return bytes.every((byte) => byte === at % 251);
}

describe("memory of a pack", () => {
  test("gives objects as they were kept, and leaves what is held as it is", () => {
    const size = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 500, max: 4200 }));
    const step = fc.record({ size, isKept: fc.boolean(), base: fc.option(fc.nat({ max: 8 })) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const memory = packMemory(RING_BYTES);
        for (const [at, { size: bytes, isKept, base }] of steps.entries()) {
          const from = at - (base ?? -1);
          const held = memory.object(from);
          const room = memory.room(bytes, held?.bytes);
          expect(room.length).toBe(bytes);
          room.fill(at % 251);
          expect(held === null || isWhole(held.bytes, from)).toBe(true);
          if (isKept) memory.keep(at, { kind: "blob", bytes: room });
        }
        // From the last on: an object that is wanted is moved to where others stand.
        for (const [at, { size: bytes, isKept }] of [...steps.entries()].toReversed()) {
          const object = memory.object(at);
          if (object === null) continue;
          expect(isKept).toBe(true);
          expect(object.bytes.length).toBe(bytes);
          expect(isWhole(object.bytes, at)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("what is wanted stays, what nobody wants goes", () => {
    const memory = packMemory(RING_BYTES);
    for (let at = 0; at < 100; at++) {
      const room = memory.room(500);
      room.fill(at % 251);
      memory.keep(at, { kind: "blob", bytes: room });
      expect(memory.object(0)?.bytes.length).toBe(500);
    }
    expect(memory.object(1)).toBeNull();
    expect(memory.object(99)?.bytes[0]).toBe(99);
  });

  test("an object that takes most of it is not kept", () => {
    const memory = packMemory(RING_BYTES);
    memory.keep(1, { kind: "blob", bytes: memory.room(RING_BYTES / 2) });
    expect(memory.object(1)).toBeNull();
  });
});
