import { describe, expect, test } from "vitest";
import { lazyValues, NOTHING_KNOWN, UNTOLD, valuesOf } from "../../src/callers/known-value.ts";
import { wordingOf } from "../../src/callers/wording.ts";

/** What a text comes to where these names are defined so. */
function values(text: string, definitions: Readonly<Record<string, readonly string[]>> = {}): readonly unknown[] {
  const known = lazyValues(new Map(Object.entries(definitions)), (definition) => wordingOf(definition, ["dollar"]));
  return valuesOf(wordingOf(text, ["dollar"]), known);
}

describe("what a text comes to", () => {
  test("every value of a name, in order, once", () => {
    expect(values("x/$A", { A: ["a", "b", "a"] })).toEqual(["x/a", "x/b"]);
    expect(values("$A$B", { A: ["1", "2"], B: ["3", "4"] })).toEqual(["13", "14", "23", "24"]);
  });

  test("the default only where a value may be missing", () => {
    expect(values("${A:-x}", { A: ["a"] })).toEqual(["a"]);
    expect(values("${A:-x}", { A: ["", "a"] })).toEqual(["a", "x"]);
    expect(values("${A:-x}", { A: ["$B", "a"] })).toEqual(["a", "x"]);
  });

  test("nothing, where nobody can tell", () => {
    expect(values("x$A")).toEqual(UNTOLD);
    expect(values("x$A", { A: ["$A"] })).toEqual(UNTOLD);
    expect(valuesOf(wordingOf("${{ env.A }}", ["expression"]), NOTHING_KNOWN)).toEqual(UNTOLD);
  });
});

describe("what multiplies or runs in circles is bounded", () => {
  test("names in a circle", () => {
    expect(values("$A", { A: ["$B"], B: ["$C"], C: ["$A"] })).toEqual(UNTOLD);
    expect(values("$A", { A: ["$B"], B: ["${A:-x}"] })).toEqual(["x"]);
  });

  test("names that double", () => {
    const doubled = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`A${i}`, [`$A${i + 1}$A${i + 1}`]]));
    expect(values("$A0", { ...doubled, A60: ["x"] })).toEqual(UNTOLD);
    expect(values("$A50", { ...doubled, A60: ["x"] })).toEqual(["x".repeat(1024)]);
  });

  test("names with many values", () => {
    const many = Array.from({ length: 60 }, (_, i) => `${i}`);
    expect(values("$A", { A: many })).toHaveLength(60);
    expect(values("$A$B", { A: many, B: many })).toEqual(UNTOLD);
    expect(values("$A", { A: [...many, "a", "b", "c", "d", "e"] })).toEqual(UNTOLD);
  });

  test("a long way", () => {
    const chain = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`A${i}`, [`$A${i + 1}`]]));
    expect(values("$A0", { ...chain, A5000: ["x"] })).toEqual(UNTOLD);
    expect(values("$A4960", { ...chain, A5000: ["x"] })).toEqual(["x"]);
  });

  test("brackets that do not end", () => {
    expect(values("${".repeat(5000))).toEqual(UNTOLD);
    expect(values("${A:-".repeat(700))).toEqual(UNTOLD);
    expect(values("${A:-".repeat(80) + "}".repeat(80))).toEqual([""]);
  });
});
