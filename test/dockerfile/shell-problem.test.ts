import { expect, test } from "vitest";
import { lintDockerfile } from "../../src/lint.ts";

test("a RUN whose shell cannot be read is a gap of that RUN, not of the file", () => {
  const { gaps } = lintDockerfile("FROM alpine\nRUN if true; then echo\n");
  expect(gaps.map(({ at, detail }) => `${at} ${detail}`)).toMatchInlineSnapshot(`
    [
      "Dockerfile:2:23 the shell of this RUN cannot be read: expected 'fi' to close 'if'; what it does with a token is not known: mend it and lint again",
    ]
  `);
});
