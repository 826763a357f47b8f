/** Keeps what the documentation says true: it is written from metadata and real output (`vitest run test/docs.test.ts -u`). */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as api from "../src/index.ts";
import { EXIT_CODES } from "../src/gate/decide.ts";
import { compareCodeUnits } from "../src/model/order.ts";
import { FORMATS } from "../src/report/index.ts";
import { ruleMarkdown } from "../src/report/rule-page.ts";
import { RULES } from "../src/rules/index.ts";
import { hullcheck } from "./support/cli.ts";

const EXAMPLE = "fixtures/projects/model-server";
const EXAMPLE_IMAGE = "fixtures/images/model-server.tar";
const readme = readFileSync("README.md", "utf8");
const metas = RULES.map(({ meta }) => meta);

/** The text with what stands between two marks replaced. */
function fill(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- begin: ${name} -->\n`, `<!-- end: ${name} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  expect(from === -1 || to < from, `README.md has no place for ${name}`).toBe(false);
  return text.slice(0, from + begin.length) + content + text.slice(to);
}

function ruleTable(): string {
  const rows = metas.map((meta) => `| [\`${meta.id}\`](docs/rules/${meta.id}.md) | ${meta.level} | ${meta.summary} |`);
  return `${["| rule | level | fires when |", "| --- | --- | --- |", ...rows].join("\n")}\n`;
}

/** A login in the example's Dockerfile, what it left in the image, and the verdict. */
async function exampleOutput(): Promise<string> {
  const files: Record<string, string | Buffer> = Object.fromEntries(
    readdirSync(EXAMPLE).map((name) => [name, readFileSync(`${EXAMPLE}/${name}`, "utf8")]),
  );
  const argv = ["gate", "--quiet", ".", "--image", "model-server.tar"];
  const { stdout } = await hullcheck(argv, { files: { ...files, "model-server.tar": readFileSync(EXAMPLE_IMAGE) } });
  const blocks = stdout.split(/\n(?=(?:error|fail) |fail:)/);
  const shown = [
    /^error {2}login-in-build {2}Dockerfile:21/,
    /^error {2}token-file-in-layer .* layer 7: .*\/token$/m,
    /^fail:/,
  ];
  const parts = shown.map((start) => blocks.find((block) => start.test(block)));
  expect(parts.every((part) => part !== undefined)).toBe(true);
  return `\`\`\`console\n$ hullcheck ${argv.join(" ")}\n${parts.join("\n")}\`\`\`\n`;
}

test("README.md: the output at its top and the table of rules", async () => {
  const filled = fill(fill(readme, "output", await exampleOutput()), "rules", ruleTable());
  await expect(filled).toMatchFileSnapshot("../README.md");
});

function optionsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/`(--[a-z-]+)/g)].map(([, option = ""]) => option));
}

test("docs/usage.md names every option, README.md every format and exit code, and none that is not there", async () => {
  const lint = await hullcheck(["lint", "--help"]);
  const inspect = await hullcheck(["inspect", "--help"]);
  const gate = await hullcheck(["gate", "--help"]);
  const options = [...(lint.stdout + inspect.stdout + gate.stdout).matchAll(/^ {2}(--[a-z-]+)/gm)].map(
    ([, option = ""]) => option,
  );
  const known = new Set([...options, "--help"]);
  const usage = readFileSync("docs/usage.md", "utf8");
  const named = optionsIn(usage.slice(0, usage.indexOf("## What `--fix` changes")));
  expect([...named].toSorted()).toEqual([...known].toSorted());
  const short = optionsIn(readme.slice(readme.indexOf("## Use it"), readme.indexOf("## Rules")));
  expect([...short].filter((option) => !known.has(option))).toEqual([]);
  for (const format of FORMATS) expect(readme).toContain(`\n- \`${format}\`: `);
  for (const [verdict, code] of Object.entries(EXIT_CODES)) expect(readme).toContain(`\n| ${code} | ${verdict} | `);
});

test("docs/usage.md shows what --fix really does", async () => {
  const diff = /```diff\n([^]*?)```/.exec(readFileSync("docs/usage.md", "utf8"))?.[1] ?? "";
  const side = (other: string): string => {
    const lines = diff
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith(other));
    return lines.map((line) => `${line.slice(1)}\n`).join("");
  };
  const { written } = await hullcheck(["lint", "Dockerfile", "--fix"], { files: { Dockerfile: side("+") } });
  expect(written["Dockerfile"]).toBe(side("-"));
});

test("README.md says what everything that the package exports is for", () => {
  const section = readme.slice(readme.indexOf("## As a library"));
  const named = new Set([...section.matchAll(/`([A-Za-z_]+)/g)].map(([, name = ""]) => name));
  expect(Object.keys(api).filter((name) => !named.has(name))).toEqual([]);
});

test("every link of the documents leads to a file", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/ci.md",
    "docs/config.md",
    "docs/usage.md",
  ];
  const dead = documents.flatMap((document) => {
    const folder = document.includes("/") ? document.slice(0, document.lastIndexOf("/") + 1) : "";
    return [...readFileSync(document, "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target = ""]) => `${folder}${target}`)
      .filter((path) => {
        try {
          return readFileSync(path).length === 0;
        } catch (error) {
          return !(error instanceof Error && "code" in error && error.code === "EISDIR");
        }
      })
      .map((path) => `${document} -> ${path}`);
  });
  expect(dead).toEqual([]);
});

test.each(metas.map((meta) => [meta.id, meta] as const))("docs/rules/%s.md", async (id, meta) => {
  await expect(ruleMarkdown(meta)).toMatchFileSnapshot(`../docs/rules/${id}.md`);
});

test("docs/rules holds a page for each rule and no other", () => {
  expect(readdirSync("docs/rules").sort(compareCodeUnits)).toEqual(
    metas.map((meta) => `${meta.id}.md`).sort(compareCodeUnits),
  );
});

test("what the example's Dockerfile.fixed does is no leak", async () => {
  const text = readFileSync(`${EXAMPLE}/Dockerfile.fixed`, "utf8");
  const { code, stdout } = await hullcheck(["lint", "--fail-on", "note"], { files: { Dockerfile: text } });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "pass: no leak found (1 Dockerfile)\n" });
});
