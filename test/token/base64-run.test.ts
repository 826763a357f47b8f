/** Base64 as text formats write it, read back: over line breaks, between quotes, escaped, in pieces. */

import { array, assert, boolean, constantFrom, integer, nat, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { readBase64Run } from "../../src/token/base64-run.ts";

/** All that a run gives, when its text comes in pieces of this length. */
function readIn(text: string, step: number, room = 64): { characters: string; next: number } {
  const bytes = Buffer.from(text, "latin1");
  const into = Buffer.alloc(room);
  let characters = "";
  let at = 0;
  for (let to = Math.min(step, bytes.length); ; to = Math.min(to + step, bytes.length)) {
    for (;;) {
      const run = readBase64Run(bytes.subarray(0, to), at, into, to === bytes.length);
      characters += into.toString("latin1", 0, run.count);
      at = run.next;
      if (run.isOver) return { characters, next: at };
      if (run.count < room) break;
    }
  }
}

const BREAKS: Readonly<Record<string, string>> = {
  "a line": "\n",
  "a line of Windows": "\r\n",
  "indentation, as in YAML": "\n      ",
  "blanks before a line's end": "  \n",
  "a comment": "\n# ",
  "a quoted mail": "\n> ",
  "JSON, one level": "\\n",
  "JSON, of Windows": "\\r\\n",
  "JSON in JSON": "\\\\n",
  "a shell's line": "\\\n",
  "a string in the next line": '"\n  "',
  "strings that are added": "' +\n  '",
  "strings that are added, at the front": '"\n  + "',
  "a string in a shell's next line": '" \\\n  "',
};

describe("what a run goes on over", () => {
  test.each(Object.entries(BREAKS))("%s", (_, between) => {
    for (const step of [1, 2, 7, 1000]) {
      expect(readIn(`AAAA${between}BBBB${between}CCCC" end`, step).characters).toBe("AAAABBBBCCCC");
    }
  });

  test.each([
    ["\\/\\/", "//"],
    ["\\u002b\\u002F", "+/"],
    ["%2B%2f", "+/"],
    ["&#43;&#x2F;&#47;", "+//"],
    ["-_", "+/"],
  ])("%s", (written, meant) => {
    for (const step of [1, 3, 1000]) expect(readIn(`AA${written}BB`, step).characters).toBe(`AA${meant}BB`);
  });
});

describe("what a run ends at", () => {
  test.each(["=", " ", '"', "\n\n", '", "', ",", "\0", "\\t", "\\u003d", "%3D", "\n# # ", "\xff"])("%j", (end) => {
    for (const step of [1, 2, 1000]) expect(readIn(`AAAA${end}BBBB`, step)).toEqual({ characters: "AAAA", next: 4 });
  });
});

test("random bytes, wrapped at random, come back from pieces of any length", () => {
  const breaks = constantFrom(...Object.values(BREAKS), "");
  const wrapped = property(
    uint8Array({ maxLength: 300 }),
    array(breaks, { minLength: 1, maxLength: 5 }),
    integer({ min: 1, max: 80 }),
    boolean(),
    integer({ min: 1, max: 400 }),
    nat(60),
    (bytes, between, width, isUrlSafe, step, room) => {
      const encoded = Buffer.from(bytes).toString(isUrlSafe ? "base64url" : "base64");
      const lines = encoded.match(new RegExp(`[^=]{1,${width}}`, "g")) ?? [];
      const text = lines.map((line, i) => line + (i === lines.length - 1 ? "" : between[i % between.length])).join("");
      const { characters, next } = readIn(text, step, room + 1);
      expect(Buffer.from(characters, "base64")).toEqual(Buffer.from(bytes));
      expect(next).toBe(text.length);
    },
  );
  assert(wrapped, { numRuns: 500 });
});
