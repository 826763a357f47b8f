import { expect, test } from "vitest";
import { closest, hintFor } from "../../src/model/did-you-mean.ts";

test.each([
  ["jsn", ["text", "json"], "json"],
  ["JSON", ["text", "json"], "json"],
  ["tex", ["text", "json"], "text"],
  ["buidl", ["build", "run"], "build"],
  ["of", ["off", "note"], "off"],
  ["xml", ["text", "json"], null],
  ["", ["text", "json"], null],
  // Any letter is one letter away from another.
  ["7", ["0", "1"], null],
  ["", ["0"], null],
])("%s of %j", (typed, known, meant) => {
  expect(closest(typed, known)).toBe(meant);
});

test.each([
  ["jsn", ["text", "json"], "did you mean json?"],
  ["xml", ["text", "json"], "known are text, json"],
  ["x", ["0"], "the only one is 0"],
])("what to do about %s of %j", (typed, known, hint) => {
  expect(hintFor(typed, known)).toBe(hint);
});
