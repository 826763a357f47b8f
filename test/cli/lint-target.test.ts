import { describe, expect, test } from "vitest";
import { lintDockerfile } from "../../src/lint.ts";
import { hullcheck, type CliOptions } from "../support/cli.ts";

const TWO =
  "FROM python:3.12 AS prod\nARG HF_TOKEN\nRUN hf download org/model\nFROM prod AS base\nFROM alpine AS dev\n";
const PLAIN = "FROM alpine\nARG HF_TOKEN\n";

/** A compose file with a service for each target; null for none. */
const compose = (targets: readonly (string | null)[]): string =>
  [
    "services:",
    ...targets.flatMap((target, i) => [
      `  s${i}:`,
      "    build:",
      "      context: .",
      ...(target === null ? [] : [`      target: ${target}`]),
      "      args:",
      "        A: b",
    ]),
    "",
  ].join("\n");

const levelFor = (target: string | readonly (string | null)[]): string | undefined =>
  lintDockerfile(TWO, { target }).findings[0]?.level;

/** What the lines of text say: `level path:line`. */
async function levels(argv: readonly string[], files: NonNullable<CliOptions["files"]>): Promise<string[]> {
  const { stdout } = await hullcheck(["lint", "--format", "json", ...argv], { files });
  const { findings } = JSON.parse(stdout) as {
    findings: { level: string; locations: { path: string; region: { start: { line: number } } }[] }[];
  };
  return findings.map(
    ({ level, locations: [place] }) => `${level} ${place?.path ?? ""}:${place?.region.start.line ?? 0}`,
  );
}

describe("--target says which stage is built", () => {
  test.each([
    ["none", [], "warning"],
    ["a name", ["--target", "prod"], "error"],
    ["a name in another case", ["--target", "PROD"], "error"],
    ["a stage that is FROM it", ["--target", "base"], "error"],
    ["a number", ["--target", "0"], "error"],
    ["another stage", ["--target", "dev"], "warning"],
  ])("%s", async (_, argv, level) => {
    expect(await levels(["Dockerfile", ...argv], { Dockerfile: TWO })).toEqual([`${level} Dockerfile:2`]);
  });

  test("a stage that is not there is a usage error that guesses", async () => {
    const { code, stdout, stderr } = await hullcheck(["lint", "--target", "prd"], { files: { Dockerfile: TWO } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("there is no stage 'prd' to build");
    expect(stderr).toContain("did you mean prod?");
    const number = await hullcheck(["lint", "--target", "3"], { files: { Dockerfile: TWO } });
    expect(number.code).toBe(2);
    const only = await hullcheck(["lint", "--target", "prod"], { files: { Dockerfile: "FROM alpine\n" } });
    expect(only.stderr).toBe("hullcheck: there is no stage 'prod' to build; the only one is 0\n");
  });

  test("of several Dockerfiles one must have it; the others are built as they are", async () => {
    const files = { "a/Dockerfile": TWO, "b/Dockerfile": PLAIN };
    expect(await levels(["--target", "dev"], files)).toEqual(["warning a/Dockerfile:2", "error b/Dockerfile:2"]);
  });

  test("a token that is typed as a target is not repeated", async () => {
    const { code } = await hullcheck(["lint", "--target", "@@TOKEN:user@@"], { files: { Dockerfile: TWO } });
    expect(code).toBe(2);
  });
});

describe("the files that call a build say which stage they want", () => {
  test.each([
    ["one", ["prod"], "error"],
    ["one of several", ["dev", "prod"], "error"],
    ["the last stage as well", [null, "prod"], "error"],
    ["another", ["dev"], "warning"],
    ["one that is not there", ["gone"], "warning"],
  ])("%s", async (_, targets, level) => {
    const files = { Dockerfile: TWO, "compose.yaml": compose(targets) };
    expect(await levels([], files)).toEqual([`${level} Dockerfile:2`]);
  });

  test("what is asked for on the command line comes first", async () => {
    const files = { Dockerfile: TWO, "compose.yaml": compose(["prod"]) };
    expect(await levels(["--target", "dev"], files)).toEqual(["warning Dockerfile:2"]);
  });
});

test("the API takes a target, several, and refuses one that is not there", () => {
  expect(levelFor("prod")).toBe("error");
  expect(levelFor(["dev", "prod"])).toBe("error");
  expect(levelFor(["dev", null])).toBe("warning");
  expect(() => lintDockerfile(TWO, { target: "nope" })).toThrow("no stage 'nope'");
});
