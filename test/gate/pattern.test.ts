import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fixedPartOf, matchesPattern } from "../../src/gate/pattern.ts";

test.each([
  ["Dockerfile", "Dockerfile", true],
  ["Dockerfile", "api/Dockerfile", false],
  ["./Dockerfile", "Dockerfile", true],
  ["**/Dockerfile", "Dockerfile", true],
  ["**/Dockerfile", "a/b/Dockerfile", true],
  ["**/Dockerfile", "a/b/Dockerfile.dev", false],
  ["examples", "examples/a/b/Dockerfile", true],
  ["examples/", "examples/a", true],
  ["examples/**", "examples/a", true],
  ["examples", "examples2/a", false],
  ["*.dockerfile", "api.dockerfile", true],
  ["*.dockerfile", "a/api.dockerfile", false],
  ["a/*/c", "a/b/c", true],
  ["a/*/c", "a/b/b/c", false],
  ["a/**/c", "a/c", true],
  ["a/**/c", "a/b/b/c/d", true],
  ["a/**/b/**/c", "a/x/b/y/b/z/c", true],
  ["?ocker*", "Dockerfile", true],
  ["?ocker*", "ockerfile", false],
  ["*", "a/b", true],
  ["a*b*c", "aXbXbXc", true],
  ["a*b*c", "aXbXbX", false],
  ["/root/.cache/**", "/root/.cache/huggingface/token", true],
  ["/root", "root", false],
  ["root", "/root", false],
  ["[a]", "a", false],
  ["a.c", "abc", false],
  ["日本/*", "日本/Dockerfile", true],
  ["?", "😀", true],
])("%s and %s: %s", (pattern, path, expected) => {
  expect(matchesPattern(pattern, path)).toBe(expected);
});

/** The plain way, which takes for ever on hostile patterns. */
function asExpression(pattern: string): RegExp {
  const parts = pattern
    .split("/")
    .map((part) => (part === "**" ? "**" : part.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")));
  const body = parts.map((part) => (part === "**" ? "(?:[^/]*/)*" : `${part}/`)).join("");
  return new RegExp(`^${body}`);
}

test("it says what the expression of the pattern says", () => {
  const part = fc.constantFrom("a", "b", "ab", "*", "a*", "*b", "?", "**");
  const name = fc.constantFrom("a", "b", "ab", "ba", "aab");
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.array(name, { minLength: 1, maxLength: 6 }),
      (p, n) => {
        expect(matchesPattern(p.join("/"), n.join("/"))).toBe(asExpression(p.join("/")).test(`${n.join("/")}/`));
      },
    ),
    { numRuns: 2000 },
  );
});

test("stars that an expression would never come back from", () => {
  expect(matchesPattern(`${"*a".repeat(250)}b`, "a".repeat(4000))).toBe(false);
  expect(matchesPattern(`${"**/a/".repeat(100)}b`, "a/".repeat(2000))).toBe(false);
});

test.each([
  ["a/b/*.x", "a/b"],
  ["**/a", ""],
  ["a/b", "a/b"],
  ["a?/b", ""],
])("all that %s matches is below '%s'", (pattern, fixed) => {
  expect(fixedPartOf(pattern)).toBe(fixed);
});
