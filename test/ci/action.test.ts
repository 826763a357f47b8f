/** The GitHub Action: its inputs and its script fit, and the script does what the service would have it do. */

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { repositoryText, runAsService, VERSION } from "./service.ts";

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly { readonly run: string; readonly shell: string; readonly env: Record<string, string> }[];
  };
}

const action = parse(repositoryText("action.yml")) as Action;
const [step] = action.runs.steps;
const script = repositoryText("scripts/action.sh");

/** The environment that the runner makes of the given inputs. */
function environment(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(step?.env ?? {}).map(([name, expression]) => {
      const input = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)?.[1] ?? "";
      return [name, inputs[input] ?? action.inputs[input]?.default ?? ""];
    }),
  );
}

const LEAK = { Dockerfile: "FROM scratch\nENV HF_TOKEN=@@TOKEN:user@@\n" };
const CLEAN = { Dockerfile: "FROM scratch\nCOPY app /app\n" };

describe("action.yml", () => {
  it("hands every input to the script as a variable, and nothing into its text", () => {
    expect(action.runs.using).toBe("composite");
    expect(action.runs.steps).toHaveLength(1);
    const handed = Object.values(step?.env ?? {}).map((value) => /inputs\.([\w-]+)/.exec(value)?.[1] ?? "");
    expect(new Set(handed)).toEqual(new Set(Object.keys(action.inputs)));
    expect(step?.run).not.toContain("${{");
    for (const name of Object.keys(step?.env ?? {})) expect(script).toContain(name);
    for (const { description } of Object.values(action.inputs)) expect(description).toMatch(/\.$/);
  });

  it("runs this version unless asked for another", () => {
    expect(action.inputs["version"]?.default).toBe(VERSION);
  });
});

describe("the script", () => {
  it("lints, annotates, and ends with the verdict", () => {
    const run = runAsService(script, environment({}), LEAK);
    expect(run.code).toBe(1);
    expect(run.asked).toEqual(["--yes", `hullcheck@${VERSION}`, "lint", "--format=github", "--", "."]);
    expect(run.output).toContain("::error file=Dockerfile,line=2");
    expect(runAsService(script, environment({}), CLEAN).code).toBe(0);
  });

  it("writes the summary, SARIF and other reports", () => {
    const variables = environment({ sarif: "out.sarif", formats: "junit=out.xml\n\n  gitlab=out.json  \n" });
    const run = runAsService(
      script,
      { ...variables, GITHUB_STEP_SUMMARY: "summary.md", GITHUB_OUTPUT: "output.txt" },
      LEAK,
    );
    expect(run.code).toBe(1);
    expect(Object.keys(run.files).toSorted()).toEqual(["out.json", "out.sarif", "out.xml", "output.txt", "summary.md"]);
    expect(run.files["output.txt"]).toBe("exit-code=1\n");
    expect(JSON.parse(run.files["out.sarif"] ?? "")).toMatchObject({ version: "2.1.0" });
    expect(run.files["summary.md"]).toContain("Dockerfile");
  });

  it("takes hostile inputs as names of files", () => {
    const path = '$(touch owned.txt) `touch owned.txt`; touch "owned.txt" -- --exit-zero';
    const run = runAsService(script, environment({ paths: `  ${path}\n--exit-zero` }), CLEAN);
    expect(run.code).toBe(2);
    expect(run.asked.slice(4)).toEqual(["--", path, "--exit-zero"]);
    expect(run.files).toEqual({});
  });

  it("inspects images through the gate, and passes the policy on", () => {
    const inputs = { images: "missing.tar\n", "fail-on": "warning", paths: "Dockerfile" };
    const run = runAsService(script, environment(inputs), CLEAN);
    expect(run.asked.slice(2)).toEqual([
      "gate",
      "--image=missing.tar",
      "--format=github",
      "--fail-on=warning",
      "--",
      "Dockerfile",
    ]);
    expect(run.code).toBe(2);
  });
});
