import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { offsetAt, positionAt, regionAt, sourceText } from "../../src/dockerfile/source-text.ts";

describe("positions in a text", () => {
  const source = sourceText("ab\r\n\ncé\u{1f600}d\n");

  test.each([
    [0, 1, 1],
    [1, 1, 2],
    [2, 1, 3], // the CR belongs to the end of line 1
    [3, 1, 4],
    [4, 2, 1],
    [5, 3, 1],
    [7, 3, 3],
    [9, 3, 5], // a surrogate pair counts as two
    [11, 4, 1],
  ])("offset %i is %i:%i", (offset, line, column) => {
    expect(positionAt(source, offset)).toEqual({ line, column });
    expect(offsetAt(source, { line, column })).toBe(offset);
  });

  test("a lone CR ends no line", () => {
    expect(positionAt(sourceText("a\rb"), 2)).toEqual({ line: 1, column: 3 });
  });

  test("what lies outside the text is moved to its nearest end", () => {
    expect(positionAt(source, -5)).toEqual({ line: 1, column: 1 });
    expect(positionAt(source, 99)).toEqual({ line: 4, column: 1 });
    expect(offsetAt(source, { line: 0, column: 7 })).toBe(0);
    expect(offsetAt(source, { line: 9, column: 1 })).toBe(11);
    expect(offsetAt(source, { line: 1, column: 99 })).toBe(3);
    expect(offsetAt(source, { line: 2, column: -1 })).toBe(4);
  });

  test("an empty text has one place", () => {
    expect(regionAt(sourceText(""), 0, 0)).toEqual({ start: { line: 1, column: 1 }, end: { line: 1, column: 1 } });
  });

  test("a region never ends before it starts", () => {
    expect(regionAt(source, 5, 3)).toEqual({ start: { line: 3, column: 1 }, end: { line: 3, column: 1 } });
  });

  test("every offset comes back, and lines are those of a split at LF", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\r", "\n", "é", "\u{1f600}")), (parts) => {
        const text = parts.join("");
        const indexed = sourceText(text);
        const lines = text.split("\n");
        for (let offset = 0; offset <= text.length; offset++) {
          const position = positionAt(indexed, offset);
          expect(offsetAt(indexed, position)).toBe(offset);
          expect(position.line).toBe(text.slice(0, offset).split("\n").length);
          expect(lines[position.line - 1]?.length).toBeGreaterThanOrEqual(position.column - 1);
        }
      }),
    );
  });
});
