/** Scripts that RUNs start: how many, how large and how deep they are read, and what is said of the rest. */

import { describe, expect, it } from "vitest";
import { lintDockerfile } from "../../src/lint.ts";
import { memoryContext } from "../support/memory-context.ts";

/** Rules and gaps of a Dockerfile that copies everything and then runs this. */
function linted(run: string, files: Readonly<Record<string, string>>): { rules: string[]; gaps: string[] } {
  const text = `FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN ${run}\n`;
  const { findings, gaps } = lintDockerfile(text, { contexts: [memoryContext(files)] });
  return {
    rules: findings.map(({ rule }) => rule),
    gaps: gaps.map(({ at, why, detail }) => `${at} ${why} ${detail.split(",")[0] ?? ""}`),
  };
}

/** Scripts that start one another, the last of which logs in. */
function chain(length: number): Record<string, string> {
  const scripts = Array.from({ length }, (_, i) => [`s${i}.sh`, `sh s${i + 1}.sh\n`]);
  return { ...Object.fromEntries(scripts), [`s${length}.sh`]: "hf auth login --token x\n" };
}

describe("scripts that start one another", () => {
  it("are read, eight of them", () => {
    expect(linted("sh s0.sh", chain(7))).toEqual({ rules: ["login-in-build"], gaps: [] });
  });

  it("are a gap when there are more", () => {
    expect(linted("sh s0.sh", chain(8))).toEqual({ rules: [], gaps: ["Dockerfile:4:1 limit s8.sh"] });
  });

  it("are read once where they come back to themselves", () => {
    const files = { "a.sh": "sh b.sh\nsh a.sh again\n", "b.sh": "sh a.sh\nhf auth login --token x\n" };
    expect(linted("sh a.sh", files)).toEqual({ rules: ["login-in-build"], gaps: [] });
  });
});

describe("scripts that are large together", () => {
  const files = {
    ...Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`s${i}.sh`, `# ${"x".repeat(1_000_000)}\n`])),
    "s5.sh": "hf auth login --token x\n",
  };

  it("are a gap beyond 4 MiB, and the smaller ones behind them are read", () => {
    const { rules, gaps } = linted("sh s0.sh && sh s1.sh && sh s2.sh && sh s3.sh && sh s4.sh && sh s5.sh", files);
    expect(gaps).toEqual(["Dockerfile:4:1 limit s4.sh"]);
    expect(rules).toEqual(["login-in-build"]);
  });

  it("are a gap also where they are templates", () => {
    expect(linted("sh s0.sh; sh s1.sh; sh s2.sh; sh s3.sh; envsubst < s4.sh > /f", files).gaps).toEqual([
      "Dockerfile:4:1 limit s4.sh",
    ]);
  });
});

it("a script that the Dockerfile types is read as often as it fits, and then a gap", () => {
  const heredoc = `COPY <<EOF /s.sh\n${`# ${"x".repeat(9997)}\n`.repeat(100)}EOF\n`;
  const { gaps } = lintDockerfile(`FROM scratch\n${heredoc}${"RUN sh /s.sh\n".repeat(6)}`);
  expect(gaps.map(({ why, detail }) => `${why} ${detail.split(",")[0] ?? ""}`)).toEqual(["limit /s.sh"]);
});

it("a script whose shell cannot be read is a gap, and what stands before counts", () => {
  const { rules, gaps } = linted("./setup.sh", { "setup.sh": "#!/bin/bash\nhf auth login --token x\nif true; then\n" });
  expect(rules).toEqual(["login-in-build"]);
  expect(gaps).toEqual(["Dockerfile:4:1 parse-error the shell of ./setup.sh"]);
});

it("a command that is no script is none that was not read", () => {
  expect(linted("./tool && sh missing.sh && python -m app", { tool: "\u007fELF" })).toEqual({ rules: [], gaps: [] });
});
