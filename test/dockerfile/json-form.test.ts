import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonStrings } from "../../src/dockerfile/json-form.ts";
import { toSource, toSourceSpan } from "../../src/dockerfile/mapped-text.ts";

/** The decoded strings after `CMD `, or null for a shell form. */
function valuesOf(rest: string): string[] | null {
  return jsonStrings(`CMD ${rest}`, 4)?.values.map((value) => value.text) ?? null;
}

/** What JSON.parse makes of an array of strings, with half surrogate pairs as Go decodes them. */
function decodedByGo(text: string): string[] {
  return (JSON.parse(text) as string[]).map((value) => value.replaceAll(/\p{Surrogate}/gu, "\u{fffd}"));
}

describe("the JSON form", () => {
  test.each<[string, string[]]>([
    ['["a","b c"]', ["a", "b c"]],
    ["[]", []],
    ['  [ "a" ,\t"b" ]  ', ["a", "b"]],
    ['["echo $T > /f x"]', ["echo $T > /f x"]],
    [String.raw`["\u0068f_","\n\t\\\"\/"]`, ["hf_", '\n\t\\"/']],
    [
      String.raw`["\ud83d\ude00","\ud83d","\ude00x","\ud83d\u0041"]`,
      ["\u{1f600}", "\u{fffd}", "\u{fffd}x", "\u{fffd}A"],
    ],
    ['\u{a0}["a"]\u{a0}', ["a"]],
  ])("%j holds %j", (rest, values) => {
    expect(jsonStrings(`CMD ${rest}`, 4)?.problem).toBe(null);
    expect(valuesOf(rest)).toEqual(values);
  });

  test.each([
    "",
    "a",
    '["a"] b',
    '["a",]',
    "['a']",
    '["a"',
    "[a]",
    '"a"',
    '{"a":1}',
    String.raw`["a\x"]`,
    '["a\u0001"]',
    "[1e999]",
    `${"[".repeat(10_001)}${"]".repeat(10_001)}`,
  ])("%j is a shell form", (rest) => {
    expect(jsonStrings(`CMD ${rest}`, 4)).toBe(null);
  });

  test.each(['["a", 1]', '["a", null]', '[["a"]]', '[{"b":"a"}]', "[1]"])("%j is refused", (rest) => {
    const form = jsonStrings(`CMD ${rest}`, 4);
    expect(form?.problem).toBe("an array in JSON form may hold nothing but strings");
    expect(form?.values.map(({ text }) => text)).toEqual(rest.match(/[ab]/g)?.toSorted().reverse() ?? []);
  });

  test("each decoded character knows its literal", () => {
    const text = String.raw`CMD ["x", "a\u0068f\"_"]`;
    const value = jsonStrings(text, 4)?.values[1];
    expect(value?.text).toBe('ahf"_');
    expect(value && text.slice(value.start, value.end)).toBe(String.raw`"a\u0068f\"_"`);
    const literals = [0, 1, 2, 3, 4].map((at) => {
      const span = value === undefined ? { start: 0, end: 0 } : toSourceSpan(value, at, at + 1);
      return text.slice(span.start, span.end);
    });
    expect(literals).toEqual(["a", String.raw`\u0068`, "f", String.raw`\"`, "_"]);
  });

  test("an empty string has a place", () => {
    const value = jsonStrings('["", "a"]', 0)?.values[0];
    expect(value && toSource(value, 0)).toBe(2);
  });

  test("agrees with JSON.parse on every array of strings, each literal in its place", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), fc.boolean(), (values, isPretty) => {
        const text = JSON.stringify(values, null, isPretty ? 2 : 0);
        const form = jsonStrings(text, 0);
        expect(form?.values.map((value) => value.text)).toEqual(values);
        for (const value of form?.values ?? []) {
          expect(JSON.parse(text.slice(value.start, value.end))).toBe(value.text);
          const whole = toSourceSpan(value, 0, value.text.length);
          expect(whole).toEqual({ start: value.start + 1, end: value.text === "" ? value.start + 1 : value.end - 1 });
        }
      }),
    );
  });

  test("of any text ends without a throw", () => {
    const parts = ["[", "]", '"', "\\", "u", "0068", ",", " ", "a", "{", "}", "1", "null", "\ud83d", "\u0001"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts)), (chosen) => {
        const text = chosen.join("");
        const form = jsonStrings(text, 0);
        const isForm = form !== null && form.problem === null;
        expect(isForm ? form.values.map((value) => value.text) : null).toEqual(isForm ? decodedByGo(text) : null);
      }),
      { numRuns: 1000 },
    );
  });
});
