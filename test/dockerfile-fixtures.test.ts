import { describe, expect, test } from "vitest";
import { lintDockerfile } from "../src/lint.ts";
import type { Outcome } from "../src/model/report.ts";
import type { Example } from "../src/model/rule.ts";
import { DOCKERFILE_RULES } from "../src/rules/dockerfile/index.ts";
import { dockerfileFixtures, expectationsOf } from "./support/dockerfile-fixtures.ts";
import { memoryContext } from "./support/memory-context.ts";
import { plant } from "./support/tokens.ts";

const fixtures = dockerfileFixtures();

/** An example as it is linted: with tokens, and with its build context where it has one. */
function lintExample({ text, context }: Example): Outcome {
  const files = Object.entries(context ?? {}).map(([path, content]) => [path, plant(content).text] as const);
  const contexts = context === undefined ? [] : [memoryContext(Object.fromEntries(files))];
  return lintDockerfile(plant(text).text, { contexts });
}

describe("Dockerfile fixtures", () => {
  test.each(fixtures)("$name", ({ text, files, want, tokens }) => {
    const outcome = lintDockerfile(text, { contexts: files === null ? [] : [memoryContext(files)] });
    expect(expectationsOf(outcome)).toEqual(want);
    const shown = JSON.stringify(outcome);
    for (const token of tokens) expect(shown.includes(token), "a planted token is in the outcome").toBe(false);
  });

  test("there are enough of them, and at least half are silent", () => {
    const silent = fixtures.filter(({ want }) => want.length === 0);
    expect(fixtures.length).toBeGreaterThanOrEqual(60);
    expect(silent.length * 2).toBeGreaterThanOrEqual(fixtures.length);
  });
});

describe("examples in the rules' metadata", () => {
  test.each(DOCKERFILE_RULES.flatMap(({ meta }) => meta.bad.map((example) => ({ id: meta.id, ...example }))))(
    "$id fires on: $title",
    ({ id, ...example }) => {
      const { findings, gaps } = lintExample(example);
      expect(gaps).toEqual([]);
      expect(findings.map(({ rule }) => rule)).toContain(id);
    },
  );

  test.each(DOCKERFILE_RULES.flatMap(({ meta }) => meta.good.map((example) => ({ id: meta.id, ...example }))))(
    "$id is silent on: $title",
    ({ id, ...example }) => {
      const { findings, gaps } = lintExample(example);
      expect(gaps).toEqual([]);
      expect(findings.filter(({ rule, suppressed }) => rule === id && suppressed === null)).toEqual([]);
    },
  );
});
