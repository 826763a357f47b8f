/** Dockerfiles that mean harm: nothing throws, nothing grows without bound, no planted token comes out. */

import { array, assert, constantFrom, nat, oneof, property, record, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { lintDockerfile } from "../src/lint.ts";
import { findTokens } from "../src/token/match.ts";
import { dockerfileFixtures } from "./support/dockerfile-fixtures.ts";
import { fakeToken, plant } from "./support/tokens.ts";

const FROM = "FROM python:3.12-slim\n";
const token = fakeToken();

function summary(text: string): { rules: Record<string, number>; gaps: number } {
  const { findings, gaps } = lintDockerfile(text);
  const rules: Record<string, number> = {};
  for (const { rule } of findings) rules[rule] = (rules[rule] ?? 0) + 1;
  return { rules, gaps: gaps.length };
}

/** The characters of a token's base64 that do not depend on what stands before it. */
function core(value: string): string {
  return Buffer.from(value).toString("base64").slice(0, -4);
}

function expectHidden(text: string, tokens: readonly string[]): void {
  const shown = JSON.stringify(lintDockerfile(text));
  for (const value of tokens) {
    expect(shown.includes(value), "a planted token is in the outcome").toBe(false);
    expect(shown.includes(core(value)), "a planted token's base64 is in the outcome").toBe(false);
  }
}

/** True unless an edit has glued letters to the value, which makes it none of a token's. */
function isStillToken(text: string, value: string): boolean {
  const matches = findTokens(text);
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    const end = at + value.length;
    if (!matches.some((match) => match.start <= at && match.end >= end)) return false;
  }
  return true;
}

describe("large Dockerfiles", () => {
  it("reads 10,000 instructions and finds what stands in the last", () => {
    expect(summary(`${FROM}${"RUN true\n".repeat(10_000)}ENV HF_TOKEN=${token}\n`)).toEqual({
      rules: { "token-in-environment": 1 },
      gaps: 0,
    });
  });

  it("reads 5,000 stages, each on the one before", () => {
    const stages = Array.from({ length: 5000 }, (_, i) => `FROM s${i} AS s${i + 1}\n`).join("");
    expect(summary(`FROM scratch AS s0\nENV HF_TOKEN=${token}\n${stages}`).rules).toEqual({
      "token-in-environment": 1,
    });
  });

  it("follows a token through a chain of 2,000 variables", () => {
    const chain = Array.from({ length: 2000 }, (_, i) => `ENV V${i + 1}=$V${i}\n`).join("");
    expect(summary(`${FROM}ARG HF_TOKEN\nENV V0=$HF_TOKEN\n${chain}`)).toEqual({
      rules: { "token-in-build-argument": 1, "token-in-environment": 2001 },
      gaps: 0,
    });
  });

  it("does not let values that double on every line grow", () => {
    const doubling = Array.from({ length: 200 }, (_, i) => `ENV V${i + 1}=$V${i}$V${i}$V${i}\n`).join("");
    expect(summary(`${FROM}ENV V0=abcdefgh\n${doubling}ENV HF_TOKEN=${token}\n`).rules).toEqual({
      "token-in-environment": 1,
    });
  });

  it("finds 2,000 tokens, each once", () => {
    const lines = Array.from({ length: 2000 }, (_, i) => `RUN echo ${fakeToken("user", i + 1)}\n`).join("");
    expect(summary(FROM + lines).rules).toEqual({ "token-literal": 2000 });
  });

  it("reads a RUN of 10,000 commands and one of 10,000 lines", () => {
    const commands = `RUN ${"true && ".repeat(5000)}hf auth login --token x\n`;
    const lines = `RUN ${"true && \\\n".repeat(10_000)}hf auth login --token x\n`;
    expect(summary(FROM + commands + lines)).toEqual({ rules: { "login-in-build": 2 }, gaps: 0 });
  });

  it("reads a heredoc of 30,000 commands, and says what it leaves out of one of 100,001", () => {
    expect(summary(`${FROM}RUN <<EOF\n${"true\n".repeat(30_000)}EOF\n`).gaps).toBe(0);
    expect(summary(`${FROM}RUN <<EOF\n${"true\n".repeat(100_001)}EOF\n`).gaps).toBe(1);
  });
});

describe("hostile instructions", () => {
  it.each([
    ["open quotes", `RUN ${'"'.repeat(60_001)}`],
    ["a megabyte of open quotes in a heredoc", `RUN <<EOF\n${`${'"'.repeat(999)}\n`.repeat(1001)}EOF`],
    ["nested substitutions", `RUN ${"$(".repeat(20_000)}`],
    ["nested substitutions in a heredoc", `RUN <<EOF\n${"$(\n".repeat(20_000)}EOF`],
    ["nested groups", `RUN ${"{ ".repeat(20_000)}`],
    ["an unterminated heredoc", "RUN <<EOF\ntrue"],
    ["a line of a megabyte", `RUN echo ${"x".repeat(1_000_000)}`],
  ])("is a gap, and the rest is read all the same: %s", (_, instruction) => {
    const { rules, gaps } = summary(`${FROM}ENV HF_TOKEN=${token}\n${instruction}\nENV HF_API_TOKEN=${token}\n`);
    expect(gaps).toBeGreaterThan(0);
    expect(rules["token-in-environment"]).toBeGreaterThanOrEqual(instruction.startsWith("RUN <<EOF\ntrue") ? 1 : 2);
  });

  it.each([
    `LABEL ${"a=$".repeat(20_000)}`,
    `ENV A=${"${B:-".repeat(20_000)}`,
    `ENV ${"A=b ".repeat(10_000)}`,
    `ARG ${"A ".repeat(20_000)}`,
    `COPY ${"a ".repeat(10_000)} /x`,
    `CMD [${'"a",'.repeat(10_000)}"b"]`,
    `CMD ${"[".repeat(20_000)}`,
    `RUN ${"--mount=type=secret,id=a ".repeat(2000)}true`,
    `${"ONBUILD ".repeat(5000)}RUN true`,
    `RUN ${"<<a ".repeat(2000)}`,
    `RUN python -c "${"from huggingface_hub import login; login(".repeat(500)}"`,
    `RUN rm -rf ${"{a,b}".repeat(18)} && hf auth login --token x && rm -rf ${"{a,b}".repeat(18)}`,
    `RUN hf auth login --token x && rm -rf ${"*".repeat(2000)}x`,
    `RUN hf auth login --token x && rm -rf ~/.cache/huggingface/${"*o".repeat(500)}`,
    `RUN --mount=type=secret,id=hf <<EOF\nend() {\ntrap end EXIT\nprintf '%s' "$(cat /run/secrets/hf)" >/root/.netrc\n}\nEOF`,
    `RUN ${"hf auth login --token x && rm -rf ~/.cache/huggingface && ".repeat(8000)}true`,
    `RUN ${"python -c 'from huggingface_hub import login; login()' && ".repeat(8000)}true`,
    `ARG HF_TOKEN\nRUN ${"echo $HF_TOKEN > /f && cp /f /g && ".repeat(8000)}true`,
    `ARG HF_TOKEN\nRUN ${"git clone https://u:$HF_TOKEN@huggingface.co/a/b && ".repeat(8000)}true`,
    "COPY <<EOF /s\necho hi\nEOF\nRUN sh /s\n".repeat(5000),
  ])("comes back, whatever it is given (%#)", (instruction) => {
    expect(summary(`${FROM}${instruction}\nENV HF_TOKEN=${token}\n`)).toBeDefined();
  });
});

const KEYWORDS =
  "FROM RUN ENV ARG COPY ADD LABEL CMD ENTRYPOINT ONBUILD USER SHELL HEALTHCHECK WORKDIR run Env NOPE #".split(" ");
const PIECES = (
  "python:3.12-slim|AS|base|HF_TOKEN|HF_TOKEN=|$HF_TOKEN|${HF_TOKEN:-x}|${|$(|`|'|\"|\\|\\\n|\n|\r\n|<<EOF|<<-'EOF'|EOF|" +
  "hf auth login|huggingface-cli login --token|--token|--mount=type=secret,id=hf|--from=base|/root/.cache/huggingface|" +
  '["|","|"]|bash -c|python -c|from huggingface_hub import login; login(|)|&&|||;|||(|{|}|rm -rf|=|A=b|# c|# escape=`|' +
  "hullcheck-ignore token-literal: x|\u{feff}|\u0000|\ud800|é|\t"
).split("|");

const planted = tuple(constantFrom("user", "digits", "organization", "oauth", "oauth-refresh"), nat(20)).map(
  ([kind, number]) => fakeToken(kind, number + 1),
);

const word = oneof(
  { weight: 6, arbitrary: constantFrom(...PIECES).map((text) => ({ text, tokens: [] as string[] })) },
  { weight: 1, arbitrary: string({ unit: "binary" }).map((text) => ({ text, tokens: [] as string[] })) },
  { weight: 2, arbitrary: planted.map((value) => ({ text: value, tokens: [value] })) },
  { weight: 1, arbitrary: planted.map((value) => ({ text: Buffer.from(value).toString("base64"), tokens: [value] })) },
);

const line = record({ keyword: constantFrom(...KEYWORDS), words: array(word, { maxLength: 10 }) });

describe("any Dockerfile", () => {
  it("does not throw and shows no token: lines of the words that matter", () => {
    assert(
      property(array(line, { maxLength: 12 }), (lines) => {
        const text =
          FROM + lines.map(({ keyword, words }) => [keyword, ...words.map((item) => item.text)].join(" ")).join("\n");
        expectHidden(
          text,
          lines.flatMap(({ words }) => words.flatMap(({ tokens }) => tokens)),
        );
      }),
      { numRuns: 250 },
    );
  });

  it("does not throw: any text", () => {
    assert(
      property(string({ unit: "binary", maxLength: 400 }), (text) => {
        expect(lintDockerfile(text).subjects).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  it("does not throw and shows no token: fixtures with cuts and pieces put in", () => {
    const fixtures = dockerfileFixtures().filter(({ tokens, text }) => tokens.length > 0 && text.length < 2000);
    assert(
      property(nat(), array(tuple(nat(2000), nat(3), constantFrom(...PIECES)), { maxLength: 4 }), (which, edits) => {
        const fixture = fixtures[which % fixtures.length];
        if (fixture === undefined) return;
        let { text } = fixture;
        for (const [at, length, piece] of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + piece + text.slice(place + length);
        }
        const tokens = fixture.tokens.filter((value) => isStillToken(text, value));
        expectHidden(text, tokens);
      }),
      { numRuns: 250 },
    );
  });

  it("says the same when it is asked again", () => {
    const { text } = plant(`${FROM}ARG HF_TOKEN=@@TOKEN:user@@\nENV A=$HF_TOKEN\nRUN hf auth login --token $A\n`);
    expect(JSON.stringify(lintDockerfile(text))).toBe(JSON.stringify(lintDockerfile(text)));
  });
});
