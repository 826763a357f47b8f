import { expect, test } from "vitest";
import { applyEdits, deletedLines, deletion, insertion, lineBreakOf } from "../../src/fix/edit.ts";

function without(text: string, at: number): string {
  return applyEdits(text, [deletedLines(text, at, at)]);
}

test("edits are made in the order of the text, those at one place in their own", () => {
  const edits = [deletion(4, 5), insertion(0, "x"), insertion(0, "y"), { from: 1, to: 2, text: "BB" }];
  expect(applyEdits("abcde", edits)).toBe("xyaBBcd");
});

test("edits that overlap are refused", () => {
  expect(() => applyEdits("abc", [deletion(0, 2), deletion(1, 3)])).toThrow("overlap");
  expect(() => applyEdits("abc", [deletion(2, 4)])).toThrow("outside");
});

test("whole lines go with their line break; a text without a final one stays without", () => {
  expect(without("a\nb\nc\n", 2)).toBe("a\nc\n");
  expect(without("a\r\nb\r\nc", 3)).toBe("a\r\nc");
  expect(without("a\nb", 2)).toBe("a");
  expect(without("a\r\nb", 3)).toBe("a");
  expect(without("\u{feff}a\nb\n", 1)).toBe("\u{feff}b\n");
  expect(without("a", 0)).toBe("");
});

test("the line break is that of the first line", () => {
  expect(["a", "a\nb\r\n", "a\r\nb\n"].map(lineBreakOf)).toEqual(["\n", "\n", "\r\n"]);
});
