import { describe, expect, test } from "vitest";
import { createBuildContext } from "../../src/dockerfile/build-context.ts";
import { compileGlob, hasWildcard } from "../../src/dockerfile/glob.ts";
import { compilePatterns, readIgnoreFile } from "../../src/dockerfile/pattern-list.ts";
import { memoryContext, memoryFolder } from "../support/memory-context.ts";

// What each pattern takes out is held against BuildKit's own modules in context-copy.test.ts.

describe("ignore files", () => {
  test("comments, blanks, slashes and a byte order mark are gone", () => {
    expect(readIgnoreFile("\u{feff}# a\n\n  /x/ \n! ./y//z\r\n#b\n #c\n\t\n/")).toEqual(["x", "!y/z", "#c", "/"]);
  });

  test.each(["[", "a[", "[]", "[a-]", "x\\", "!", "!/", "[z-a]", "\\e", "\\1"])("%s stops the build", (pattern) => {
    expect(compilePatterns(readIgnoreFile(pattern))).toHaveProperty("malformed");
    const context = createBuildContext(memoryFolder(new Map([["a", ""]])), {
      shown: "app/.dockerignore",
      patterns: readIgnoreFile(pattern),
      problem: null,
    });
    expect(context.gaps).toMatchObject([{ at: "app/.dockerignore", why: "parse-error" }]);
  });

  test("a well-formed file is no gap", () => {
    expect(memoryContext({ ".dockerignore": "*\n!app\n[a-z]*\n**/x{1}\n" }).gaps).toEqual([]);
  });

  test("what is left out is neither listed nor found, but known to be on disk", () => {
    const context = memoryContext({ ".dockerignore": "secrets\n", "secrets/a": "", app: "" });
    expect([...(context.folderAt("")?.entries.keys() ?? [])]).toEqual([".dockerignore", "app"]);
    expect(context.folderAt("secrets")).toBeNull();
    expect(context.kindAt("secrets/a")).toBeNull();
    expect(context.isOnDisk("secrets/a")).toBe(true);
    expect(context.isOnDisk("secrets/b")).toBe(false);
  });
});

describe("wildcards", () => {
  test("a path with a wildcard is told from one with an escaped one", () => {
    expect(["*", "a?", "[a]", "\\\\*"].map(hasWildcard)).toEqual([true, true, true, true]);
    expect(["a", "\\*", "\\?a\\[", "a]", "\\\\"].map(hasWildcard)).toEqual([false, false, false, false, false]);
  });

  test("a hostile pattern over a hostile path is done at once", () => {
    const path = `${"a".repeat(200)}/`.repeat(20) + "c";
    for (const pattern of ["*a".repeat(60) + "b*", "**/".repeat(60) + "b*", "**a*".repeat(40) + "?b*"]) {
      expect(compileGlob(pattern, "ignore")?.test(path)).toBe(false);
    }
  });
});
