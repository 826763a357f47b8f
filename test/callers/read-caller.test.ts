import { array, assert, constantFrom, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { KINDS, type CallerFormat } from "../../src/callers/kind.ts";
import { readCaller } from "../../src/callers/read-caller.ts";
import { lintCaller } from "../../src/lint-caller.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { callerFixtures } from "../support/caller-fixtures.ts";
import { fakeToken } from "../support/tokens.ts";

const FORMATS = Object.keys(KINDS) as CallerFormat[];
const TOKEN = fakeToken("user", 7);

function passesOf(format: CallerFormat, text: string) {
  return readCaller("file", text, format, new Secrets()).facts.passes;
}

function repeat(text: string, count: number): string {
  return text.repeat(count);
}

function manyWords(count: number): string {
  return Array.from({ length: count }, (_, i) => `w${i}`).join(" ");
}

function manyItems(count: number): string {
  return Array.from({ length: count }, (_, i) => `i${i}`).join(", ");
}

test.each([
  ["bake-hcl", 'x = [\ntarget "a" {\n  args = { HF_TOKEN = HF_TOKEN }\n}\n', "an expression cannot be read"],
  ["bake-json", '{"target": ', "it is no valid JSON (missing char)"],
  ["compose", "services: [a\n", "it is no valid YAML (bad indent)"],
  ["compose", "{{ if x }}\nservices: [", "it is no valid YAML (unexpected token)"],
] as const)("%s that is cut off is a gap", (format, text, why) => {
  expect(FORMATS).toContain(format);
  const { gaps } = lintCaller("file", text, { format });
  expect(gaps.map(({ detail }) => detail.slice(0, why.length))).toEqual([why]);
});

describe("whatever stands in the file", () => {
  const pieces = [
    ...Array.from("{}[]()\"'`$#:=,-\\&*|><!%@\n\t "),
    "${{ secrets.HF_TOKEN }}",
    "$(HF_TOKEN)",
    "--build-arg HF_TOKEN",
    "docker build ",
    " -f $DF .\n",
    "DF=a.in\n",
    "${DF:-a}",
    "f() { ",
    "; }\nf a\n",
    " - <<EOF\nFROM a\nARG HF_TOKEN\nEOF\n",
    "jobs: {a: {strategy: {matrix: {f: [a, b]}}, steps: [{run: 'docker build -f ${{ matrix.f }}",
    "$(dirname $0)/..",
    "services:\n  a:\n    build:\n      args:\n        ",
    "HF_TOKEN",
    "<<EOF\n",
    "<<: *a\n",
    "&a ",
    "\n\t",
    'target "a" { args = {',
    "\u{feff}",
    "\r\n",
    "\u{1f600}",
    ` ${TOKEN} `,
  ];
  const soup = array(constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));

  test("no reader throws, places lie in the file, and no token is in the outcome", () => {
    assert(
      property(soup, constantFrom(...FORMATS), (text, format) => {
        const outcome = lintCaller("file", text, { format });
        expect(JSON.stringify(outcome).includes(TOKEN)).toBe(false);
        for (const { span } of passesOf(format, text)) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeLessThanOrEqual(text.length);
          expect(span.start).toBeLessThan(span.end);
        }
        const isFound = outcome.findings.length > 0 || !text.includes(` ${TOKEN} `);
        expect(isFound, "a token goes unseen").toBe(true);
      }),
      { numRuns: 800 },
    );
  });

  test("a mutated fixture is read without an error, and shows no token", () => {
    const fixtures = callerFixtures().filter(({ text }) => text.length > 0);
    assert(
      property(
        constantFrom(...fixtures),
        nat(),
        nat({ max: 12 }),
        soup,
        ({ path, text, tokens }, seed, gone, added) => {
          const at = seed % text.length;
          const mutated = `${text.slice(0, at)} ${added} ${text.slice(at + gone)}`;
          const shown = JSON.stringify(lintCaller(path, mutated));
          for (const token of [...tokens, TOKEN]) expect(shown.includes(token)).toBe(false);
        },
      ),
      { numRuns: 800 },
    );
  });

  test("a token in the file is found in every format, however broken the file is", () => {
    for (const format of FORMATS) {
      const { findings } = lintCaller("file", `{[ "\n# ${TOKEN}\n`, { format });
      expect(
        findings.map(({ rule, level }) => `${rule} ${level}`),
        format,
      ).toEqual(["token-literal warning"]);
    }
  });
});

describe("hostile input is bounded", () => {
  const cases: readonly (readonly [string, CallerFormat, string])[] = [
    ["half a megabyte of open brackets", "compose", repeat("[", 500_000)],
    [
      "a merge of a merge of a merge",
      "compose",
      `a0: &a0 {x: 1}\n${Array.from({ length: 300 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, k${i}: 1}\n`).join("")}`,
    ],
    ["an alias in itself", "compose", "services: &a\n  x: *a\n"],
    [
      "services that share many arguments",
      "compose",
      `x: &a {${Array.from({ length: 3000 }, (_, i) => `A${i}: b`).join(", ")}}\nservices:\n${Array.from({ length: 3000 }, (_, i) => `  s${i}: {build: {args: *a}}\n`).join("")}`,
    ],
    ["many open expressions", "shell", repeat("echo ${{ ", 50_000)],
    ["many builds on a line", "makefile", `a:\n\t${repeat("docker build -f ", 25_000)}`],
    ["many build arguments on a line", "makefile", `A = ${repeat("--build-arg HF_TOKEN ", 20_000)}`],
    ["open make references", "makefile", `a:\n\t${repeat("$(", 200_000)} --build-arg X`],
    ["an open template", "bake-hcl", `target "a" { args = { A = "${repeat("${", 100_000)}`],
    ["deep blocks", "bake-hcl", repeat("a {", 100_000)],
    ["open comments", "bake-hcl", repeat("/*", 200_000)],
    ["a megabyte and more", "ci", repeat("# x\n", 300_000)],
    [
      "builds by variables with many values",
      "shell",
      `for A in ${manyWords(60)}; do for B in ${manyWords(60)}; do\n${repeat("docker build -f $A $B\n", 20_000)}done; done\n`,
    ],
    [
      "a matrix of many jobs with many builds",
      "github",
      `jobs:\n  b:\n    strategy: {matrix: {a: [${manyItems(16)}], b: [${manyItems(16)}]}}\n    steps:\n      - run: |\n${repeat("          docker build -f ${{ matrix.a }}/${{ matrix.b }} .\n", 6000)}`,
    ],
    [
      "a matrix of more jobs than there are",
      "github",
      `jobs: {b: {strategy: {matrix: {${Array.from({ length: 200 }, (_, i) => `a${i}: [${manyItems(20)}]`).join(", ")}}}, steps: [{run: 'docker build -f "${Array.from({ length: 200 }, (_, i) => `\${{ matrix.a${i} }}`).join("")}" .'}]}}`,
    ],
    [
      "jobs that share a long script",
      "ci",
      `.b: &b\n  script: |\n${repeat("    docker build -f $A/$B .\n", 5000)}${Array.from({ length: 3000 }, (_, i) => `j${i}: {<<: *b, variables: {A: a${i}, B: b}}\n`).join("")}`,
    ],
    [
      "jobs that extend all before them",
      "ci",
      `j0: {script: 'docker build -f $A .'}\n${Array.from({ length: 2000 }, (_, i) => `j${i + 1}: {extends: [j${i}, j${i >> 1}], variables: {A: a$A}}\n`).join("")}`,
    ],
    [
      "variables of variables of make",
      "makefile",
      `${Array.from({ length: 20_000 }, (_, i) => `A${i} = $(A${i + 1})$(A${i + 1})\n`).join("")}b:\n\tdocker build -f $(A0) .\n`,
    ],
    [
      "variables of variables of bake",
      "bake-hcl",
      `${Array.from({ length: 10_000 }, (_, i) => `A${i} = "\${A${i + 1}}\${A${i + 1}}"\n`).join("")}target "a" {\n  dockerfile = A0\n}\n`,
    ],
    [
      "functions that call one another",
      "shell",
      `${Array.from({ length: 8000 }, (_, i) => `f${i}() { f${i + 1} "$1$1" "$2"; docker build -f $1 $2; }\n`).join("")}f0 a b\n`,
    ],
    ["an array of many words", "shell", `A=(${manyWords(60_000)})\ndocker build -f "$A" .\n`],
  ];
  test.each(cases)(
    "%s",
    (_, format, text) => {
      const outcome = lintCaller("file", text, { format });
      expect(outcome.subjects).toHaveLength(1);
    },
    10_000,
  );

  const isReadWhole =
    /merge|line$|expressions|references|than there are|extend all|of make|of bake|one another|many words/;
  test.each(cases.filter(([name]) => !isReadWhole.test(name)))(
    "%s is a gap",
    (_, format, text) => {
      expect(lintCaller("file", text, { format }).gaps).not.toEqual([]);
    },
    10_000,
  );
});

describe("what a pass says of its build", () => {
  test("compose: context, Dockerfile and target, also from a base service", () => {
    const text =
      "services:\n  base:\n    build: {context: ./api, dockerfile: Dockerfile.gpu, args: [HF_TOKEN]}\n  api:\n    extends: base\n    build: {target: final}\n";
    expect(passesOf("compose", text).map(({ build }) => build)).toEqual([
      { context: "./api", dockerfile: "Dockerfile.gpu", target: null, folder: "", provenanceMax: false, part: null },
      { context: "./api", dockerfile: "Dockerfile.gpu", target: "final", folder: "", provenanceMax: false, part: null },
    ]);
  });

  test("every named Dockerfile is listed, once for each context, with arguments or without", () => {
    const text =
      "services:\n  a: {build: {dockerfile: weird}}\n  b: {build: {dockerfile: weird, args: [A]}}\n  c: {build: {context: ./x, dockerfile: weird}}\n  d: {build: .}\n  e: {image: a}\n";
    expect(readCaller("file", text, "compose", new Secrets()).facts.builds).toEqual([
      { dockerfile: "weird", context: null, folder: "", part: "a", isBeside: false },
      { dockerfile: "weird", context: null, folder: "", part: "b", isBeside: false },
      { dockerfile: "weird", context: "./x", folder: "", part: null, isBeside: false },
    ]);
    const script = "cd app\npodman build -f a.in -f b.in ./ctx\nmake -f c.in build\n";
    expect(readCaller("file", script, "shell", new Secrets()).facts.builds).toEqual([
      { dockerfile: "a.in", context: "./ctx", folder: "", part: null, isBeside: false },
      { dockerfile: "b.in", context: "./ctx", folder: "", part: null, isBeside: false },
      { dockerfile: "a.in", context: "./ctx", folder: "app", part: null, isBeside: false },
      { dockerfile: "b.in", context: "./ctx", folder: "app", part: null, isBeside: false },
    ]);
  });

  test("a path that is computed is not known", () => {
    const text =
      "services:\n  a:\n    build: {context: '${DIR}', args: [HF_TOKEN]}\n  b:\n    build: {dockerfile_inline: FROM x, args: [HF_TOKEN]}\n";
    expect(passesOf("compose", text).map(({ build }) => build.context)).toEqual([null, null]);
  });

  test("a command line: -f, --target, the context behind the options", () => {
    const [pass] = passesOf(
      "shell",
      "cd x && docker build -t app:1 --target final --build-arg HF_TOKEN --file=docker/Dockerfile --provenance mode=max,sbom=1 ./ctx\n",
    );
    expect(pass?.build).toEqual({
      context: "./ctx",
      dockerfile: "docker/Dockerfile",
      target: "final",
      folder: "",
      provenanceMax: true,
      part: null,
    });
  });

  test("a workflow: inputs of the action, the folder of a run step", () => {
    const text = `jobs:\n  b:\n    defaults: {run: {working-directory: app}}\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: ./api, file: docker/Dockerfile, build-args: HF_TOKEN=x1234567y}\n      - run: docker build --build-arg HF_TOKEN .\n`;
    expect(passesOf("github", text).map(({ build }) => [build.dockerfile, build.context, build.folder])).toEqual([
      ["docker/Dockerfile", "./api", ""],
      [null, ".", "app"],
    ]);
  });

  test("the value is kept as written, with every token in it masked", () => {
    const passes = passesOf(
      "shell",
      `docker build --build-arg A=x-${TOKEN} --build-arg HF_TOKEN=3fd9c0aa71be44d8 --build-arg B=plain .\n`,
    );
    const [literal, opaque, plain] = passes.map(({ valueText }) => valueText ?? "");
    expect(literal).toMatch(/^x-hf_\*+.{4}$/);
    expect(opaque).toBe("*".repeat(16));
    expect(plain).toBe("plain");
  });
});
