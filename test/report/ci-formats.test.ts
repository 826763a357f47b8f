/** The formats that other systems read or show: each is held to what its reader takes, and to hostile strings. */

import { Ajv } from "ajv";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/gate/judge.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Outcome, Report } from "../../src/model/report.ts";
import { render, type FormatName, type RenderOptions } from "../../src/report/index.ts";
import {
  CLEAN,
  finding,
  FULL,
  HOSTILE,
  HOSTILE_OUTCOME,
  SAMPLE_RULES,
  source,
  UNREAD,
} from "../support/sample-report.ts";
import { readXml, type Element } from "../support/xml.ts";

const REPORTS = [FULL, CLEAN, UNREAD, judge(HOSTILE_OUTCOME)];
/** What must not reach a reader's eyes as it is. */
const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u;

function outcome(findings: readonly Finding[], more: Partial<Outcome> = {}): Outcome {
  return { subjects: [{ kind: "dockerfile", name: "Dockerfile" }], findings, gaps: [], ...more };
}

/** A report whose message, reason, path, fix and gap hold a text. */
function saying(text: string): Report {
  const said = finding({
    message: `It says ${text}`,
    fix: `Do ${text}`,
    locations: [source("1:1-1:3", text, { path: text })],
  });
  const reason = { by: "comment", reason: text } as const;
  return judge(
    outcome([said, { ...said, suppressed: reason }], { gaps: [{ at: text, why: "missing", detail: `No ${text}` }] }),
  );
}

function rendered(format: FormatName, report: Report, options: Partial<RenderOptions> = {}): Promise<string> {
  return render(report, { rules: SAMPLE_RULES, ...options, format });
}

/** The JSON Schema of an XML element. */
const node = (
  name: string,
  attributes: Record<string, unknown>,
  children: unknown,
  optional: string[] = [],
): unknown => ({
  type: "object",
  properties: {
    name: { const: name },
    attributes: {
      type: "object",
      additionalProperties: false,
      required: Object.keys(attributes).filter((key) => !optional.includes(key)),
      properties: attributes,
    },
    children,
  },
});

/** Every case as `suite: name (outcome)`. */
function casesOf(root: Element): string[] {
  return root.children.flatMap(({ attributes, children }) =>
    children.map((item) => `${attributes["name"]}: ${item.attributes["name"]} (${item.children[0]?.name ?? "passed"})`),
  );
}

/** The tags of the page on a text, but for line breaks. */
async function shapeOf(text: string): Promise<readonly string[]> {
  return ((await rendered("html", saying(text))).match(/<[^>]*>/g) ?? []).filter((tag) => tag !== "<br>");
}

/** The text with code spans, fenced blocks and escapes taken out, as a renderer takes them out. */
function outsideOfCode(markdown: string): string {
  return markdown
    .replaceAll(/^( *)(`{3,})text\n[^]*?\n\1\2$/gm, "")
    .replaceAll(/(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "")
    .replaceAll(/\\[!-/:-@[-`{-~]/g, "");
}

const anything = fc.string({ unit: "binary", maxLength: 60 });
const markup = fc
  .array(
    fc.constantFrom(
      "`",
      "``",
      "|",
      "\\",
      "[",
      "](",
      "<",
      ">",
      "&",
      "*",
      "_",
      "@",
      "#1",
      "!",
      "$",
      "\n",
      " ",
      "x",
      "]]>",
      "-->",
      "::",
    ),
  )
  .map((parts) => parts.join(""));

describe("gitlab", () => {
  const violation = {
    type: "object",
    additionalProperties: false,
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", minLength: 1 },
      fingerprint: { type: "string", minLength: 1 },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        additionalProperties: false,
        required: ["path", "lines"],
        properties: {
          path: { type: "string", minLength: 1 },
          lines: {
            type: "object",
            additionalProperties: false,
            required: ["begin"],
            properties: { begin: { type: "integer", minimum: 1 } },
          },
        },
      },
    },
  };
  const isArtifact = new Ajv({ allErrors: true }).compile({ type: "array", items: violation });

  interface Violation {
    readonly description: string;
    readonly fingerprint: string;
    readonly severity: string;
    readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
  }

  async function violations(report: Report): Promise<readonly Violation[]> {
    const value = JSON.parse(await rendered("gitlab", report)) as readonly Violation[];
    isArtifact(value);
    expect(isArtifact.errors ?? []).toEqual([]);
    expect(new Set(value.map(({ fingerprint }) => fingerprint)).size, "a fingerprint twice").toBe(value.length);
    return value;
  }

  test("is an artifact with all findings and gaps, none lost to an equal fingerprint", async () => {
    for (const report of REPORTS) {
      expect(await violations(report)).toHaveLength(report.findings.length + report.gaps.length);
    }
  });

  test("says what is suppressed and what was not read, and where to look", async () => {
    const found = await violations(
      judge(
        outcome(
          [
            finding({ suppressed: { by: "policy", reason: "the demo" }, locations: [source("3:1-3:9", null)] }),
            finding({
              locations: [
                { role: "primary", in: "archive", text: null, path: "x", byteOffset: null },
                source("7:1-7:9", null, { role: "related" }),
              ],
            }),
          ],
          { gaps: [{ at: "api/Dockerfile:4:2", why: "parse-error", detail: "no such instruction" }] },
        ),
      ),
    );
    expect(found.map(({ severity, description, location }) => [severity, description.slice(0, 36), location])).toEqual([
      ["info", "Suppressed by policy (the demo): The", { path: "Dockerfile", lines: { begin: 3 } }],
      ["critical", "archive x: The login leaves the toke", { path: "Dockerfile", lines: { begin: 7 } }],
      ["critical", "Not looked at: api/Dockerfile:4:2: n", { path: "api/Dockerfile", lines: { begin: 4 } }],
    ]);
  });

  test("has no string that harms whoever sees it, whatever input says", async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        for (const { description, location } of await violations(saying(text || "-"))) {
          expect(description + location.path).not.toMatch(HARMFUL);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("junit", () => {
  const count = { type: "string", pattern: "^[0-9]+$" };
  const counts = { tests: count, failures: count, errors: count, skipped: count, time: { const: "0" } };
  const text = { type: "string" };
  const none = { type: "array", maxItems: 0 };
  const results = [
    node("failure", { type: text, message: text }, none),
    node("error", { type: text, message: text }, none),
    node("skipped", { message: text }, none),
    node("system-out", {}, none),
  ];
  const testcase = node(
    "testcase",
    { classname: text, name: text, time: { const: "0" }, file: text, line: count },
    { type: "array", maxItems: 1, items: { oneOf: results } },
    ["file", "line"],
  );
  const suite = node("testsuite", { name: text, ...counts }, { type: "array", minItems: 1, items: testcase });
  const isDocument = new Ajv({ strict: false, allErrors: true }).compile(
    node("testsuites", { name: text, ...counts }, { type: "array", items: suite }) as object,
  );

  async function document(report: Report, options: Partial<RenderOptions> = {}): Promise<Element> {
    const root = readXml(await rendered("junit", report, options));
    isDocument(root);
    expect(isDocument.errors ?? []).toEqual([]);
    const outcomes = { failures: "failure", errors: "error", skipped: "skipped" };
    for (const { attributes, children } of root.children) {
      expect(attributes["tests"]).toBe(String(children.length));
      for (const [key, name] of Object.entries(outcomes)) {
        const found = children.filter((item) => item.children.some((child) => child.name === name));
        expect(attributes[key]).toBe(String(found.length));
      }
      const names = children.map((item) => item.attributes["name"]);
      expect(new Set(names).size, "two cases of one name").toBe(names.length);
    }
    for (const key of ["tests", "failures", "errors", "skipped"]) {
      const sum = root.children.reduce((total, { attributes }) => total + Number(attributes[key]), 0);
      expect(root.attributes[key]).toBe(String(sum));
    }
    return root;
  }

  test("is a document of one suite a subject, with right counts", async () => {
    for (const report of REPORTS) expect((await document(report)).name).toBe("testsuites");
  });

  test("gives a subject that was read and is clean one passing case, and a subject with a gap none", async () => {
    expect(casesOf(await document(CLEAN))).toEqual(["Dockerfile: no leak found (passed)"]);
    const image = FULL.subjects.filter(({ kind }) => kind === "image");
    const subjects = [...CLEAN.subjects, { kind: "dockerfile", name: "b/Dockerfile" } as const, ...image];
    const gaps = [{ at: "b/Dockerfile:2:1", why: "parse-error", detail: "no such instruction" } as const];
    expect(casesOf(await document(judge({ subjects, findings: [], gaps })))).toEqual([
      "Dockerfile: no leak found (passed)",
      "b/Dockerfile: looked at b/Dockerfile:2:1 (error)",
      "registry.example/app:1: no leak found (passed)",
    ]);
    const stray = [{ at: "app.tar", why: "truncated", detail: "it ends early" } as const];
    expect(casesOf(await document(judge({ subjects, findings: [], gaps: stray })))).toEqual([
      "Dockerfile: no leak found (passed)",
      "b/Dockerfile: no leak found (passed)",
      "hullcheck: looked at app.tar (error)",
    ]);
  });

  test("fails what fails the policy, and no more", async () => {
    const findings = (["error", "warning", "note"] as const).map((level) =>
      finding({ rule: level, level, locations: [source("1:1-1:2", null)] }),
    );
    const report = judge(
      outcome([
        ...findings,
        finding({ suppressed: { by: "baseline", reason: "old" }, locations: [source("2:1-2:2", null)] }),
      ]),
    );
    const suppressed = "Dockerfile: login-in-build at Dockerfile:2:1 (skipped)";
    expect(casesOf(await document(report))).toEqual([
      "Dockerfile: error at Dockerfile:1:1 (failure)",
      "Dockerfile: warning at Dockerfile:1:1 (system-out)",
      "Dockerfile: note at Dockerfile:1:1 (system-out)",
      suppressed,
    ]);
    expect(casesOf(await document(report, { failOn: "note" }))).toEqual([
      "Dockerfile: error at Dockerfile:1:1 (failure)",
      "Dockerfile: warning at Dockerfile:1:1 (failure)",
      "Dockerfile: note at Dockerfile:1:1 (failure)",
      suppressed,
    ]);
  });

  test("stays well-formed, whatever input says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, markup), async (said) => {
        expect(await document(saying(said))).toMatchObject({ name: "testsuites" });
      }),
      { numRuns: 100 },
    );
    await document(saying("\u{fffe}\u{ffff}\0\ud800]]>"));
  });
});

describe("html", () => {
  const CONTENT = /<(?:p|h[123]|code|b|dt|dd|td|th|pre|summary|title)(?: class="[a-z]+")?>/g;
  const TAGS =
    /^<\/?(?:html|head|meta|title|style|body|h[123]|b|p|section|article|code|pre|dl|dt|dd|br|table|tr|th|td|details|summary|footer)\b/;

  test("is one page that loads nothing and runs nothing", async () => {
    for (const report of REPORTS) {
      const page = await rendered("html", report);
      const [, style = ""] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
      const hash = createHash("sha256").update(style).digest("base64");
      expect(page).toContain(
        `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">`,
      );
      expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
      expect(style).not.toMatch(/url\(|@import|[<>]|expression/);
      const tags = page.replace(style, "").match(/<[^>]*>/g) ?? [];
      expect(tags.length).toBeGreaterThan(20);
      for (const tag of tags.filter((item) => !/^<(?:!doctype html|meta [^<]*)>$/.test(item))) {
        expect(tag).toMatch(TAGS);
        expect(tag).toMatch(/^<\/?[a-z0-9]+(?: (?:class|lang)="[a-z]+")?>$/);
      }
    }
  });

  test("shows every string as text, whatever input says", async () => {
    const plain = await shapeOf("x");
    expect(plain.join("").match(CONTENT)?.length).toBeGreaterThan(10);
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, markup), async (text) => {
        expect(await shapeOf(text)).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  test("tells about the rules that found something, and of no others", async () => {
    const page = await rendered("html", judge(outcome([finding({ locations: [source("1:1-1:2", null)] })])));
    expect(page).toContain("<summary>login-in-build</summary>");
    expect(page).not.toContain("<summary>token-literal</summary>");
  });
});

describe("markdown", () => {
  test("lets no input be a link, a mention, an image, HTML, a table or a heading", async () => {
    const known = outsideOfCode(await rendered("markdown", saying("x")));
    expect(known).toContain("### Errors (1)");
    await fc.assert(
      fc.asyncProperty(fc.oneof(markup, anything), async (text) => {
        const outside = outsideOfCode(await rendered("markdown", saying(text)));
        expect(outside).not.toMatch(/[<>[\]|`@$~&_]|:\/\/|www\./);
        expect(outside.match(/^#.*$/gm)).toEqual(known.match(/^#.*$/gm));
        expect(outside.match(/\*/g)).toEqual(known.match(/\*/g));
      }),
      { numRuns: 200 },
    );
  });

  test("keeps what stands between backticks as code, and shows words as words", async () => {
    const text = await rendered(
      "markdown",
      judge(
        outcome([
          finding({
            message: '`hf auth login --token "$T"` writes HF_TOKEN to ~/.cache/token (see @hub, #1 and <b>).',
            locations: [source("1:1-1:2", null, { path: "a|`b`/Dockerfile" })],
          }),
        ]),
      ),
    );
    expect(text).toMatchInlineSnapshot(`
      "## hullcheck: fail

      fail: 1 error (1 Dockerfile)

      ### Errors (1)

      - **\`login-in-build\`** at \`\`a|\`b\`/Dockerfile:1:1\`\`: \`hf auth login --token "$T"\` writes HF\\_TOKEN to \`~/.cache/token\` (see \`@hub\`, \`#1\` and \\<b\\>).
      "
    `);
  });

  test("counts what does not fit into a summary", async () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      finding({ message: `${i} ${"é".repeat(300)}`, locations: [source("1:1-1:2", null)] }),
    );
    const text = await rendered("markdown", judge(outcome(many)));
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    const shown = text.match(/^- \*\*/gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(1000);
    expect(text).toContain(`\n- ${3000 - shown} more, which do not fit into a summary\n`);
    expect(text).toContain("### Errors (3000)");
  });

  test("shows hostile strings", async () => {
    expect(await rendered("markdown", saying(HOSTILE))).toContain("\\x1b[31m");
  });
});
