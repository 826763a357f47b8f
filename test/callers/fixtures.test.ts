import { describe, expect, test } from "vitest";
import { lintCaller } from "../../src/lint-caller.ts";
import { CALLER_CHECKS, CALLER_RULES } from "../../src/rules/caller/index.ts";
import { RULES } from "../../src/rules/index.ts";
import { callerFixtures, wantedOf } from "../support/caller-fixtures.ts";
import { plant } from "../support/tokens.ts";

const fixtures = callerFixtures();

describe("fixtures of calling files", () => {
  test.each(fixtures)("$name", ({ path, text, want, tokens }) => {
    const outcome = lintCaller(path, text);
    expect(wantedOf(outcome)).toEqual(want);
    const shown = JSON.stringify(outcome);
    for (const token of tokens) expect(shown.includes(token), "a planted token is in the outcome").toBe(false);
  });

  test("there are enough of them, and at least half are silent", () => {
    const silent = fixtures.filter(({ want }) => want.length === 0);
    expect(fixtures.length).toBeGreaterThanOrEqual(80);
    expect(silent.length * 2).toBeGreaterThanOrEqual(fixtures.length);
  });
});

describe("examples in the rules' metadata", () => {
  const examples = CALLER_RULES.flatMap(({ meta }) => [
    ...meta.bad.map((example) => ({ id: meta.id, isBad: true, ...example })),
    ...meta.good.map((example) => ({ id: meta.id, isBad: false, ...example })),
  ]);
  test.each(examples)("$id: $title", ({ id, isBad, file, text }) => {
    const { findings, gaps } = lintCaller(file ?? "", plant(text).text);
    expect(gaps).toEqual([]);
    expect(findings.map(({ rule }) => rule).includes(id)).toBe(isBad);
  });

  test("every check is of a rule in the catalogue", () => {
    const ids = RULES.map(({ meta }) => meta.id);
    for (const { id } of CALLER_CHECKS) expect(ids).toContain(id);
  });
});
