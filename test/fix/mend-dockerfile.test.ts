/** Mending of Dockerfiles by its laws, over every Dockerfile fixture and over Dockerfiles that are put together. */

import { constantFrom, assert, property, array, record, boolean } from "fast-check";
import { describe, expect, test } from "vitest";
import { readForFix } from "../../src/fix/dockerfile-reading.ts";
import { applyEdits } from "../../src/fix/edit.ts";
import { mendDockerfile, type LintedText } from "../../src/fix/mend-dockerfile.ts";
import { mendLogins } from "../../src/fix/mend-logins.ts";
import { mendVariables } from "../../src/fix/mend-variables.ts";
import { lintDockerfileFacts } from "../../src/lint.ts";
import { dockerfileFixtures } from "../support/dockerfile-fixtures.ts";

function lint(text: string): LintedText {
  const { facts, outcome } = lintDockerfileFacts(text);
  return { facts, findings: outcome.findings, gaps: outcome.gaps };
}

/** How many findings of each rule there are. */
function tally({ findings }: LintedText): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

/** What mending adds or takes out, gone: what is left has to be the same before and after. */
function unchangedPart(text: string): string {
  return text
    .replaceAll(/^\u{feff}?# syntax=docker\/dockerfile:1\r?\n/gu, "")
    .replaceAll(/ --mount=type=secret,id=\w+,(?:env=\w+|mode=0444)/g, "");
}

function linesOf(text: string): string[] {
  return unchangedPart(text).split(/\r?\n/);
}

/** The laws: less is found, nothing new, nothing unread, comments and line ends stay, and once is enough. */
function checkLaws(text: string): boolean {
  const before = lint(text);
  const mended = mendDockerfile(text, lint);
  const after = lint(mended.text);
  if (mended.text === text) {
    expect(mended.secrets).toEqual([]);
    return false;
  }
  expect(after.gaps.length).toBeLessThanOrEqual(before.gaps.length);
  expect(after.findings.length).toBeLessThan(before.findings.length);
  const known = tally(before);
  for (const [rule, count] of tally(after)) expect(count, rule).toBeLessThanOrEqual(known.get(rule) ?? 0);
  for (const name of mended.secrets)
    expect(after.facts.variables.some((variable) => variable.kind === "arg" && variable.name === name)).toBe(false);
  const comments = (lines: readonly string[]): string[] => lines.filter((line) => /^\s*#/.test(line));
  expect(comments(linesOf(mended.text))).toEqual(comments(linesOf(text)));
  // Where no login goes, every line that stays is a line of before.
  const isSame = (line: string): boolean => linesOf(text).includes(line);
  const odd = linesOf(mended.text).filter(
    (line) => !isSame(line) && !/^\s*(?:ARG|ENV|RUN|arg|env|run)\b|HF_TOKEN=/.test(line),
  );
  expect(odd.filter((line) => !linesOf(text).some((old) => old.startsWith(line)))).toEqual([]);
  // Line ends of a kind that the text does not have are not brought in.
  for (const lineEnd of [/\r\n/, /(?<!\r)\n/]) {
    expect(lineEnd.test(mended.text) && !lineEnd.test(text) && text.includes("\n")).toBe(false);
  }
  expect(mended.text.endsWith("\n")).toBe(text.endsWith("\n"));
  expect(mendDockerfile(mended.text, lint).text).toBe(mended.text);
  return true;
}

/** What each step makes by itself: the net that refuses a step that is no better has nothing to catch. */
function checkSteps(text: string): void {
  const linted = lint(text);
  if (linted.gaps.length > 0) return;
  const reading = readForFix(linted.facts);
  for (const edits of [mendLogins(reading, linted.findings), mendVariables(reading, linted.findings).edits]) {
    if (edits.length === 0) continue;
    const after = lint(applyEdits(text, edits));
    expect(after.gaps).toEqual([]);
    expect(after.findings.length).toBeLessThan(linted.findings.length);
    const known = tally(linted);
    for (const [rule, count] of tally(after)) expect(count, rule).toBeLessThanOrEqual(known.get(rule) ?? 0);
  }
}

describe("every Dockerfile fixture", () => {
  const fixtures = dockerfileFixtures();

  test.each(fixtures)("$name", ({ text }) => {
    checkLaws(text);
    checkSteps(text);
  });

  test("in which CRLF ends the lines", () => {
    for (const { text } of fixtures) checkLaws(text.replaceAll(/\r?\n/g, "\r\n"));
  });

  test("without a final line break", () => {
    for (const { text } of fixtures) checkLaws(text.trimEnd());
  });

  test("enough of them are mended for the laws to mean something", () => {
    expect(fixtures.filter(({ text }) => mendDockerfile(text, lint).text !== text).length).toBeGreaterThan(25);
  });
});

const argument = constantFrom(
  "ARG HF_TOKEN",
  "ARG HF_TOKEN=",
  "ARG A=1 HF_TOKEN B=2",
  "ARG A=1 \\\n    HF_TOKEN \\\n    # why\n    B=2",
  "arg HF_TOKEN # no comment",
  "ARG HF_TOKEN\nARG MODEL_KEY",
  "ARG HF_TOKEN=none",
);
const definition = constantFrom(
  "ENV HF_TOKEN=$HF_TOKEN",
  "ENV WORKER_KEY=${HF_TOKEN} PORT=80",
  "ENV A=1 \\\n    # why\n    WORKER_KEY=$HF_TOKEN",
  'ENV HUGGING_FACE_HUB_TOKEN="$HF_TOKEN"',
  "ENV URL=https://u:$HF_TOKEN@huggingface.co/",
  "ENV A=1",
  "LABEL a=b",
  "LABEL a=$HF_TOKEN",
);
const run = constantFrom(
  "RUN pip install x",
  "RUN hf download org/model",
  "RUN python download.py --token $HF_TOKEN",
  "RUN --mount=type=cache,target=/c \\\n    pip install x && \\\n    # why\n    hf download org/model",
  "RUN huggingface-cli login --token $HF_TOKEN",
  "RUN hf auth login --token $HF_TOKEN && hf download org/model && rm -rf /tmp/x",
  "RUN pip install x \\\n  && hf auth login --token $MODEL_KEY \\\n  && python x.py",
  'RUN --mount=type=secret,id=hf hf auth login --token "$(cat /run/secrets/hf)" && hf download org/model',
  "RUN <<EOF\nhf download org/model\nEOF",
  'RUN ["python", "x.py"]',
  "RUN make",
  "RUN echo $WORKER_KEY > /x",
  "RUN set -eux; hf download org/model",
);
const stage = record({
  from: constantFrom("FROM a", "FROM a AS one", "FROM one"),
  parts: array(
    constantFrom(argument, definition, run, run, run).chain((part) => part),
    { minLength: 1, maxLength: 7 },
  ),
});
const dockerfile = record({
  head: constantFrom(
    "",
    "",
    "# a comment\n",
    "# syntax=docker/dockerfile:1\n",
    "# syntax=docker/dockerfile:1.4\n",
    "ARG HF_TOKEN\n",
  ),
  stages: array(stage, { minLength: 1, maxLength: 3 }),
  end: constantFrom("CMD python app.py\n", "CMD python app.py", "COPY --from=one /x /x\nCMD app --token $HF_TOKEN\n"),
  isCrLf: boolean(),
}).map(({ head, stages, end, isCrLf }) => {
  const text = head + stages.map(({ from, parts }) => `${from}\n${parts.join("\n")}\n`).join("") + end;
  return isCrLf ? text.replaceAll("\n", "\r\n") : text;
});

describe("Dockerfiles that are put together", () => {
  test("are mended by the same laws, and often", () => {
    let count = 0;
    assert(
      property(dockerfile, (text) => {
        checkSteps(text);
        if (checkLaws(text)) count++;
      }),
      { numRuns: 250 },
    );
    expect(count).toBeGreaterThan(40);
  });
});
