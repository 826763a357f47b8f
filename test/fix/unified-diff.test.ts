import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "../../src/fix/unified-diff.ts";

test("two changes far apart are two hunks with three lines of context each", () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}\n`);
  const after = lines.with(1, "second\n").toSpliced(18, 1);
  expect(unifiedDiff({ path: "Dockerfile", before: lines.join(""), after: after.join("") })).toMatchInlineSnapshot(`
    "--- a/Dockerfile
    +++ b/Dockerfile
    @@ -1,5 +1,5 @@
     line 1
    -line 2
    +second
     line 3
     line 4
     line 5
    @@ -16,5 +16,4 @@
     line 16
     line 17
     line 18
    -line 19
     line 20
    "
  `);
});

test("a file that is made, and a last line without a line break", () => {
  expect(unifiedDiff({ path: ".dockerignore", before: null, after: ".env\n" })).toBe(
    "--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1 @@\n+.env\n",
  );
  expect(unifiedDiff({ path: "x", before: "a", after: "a\nb" })).toBe(
    "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
  );
});

test("nothing changed is nothing printed", () => {
  expect(unifiedDiff({ path: "x", before: "a\n", after: "a\n" })).toBe("");
});

test("a path cannot add lines to the diff", () => {
  expect(unifiedDiff({ path: "a\nb", before: null, after: "x\n" })).toContain('+++ "b/a\\nb"\n');
});

/** Applies a diff as strictly as a patch can be applied: every line and every number has to be right. */
function patched(before: string, diff: string): string {
  const source = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const result: string[] = [];
  let at = 0;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, start, count = "1", , newCount = "1"] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n/.exec(hunk) ?? [];
    const from = count === "0" ? Number(start) : Number(start) - 1;
    result.push(...source.slice(at, from));
    at = from;
    const lines =
      hunk.replaceAll("\n\\ No newline at end of file\n", "\u0000").match(/[^\n\u0000]*(?:\n|\u0000)/g) ?? [];
    const taken = lines.slice(1).map((line) => ({ sign: line.charAt(0), text: line.slice(1).replace("\u0000", "") }));
    expect(taken.filter(({ sign }) => sign !== "+").length).toBe(Number(count));
    expect(taken.filter(({ sign }) => sign !== "-").length).toBe(Number(newCount));
    const kept = taken.filter(({ sign }) => sign !== "+").map((line) => line.text);
    expect(source.slice(at, at + kept.length)).toEqual(kept);
    at += kept.length;
    result.push(...taken.filter(({ sign }) => sign !== "-").map((line) => line.text));
  }
  return [...result, ...source.slice(at)].join("");
}

const text = array(constantFrom("a", "b", "c", "", "RUN x"), { maxLength: 14 }).chain((lines) =>
  constantFrom(lines.join("\n"), `${lines.join("\n")}\n`, lines.join("\r\n")),
);

test("applied to the text before, it gives the text after", () => {
  assert(
    property(text, text, (before, after) => {
      expect(patched(before, unifiedDiff({ path: "file", before, after }))).toBe(after);
    }),
    { numRuns: 1000 },
  );
});
