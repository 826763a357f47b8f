/** The quick look at how a content begins: it lets through all that the list names, and little else. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { beginningsOf, mayBegin } from "../../src/image/beginnings.ts";
import { BEGINNINGS, kindOf } from "../../src/image/nested/kind.ts";

const byte = fc.integer({ min: 0, max: 255 });

describe("beginnings", () => {
  test("lets through whatever begins as one of the list, whatever else there is", () => {
    const beginning = fc
      .array(fc.option(byte), { minLength: 1, maxLength: 6 })
      .map(([first, ...rest]) => [first ?? 0, ...rest]);
    fc.assert(
      fc.property(
        fc.array(beginning, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.uint8Array(),
        (list, which, noise) => {
          const one = list[which % list.length] ?? [];
          const bytes = one.map((wanted, i) => wanted ?? noise[i] ?? 0);
          expect(mayBegin(beginningsOf(list), Uint8Array.from([9, ...bytes, ...noise]), 1)).toBe(true);
        },
      ),
    );
  });

  test("tells apart by more than the first byte", () => {
    const tables = beginningsOf([
      [0x23, 0x20, 0x76],
      [0x50, 0x4b, 0x03, 0x04],
    ]);
    const at = (text: string): boolean => mayBegin(tables, Buffer.from(text, "latin1"), 0);
    expect(["# v2", "# v", "PK\x03\x04"].map(at)).toEqual([true, true, true]);
    expect(["# comment", "#!/bin/sh", "PK\x03", "Python", "", " v2"].map(at)).toEqual(Array(6).fill(false));
    expect(mayBegin(beginningsOf([]), Buffer.from("PK\x03\x04"), 0)).toBe(false);
  });

  test("hold every kind that is told, but the tar", () => {
    const start = fc.constantFrom(
      "PK",
      "PACK",
      "\x1f\x8b",
      "\x1f\x9d",
      "\x28\xb5\x2f\xfd",
      "\x5a\x2a\x4d\x18",
      "BZh9",
      "\xfd7zXZ\0",
      "\x04\x22\x4d\x18",
      "x\x9c",
      "x\x01",
      "]\0\0",
      "# v",
      "Rar!",
      "SQLite format 3\0",
      "\x7fELF",
      "%PDF-",
      "\x89PNG\r\n",
    );
    fc.assert(
      fc.property(start, fc.uint8Array({ minLength: 0, maxLength: 40 }), byte, (text, rest, other) => {
        const head = Buffer.concat([Buffer.from(text, "latin1"), rest]);
        if (rest.length % 2 === 1) head[1] = other;
        fc.pre(kindOf(head, 10_000) !== null);
        expect(mayBegin(BEGINNINGS, head, 0)).toBe(true);
      }),
    );
  });

  test("pass over how texts begin", () => {
    const texts = [
      "#!/usr/bin/env python",
      "# Copyright",
      "This is",
      "Package: a",
      "[core]",
      '{"a": 1}',
      "<?xml",
      "(function",
    ];
    const seen = texts.filter((text) => mayBegin(BEGINNINGS, Buffer.from(text), 0));
    expect(seen).toEqual([]);
  });
});
