import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/gate/judge.ts";
import { FORMATS, render } from "../../src/report/index.ts";
import { expectReport, REPORT_SCHEMA } from "../support/report-schema.ts";
import { CLEAN, FULL, HOSTILE_OUTCOME, JOINED, SAMPLE_RULES, UNREAD } from "../support/sample-report.ts";

const EXTENSIONS = {
  text: "txt",
  json: "json",
  sarif: "sarif",
  github: "github",
  gitlab: "gitlab.json",
  junit: "junit.xml",
  markdown: "md",
  html: "html",
} as const;
const REPORTS = { full: FULL, joined: JOINED, clean: CLEAN, unread: UNREAD, hostile: judge(HOSTILE_OUTCOME) };
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/;

const sarifSchema: unknown = JSON.parse(readFileSync("test/support/sarif-2.1.0.schema.json", "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const isSarif = ajv.compile(sarifSchema as object);

function expectSarif(text: string): void {
  isSarif(JSON.parse(text));
  expect(isSarif.errors ?? []).toEqual([]);
}

describe.each(FORMATS)("%s", (format) => {
  test.each(Object.keys(REPORTS) as (keyof typeof REPORTS)[])("the %s report", async (name) => {
    const text = await render(REPORTS[name], { format, rules: SAMPLE_RULES });
    await expect(text).toMatchFileSnapshot(`../../fixtures/reports/${name}.${EXTENSIONS[format]}`);
    expect(text.endsWith("\n")).toBe(true);
    expect(text).not.toMatch(HARMFUL);
    if (format === "json") expectReport(JSON.parse(text));
    if (format === "sarif") expectSarif(text);
  });

  test("is the same twice, and leaves the report alone", async () => {
    const before = structuredClone(FULL);
    expect(await render(FULL, { format })).toBe(await render(FULL, { format }));
    expect(FULL).toEqual(before);
  });
});

test("a layer is called by a digest that an engine shows, where an old archive calls it by a file", async () => {
  const [finding, place] = JOINED.findings.flatMap((one) =>
    one.locations.flatMap((location) => (location.in === "layer" ? [[one, location] as const] : [])),
  )[0] ?? [null, null];
  if (finding === null) throw new Error("no finding in a layer");
  const layer = { ...place, diffId: `sha256:${"d".repeat(64)}`, digest: `${"a".repeat(64)}/layer.tar` };
  const shown = async (location: typeof layer): Promise<string | undefined> =>
    /^ {2}layer {3}.*$/m.exec(
      await render({ ...JOINED, findings: [{ ...finding, locations: [location] }] }, { format: "text" }),
    )?.[0];
  expect(await shown(layer)).toContain("(sha256:dddddddddddd) of ");
  expect(await shown({ ...layer, digest: `sha256:${"b".repeat(64)}` })).toContain("(sha256:bbbbbbbbbbbb) of ");
});

test("a format that there is not is an error that guesses", async () => {
  const options = { format: "jsn" } as unknown as { format: "json" };
  await expect(render(FULL, options)).rejects.toMatchObject({
    name: "HullcheckError",
    kind: "usage",
    message: "unknown format 'jsn'",
    hint: "did you mean json?",
  });
});

test("no format lets a string from input begin a line or a workflow command", async () => {
  const report = judge(HOSTILE_OUTCOME);
  const github = await render(report, { format: "github" });
  const commands = github.split("\n").filter((line) => /^\s*::/.test(line));
  expect(commands.map((line) => /^::(\w+) /.exec(line)?.[1])).toEqual(["error", "error"]);
  for (const line of commands) expect(line.slice(2).replace(/^\w+ [^:]*::/, "")).not.toContain("\n");
  for (const format of FORMATS) {
    const lines = (await render(report, { format })).split("\n");
    const others = lines.filter((line) => !commands.includes(line));
    for (const line of others) expect(line).not.toMatch(/^\s*::|##\[/);
  }
});

test("JSON keeps hostile strings as they are, for programs", async () => {
  const report = judge(HOSTILE_OUTCOME);
  expect(JSON.parse(await render(report, { format: "json" }))).toEqual(report);
});

test("annotations of findings in images stand at the line that made them", async () => {
  const lines = (await render(JOINED, { format: "github" })).split("\n");
  expect(lines.map((line) => /^::error file=([^,]*),line=(\d+)/.exec(line)?.slice(1).join(":"))).toEqual([
    "Dockerfile:4",
    "Dockerfile:4",
    "Dockerfile:1",
    undefined,
    undefined,
  ]);
});

test("SARIF knows rules that nobody described by their names only", async () => {
  const log = JSON.parse(await render(FULL, { format: "sarif" })) as {
    runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number }[] }[];
  };
  const [run] = log.runs;
  for (const { ruleId, ruleIndex } of run?.results ?? []) {
    expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  }
  expect(run?.results).toHaveLength(FULL.findings.length);
});

test("docs/report.schema.json", async () => {
  const text = `${JSON.stringify(REPORT_SCHEMA, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../docs/report.schema.json");
});

test("the schema refuses a report that lacks a key, has one too many, or says another word", () => {
  const report = structuredClone(FULL) as unknown as Record<string, unknown>;
  expect(() => expectReport(report)).not.toThrow();
  expect(() => expectReport({ ...report, verdict: "maybe" })).toThrow(/deeply equal/);
  expect(() => expectReport({ ...report, more: 1 })).toThrow(/deeply equal/);
  expect(() => expectReport({ ...report, gaps: undefined })).toThrow(/deeply equal/);
});
