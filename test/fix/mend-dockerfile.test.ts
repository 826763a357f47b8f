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

function commentsOf(lines: readonly string[]): string {
  return lines.filter((line) => /^\s*#/.test(line)).join("\n");
}

/** The rules of which there are more findings than before. */
function grown(before: LintedText, after: LintedText): string[] {
  const known = tally(before);
  return [...tally(after)].filter(([rule, count]) => count > (known.get(rule) ?? 0)).map(([rule]) => rule);
}

/** Lines that are no line of before, nor the start of one, where only the lines of ARG, ENV, RUN and of a login may be. */
function strangeLines(text: string, mended: string): string[] {
  const old = linesOf(text);
  return linesOf(mended).filter(
    (line) => !/^\s*(?:ARG|ENV|RUN)\b|HF_TOKEN=/i.test(line) && !old.some((known) => known.startsWith(line)),
  );
}

/** The laws, as the names of those that are broken: less is found, nothing new, and all else stays. */
function brokenLaws(text: string): string[] {
  const before = lint(text);
  const mended = mendDockerfile(text, lint);
  if (mended.text === text) return mended.secrets.length === 0 ? [] : ["a secret without a change"];
  const after = lint(mended.text);
  const isNew = (lineEnd: RegExp): boolean => lineEnd.test(mended.text) && !lineEnd.test(text) && text.includes("\n");
  const laws: Readonly<Record<string, boolean>> = {
    "nothing is left unread": after.gaps.length <= before.gaps.length,
    "less is found": after.findings.length < before.findings.length,
    [`nothing new is found: ${grown(before, after).join(", ")}`]: grown(before, after).length === 0,
    "an argument that is a secret is gone": mended.secrets.every((name) =>
      after.facts.variables.every((variable) => variable.kind !== "arg" || variable.name !== name),
    ),
    "comments stay": commentsOf(linesOf(mended.text)) === commentsOf(linesOf(text)),
    [`other lines stay: ${strangeLines(text, mended.text).join(" | ")}`]: strangeLines(text, mended.text).length === 0,
    "line ends stay": !isNew(/\r\n/) && !isNew(/(?<!\r)\n/),
    "the text's end stays": mended.text.endsWith("\n") === text.endsWith("\n"),
    "once is enough": mendDockerfile(mended.text, lint).text === mended.text,
  };
  return Object.entries(laws).flatMap(([law, holds]) => (holds ? [] : [law]));
}

/** What the steps break by themselves: the net that refuses a step that is no better should have nothing to catch. */
function brokenSteps(text: string): string[] {
  const linted = lint(text);
  if (linted.gaps.length > 0) return [];
  const reading = readForFix(linted.facts);
  return [mendLogins(reading, linted.findings), mendVariables(reading, linted.findings).edits].flatMap((edits) => {
    if (edits.length === 0) return [];
    const after = lint(applyEdits(text, edits));
    const isLess = after.findings.length < linted.findings.length && after.gaps.length === 0;
    return [...(isLess ? [] : ["a step that is no better"]), ...grown(linted, after)];
  });
}

describe("every Dockerfile fixture", () => {
  const fixtures = dockerfileFixtures();

  test.each(fixtures)("$name", ({ text }) => {
    expect([...brokenLaws(text), ...brokenSteps(text)]).toEqual([]);
  });

  test("in which CRLF ends the lines", () => {
    expect(fixtures.flatMap(({ text }) => brokenLaws(text.replaceAll(/\r?\n/g, "\r\n")))).toEqual([]);
  });

  test("without a final line break", () => {
    expect(fixtures.flatMap(({ text }) => brokenLaws(text.trimEnd()))).toEqual([]);
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
        expect([...brokenLaws(text), ...brokenSteps(text)]).toEqual([]);
        if (mendDockerfile(text, lint).text !== text) count++;
      }),
      { numRuns: 250 },
    );
    expect(count).toBeGreaterThan(40);
  });
});
