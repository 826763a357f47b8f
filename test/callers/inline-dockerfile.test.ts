import { describe, expect, test } from "vitest";
import { lintCaller } from "../../src/lint-caller.ts";
import { isInSource } from "../../src/model/location.ts";
import { fakeToken } from "../support/tokens.ts";

function compose(lines: readonly string[], more: readonly string[] = []): string {
  const build = ["services:", "  a:", "    build:", "      context: .", ...more, "      dockerfile_inline: |"];
  return [...build, ...lines.map((line) => `        ${line}`), ""].join("\n");
}

/** The findings as `line:column level rule`, and the gaps as places. */
function found(text: string): string[] {
  const { findings, gaps } = lintCaller("compose.yaml", text);
  return [
    ...findings.map(({ level, rule, suppressed, locations: [place] }) => {
      if (place === undefined || !isInSource(place)) throw new Error("a finding is in the file");
      const { line, column } = place.region.start;
      return `${place.in} ${line}:${column} ${level} ${rule}${suppressed === null ? "" : " suppressed"}`;
    }),
    ...gaps.map(({ at }) => `gap ${at}`),
  ];
}

describe("a Dockerfile in a compose file", () => {
  test("is linted, at its true places", () => {
    expect(
      found(compose(["FROM a", "ARG HF_TOKEN", 'RUN echo "$$HF_TOKEN" \\', "      > /app/.env", "RUNN x"])),
    ).toEqual([
      "compose 7:13 error token-in-build-argument",
      "compose 8:13 error token-written-to-file",
      "gap compose.yaml:10:9",
    ]);
  });

  test("heeds its own ignore comments, which the compose file then does not call idle", () => {
    const lines = ["FROM a", "# hullcheck-ignore token-in-build-argument: a test", "ARG HF_TOKEN"];
    expect(found(compose(lines))).toEqual(["compose 8:13 error token-in-build-argument suppressed"]);
  });

  test("heeds the build's target", () => {
    const lines = ["FROM a AS one", "ARG HF_TOKEN", "FROM b"];
    expect(found(compose(lines))).toEqual(["compose 7:13 warning token-in-build-argument"]);
    expect(found(compose(lines, ["      target: one"]))).toEqual(["compose 8:13 error token-in-build-argument"]);
  });

  test("is silent without a leak", () => {
    const run = "RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model";
    expect(found(compose(["FROM a", run]))).toEqual([]);
  });

  test("shows no token, and no value of unknown shape", () => {
    const opaque = "Zq8fLm2xWv4tKp9s";
    const token = fakeToken();
    const outcome = lintCaller("compose.yaml", compose(["FROM a", `ENV HF_TOKEN=${opaque}`, `RUN echo ${token} > /x`]));
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(["token-in-environment", "token-literal"]);
    expect(JSON.stringify(outcome)).not.toContain(opaque);
    expect(JSON.stringify(outcome)).not.toContain(token);
  });
});
