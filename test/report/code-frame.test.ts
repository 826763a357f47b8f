import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Region } from "../../src/model/location.ts";
import { codeFrame } from "../../src/report/code-frame.ts";

function region(startLine: number, startColumn: number, endLine: number, endColumn: number): Region {
  return { start: { line: startLine, column: startColumn }, end: { line: endLine, column: endColumn } };
}

/** A frame as it looks. */
function drawn(...[where, snippet]: Parameters<typeof codeFrame>): string {
  return `\n${codeFrame(where, snippet)
    .map(({ gutter, text }) => `${gutter}|${text}`)
    .join("\n")}\n`;
}

describe("a code frame", () => {
  test("marks a stretch of one line and shows no more lines", () => {
    expect(drawn(region(4, 5, 4, 10), "RUN login now\nCMD x")).toMatchInlineSnapshot(`
      "
      4|RUN login now
       |    ^^^^^
      "
    `);
  });

  test("marks every line of a stretch, from the first letter of those in the middle", () => {
    expect(drawn(region(9, 5, 11, 4), "RUN a \\\n\n   b\nCMD")).toMatchInlineSnapshot(`
      "
       9|RUN a \\
        |    ^^^
      10|
      11|   b
      "
    `);
  });

  test("does not mark the line that a stretch ends before", () => {
    expect(drawn(region(1, 1, 2, 1), "RUN a\nRUN b")).toMatchInlineSnapshot(`
      "
      1|RUN a
       |^^^^^
      "
    `);
  });

  test("keeps carets under tabs, wide letters and escapes", () => {
    expect(drawn(region(1, 9, 1, 14), "\tRUN \u001b日本 login")).toMatchInlineSnapshot(`
      "
      1|    RUN \\x1b日本 login
       |                ^^^^^
      "
    `);
  });

  test("counts UTF-16 units, as positions do", () => {
    expect(drawn(region(1, 4, 1, 5), "😀 x")).toMatchInlineSnapshot(`
      "
      1|😀 x
       |   ^
      "
    `);
  });

  test("puts one caret under an empty stretch, also behind the end of the line", () => {
    expect(drawn(region(1, 4, 1, 4), "RUN")).toMatchInlineSnapshot(`
      "
      1|RUN
       |   ^
      "
    `);
    expect(drawn(region(1, 3, 1, 3), "\tRUN")).toMatchInlineSnapshot(`
      "
      1|    RUN
       |     ^
      "
    `);
  });

  test("cuts a long line around the stretch", () => {
    const line = `RUN ${"a ".repeat(500_000)}login ${"b ".repeat(500_000)}`;
    expect(drawn(region(1, 1_000_005, 1, 1_000_010), line)).toMatchInlineSnapshot(`
      "
      1|…a a a a a a a a a a login b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b …
       |                     ^^^^^
      "
    `);
  });

  test("says when lines of the stretch are left out", () => {
    expect(drawn(region(1, 1, 20, 3), "a\nb\nc\nd")).toMatchInlineSnapshot(`
      "
      1|a
       |^
      2|b
       |^
      3|c
       |^
      4|d
       |^
       |…
      "
    `);
    expect(drawn(region(1, 1, 9, 2), "a\nb\nc\nd\ne\nf\ng\nh\ni")).toMatchInlineSnapshot(`
      "
      1|a
       |^
      2|b
       |^
      3|c
       |^
      4|d
       |^
      5|e
       |^
      6|f
       |^
       |…
      "
    `);
  });

  test("reads CRLF as one line end", () => {
    expect(drawn(region(1, 1, 2, 2), "a\r\nb\r\n")).toMatchInlineSnapshot(`
      "
      1|a
       |^
      2|b
       |^
      "
    `);
  });

  test("survives any region over any text, in rows of bounded width without controls", () => {
    const position = fc.record({ line: fc.integer({ min: 1, max: 9 }), column: fc.integer({ min: 1, max: 300 }) });
    fc.assert(
      fc.property(position, position, fc.string({ unit: "binary", maxLength: 400 }), (start, end, snippet) => {
        const rows = codeFrame({ start, end }, snippet);
        expect(rows.length).toBeGreaterThan(0);
        for (const { text } of rows) {
          expect(text.length).toBeLessThan(450);
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
        }
      }),
    );
  });
});
