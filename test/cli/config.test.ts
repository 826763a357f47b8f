/** The config on the command line: which file counts, what it does in lint and inspect, and what `hullcheck config` says. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { acceptWithoutEffect } from "../../src/rules/accept-without-effect.ts";
import { FORMATS } from "../../src/report/index.ts";
import { hullcheck, type CliOptions, type CliRun } from "../support/cli.ts";
import { docker25, tar } from "../support/images.ts";
import { expectReport } from "../support/report-schema.ts";
import { fakeToken } from "../support/tokens.ts";

/** An error (the argument) and a note (the login at start). */
const LEAK = 'FROM alpine\nARG HF_TOKEN\nCMD ["sh", "-c", "hf auth login --token $HF_TOKEN"]\n';
const CLEAN = "FROM alpine\nRUN echo hello\n";
const OFF = "levels: { token-in-build-argument: off }\n";

interface Shown {
  readonly verdict: string;
  readonly because: readonly string[];
  readonly findings: readonly {
    readonly rule: string;
    readonly level: string;
    readonly suppressed: { readonly by: string; readonly reason: string } | null;
    readonly locations: readonly { readonly in: string; readonly path: string; readonly region: unknown }[];
    readonly message: string;
    readonly fingerprint: string;
  }[];
  readonly gaps: readonly { readonly at: string; readonly why: string }[];
}

async function report(argv: readonly string[], options: CliOptions): Promise<CliRun & { readonly report: Shown }> {
  const result = await hullcheck([...argv, "--format", "json"], options);
  const parsed = JSON.parse(result.stdout) as Shown;
  expectReport(parsed);
  return { ...result, report: parsed };
}

const verdictOf = async (
  argv: readonly string[],
  files: Record<string, string>,
  isRepository = true,
): Promise<string> => {
  const { report: shown } = await report(argv, {
    files,
    prepare: (folder) => isRepository && mkdirSync(join(folder, ".git")),
  });
  return shown.verdict;
};

const withEntry = (entry: string): CliOptions => ({
  files: {
    Dockerfile: LEAK,
    "b/Dockerfile": LEAK,
    ".hullcheck.yaml": `accept:\n  - ${entry}\n    reason: agreed in May\n`,
  },
});
const suppressedIn = (shown: Shown): string[] =>
  shown.findings
    .filter(({ suppressed }) => suppressed !== null)
    .map(({ rule, locations: [place] }) => `${rule} ${place?.path ?? ""}`);

describe("which config counts", () => {
  test("the nearest one upwards from the first path", async () => {
    const files = { ".hullcheck.yaml": OFF, "a/b/Dockerfile": LEAK };
    expect(await verdictOf(["lint", "a/b/Dockerfile"], files)).toBe("pass");
    expect(await verdictOf(["lint", "a"], files)).toBe("pass");
    expect(await verdictOf(["lint", "a", "."], { ...files, "a/.hullcheck.yaml": "failOn: error\n" })).toBe("fail");
    expect(await verdictOf(["lint", ".", "a"], { ...files, "a/.hullcheck.yaml": "failOn: error\n" })).toBe("pass");
  });

  test("not beyond the root of the repository, be that a folder or a file", async () => {
    const files = { ".hullcheck.yaml": OFF, "a/Dockerfile": LEAK };
    expect(await verdictOf(["lint", "a"], { ...files, "a/.git": "gitdir: elsewhere\n" })).toBe("fail");
    expect(await verdictOf(["lint", "a"], files, false)).toBe("pass");
  });

  test("without a repository not above the working folder, nor above a path elsewhere", async () => {
    const outside = mkdtempSync(join(tmpdir(), "hullcheck-outside-"));
    try {
      writeFileSync(join(outside, ".hullcheck.yaml"), OFF);
      mkdirSync(join(outside, "a"));
      writeFileSync(join(outside, "a/Dockerfile"), LEAK);
      expect(await verdictOf(["lint", join(outside, "a")], {}, false)).toBe("fail");
      expect(await verdictOf(["lint", outside], {}, false)).toBe("pass");
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test("standard input: from the working folder", async () => {
    const options = { files: { ".hullcheck.yaml": OFF }, stdin: LEAK };
    expect((await report(["lint", "-"], options)).report.verdict).toBe("pass");
  });

  test("--config rules out what is found, --no-config every one", async () => {
    const files = { ".hullcheck.yaml": OFF, "ci/strict.yaml": "failOn: note\n", Dockerfile: LEAK };
    expect(await verdictOf(["lint", "--config", "ci/strict.yaml"], files)).toBe("fail");
    expect(await verdictOf(["lint", "--no-config"], files)).toBe("fail");
    const broken = { ...files, ".hullcheck.yaml": "verify: true\n" };
    expect(await verdictOf(["lint", "--config=ci/strict.yaml"], broken)).toBe("fail");
    expect(await verdictOf(["lint", "--no-config"], broken)).toBe("fail");
  });

  test("paths start from the folder of a config that is found, from the working folder with --config", async () => {
    const rule = "accept: [{ rule: token-in-build-argument, path: Dockerfile, reason: r }]\n";
    expect(await verdictOf(["lint", "a"], { "a/.hullcheck.yaml": rule, "a/Dockerfile": LEAK })).toBe("pass");
    const files = { "ci/x.yaml": rule, "ci/Dockerfile": LEAK, Dockerfile: CLEAN };
    expect(await verdictOf(["lint", "--config", "ci/x.yaml", "."], files)).toBe("fail");
  });
});

describe("a config that is not understood is one line, ends with 2, and nothing passes", () => {
  test.each<[string, CliOptions, readonly string[], string]>([
    [
      "unknown key",
      { files: { ".hullcheck.yaml": "\nfailon: note\n" } },
      [],
      ".hullcheck.yaml:2:1: unknown key 'failon'; did you mean failOn?",
    ],
    [
      "below a folder",
      { files: { "a/.hullcheck.yaml": "x: 1\n", "a/Dockerfile": CLEAN } },
      ["a"],
      "a/.hullcheck.yaml:1:1: unknown key 'x'; known are failOn, levels, tokenVariables, ignorePaths, accept, acceptedGaps, limits, images",
    ],
    [
      "another name",
      { files: { ".hullcheck.yml": "failOn: note\n" } },
      [],
      ".hullcheck.yml is not read; call the config .hullcheck.yaml",
    ],
    ["not there", {}, ["--config", "nope.yaml"], "there is no file nope.yaml; check the path"],
    ["empty name", {}, ["--config", ""], "the value of --config is empty; check the variable it comes from"],
    [
      "a folder",
      { files: { "x/y": "" } },
      ["--config", "x"],
      "x cannot be read: it is a folder, not a file; check the path",
    ],
    [
      "UTF-16",
      { files: { ".hullcheck.yaml": Buffer.from("\ufefffailOn: note", "utf16le") } },
      [],
      ".hullcheck.yaml cannot be read: it is not UTF-8; save it as UTF-8",
    ],
    [
      "Latin-1",
      { files: { ".hullcheck.yaml": Buffer.from("# caf\xe9", "latin1") } },
      [],
      ".hullcheck.yaml cannot be read: it is not UTF-8; save it as UTF-8",
    ],
    [
      "binary",
      { files: { ".hullcheck.yaml": "a\0" } },
      [],
      ".hullcheck.yaml cannot be read: it is binary; check that it is the right file",
    ],
    [
      "huge",
      { files: { ".hullcheck.yaml": Buffer.alloc(5 * 1024 * 1024, "#") } },
      [],
      ".hullcheck.yaml cannot be read: it is larger than 4 MiB; check that it is the right file",
    ],
    [
      "a link to itself",
      { prepare: (folder) => symlinkSync(".hullcheck.yaml", join(folder, ".hullcheck.yaml")) },
      [],
      ".hullcheck.yaml cannot be read: the link leads to itself; name the file that it should lead to",
    ],
    [
      "a device",
      { prepare: (folder) => symlinkSync("/dev/zero", join(folder, ".hullcheck.yaml")) },
      [],
      ".hullcheck.yaml cannot be read: it is not a regular file",
    ],
    [
      "a dead link",
      { prepare: (folder) => symlinkSync("gone", join(folder, ".hullcheck.yaml")) },
      [],
      "there is no file .hullcheck.yaml; check the path",
    ],
    [
      "a raw token",
      { files: { ".hullcheck.yaml": "accept: [{ token: @@TOKEN:user@@, reason: r }]" } },
      [],
      ".hullcheck.yaml:1:19: accept[0].token has to be the SHA-256 of the token, 64 hex digits, and never the token itself",
    ],
    [
      "a token for a key",
      { files: { ".hullcheck.yaml": "@@TOKEN:user@@: 1" } },
      [],
      expect.stringMatching(/unknown key 'hf_\*+\w{4}'/) as string,
    ],
    [
      "a terminal escape",
      { files: { ".hullcheck.yaml": 'failOn: "\\e[31m\\n::error::x"\n' } },
      [],
      expect.stringMatching(/^\.hullcheck\.yaml:1:9: unknown value '[^\n]*' for failOn;/) as string,
    ],
  ])("%s", async (_, options, argv, message) => {
    for (const command of ["lint", "config"]) {
      const files = { Dockerfile: CLEAN, ...options.files };
      const { code, stdout, stderr } = await hullcheck([command, ...argv], { ...options, files });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^hullcheck: [^\n\u001b]+\n$/);
      expect(stderr.slice("hullcheck: ".length, -1)).toEqual(message);
    }
  });

  test("a byte order mark, Windows line ends and an empty file are fine", async () => {
    for (const text of ["\ufefffailOn: note\r\nlevels:\r\n  token-in-build-argument: off\r\n", "", "# nothing\n"]) {
      const { code } = await hullcheck(["lint"], { files: { ".hullcheck.yaml": text, Dockerfile: CLEAN } });
      expect(code).toBe(0);
    }
  });
});

describe("what a config does", () => {
  test("failOn and levels; the command line wins, rule by rule", async () => {
    const files = {
      Dockerfile: LEAK,
      ".hullcheck.yaml": "failOn: note\nlevels:\n  token-in-build-argument: off\n  login-at-start: off\n",
    };
    const plain = await report(["lint"], { files });
    expect(plain.report).toMatchObject({ verdict: "pass", because: ["2 rules off by .hullcheck.yaml"], findings: [] });
    const raised = await report(["lint", "--level", "login-at-start=warning"], { files });
    expect(raised.report).toMatchObject({ verdict: "fail", because: ["1 warning", "1 rule off by .hullcheck.yaml"] });
    const lenient = await report(["lint", "--level", "login-at-start=warning", "--fail-on", "error"], { files });
    expect(lenient.report.verdict).toBe("pass");
  });

  test("ignorePaths: what is left out is counted; a named file is read; nothing left is no pass", async () => {
    const files = {
      Dockerfile: CLEAN,
      "demo/Dockerfile": LEAK,
      "x.demo.Dockerfile": LEAK,
      ".hullcheck.yaml": 'ignorePaths: [demo, "*.demo.*"]\n',
    };
    const ignored = await report(["lint"], { files });
    expect(ignored).toMatchObject({ code: 0, report: { because: ["2 files ignored by .hullcheck.yaml"] } });
    expect((await hullcheck(["lint"], { files })).stdout).toBe(
      "pass: no leak found, 2 files ignored by .hullcheck.yaml (1 Dockerfile)\n",
    );
    expect((await report(["lint", "demo/Dockerfile"], { files })).code).toBe(1);
    const nothing = await report(["lint", "demo"], { files });
    expect(nothing).toMatchObject({ code: 2, report: { gaps: [{ at: "demo", why: "no-dockerfile" }] } });
    const all = await report(["lint"], { files: { ...files, ".hullcheck.yaml": 'ignorePaths: ["**"]\n' } });
    expect(all).toMatchObject({ code: 2, report: { verdict: "unknown", findings: [] } });
  });

  test("an ignored file that COPY takes is searched all the same", async () => {
    const files = {
      Dockerfile: "FROM a\nCOPY . .\n",
      ".env": "X=@@TOKEN:user@@\n",
      ".hullcheck.yaml": 'ignorePaths: [".env"]\n',
    };
    expect((await report(["lint"], { files })).report.findings).toMatchObject([{ rule: "token-in-build-context" }]);
  });

  test("tokenVariables: in Dockerfiles, and in the files that call a build", async () => {
    const files = {
      Dockerfile: "FROM alpine\nARG RANKER_KEY\nENV HUB=$RANKER_KEY\n",
      "compose.yaml":
        "services:\n  a:\n    build:\n      context: .\n      args:\n        RANKER_KEY: ${RANKER_KEY}\n        OTHER: ${RANKER_KEY}\n",
      "build.sh": 'X=$RANKER_KEY\ndocker build --build-arg "Y=$X" .\n',
      Makefile: "V = $(RANKER_KEY)\nall:\n\tdocker build --build-arg Y=$(V) .\n",
      ".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: docker build --build-arg Y=$RANKER_KEY .\n",
      ".gitlab-ci.yml": "a:\n  script:\n    - docker build --build-arg Y=$RANKER_KEY .\n",
      "docker-bake.json": '{"target": {"a": {"args": {"Y": "${RANKER_KEY}"}}}}',
      "docker-bake.hcl": 'variable "RANKER_KEY" {}\ntarget "a" {\n  args = { Y = RANKER_KEY }\n}\n',
      "package.json": '{"scripts": {"b": "docker build --build-arg RANKER_KEY=$RANKER_KEY ."}}',
    };
    expect((await report(["lint"], { files })).report.findings).toEqual([]);
    const named = await report(["lint"], { files: { ...files, ".hullcheck.yaml": "tokenVariables: [RANKER_KEY]\n" } });
    expect(
      new Set(named.report.findings.map(({ rule, locations: [place] }) => `${rule} ${place?.path ?? ""}`)),
    ).toEqual(
      new Set([
        "token-in-build-argument Dockerfile",
        "token-in-environment Dockerfile",
        ...[
          "compose.yaml",
          "build.sh",
          "Makefile",
          ".github/workflows/ci.yml",
          ".gitlab-ci.yml",
          "docker-bake.json",
          "docker-bake.hcl",
          "package.json",
        ].map((path) => `token-passed-as-build-argument ${path}`),
      ]),
    );
  });

  test("tokenVariables: in what a RUN is given and does", async () => {
    const files = {
      "a.Dockerfile": "FROM alpine\nARG X\nRUN RANKER_KEY=$X python fetch.py\n",
      "b.Dockerfile": "FROM alpine\nRUN --mount=type=secret,id=RANKER_KEY,env=RANKER_KEY echo $RANKER_KEY > /app/key\n",
      "c.Dockerfile":
        "FROM alpine\nRUN --mount=type=secret,id=x,env=X export RANKER_KEY=$X && echo $RANKER_KEY > /app/key\n",
      "d.Dockerfile": "FROM alpine\nRUN --mount=type=secret,id=RANKER_KEY mkdir /app\n",
    };
    expect((await report(["lint"], { files })).report.findings).toEqual([]);
    const named = await report(["lint"], { files: { ...files, ".hullcheck.yaml": "tokenVariables: [RANKER_KEY]\n" } });
    expect(named.report.findings.map(({ rule, locations: [place] }) => `${place?.path ?? ""} ${rule}`)).toEqual([
      "a.Dockerfile token-in-build-argument",
      "b.Dockerfile token-written-to-file",
      "c.Dockerfile token-written-to-file",
      "d.Dockerfile secret-mount-without-effect",
    ]);
  });

  test("acceptedGaps: listed and counted, and no longer in the way", async () => {
    const files = { Dockerfile: CLEAN, "a/Dockerfile": "", ".hullcheck.yaml": "acceptedGaps: [empty]\n" };
    const { code, report: shown } = await report(["lint"], { files });
    expect({ code, because: shown.because }).toEqual({ code: 0, because: ["1 accepted gap"] });
    expect(shown.gaps).toMatchObject([{ at: "a/Dockerfile", why: "empty" }]);
  });

  test("limits: the option of the same name wins", async () => {
    const files = { ".hullcheck.yaml": "limits: { maxHits: 5, maxNesting: 6 }\n" };
    const { stdout } = await hullcheck(["config", "--max-hits", "7", "--format", "json"], { files });
    const { values } = JSON.parse(stdout) as { values: { name: string; value: unknown; origin: { from: string } }[] };
    const limits = values.filter(({ name }) => /maxHits|maxNesting|maxDepth/.test(name));
    expect(limits.map(({ name, value, origin }) => `${name} ${String(value)} ${origin.from}`)).toEqual([
      "limits.maxNesting 6 file",
      "limits.maxDepth 8 default",
      "limits.maxHits 7 command line",
    ]);
  });
});

describe("accept", () => {
  test("by rule and path: that file's, with the reason; another file's still fails", async () => {
    const { code, report: shown } = await report(["lint"], withEntry("rule: token-in-build-argument\n    path: b"));
    expect(code).toBe(1);
    expect(suppressedIn(shown)).toEqual(["token-in-build-argument b/Dockerfile"]);
    expect(shown.findings.find(({ suppressed }) => suppressed !== null)?.suppressed).toEqual({
      by: "policy",
      reason: "agreed in May",
    });
  });

  test("by fingerprint: one finding", async () => {
    const before = await report(["lint", "--no-config"], withEntry("rule: x"));
    const fingerprint =
      before.report.findings.find(({ rule }) => rule === "token-in-build-argument")?.fingerprint ?? "";
    const { report: shown } = await report(["lint"], withEntry(`fingerprint: "${fingerprint.toUpperCase()}"`));
    expect(suppressedIn(shown)).toEqual(["token-in-build-argument Dockerfile"]);
  });

  test("by token: wherever it is, and no other token", async () => {
    const files = { Dockerfile: "FROM a\nRUN echo @@TOKEN:user@@\nRUN echo @@TOKEN:user:2@@\nENV A=@@TOKEN:user@@\n" };
    const before = await hullcheck(["lint", "--format", "json"], { files });
    const { findings } = JSON.parse(before.stdout) as { findings: { token: { sha256: string } }[] };
    const sha256 = findings[0]?.token.sha256 ?? "";
    const config = `accept: [{ token: "${sha256}", reason: revoked }]\n`;
    const { report: shown } = await report(["lint"], { files: { ...files, ".hullcheck.yaml": config } });
    expect(shown.findings.map(({ suppressed }) => suppressed?.reason ?? null)).toEqual(["revoked", null, "revoked"]);
  });

  test("of several criteria all have to fit", async () => {
    const { report: shown } = await report(
      ["lint"],
      withEntry(`token: ${"0".repeat(64).replace(/0$/, "a")}\n    rule: token-in-build-argument\n    path: "**"`),
    );
    expect(suppressedIn(shown)).toEqual([]);
  });

  test("a comment comes first, and the entry has matched", async () => {
    const files = {
      Dockerfile: "FROM a\n# hullcheck-ignore token-in-build-argument: by comment\nARG HF_TOKEN\n",
      ".hullcheck.yaml": "accept: [{ rule: token-in-build-argument, path: Dockerfile, reason: by policy }]\n",
    };
    const { report: shown } = await report(["lint"], { files });
    expect(shown.findings).toMatchObject([{ suppressed: { by: "comment", reason: "by comment" } }]);
  });

  test("expires: counts up to that day, then says so at its place", async () => {
    const entry = withEntry('rule: token-in-build-argument\n    path: "**"\n    expires: 2026-11-24');
    const today = await report(["lint"], { ...entry, today: "2026-11-24" });
    expect(today.code).toBe(0);
    const tomorrow = await report(["lint"], { ...entry, today: "2026-11-25" });
    expect(tomorrow.code).toBe(1);
    expect(tomorrow.report.findings.at(-1)).toMatchObject({
      rule: "accept-without-effect",
      level: "note",
      message: "This accept entry expired on 2026-11-24: what it let through counts again.",
      locations: [{ in: "policy", path: ".hullcheck.yaml", region: { start: { line: 2, column: 5 } } }],
    });
  });

  test("an entry that matches nothing is a note at its place, in every format", async () => {
    const options = withEntry("rule: login-in-build\n    path: Dockerfile");
    const { report: shown } = await report(["lint"], options);
    expect(shown.findings.at(-1)).toMatchObject({
      rule: "accept-without-effect",
      locations: [{ path: ".hullcheck.yaml" }],
    });
    for (const format of FORMATS) {
      const { code, stdout } = await hullcheck(["lint", "--format", format], options);
      expect(code).toBe(1);
      expect(stdout).toContain("accept-without-effect");
      expect(stdout).toContain(".hullcheck.yaml");
    }
  });

  test.each<[string, string, readonly string[], Record<string, string>?]>([
    ["of a path that was not linted", "rule: login-in-build\n    path: Dockerfile", ["b"]],
    ["of an image, where none was inspected", "rule: token-in-layer\n    path: /root/**", ["."]],
    ["of anything, where no image was inspected", `fingerprint: ${"0".repeat(63)}a`, ["."]],
    ["beside something that was not read", "rule: login-in-build\n    path: Dockerfile", ["."], { "c/Dockerfile": "" }],
    ["of standard input alone", "rule: login-in-build\n    path: Dockerfile", ["-"]],
  ])("nothing is said of an entry %s", async (_, entry, paths, files = {}) => {
    const options = withEntry(entry);
    const { report: shown } = await report(["lint", ...paths, "--config", ".hullcheck.yaml"], {
      ...options,
      files: { ...options.files, ...files },
      stdin: CLEAN,
    });
    expect(shown.findings.filter(({ rule }) => rule === "accept-without-effect")).toEqual([]);
  });

  test("its level can be set as any rule's", async () => {
    const options = withEntry("rule: login-in-build\n    path: Dockerfile");
    const level = async (setting: string): Promise<string | undefined> =>
      (await report(["lint", "--level", `accept-without-effect=${setting}`], options)).report.findings.find(
        ({ rule }) => rule === "accept-without-effect",
      )?.level;
    expect([await level("error"), await level("off")]).toEqual(["error", undefined]);
  });

  test("a token in a reason, a name or a path is masked", async () => {
    const files = {
      Dockerfile: LEAK,
      ".hullcheck.yaml":
        'accept:\n  - rule: token-in-build-argument\n    path: "**"\n    reason: it is @@TOKEN:user@@\nignorePaths: ["@@TOKEN:user:2@@"]\nimages: ["@@TOKEN:user:3@@"]\n',
    };
    const { report: shown } = await report(["lint"], { files });
    expect(shown.findings[0]?.suppressed?.reason).toMatch(/^it is hf_\*+\w{4}$/);
    expect((await hullcheck(["config"], { files })).stdout).toMatch(/images\[0\] +hf_\*/);
  });

  test.each(acceptWithoutEffect.meta.bad.map((example) => [example.title, example] as const))(
    "bad example: %s",
    async (_, example) => {
      const files = { ".hullcheck.yaml": example.text, ...example.context };
      expect((await report(["lint"], { files })).report.findings.map(({ rule }) => rule)).toContain(
        "accept-without-effect",
      );
    },
  );

  test.each(acceptWithoutEffect.meta.good.map((example) => [example.title, example] as const))(
    "good example: %s",
    async (_, example) => {
      const files = { ".hullcheck.yaml": example.text, ...example.context };
      const { code, report: shown } = await report(["lint"], { files });
      expect({ code, rules: shown.findings.map(({ rule }) => rule) }).toEqual({
        code: 0,
        rules: ["token-in-build-argument"],
      });
    },
  );
});

describe("hullcheck config", () => {
  test("a value of several lines, or with escapes, stays on its line", async () => {
    const files = {
      ".hullcheck.yaml":
        'accept: [{ rule: login-in-build, path: a, reason: "one\\ntwo\\e[31m" }]\nignorePaths: ["a\\u202eb"]\n',
    };
    const { code, stdout } = await hullcheck(["config"], { files });
    expect(code).toBe(0);
    const line = stdout.split("\n").find((text) => text.startsWith("accept[0]"));
    expect(line).toMatch(/one.+two.+ \.hullcheck\.yaml:1:10$/);
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  test("every value with its place", async () => {
    const files = {
      ".hullcheck.yaml":
        "failOn: warning\nlevels:\n  login-at-start: off\ntokenVariables: [RANKER_KEY]\naccept:\n  - rule: login-in-build\n    path: Dockerfile\n    reason: agreed\n    expires: 2026-12-31\n",
    };
    const { code, stdout, stderr } = await hullcheck(["config", "--level", "token-literal=warning"], { files });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, 8).join("\n")).toMatchInlineSnapshot(`
      "config file .hullcheck.yaml

      failOn                    warning                                                          .hullcheck.yaml:1:1
      levels.login-at-start     off                                                              .hullcheck.yaml:3:3
      levels.token-literal      warning                                                          command line
      tokenVariables[0]         RANKER_KEY                                                       .hullcheck.yaml:4:18
      accept[0]                 rule login-in-build, path Dockerfile: agreed (until 2026-12-31)  .hullcheck.yaml:6:5
      limits.maxEntries         10000000                                                         default"
    `);
  });

  test("without a config: what applies by default", async () => {
    const { stdout } = await hullcheck(["config"]);
    expect(stdout).toMatch(/^no config file\n\nfailOn +error +default\n/);
    const { values, config } = JSON.parse((await hullcheck(["config", "--format", "json"])).stdout) as {
      config: string | null;
      values: { origin: { from: string } }[];
    };
    expect({ config, origins: new Set(values.map(({ origin }) => origin.from)) }).toEqual({
      config: null,
      origins: new Set(["default"]),
    });
  });

  test("an unknown format", async () => {
    expect(await hullcheck(["config", "--format", "jsn"])).toMatchObject({
      code: 2,
      stderr: "hullcheck: unknown format 'jsn'; did you mean json?\n",
    });
  });
});

const gateConfig = (path: string): string =>
  `images: [dist/app.tar]\naccept:\n  - { rule: token-in-layer, path: ${path}, reason: r }\n  - { rule: token-in-build-argument, path: Dockerfile, reason: s }\n  - { fingerprint: ${"0".repeat(63)}a, reason: gone }\n`;

describe("gate", () => {
  test("the images of the config, from its folder; entries for project and image in one policy", async () => {
    const leaky = await tar(await docker25({ layers: [{ entries: [{ name: "srv/x", content: fakeToken("user") }] }] }));
    const files = { "p/Dockerfile": LEAK, "p/dist/app.tar": leaky };
    const accepted = await report(["gate", "p"], { files: { ...files, "p/.hullcheck.yaml": gateConfig("/srv") } });
    expect(accepted.code).toBe(0);
    expect(accepted.report.findings.filter(({ suppressed }) => suppressed === null).map(({ rule }) => rule)).toEqual([
      "login-at-start",
      "accept-without-effect",
    ]);
    const other = await report(["gate", "p"], { files: { ...files, "p/.hullcheck.yaml": gateConfig("/opt") } });
    expect(other.code).toBe(1);
  });

  test("ignored paths are counted, and a baseline holds both", async () => {
    const leaky = await tar(await docker25({ layers: [{ entries: [{ name: "srv/x", content: fakeToken("user") }] }] }));
    const files = {
      Dockerfile: LEAK,
      "demo/Dockerfile": LEAK,
      "app.tar": leaky,
      ".hullcheck.yaml": "ignorePaths: [demo]\n",
    };
    const first = await hullcheck(["gate", ".", "--image", "app.tar", "--write-baseline"], { files });
    expect(first.code).toBe(0);
    const known = first.written[".hullcheck-baseline.json"] ?? "";
    const again = await report(["gate", ".", "--image", "app.tar", "--baseline", "known"], {
      files: { ...files, known },
    });
    expect(again.report.because).toEqual(["3 suppressed", "1 file ignored by .hullcheck.yaml"]);
  });
});

test("a config cannot leave archives closed, and its command writes no baseline", async () => {
  const closed = await hullcheck(["config"], { files: { ".hullcheck.yaml": "limits: { maxDepth: 0 }\n" } });
  expect(closed.code).toBe(2);
  expect(closed.stderr).toBe("hullcheck: .hullcheck.yaml:1:21: limits.maxDepth has to be a whole number above 0\n");
  const written = await hullcheck(["config", "--write-baseline"], {});
  expect(written.code).toBe(2);
  expect(written.stderr).toContain("unknown option '--write-baseline'");
});

test("too many arguments are said in one plain line", async () => {
  const { code, stderr } = await hullcheck(["explain", "token-in-layer", "token-in-url"], {});
  expect(code).toBe(2);
  expect(stderr).toBe("hullcheck: too many arguments for 'explain': 2 instead of 1; see hullcheck explain --help\n");
});
