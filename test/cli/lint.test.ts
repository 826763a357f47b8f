import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hullcheck } from "../support/cli.ts";
import { FORMATS } from "../../src/report/index.ts";
import { expectReport } from "../support/report-schema.ts";
import { fakeToken } from "../support/tokens.ts";

/** A token in the history: one error. */
const LEAK = "FROM alpine\nRUN echo @@TOKEN:user@@\n";
const CLEAN = "FROM alpine\nRUN echo hello\n";
/** A token in a comment: a warning. */
const WARNING = "FROM alpine\n# @@TOKEN:user@@\nRUN echo hello\n";

/** A way to write that fails with a system error. */
function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`write ${code}`), { code });
  };
}

describe("exit codes", () => {
  test("0: nothing found and everything looked at", async () => {
    const { code, stdout, stderr } = await hullcheck(["lint"], { files: { Dockerfile: CLEAN } });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "pass: no leak found (1 Dockerfile)\n", stderr: "" });
  });

  test("1: an error, also beside a gap", async () => {
    const { code, stdout } = await hullcheck(["lint", "nope", "."], { files: { Dockerfile: LEAK } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail: 1 error, 1 gap \(1 Dockerfile\)$/m);
  });

  test("2: no error, but a gap", async () => {
    const { code, stdout } = await hullcheck(["lint", "nope", "."], { files: { Dockerfile: CLEAN } });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^unknown: 1 gap \(1 Dockerfile\)$/m);
  });

  test.each([
    ["error", 0],
    ["warning", 1],
    ["note", 1],
  ])("--fail-on %s ends a warning with %i", async (level, expected) => {
    const { code } = await hullcheck(["lint", "--fail-on", level], { files: { Dockerfile: WARNING } });
    expect(code).toBe(expected);
  });

  test("--exit-zero ends with 0, keeps the verdict, and says so", async () => {
    const files = { Dockerfile: LEAK };
    const text = await hullcheck(["lint", "--exit-zero"], { files });
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^fail: 1 error, exit code 0 asked for by --exit-zero \(1 Dockerfile\)$/m);
    const json = await hullcheck(["lint", "--exit-zero", "--format", "json", "nope", "."], { files });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      verdict: "fail",
      because: ["1 error", "1 gap", "exit code 0 asked for by --exit-zero"],
    });
  });

  test.each(FORMATS)("no format changes it: %s", async (format) => {
    const codes = await Promise.all(
      [LEAK, CLEAN, ""].map((text) => hullcheck(["lint", "--format", format], { files: { Dockerfile: text } })),
    );
    expect(codes.map(({ code }) => code)).toEqual([1, 0, 2]);
  });

  test("a reader that closes the pipe changes nothing", async () => {
    const { code, stderr } = await hullcheck(["lint"], { files: { Dockerfile: LEAK }, writeStdout: failing("EPIPE") });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });

  test("a full disk is an error", async () => {
    const { code, stderr } = await hullcheck(["lint"], { files: { Dockerfile: LEAK }, writeStdout: failing("ENOSPC") });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "hullcheck: the report could not be written to standard output (ENOSPC); check that it can be written\n",
    });
  });
});

describe("what is linted", () => {
  test("no path is this folder; the same file is linted once, whatever it is called", async () => {
    const { stdout } = await hullcheck(["lint", ".", "Dockerfile", "./a/../Dockerfile", "link", "--format", "json"], {
      files: { Dockerfile: LEAK, "a/api.Dockerfile": CLEAN },
      prepare: (folder) => symlinkSync("Dockerfile", join(folder, "link")),
    });
    const report = JSON.parse(stdout) as { subjects: unknown; findings: unknown[] };
    expectReport(report);
    expect(report.subjects).toEqual([
      { kind: "dockerfile", name: "Dockerfile" },
      { kind: "dockerfile", name: "a/api.Dockerfile" },
    ]);
    expect(report.findings).toHaveLength(1);
  });

  test("paths are shown relative to the working folder, absolute ones below it too", async () => {
    let absolute = "";
    const outcome = await hullcheck(["lint", "--format", "json", "./x//Dockerfile", "y/"], {
      files: { "x/Dockerfile": CLEAN, "y/Dockerfile": CLEAN, "z/Dockerfile": CLEAN },
      prepare: (folder) => {
        absolute = folder;
      },
    });
    expect(outcome.stdout).not.toContain(absolute);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      subjects: [{ name: "x/Dockerfile" }, { name: "y/Dockerfile" }],
    });
  });

  test("standard input, under the name that is given", async () => {
    const plain = await hullcheck(["lint", "-"], { stdin: LEAK });
    expect(plain.code).toBe(1);
    expect(plain.stdout).toMatch(/^error {2}\S+ {2}-:2:/);
    const named = await hullcheck(["lint", "-", "--stdin-filename", "./api/Dockerfile"], { stdin: LEAK });
    expect(named.stdout).toMatch(/^error {2}\S+ {2}api\/Dockerfile:2:/);
    const twice = await hullcheck(["lint", "-", "-"], { stdin: LEAK });
    expect(twice.stdout).toMatch(/^fail: 1 error \(1 Dockerfile\)$/m);
  });

  test("one bad input costs nothing of the others", async () => {
    const { code, stdout, stderr } = await hullcheck(["lint", "nope", ".", "none", "--format", "json"], {
      files: {
        Dockerfile: LEAK,
        "a/Dockerfile": "",
        "b/Dockerfile": "FROM a\0",
        "c/Dockerfile": Buffer.from("FROM caf\xe9", "latin1"),
        "d/Dockerfile": Buffer.alloc(4 * 1024 * 1024 + 1, "#"),
        "e/Dockerfile": CLEAN,
        "none/readme.txt": "",
      },
      prepare: (folder) => symlinkSync("nowhere", join(folder, "f.Dockerfile")),
    });
    const report = JSON.parse(stdout) as { gaps: { at: string; why: string }[]; subjects: { name: string }[] };
    expectReport(report);
    expect(code).toBe(1);
    expect(report.gaps.map(({ at, why }) => `${at} ${why}`)).toEqual([
      "a/Dockerfile empty",
      "b/Dockerfile binary",
      "c/Dockerfile not-utf-8",
      "d/Dockerfile too-large",
      "f.Dockerfile missing",
      "none no-dockerfile",
      "nope missing",
    ]);
    expect(report.subjects.map(({ name }) => name)).toEqual(["Dockerfile", "e/Dockerfile"]);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: a/Dockerfile: the file is empty; a Dockerfile has at least one instruction
      hullcheck: b/Dockerfile: the file is binary; check that it is a Dockerfile
      hullcheck: c/Dockerfile: the text is not UTF-8; save it as UTF-8
      hullcheck: d/Dockerfile: the file is larger than 4 MiB and was not read; check that it is a Dockerfile
      hullcheck: f.Dockerfile: the link leads to nothing; check where it should lead
      hullcheck: none: the folder holds no Dockerfile and nothing that calls a build; name the file if it is called otherwise
      hullcheck: nope: there is no such file or folder; check the path
      "
    `);
  });

  test.each([
    ["no FROM", "RUN echo hello\n"],
    ["an unknown instruction", "FROM alpine\nRUNN echo hello\n"],
    ["nothing but comments", "# FROM alpine\n"],
  ])("%s is a gap, with one line on standard error", async (_, text) => {
    const { code, stderr, stdout } = await hullcheck(["lint"], { files: { Dockerfile: text } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^hullcheck: Dockerfile[^\n]*\n$/);
    expect(stdout).toMatch(/^gap {2}parse-error {2}Dockerfile/);
  });

  test("unknown instructions are one line, and a file that is no Dockerfile is called that", async () => {
    const files = {
      Dockerfile: "FROM alpine\nRUNN a\nONBUILD COPPY a b\n<b\nFOOBAR\n",
      "notes.txt": "Remember:\n- the token\n- nothing else\n",
      "many/Dockerfile": `FROM alpine\n${"# c\n".repeat(7)}ONBUILD X\nRUN true\nONBUILD Y\n`,
    };
    const { code, stderr } = await hullcheck(["lint", "Dockerfile", "notes.txt", "many"], { files });
    expect(code).toBe(2);
    expect(stderr.replaceAll("; Docker would refuse this file, so what it would build is not known", "; …"))
      .toMatchInlineSnapshot(`
      "hullcheck: Dockerfile:2:1: unknown instruction RUNN (did you mean RUN?), and 2 more further on; …: mend it and lint again
      hullcheck: Dockerfile:3:9: unknown instruction COPPY (did you mean COPY?); …: mend it and lint again
      hullcheck: many/Dockerfile:9:9: unknown instruction X; …: mend it and lint again
      hullcheck: many/Dockerfile:11:9: unknown instruction Y; …: mend it and lint again
      hullcheck: notes.txt: no line begins with an instruction of a Dockerfile; check that the file is one (files that call a build are known by their names)
      "
    `);
  });

  test("a template is called that, once, and is no pass", async () => {
    const files = {
      "Dockerfile.j2": "{% extends base %}\n{% block a %}\nARG HF_TOKEN\n{{ super() }}\n{% endblock %}\n",
      "Dockerfile.tmpl": "FROM alpine\n{{- if .Cuda }}\nRUN true\n{{- end }}\n",
    };
    const { code, stderr } = await hullcheck(["lint"], { files });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: Dockerfile.j2:1:1: this is a template, and no Dockerfile before something has filled it in, so what it would build is not known; lint what comes of it
      hullcheck: Dockerfile.tmpl:2:1: this is a template, and no Dockerfile before something has filled it in, so what it would build is not known; lint what comes of it
      "
    `);
  });

  test("on a terminal a gap is said once, in the report", async () => {
    const { stdout, stderr } = await hullcheck(["lint", "nope"], { isTerminal: true, env: { NO_COLOR: "1" } });
    expect(stderr).toBe("");
    expect(stdout).toMatchInlineSnapshot(`
      "gap  missing  nope
        there is no such file or folder; check the path

      unknown: 1 gap (nothing could be read)
      "
    `);
  });

  test("a line of a million characters", async () => {
    const { code, stdout } = await hullcheck(["lint"], {
      files: { Dockerfile: `FROM alpine\nRUN echo ${"x ".repeat(500_000)} @@TOKEN:user@@ ${"y ".repeat(500_000)}\n` },
    });
    expect(code).toBe(1);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThan(1000);
  });
});

describe("options", () => {
  test("--level sets a rule's level, or turns it off; the last one counts", async () => {
    const files = { Dockerfile: LEAK };
    const rule = "token-literal";
    expect((await hullcheck(["lint", "--level", `${rule}=note`], { files })).stdout).toMatch(/^note {2}/);
    const off = await hullcheck(["lint", "--level", `${rule}=error`, "--level", `${rule}=off`], { files });
    expect(off.stdout).toBe("pass: no leak found (1 Dockerfile)\n");
  });

  test("--quiet shows what fails, gaps and the verdict", async () => {
    const files = { "a.Dockerfile": WARNING, "b.Dockerfile": LEAK, "c.Dockerfile": "" };
    const { stdout } = await hullcheck(["lint", "--quiet"], { files });
    expect(stdout.split("\n").filter((line) => /^\S/.test(line))).toEqual([
      expect.stringMatching(/^error {2}\S+ {2}b\.Dockerfile:2:\d+$/),
      "gap  empty  c.Dockerfile",
      "fail: 1 error, 1 warning, 1 gap (2 Dockerfiles)",
    ]);
  });

  test("an ignore comment without effect says why, and which rule may be meant", async () => {
    const comments = ["token-litral: a demo", "token-in-layer: a demo", "token-literal", "token-literal: a demo", ""];
    const text = comments.map((comment) => `# hullcheck-ignore ${comment}\nRUN true\n`);
    const { stdout } = await hullcheck(["lint"], { files: { Dockerfile: `FROM alpine\n${text.join("")}` } });
    expect(stdout.match(/^ {2}(This comment|fix ).*/gm)?.join("\n")).toMatchInlineSnapshot(`
      "  This comment suppresses nothing: no rule of that name looks at this file.
        fix     If token-literal is meant, write that name; else delete the comment.
        This comment suppresses nothing: no rule of that name looks at this file.
        fix     Delete it, or write \`# hullcheck-ignore <rule>: <reason>\` on the line above the instruction.
        This comment suppresses nothing: it gives no reason.
        fix     Delete it, or write \`# hullcheck-ignore <rule>: <reason>\` on the line above the instruction.
        This comment suppresses nothing: nothing that it covers has such a finding.
        fix     Delete it, or write \`# hullcheck-ignore <rule>: <reason>\` on the line above the instruction.
        This comment suppresses nothing: it names no rule.
        fix     Delete it, or write \`# hullcheck-ignore <rule>: <reason>\` on the line above the instruction."
    `);
  });

  test("--no-inline-ignore heeds no comment", async () => {
    const files = { Dockerfile: LEAK.replace("RUN", "# hullcheck-ignore token-literal: a demo\nRUN") };
    const heeded = await hullcheck(["lint"], { files });
    expect(heeded.code).toBe(0);
    expect(heeded.stdout).toMatch(/^suppressed {2}\S+ {2}Dockerfile:3:\d+ {2}by comment: a demo$/m);
    expect(heeded.stdout).toMatch(/^pass: 1 suppressed \(1 Dockerfile\)$/m);
    expect((await hullcheck(["lint", "--no-inline-ignore"], { files })).code).toBe(1);
  });

  test.each([
    [[], { isTerminal: true }, true],
    [[], {}, false],
    [["--color"], {}, true],
    [["--no-color"], { isTerminal: true, env: { FORCE_COLOR: "1" } }, false],
    [[], { env: { FORCE_COLOR: "1" } }, true],
    [[], { isTerminal: true, env: { FORCE_COLOR: "0" } }, false],
    [[], { isTerminal: true, env: { NO_COLOR: "1", FORCE_COLOR: "1" } }, false],
    [[], { isTerminal: true, env: { NO_COLOR: "" } }, true],
    [[], { isTerminal: true, env: { TERM: "dumb" } }, false],
    [["--color"], { env: { NO_COLOR: "1" } }, true],
  ])("colour %#: %j %j is %s", async (flags, world, expected) => {
    const { stdout } = await hullcheck(["lint", ...flags], { files: { Dockerfile: LEAK }, ...world });
    expect(stdout.includes("\u001b[")).toBe(expected);
  });

  test("colours are all that they change", async () => {
    const plain = await hullcheck(["lint"], { files: { Dockerfile: LEAK } });
    const colored = await hullcheck(["lint", "--color"], { files: { Dockerfile: LEAK } });
    expect(colored.stdout.replaceAll(/\u001b\[\d+m/g, "")).toBe(plain.stdout);
  });

  test("several formats at once: one to standard output, the others into files, never coloured", async () => {
    const { code, stdout, stderr, written } = await hullcheck(
      ["lint", "--color", "--format", "sarif=out.sarif", "--format", "text=r.txt", "--format=json=-"],
      { files: { Dockerfile: LEAK } },
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expectReport(JSON.parse(stdout));
    expect(Object.keys(written).sort()).toEqual(["out.sarif", "r.txt"]);
    expect(JSON.parse(written["out.sarif"] ?? "")).toMatchObject({ version: "2.1.0" });
    expect(written["r.txt"]).toMatch(/^error {2}/);
    expect(written["r.txt"]).not.toContain("\u001b");
  });

  test("with files only, standard error says the verdict", async () => {
    const { stdout, stderr } = await hullcheck(["lint", "--format", "json=r.json"], { files: { Dockerfile: LEAK } });
    expect(stdout).toBe("");
    expect(stderr).toBe("hullcheck: fail: 1 error (1 Dockerfile)\n");
  });

  test("a file that cannot be written is an error; the other reports are still written", async () => {
    const { code, stdout, stderr, written } = await hullcheck(
      ["lint", "--format", "json=no/such/folder/r.json", "--format", "text", "--format", "json=r.json"],
      { files: { Dockerfile: CLEAN } },
    );
    expect(code).toBe(2);
    expect(stdout).toBe("pass: no leak found (1 Dockerfile)\n");
    expect(Object.keys(written)).toEqual(["r.json"]);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: the report could not be written to 'no/such/folder/r.json' (ENOENT); make its folder first
      "
    `);
  });
});

test("a login is called as a person would write it", async () => {
  const code = ["from huggingface_hub import HfFolder, login", "login(T)", "HfFolder.save_token(T)"].join("\n");
  const text = `FROM alpine\nRUN hf auth login --token "$T"\nRUN python - <<EOF\n${code}\nEOF\n`;
  const { stdout } = await hullcheck(["lint"], { files: { Dockerfile: text } });
  const names = [...stdout.matchAll(/^ {2}`([^`]*)` writes the token to /gm)].map(([, name]) => name);
  expect(names).toEqual(["hf auth login", "huggingface_hub.login()", "HfFolder.save_token()"]);
});

test("a token that stands in the file is to be revoked first, and is said to be where it then is", async () => {
  const token = "@@TOKEN:user@@";
  const text = `FROM alpine\nARG A=${token}\nENV B=${token}\nCOPY <<E /x\n${token}\nE\nRUN <<E\necho ${token}\nE\nARG HF_TOKEN\n`;
  const { stdout } = await hullcheck(["lint", "--format", "json"], { files: { Dockerfile: text } });
  const { findings } = JSON.parse(stdout) as { findings: { message: string; fix: string }[] };
  expect(findings.map(({ message }) => /: (.*) to everyone/.exec(message)?.[1])).toEqual([
    "the image's history shows its value",
    "the image's config and history show it",
    "the layer shows it",
    "the image's history shows it",
    "the image's history shows its value",
  ]);
  expect(findings.map(({ fix }) => fix.startsWith("Revoke this token"))).toEqual([true, true, true, true, false]);
});

test("the same input gives the same bytes, wherever it lies", async () => {
  const files = { "b/Dockerfile": LEAK, "a/Dockerfile": WARNING };
  for (const format of FORMATS) {
    const runs = await Promise.all(
      [
        ["a", "b"],
        ["b", "a"],
        ["b/Dockerfile", "."],
      ].map((paths) => hullcheck(["lint", "--format", format, ...paths], { files })),
    );
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
  }
});

test("a token in a path, in a missing path and in an output's name is masked", async () => {
  const { stdout, stderr, code } = await hullcheck(
    ["lint", "@@TOKEN:user:2@@", ".", "--format", "json=@@TOKEN:user:3@@/x", "--format", "text"],
    { files: { "@@TOKEN:user@@/Dockerfile": LEAK } },
  );
  expect(code).toBe(2);
  for (const number of [1, 2]) expect(stdout).toContain(`hf_${"*".repeat(30)}${fakeToken("user", number).slice(-4)}`);
  expect(stderr).toContain(`hf_${"*".repeat(30)}${fakeToken("user", 3).slice(-4)}/x' (ENOENT)`);
});

test("a file name cannot speak to the terminal or to the log of a workflow", async () => {
  const name = "a\n::error::pwned\u001b[31m\u202e.Dockerfile";
  const prepare = (folder: string): void => {
    mkdirSync(join(folder, "x"));
    writeFileSync(join(folder, "x", name), "FROM alpine\nRUN hf auth login --token $HF_TOKEN\n");
    writeFileSync(join(folder, "x", `empty ${name}`), "");
  };
  for (const format of FORMATS) {
    const { stdout, stderr } = await hullcheck(["lint", "--format", format, "x", `nope ${name}`], { prepare });
    expect(`${stdout}${stderr}`).not.toMatch(/[\u001b\u202e]/);
    expect(`${stdout}${stderr}`).not.toMatch(/^\s*::error::pwned/m);
  }
});
