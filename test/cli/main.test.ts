import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { run } from "../../src/cli/main.ts";
import { closest } from "../../src/model/did-you-mean.ts";
import { VERSION } from "../../src/model/version.ts";
import { RULES } from "../../src/rules/index.ts";
import { hullcheck } from "../support/cli.ts";

const ids = RULES.map(({ meta }) => meta.id);

test("the version is package.json's", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(VERSION).toBe(version);
  for (const flag of ["--version", "-V"]) {
    expect(await hullcheck([flag])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  }
});

describe("help", () => {
  test.each([["--help"], ["-h"], ["help"]])("%s", async (...argv) => {
    const { code, stdout, stderr } = await hullcheck(argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("../../fixtures/reports/help.txt");
  });

  test.each(["lint", "explain", "rules"])("%s --help, with an example", async (name) => {
    const { code, stdout, stderr } = await hullcheck([name, "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`Examples:\n  hullcheck ${name} `.trimEnd());
    await expect(stdout).toMatchFileSnapshot(`../../fixtures/reports/help-${name}.txt`);
    expect((await hullcheck(["help", name])).stdout).toBe(stdout);
  });
});

describe("a usage error is one line on standard error that says what to do, and ends with 2", () => {
  test.each([
    [[], "no command given; see hullcheck --help"],
    [["lnt"], "unknown command 'lnt' (did you mean lint?); see hullcheck --help"],
    [["Dockerfile"], "unknown command 'Dockerfile'; to look at a Dockerfile or folder: hullcheck lint <path>"],
    [["lint", "--formt", "json"], "unknown option '--formt' (did you mean --format?); see hullcheck lint --help"],
    [["lint", "--format"], "option '--format <format[=file]>' needs a value; see hullcheck lint --help"],
    // What ends with 0 without a verdict has to be asked for alone.
    [["lint", ".", "--version"], "unknown option '--version' (did you mean --verify?); see hullcheck lint --help"],
    [["inspect", "app.tar", "-V"], "unknown option '-V'; see hullcheck inspect --help"],
    [["help", "lnt"], "unknown command 'lnt' (did you mean lint?); see hullcheck --help"],
    [["--fail-on", "note", "lint"], "unknown option '--fail-on'; options stand behind lint"],
    [
      ["inspect", "--write-baseline", "app.tar"],
      "missing required argument 'images'; write --write-baseline=FILE, or what is looked at before it",
    ],
    [["lint", "--config", ""], "the value of --config is empty; check the variable it comes from"],
    [["lint", "--baseline", ""], "the value of --baseline is empty; check the variable it comes from"],
    [["lint", "--write-baseline", ""], "the value of --write-baseline is empty; check the variable it comes from"],
    [["lint", "--context", ""], "the value of --context is empty; check the variable it comes from"],
    [["lint", "--target", ""], "the value of --target is empty; check the variable it comes from"],
    [["lint", "-", "--stdin-filename="], "the value of --stdin-filename is empty; check the variable it comes from"],
    [["inspect", "app.tar", "--image", ""], "the value of --image is empty; check the variable it comes from"],
    [
      ["inspect", "app.tar", "--depth", "1000"],
      "--depth '1000' is not a whole number from 0 to 999; write for example --depth 4",
    ],
    [["lint", "--format", "jsn"], "unknown format 'jsn'; did you mean json?"],
    [
      ["lint", "--format", "xml"],
      "unknown format 'xml'; known are text, json, sarif, github, gitlab, junit, markdown, html",
    ],
    [["lint", "--format", "juint"], "unknown format 'juint'; did you mean junit?"],
    [["lint", "--format", "json="], "no file after 'json='; write json=FILE"],
    [
      ["lint", "--format", "json", "--format", "text"],
      "two formats for standard output; give all but one a file, as in --format sarif=out.sarif",
    ],
    [["lint", "--format", "json=a", "--format", "sarif=a"], "two formats for 'a'; give each a file of its own"],
    [["lint", "--format", "json=a", "--format", "sarif=./b/../a"], "two formats for 'a'; give each a file of its own"],
    [["lint", "--fail-on", "eror"], "unknown level 'eror' for --fail-on; did you mean error?"],
    [["lint", "--level", "token-literl=off"], "unknown rule 'token-literl'; did you mean token-literal?"],
    [["lint", "--level", "token-literal=of"], "unknown level 'of' for rule token-literal; did you mean off?"],
    [
      ["lint", "--level", "token-literal"],
      "--level 'token-literal' is not of the form rule=level; write for example --level login-at-start=off",
    ],
    [["lint", "--stdin-filename", "x"], "--stdin-filename without `-`; name standard input as `-`"],
    [["explain"], "missing required argument 'rule'; see hullcheck explain --help"],
    [["explain", "login-in-bild"], "unknown rule 'login-in-bild'; did you mean login-in-build?"],
    [["explain", "--json", "x"], "unknown option '--json'; see hullcheck explain --help"],
    [["rules", "--format", "jason"], "unknown format 'jason'; did you mean json?"],
    [["lint", "--formt=@@TOKEN:user@@"], expect.stringMatching(/^unknown option '--formt=hf_\*{30}\w{4}'/)],
  ])("%j", async (argv, message) => {
    const { code, stdout, stderr } = await hullcheck(argv, { files: { Dockerfile: "FROM a\n" } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^hullcheck: [^\n]+\n$/);
    expect(stderr.slice("hullcheck: ".length, -1)).toEqual(message);
  });
});

test("an error of our own shows neither its message nor a stack", async () => {
  const said: string[] = [];
  const code = await run(["lint"], {
    stdin: async function* () {},
    stdout: { isTerminal: false, write: () => {} },
    stderr: { isTerminal: false, write: (text) => void said.push(text) },
    env: {},
    today: () => "2026-11-24",
    cwd: () => {
      throw new TypeError("with user data");
    },
  });
  expect({ code, said }).toEqual({
    code: 2,
    said: ["hullcheck: internal error (TypeError); please report it with the command you ran\n"],
  });
});

/** A standard output that cannot be written. */
function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(code), { code });
  };
}

describe.each([["--version"], ["--help"], ["lint", "--help"], ["rules"], ["explain", "login-in-build"]])(
  "what is printed: %s %s",
  (...argv) => {
    test("a full disk is said, and ends with 2", async () => {
      expect(await hullcheck(argv, { writeStdout: failing("ENOSPC") })).toMatchObject({
        code: 2,
        stderr:
          "hullcheck: the output could not be written to standard output (ENOSPC); check that it can be written\n",
      });
    });

    test("a reader that has seen enough is no error", async () => {
      expect(await hullcheck(argv, { writeStdout: failing("EPIPE") })).toMatchObject({ code: 0, stderr: "" });
    });
  },
);

describe("rules and explain", () => {
  test("rules lists every rule with its level", async () => {
    const { code, stdout } = await hullcheck(["rules"]);
    expect(code).toBe(0);
    for (const { meta } of RULES) expect(stdout).toMatch(new RegExp(`^  ${meta.id} +${meta.level} +\\S`, "m"));
  });

  test("rules --format json gives the metadata, with what a reader sees in place of tokens", async () => {
    const { stdout } = await hullcheck(["rules", "--format", "json"]);
    expect(stdout).toContain("ENV HF_TOKEN=hf_…");
    const metas = JSON.stringify(RULES.map(({ meta }) => meta));
    expect(JSON.parse(stdout)).toEqual(JSON.parse(metas.replaceAll("@@TOKEN:user@@", "hf_…")));
  });

  test.each(ids)("explain %s", async (id) => {
    const meta = RULES.find((rule) => rule.meta.id === id)?.meta;
    const text = await hullcheck(["explain", id]);
    expect(text.code).toBe(0);
    expect(text.stdout).toContain(meta?.summary);
    for (const title of ["Why", "How to fix it"]) expect(text.stdout).toMatch(new RegExp(`^${title}$`, "m"));
    expect(text.stdout).not.toMatch(/@@|```/);
    expect((await hullcheck(["explain", id, "--markdown"])).stdout).toMatch(new RegExp(`^# ${id}\n`));
  });
});

test("did you mean: swaps, gaps, beginnings; nothing for what is far", () => {
  const names = ["lint", "explain", "rules", "inspect"];
  expect(
    ["lnit", "lin", "exp", "ruels", "INSPECT", "x", "completely-different"].map((name) => closest(name, names)),
  ).toEqual(["lint", "lint", "explain", "rules", "inspect", null, null]);
});
