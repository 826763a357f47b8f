/** The package as its users get it: packed, installed into an empty folder, run and imported there. */

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compareCodeUnits } from "../src/model/order.ts";
import { VERSION } from "../src/model/version.ts";
import { expectNoToken } from "./support/cli.ts";
import { expectReport } from "./support/report-schema.ts";
import { plant } from "./support/tokens.ts";

const INSTALL_MS = 240_000;

let folder = "";
let packed: readonly string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-package-"));
  const json = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { encoding: "utf8" });
  const [result] = JSON.parse(json) as { filename: string; files: { path: string }[] }[];
  packed = (result?.files ?? []).map(({ path }) => path);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  const options = ["--omit=dev", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  execFileSync("npm", ["install", ...options, join(folder, result?.filename ?? "")], { cwd: folder, stdio: "pipe" });
}, INSTALL_MS);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a program in the folder, with this Node. */
function run(args: readonly string[], input: string = ""): { code: number | null; stdout: string; stderr: string } {
  const result = spawnSync(process.execPath, args, { cwd: folder, input, encoding: "utf8" });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

function hullcheck(...args: readonly string[]): ReturnType<typeof run> {
  return run(["node_modules/hullcheck/bin/hullcheck.js", ...args]);
}

test("it holds what its users need and nothing of how it is made", () => {
  const tops = new Set(packed.map((path) => path.split("/")[0] ?? ""));
  expect([...tops].sort(compareCodeUnits)).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "bin",
    "dist",
    "docs",
    "package.json",
  ]);
  for (const path of [
    "docs/report.schema.json",
    "docs/config.schema.json",
    "dist/bundle/member-worker.cjs",
    "dist/bundle/THIRD-PARTY.txt",
  ]) {
    expect(packed).toContain(path);
  }
  expect(packed.filter((path) => /\.test\.|fixtures|\.ts$/.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
  const stale = packed.filter((path) => {
    const [, name] = /^dist\/(?!bundle\/)(.*?)(?:\.d)?\.\w+$/.exec(path) ?? [];
    return name !== undefined && !existsSync(`src/${name}.ts`);
  });
  expect(stale).toEqual([]);
});

test("its source maps hold their sources, which are not in it; what its README links to for users is", () => {
  const inside = join(folder, "node_modules/hullcheck");
  const maps = packed.filter((path) => path.endsWith(".map"));
  expect(maps).toContain("dist/bundle/lint.cjs.map");
  const bare = maps.filter((path) => {
    const { sourcesContent = [] } = JSON.parse(readFileSync(join(inside, path), "utf8")) as {
      sourcesContent?: unknown[];
    };
    return sourcesContent.length === 0 || sourcesContent.includes(null);
  });
  expect(bare).toEqual([]);
  const links = [...readFileSync("README.md", "utf8").matchAll(/\]\((docs\/[^)#]+)\)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !packed.includes(path) && path !== "docs/architecture.md")).toEqual([]);
});

test("the installed command runs as npm links it", () => {
  const result = spawnSync(join(folder, "node_modules/.bin/hullcheck"), ["--version"], { encoding: "utf8" });
  expect({ code: result.status, stdout: result.stdout, stderr: result.stderr }).toEqual({
    code: 0,
    stdout: `${VERSION}\n`,
    stderr: "",
  });
});

test("the installed command lints, reports and shows no token", () => {
  const { text, tokens } = plant("FROM alpine\nRUN echo @@TOKEN:user@@\n");
  writeFileSync(join(folder, "Dockerfile"), text);
  const { code, stdout, stderr } = hullcheck("lint", "Dockerfile", "--format", "json", "--format", "sarif=out.sarif");
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expectReport(JSON.parse(stdout));
  expectNoToken(stdout + readFileSync(join(folder, "out.sarif"), "utf8"), tokens);
});

test("`| head -1` ends quietly, with the verdict's own code", () => {
  const long = `FROM alpine\n${"ARG HF_TOKEN\nENV A=$HF_TOKEN\n".repeat(3000)}`;
  mkdirSync(join(folder, "long"), { recursive: true });
  writeFileSync(join(folder, "long/Dockerfile"), long);
  const command = `node_modules/.bin/hullcheck lint long | head -1; echo "code \${PIPESTATUS[0]}"`;
  const result = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
  expect(result.stderr).toBe("");
  expect(result.stdout).toMatch(/^error {2}[^\n]+\ncode 1\n$/);
});

test("a closed standard error is no reason to fail", () => {
  const command = `node_modules/.bin/hullcheck lint nope 2>&-; echo "code $?"`;
  const result = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
  expect(result.stdout).toMatch(/code 2\n$/);
});

test("the example of the README runs as it stands there", () => {
  const readme = readFileSync("README.md", "utf8");
  const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  expect(example).toContain('from "hullcheck"');
  writeFileSync(join(folder, "example.js"), example);
  const { code, stdout, stderr } = run(["example.js"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^error {2}token-in-build-argument {2}Dockerfile:2:5\n/);
  expect(stdout).toMatch(/\nfail, by \d+ rules\n$/);
});

test("its types are complete for a strict project that has Node's types and none of our dependencies", () => {
  writeFileSync(
    join(folder, "consumer.ts"),
    `import { decide, judge, lintDockerfile, render, rules, type Finding, type Report } from "hullcheck";
const outcome = lintDockerfile("FROM alpine", { path: "Dockerfile" });
const report: Report = judge(outcome);
const text: string = await render(report, { format: "sarif", rules: rules.map((rule) => rule.meta) });
const first: Finding | undefined = report.findings[0];
export const all: readonly unknown[] = [decide(outcome).verdict, text, first?.locations];
`,
  );
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const flags = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--lib",
    "es2023",
    "--types",
    "node",
    "--typeRoots",
    resolve("node_modules/@types"),
  ];
  const { code, stdout } = run([tsc, ...flags, "consumer.ts"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
});

test("an installation that is not whole gives no verdict", () => {
  cpSync("bin", join(folder, "broken/bin"), { recursive: true });
  const { code, stdout, stderr } = run(["broken/bin/hullcheck.js", "--version"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe("hullcheck: not built, or not installed in full (MODULE_NOT_FOUND); in a clone: npm run build\n");
});

test("what is not exported stays inside", () => {
  const { code, stderr } = run(["--input-type=module", "-e", 'import "hullcheck/dist/token/secrets.js"']);
  expect(code).toBe(1);
  expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
});
