import { describe, expect, test } from "vitest";
import { lintDockerfile } from "../src/lint.ts";
import { DOCKERFILE_RULES } from "../src/rules/dockerfile/index.ts";
import { dockerfileFixtures, expectationsOf } from "./support/dockerfile-fixtures.ts";
import { plant } from "./support/tokens.ts";

const fixtures = dockerfileFixtures();

describe("Dockerfile fixtures", () => {
  test.each(fixtures)("$name", ({ text, want, tokens }) => {
    const outcome = lintDockerfile(text);
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
    ({ id, text }) => {
      const { findings, gaps } = lintDockerfile(plant(text).text);
      expect(gaps).toEqual([]);
      expect(findings.map(({ rule }) => rule)).toContain(id);
    },
  );

  test.each(DOCKERFILE_RULES.flatMap(({ meta }) => meta.good.map((example) => ({ id: meta.id, ...example }))))(
    "$id is silent on: $title",
    ({ id, text }) => {
      const { findings, gaps } = lintDockerfile(plant(text).text);
      expect(gaps).toEqual([]);
      expect(findings.filter(({ rule, suppressed }) => rule === id && suppressed === null)).toEqual([]);
    },
  );
});
