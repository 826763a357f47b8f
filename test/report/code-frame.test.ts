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
    expect(drawn(region(9, 5, 11, 5), "RUN a \\\n\n   b\nCMD")).toMatchInlineSnapshot(`
      "
       9|RUN a \\
        |    ^
      10|
      11|   b
        |   ^
      "
    `);
  });

  test("marks the words of a continued command, not what continues it and no comment within", () => {
    expect(drawn(region(2, 5, 7, 11), "RUN hf auth login \\ \n  # why\n\n  --token \\\r\n    \\\n    $TOKEN"))
      .toMatchInlineSnapshot(`
      "
      2|RUN hf auth login \\
       |    ^^^^^^^^^^^^^
      3|  # why
      4|
      5|  --token \\
       |  ^^^^^^^
      6|    \\
      7|    $TOKEN
       |    ^^^^^^
      "
    `);
    expect(drawn(region(1, 5, 2, 4), "RUN a `\n  b")).toMatchInlineSnapshot(`
      "
      1|RUN a \`
       |    ^
      2|  b
       |  ^
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

  test("knows the pictures that are two columns wide, and those that are one", () => {
    expect(drawn(region(1, 11, 1, 16), "RUN ✅ ⚡ 😀login")).toMatchInlineSnapshot(`
      "
      1|RUN ✅ ⚡ 😀login
       |            ^^^^^
      "
    `);
    expect(drawn(region(1, 14, 1, 19), "RUN ✓ ⚙ 🇩🇪 login")).toMatchInlineSnapshot(`
      "
      1|RUN ✓ ⚙ 🇩🇪 login
       |           ^^^^^
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

  test("cuts a line of wide letters by its columns", () => {
    expect(drawn(region(1, 56, 1, 61), `${"日".repeat(55)}login${"本".repeat(20)}`)).toMatchInlineSnapshot(`
      "
      1|…日日日日日日日日日日login本本本本本本本本本本本本本本本本本本本本
       |                     ^^^^^
      "
    `);
    expect(drawn(region(1, 41, 1, 46), `${"\u200b".repeat(40)}login`)).toMatchInlineSnapshot(`
      "
      1|…\\u200b\\u200b\\u200blogin
       |                   ^^^^^
      "
    `);
    expect(drawn(region(1, 91, 1, 96), `${"e\u0301".repeat(45)}login`)).toMatchInlineSnapshot(`
      "
      1|ééééééééééééééééééééééééééééééééééééééééééééélogin
       |                                             ^^^^^
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
