/** The config's schema, by files: what is understood, and the one line that is said of what is not. */

import { Ajv2020 } from "ajv/dist/2020.js";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { LIMITS } from "../../src/cli/limit-options.ts";
import { configJsonSchema, readConfigFile } from "../../src/gate/config-file.ts";
import { DEFAULT_LIMITS } from "../../src/inspect.ts";
import { HullcheckError } from "../../src/model/errors.ts";
import { compareCodeUnits } from "../../src/model/order.ts";
import { RULES } from "../../src/rules/index.ts";
import { visible } from "../../src/report/escape.ts";
import { expectNoToken } from "../support/cli.ts";
import { plant } from "../support/tokens.ts";
import { fakeToken } from "../support/tokens.ts";

const FOLDER = "fixtures/config";
const known = { rules: RULES.map(({ meta }) => meta), limits: LIMITS };
const schema = configJsonSchema(known);
const isConfig = new Ajv2020({ strict: false }).compile(schema as object);

function namesIn(folder: string): string[] {
  return readdirSync(`${FOLDER}/${folder}`)
    .filter((name) => name.endsWith(".yaml"))
    .sort(compareCodeUnits);
}

/** What is said of a text; fails when nothing is. */
function refusal(text: string): string {
  try {
    readConfigFile(text, ".hullcheck.yaml", known);
  } catch (error) {
    if (!(error instanceof HullcheckError)) throw error;
    if (error.kind !== "config") throw error;
    return error.hint === null ? error.message : `${error.message}; ${error.hint}`;
  }
  throw new Error("it was taken");
}

test.each(namesIn("good"))("good/%s", async (name) => {
  const text = readFileSync(`${FOLDER}/good/${name}`, "utf8");
  const config = readConfigFile(text, ".hullcheck.yaml", known);
  await expect(`${JSON.stringify(config, null, 2)}\n`).toMatchFileSnapshot(
    `../../${FOLDER}/good/${name.replace(".yaml", ".json")}`,
  );
  expect(isConfig(parse(text) ?? {}), JSON.stringify(isConfig.errors)).toBe(true);
});

test("bad: each is refused in one line, with its place", async () => {
  const said = namesIn("bad").map((name) => {
    const { text, tokens } = plant(readFileSync(`${FOLDER}/bad/${name}`, "utf8"));
    const message = visible(refusal(text));
    expectNoToken(message, tokens);
    expect(message, name).toMatch(/^\.hullcheck\.yaml:\d+:\d+: [^\n\u001b]+$/);
    return `${name}\n  ${message}\n`;
  });
  await expect(said.join("")).toMatchFileSnapshot(`../../${FOLDER}/messages.txt`);
});

/** What a schema can say and an editor shows; the rest is about YAML itself, or dates. */
const BEYOND_SCHEMA =
  /^(?:twice|alias|tag|merge|complex-key|proto|indent|bracket|two-documents|tab|accept-date\.|accept-dots)/;

test.each(namesIn("bad").filter((name) => !BEYOND_SCHEMA.test(name)))("the JSON Schema refuses bad/%s, too", (name) => {
  expect(isConfig(parse(readFileSync(`${FOLDER}/bad/${name}`, "utf8")))).toBe(false);
});

test("docs/config.schema.json is the schema", async () => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot("../../docs/config.schema.json");
});

test("docs/config.md tells every key and limit, and its example is a config", () => {
  const page = readFileSync("docs/config.md", "utf8");
  const { properties } = schema as { properties: Record<string, { properties?: object }> };
  for (const key of Object.keys(properties)) expect(page).toContain(`\n| \`${key}\` | `);
  for (const { name } of LIMITS) expect(page).toContain(`\`${name}\``);
  const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  expect(readConfigFile(example, "x", known).accept).toHaveLength(1);
});

test("every limit of an inspection has a name in the config", () => {
  expect(LIMITS.map(({ name }) => name).sort(compareCodeUnits)).toEqual(
    Object.keys(DEFAULT_LIMITS).sort(compareCodeUnits),
  );
});

test("no key turns on network, and none names a host, a URL, a program or a file to write", () => {
  const { properties } = schema as { properties: Record<string, unknown> };
  expect(Object.keys(properties)).toEqual([
    "failOn",
    "levels",
    "tokenVariables",
    "ignorePaths",
    "accept",
    "acceptedGaps",
    "limits",
    "images",
  ]);
  for (const image of ["docker://a/b", "http://a/b.tar", "HTTPS://a", "docker-daemon:tcp://a", "ssh://a", "s3:b"]) {
    expect(refusal(`images: ["${image}"]`)).toContain("images[0] has to be a saved image on disk");
  }
});

describe("hostile texts cost no more than honest ones", () => {
  test.each([
    ["brackets", "[".repeat(100_000)],
    ["braces", `levels: ${"{a: ".repeat(1000)}`],
    ["indents", Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
    ["dashes", "- ".repeat(5000)],
    ["201 levels exactly", `ignorePaths: ${"[".repeat(201)}`],
  ])("%s: nested too deep", (_, text) => {
    expect(refusal(text)).toMatch(/^\.hullcheck\.yaml:\d+:\d+: it is nested too deep to be read$/);
  });

  test("a bomb of aliases", () => {
    const lines = ["a: &a [x, x]"];
    for (let i = 1; i < 30; i++)
      lines.push(`k${i}: &k${i} [*${i === 1 ? "a" : `k${i - 1}`}, *${i === 1 ? "a" : `k${i - 1}`}]`);
    expect(refusal(lines.join("\n"))).toBe(".hullcheck.yaml:2:10: aliases are not read; write the value out");
  });

  test("many keys in one mapping, all different and then all the same", () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `k${i}:`).join("\n");
    expect(refusal(many)).toMatch(/^\.hullcheck\.yaml:1:1: unknown key 'k0'; known are failOn, /);
    expect(refusal("failOn:\n".repeat(20_000))).toBe(".hullcheck.yaml:2:1: this key stands here twice");
  });

  test("a long text", () => {
    expect(refusal(`# ${"x".repeat(262_144)}`)).toBe(
      ".hullcheck.yaml is longer than 262144 characters; check that it is the right file",
    );
  });
});

test("a key as long as a text is not quoted, nor cut: half a token is none that could be masked", () => {
  expect(refusal(`${"k".repeat(60)}: 1`)).toContain(`unknown key '${"k".repeat(60)}';`);
  const message = refusal(`${"k".repeat(40)}-${fakeToken()}: 1`);
  expect(message).toContain("1:1: unknown key; known are failOn");
  expect(message).not.toContain(fakeToken().slice(0, 12));
});
