import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createBuildContext } from "../../src/dockerfile/build-context.ts";
import { takenFiles } from "../../src/dockerfile/context-copy.ts";
import { readIgnoreFile } from "../../src/dockerfile/pattern-list.ts";
import { memoryFolder } from "../support/memory-context.ts";

interface Case {
  readonly name: string;
  readonly tree: string;
  readonly ignore: string;
  readonly source: string;
  readonly excludes: readonly string[];
  readonly parents: boolean;
}

interface Golden {
  readonly name: string;
  readonly taken: readonly string[];
  /** True when BuildKit stops the build. */
  readonly fails?: boolean;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/context/${name}.json`, import.meta.url), "utf8"));
}

/** What BuildKit's own modules take, for every case: see context-golden/main.go. */
const { trees, cases } = read("cases") as { trees: Record<string, readonly string[]>; cases: readonly Case[] };
const golden = new Map((read("golden") as readonly Golden[]).map((result) => [result.name, result]));

function taken({ tree, ignore, source, excludes, parents }: Case): readonly string[] {
  const entries = trees[tree] ?? [];
  const links = new Map(
    entries.filter((entry) => entry.includes(" -> ")).map((entry) => entry.split(" -> ") as [string, string]),
  );
  const files = new Map(entries.filter((entry) => !entry.includes(" -> ")).map((path) => [path, path]));
  const ignoreFile = { shown: ".dockerignore", patterns: readIgnoreFile(ignore), problem: null };
  const context = createBuildContext(memoryFolder(files, links), ignoreFile);
  return takenFiles(context, source, { excludes, isParents: parents }).files.toSorted();
}

describe("what a COPY takes from the context, against BuildKit", () => {
  const built = cases.filter(({ name }) => golden.get(name)?.fails !== true);

  test.each(built)("$name", (each) => {
    expect(taken(each)).toEqual(golden.get(each.name)?.taken);
  });

  test("cases that stop the build do not stop us", () => {
    const stopped = cases.filter(({ name }) => golden.get(name)?.fails === true);
    expect(stopped.length).toBeGreaterThan(20);
    for (const each of stopped) expect(Array.isArray(taken(each))).toBe(true);
  });
});
