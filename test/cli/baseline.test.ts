/** A team with old leaks: the baseline is written, only what is new fails, and what is fixed is named. */

import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hullcheck, type CliOptions } from "../support/cli.ts";
import { docker25, tar, type ImageSpec } from "../support/images.ts";
import { expectReport } from "../support/report-schema.ts";
import { fakeToken } from "../support/tokens.ts";

const LEAK = "FROM alpine\nARG HF_TOKEN\nRUN echo @@TOKEN:user@@\n";
const NAME = ".hullcheck-baseline.json";

interface Shown {
  readonly verdict: string;
  readonly because: readonly string[];
  readonly findings: readonly {
    readonly rule: string;
    readonly message: string;
    readonly suppressed: { readonly by: string; readonly reason: string } | null;
    readonly locations: readonly {
      readonly path: string;
      readonly region?: { readonly start: { readonly line: number } };
    }[];
  }[];
}

/** The baseline of these files, as it is written. */
async function baselineOf(files: CliOptions["files"] = {}, argv: readonly string[] = ["lint"]): Promise<string> {
  const { written } = await hullcheck([...argv, "--write-baseline"], { files });
  return written[NAME] ?? "";
}

async function lint(
  files: CliOptions["files"] = {},
  options: CliOptions = {},
  argv: readonly string[] = [],
): Promise<{ code: number; report: Shown }> {
  const { code, stdout } = await hullcheck(["lint", "--baseline", NAME, "--format", "json", ...argv], {
    ...options,
    files,
  });
  const report = JSON.parse(stdout) as Shown;
  expectReport(report);
  return { code, report };
}

const entryOf = (hash: string): string => `{"fingerprint":"${hash.repeat(64)}","rule":"r","path":"p"}`;

const image = async (tag: string, ...paths: readonly string[]): Promise<Buffer> => {
  const spec: ImageSpec = {
    tags: [tag],
    layers: paths.map((path) => ({
      entries: [{ name: path, content: fakeToken("user") }],
      createdBy: `COPY ${path}`,
    })),
  };
  return tar(await docker25(spec));
};
const inspect = async (
  files: NonNullable<CliOptions["files"]>,
  argv: readonly string[] = [],
): Promise<{ code: number; report: Shown }> => {
  const { code, stdout } = await hullcheck(["inspect", "app.tar", "--format", "json", ...argv], { files });
  const report = JSON.parse(stdout) as Shown;
  expectReport(report);
  return { code, report };
};

describe("--write-baseline", () => {
  test("lists what is found, passes, says so, and holds no token", async () => {
    const { code, stdout, stderr, written } = await hullcheck(["lint", "--write-baseline"], {
      files: { Dockerfile: LEAK },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/\npass: 2 suppressed \(1 Dockerfile\)\n$/);
    expect(stderr).toBe(`hullcheck: 2 findings written to ${NAME}\n`);
    expect(Object.keys(written)).toEqual([NAME]);
    expect(written[NAME]?.replaceAll(/[0-9a-f]{64}/g, "<hash>")).toMatchInlineSnapshot(`
      "{
        "version": 1,
        "entries": [
          {"fingerprint":"<hash>","rule":"token-in-build-argument","path":"Dockerfile"},
          {"fingerprint":"<hash>","rule":"token-literal","path":"Dockerfile"}
        ]
      }
      "
    `);
  });

  test("the order and the bytes do not depend on the order of the paths", async () => {
    const files = { "b/Dockerfile": LEAK, "a/Dockerfile": LEAK };
    expect(await baselineOf(files, ["lint", "b", "a"])).toBe(await baselineOf(files, ["lint", "a", "b"]));
  });

  test("into a file that is named; a folder, or a missing one, is an error", async () => {
    const files = { Dockerfile: LEAK, "x/y": "" };
    expect(Object.keys((await hullcheck(["lint", "--write-baseline=x/known.json"], { files })).written)).toEqual([
      "x/known.json",
    ]);
    const folder = await hullcheck(["lint", "--write-baseline", "."], { files });
    expect(folder).toMatchObject({
      code: 2,
      written: {},
      stderr: "hullcheck: the baseline '.' is a folder; write --write-baseline=FILE, or the paths before it\n",
    });
    const missing = await hullcheck(["lint", "--write-baseline=no/known.json"], { files });
    expect(missing).toMatchObject({ code: 2, written: {} });
    expect(missing.stderr).toMatch(/^hullcheck: the baseline no\/known\.json was not written: [^\n]+\n$/);
    expect(missing.stdout).toMatch(/^fail: /m);
  });

  test("nothing that is something else is overwritten", async () => {
    for (const text of ["FROM alpine\n", "{}", '{"version": 2, "entries": []}', "", "[1"]) {
      const { code, written, stderr } = await hullcheck(["lint", "--write-baseline=known"], {
        files: { Dockerfile: LEAK, known: text },
      });
      expect({ code, written }).toEqual({ code: 2, written: {} });
      expect(stderr).toMatch(/^hullcheck: known:1:\d+: [^\n]+\n$/);
    }
    const linked = await hullcheck(["lint", "--write-baseline=known"], {
      files: { Dockerfile: LEAK, target: '{"version": 1, "entries": []}' },
      prepare: (folder) => symlinkSync("target", join(folder, "known")),
    });
    expect(linked).toMatchObject({ code: 2, written: {} });
  });

  test("no draft is left beside it", async () => {
    let folder = "";
    let names: readonly string[] = [];
    await hullcheck(["lint", "--write-baseline", "--format=json=report.json"], {
      files: { Dockerfile: LEAK },
      prepare: (path) => void (folder = path),
      writeStdout: () => {},
    });
    await hullcheck(["lint", "--write-baseline"], {
      files: { Dockerfile: LEAK },
      prepare: (path) => void (folder = path),
      writeStdout: () => void (names = readdirSync(folder)),
    });
    expect(names.toSorted()).toEqual([NAME, "Dockerfile"]);
  });

  test("an old one keeps reasons and dates of what is still there, and loses the rest", async () => {
    const files = { Dockerfile: LEAK };
    const old = JSON.parse(await baselineOf({ Dockerfile: `${LEAK}ENV X=$HF_TOKEN\n` })) as {
      version: number;
      entries: Record<string, string>[];
    };
    const entries = old.entries.map((entry) => ({
      ...entry,
      reason: `why ${entry["rule"] ?? ""}`,
      expires: entry["rule"] === "token-literal" ? "2026-11-01" : "2027-01-01",
    }));
    const { written } = await hullcheck(["lint", "--write-baseline"], {
      files: { ...files, [NAME]: JSON.stringify({ ...old, entries }) },
    });
    expect(
      (JSON.parse(written[NAME] ?? "") as typeof old).entries.map(({ rule, reason, expires }) => [
        rule,
        reason,
        expires,
      ]),
    ).toEqual([
      ["token-in-build-argument", "why token-in-build-argument", "2027-01-01"],
      ["token-literal", undefined, undefined],
    ]);
  });

  test("what a comment or an accept entry lets through is left out", async () => {
    const text = await baselineOf({
      Dockerfile:
        "FROM a\n# hullcheck-ignore token-in-build-argument: r\nARG HF_TOKEN\nENV A=$HF_TOKEN\nRUN echo @@TOKEN:user@@\n",
      ".hullcheck.yaml":
        "accept:\n  - { rule: token-literal, path: Dockerfile, reason: r }\n  - { rule: login-in-build, path: Dockerfile, reason: gone }\n",
    });
    expect((JSON.parse(text) as { entries: { rule: string }[] }).entries.map(({ rule }) => rule)).toEqual([
      "token-in-environment",
    ]);
  });

  test("a gap stays in the way, and the line says that it is not all", async () => {
    const { code, stderr } = await hullcheck(["lint", "--write-baseline"], {
      files: { Dockerfile: LEAK, "a/Dockerfile": "" },
    });
    expect(code).toBe(2);
    expect(stderr).toContain(`2 findings written to ${NAME}, without what was not read\n`);
  });

  test("paths of any script stand in it as ASCII", async () => {
    const text = await baselineOf({ "d\u202e\u009b日本/Dockerfile": LEAK });
    expect(text).toContain("d\\u202e\\u009b\\u65e5\\u672c/Dockerfile");
    // oxlint-disable-next-line no-control-regex -- that there is none is what is tested
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
  });

  test("a path with a token in it shows none", async () => {
    expect(await baselineOf({ "@@TOKEN:user@@/Dockerfile": LEAK })).toMatch(/"path":"hf_\*+\w{4}\/Dockerfile"/);
  });
});

describe("--baseline", () => {
  test("what it lists does not count, also after lines moved; what is new fails", async () => {
    const known = await baselineOf({ Dockerfile: LEAK });
    const moved = `# a comment\n\n${LEAK}`;
    expect(await lint({ Dockerfile: moved, [NAME]: known })).toMatchObject({
      code: 0,
      report: {
        verdict: "pass",
        because: ["2 suppressed"],
        findings: [{ suppressed: { by: "baseline", reason: `known since the baseline ${NAME}` } }, {}],
      },
    });
    const { code, report } = await lint({ Dockerfile: `${moved}ENV NEW=$HF_TOKEN\n`, [NAME]: known });
    expect(code).toBe(1);
    expect(report.findings.filter(({ suppressed }) => suppressed === null).map(({ rule }) => rule)).toEqual([
      "token-in-environment",
    ]);
  });

  test("a second finding just like a known one is new", async () => {
    const login = "RUN hf auth login --token $T\n";
    const before = `FROM a\nARG T\n${login}`;
    const known = await baselineOf({ Dockerfile: before });
    const { code, report } = await lint({ Dockerfile: before + login, [NAME]: known });
    expect(code).toBe(1);
    expect(report.findings.filter(({ suppressed }) => suppressed === null)).toHaveLength(1);
  });

  test("what is fixed is one note, at the entries' lines", async () => {
    const known = await baselineOf({ Dockerfile: LEAK, "b/Dockerfile": LEAK });
    const { code, report } = await lint({ Dockerfile: "FROM a\n", "b/Dockerfile": LEAK, [NAME]: known });
    expect(code).toBe(0);
    const notes = report.findings.filter(({ rule }) => rule === "accept-without-effect");
    expect(notes).toMatchObject([{ message: "2 entries of the baseline can be removed: what stood there is fixed." }]);
    expect(notes[0]?.locations.map(({ path, region }) => `${path}:${region?.start.line ?? 0}`)).toEqual([
      `${NAME}:4`,
      `${NAME}:5`,
    ]);
    const again = await hullcheck(["lint", "--baseline", NAME, "--write-baseline", NAME], {
      files: { Dockerfile: "FROM a\n", "b/Dockerfile": LEAK, [NAME]: known },
    });
    expect((JSON.parse(again.written[NAME] ?? "") as { entries: unknown[] }).entries).toHaveLength(2);
  });

  test("nothing is said of what was not looked at", async () => {
    const known = await baselineOf({ Dockerfile: LEAK, "b/Dockerfile": LEAK });
    const part = await lint({ Dockerfile: "FROM a\n", "b/Dockerfile": LEAK, [NAME]: known }, {}, ["b"]);
    expect(part.report.findings.map(({ rule }) => rule)).not.toContain("accept-without-effect");
    const gap = await lint({ Dockerfile: "", "b/Dockerfile": LEAK, [NAME]: known });
    expect(gap.report.findings.map(({ rule }) => rule)).not.toContain("accept-without-effect");
  });

  test("an entry counts up to its date, and says when that is over", async () => {
    const known = (await baselineOf({ Dockerfile: LEAK })).replaceAll(
      '"}',
      '","reason":"until May","expires":"2026-11-24"}',
    );
    expect((await lint({ Dockerfile: LEAK, [NAME]: known })).report.findings[0]?.suppressed).toEqual({
      by: "baseline",
      reason: "until May",
    });
    const { code, report } = await lint({ Dockerfile: LEAK, [NAME]: known }, { today: "2026-11-25" });
    expect(code).toBe(1);
    expect(report.findings.at(-1)?.message).toBe("2 entries of the baseline expired: what stands there counts again.");
  });

  test("it may be YAML", async () => {
    const { entries } = JSON.parse(await baselineOf({ Dockerfile: LEAK })) as {
      entries: { fingerprint: string; rule: string; path: string }[];
    };
    const yaml = `version: 1\nentries:\n${entries.map((entry) => `  - fingerprint: "${entry.fingerprint}"\n    rule: ${entry.rule}\n    path: ${entry.path}\n`).join("")}`;
    expect((await lint({ Dockerfile: LEAK, [NAME]: yaml })).code).toBe(0);
  });

  test.each<[string, string | Uint8Array, string]>([
    [
      "another version",
      '{"version": 2, "entries": []}',
      `${NAME}:1:13: this is a baseline of another version than 1; write it again with --write-baseline`,
    ],
    ["no version", '{"entries": []}', `${NAME}:1:1: version is missing`],
    ["no entries", '{"version": 1}', `${NAME}:1:1: entries is missing`],
    ["empty", "", `${NAME}:1:1: version is missing`],
    ["a list", "[]", `${NAME}:1:1: the file has to be a baseline with \`version\` and \`entries\``],
    ["broken", '{"version": 1, "entries": [', `${NAME}:1:28: it is no valid JSON (bad indent)`],
    [
      "twice the same",
      `{"version":1,"entries":[${entryOf("a")},\n${entryOf("A")}]}`,
      `${NAME}:2:1: this fingerprint stands here twice; delete one of the two entries`,
    ],
    [
      "an unknown key",
      '{"version":1,"entries":[{"fingerprnt":"x","rule":"r","path":"p"}]}',
      `${NAME}:1:26: unknown key 'fingerprnt'; did you mean fingerprint?`,
    ],
    [
      "a short fingerprint",
      '{"version":1,"entries":[{"fingerprint":"ab","rule":"r","path":"p"}]}',
      `${NAME}:1:40: entries[0].fingerprint has to be 64 hex digits`,
    ],
    [
      "a raw token",
      '{"version":1,"entries":[{"fingerprint":"@@TOKEN:user@@","rule":"r","path":"p"}]}',
      `${NAME}:1:40: entries[0].fingerprint has to be 64 hex digits`,
    ],
    [
      "huge",
      Buffer.alloc(5 * 1024 * 1024, " "),
      `${NAME} cannot be read: it is larger than 4 MiB; check that it is the right file`,
    ],
    ["deep", `{"version":1,"entries":${"[".repeat(100_000)}`, `${NAME}:1:223: it is nested too deep to be read`],
    ["no text", Buffer.from([0xff, 0xfe, 0]), `${NAME} cannot be read: it is not UTF-8; save it as UTF-8`],
  ])("%s is one line, ends with 2, and nothing passes", async (_, text, message) => {
    const { code, stdout, stderr } = await hullcheck(["lint", "--baseline", NAME], {
      files: { Dockerfile: "FROM a\n", [NAME]: text },
    });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: `hullcheck: ${message}\n` });
  });

  test("one without a name is an error", async () => {
    expect(await hullcheck(["lint", "--baseline="], { files: { Dockerfile: "FROM a\n" } })).toMatchObject({
      code: 2,
      stderr: "hullcheck: the value of --baseline is empty; check the variable it comes from\n",
    });
  });

  test("one that is not there is an error", async () => {
    expect(await hullcheck(["lint", "--baseline", "nope"], { files: { Dockerfile: "FROM a\n" } })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "hullcheck: there is no file nope; check the path\n",
    });
  });
});

describe("of images", () => {
  test("a rebuilt image under another tag has the same findings; a new file fails, a gone one is named", async () => {
    const { written } = await hullcheck(["inspect", "app.tar", "--write-baseline"], {
      files: { "app.tar": await image("app:1", "srv/a.env", "srv/b.env") },
    });
    const known = written[NAME] ?? "";
    expect(known).toContain('"path":"app /srv/a.env"');
    const rebuilt = await inspect(
      { "app.tar": await image("app:2", "opt/x", "srv/a.env", "srv/b.env"), [NAME]: known },
      ["--baseline", NAME],
    );
    expect(
      rebuilt.report.findings.map(({ suppressed, locations: [place] }) => [place?.path, suppressed?.by ?? null]),
    ).toEqual([
      ["/opt/x", null],
      ["/srv/a.env", "baseline"],
      ["/srv/b.env", "baseline"],
    ]);
    const fixed = await inspect({ "app.tar": await image("app:3", "srv/a.env"), [NAME]: known }, ["--baseline", NAME]);
    expect(fixed).toMatchObject({ code: 0 });
    expect(fixed.report.findings.at(-1)?.message).toBe(
      "1 entry of the baseline can be removed: what stood there is fixed.",
    );
    const linted = await lint({ Dockerfile: "FROM a\n", [NAME]: known });
    expect(linted.report.findings).toEqual([]);
  });

  test("the same leak in two images of a run is one entry, which lets both through", async () => {
    const files = { "a.tar": await image("a:1", "app/x"), "b.tar": await image("a:2", "app/x", "app/y") };
    const first = await hullcheck(["inspect", "a.tar", "b.tar", "--write-baseline"], { files });
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("2 findings written to");
    const known = { ...files, [NAME]: first.written[NAME] ?? "" };
    const second = await hullcheck(["inspect", "a.tar", "b.tar", "--baseline", NAME], { files: known });
    expect([second.code, second.stdout.trimEnd().split("\n").at(-1)]).toEqual([0, "pass: 3 suppressed (2 images)"]);
  });

  test("accept by rule and path in the image; entries for the project are left alone", async () => {
    const files = {
      "app.tar": await image("app:1", "srv/a.env", "opt/b.env"),
      ".hullcheck.yaml":
        "accept:\n  - { rule: token-in-layer, path: /srv/**, reason: r }\n  - { rule: login-in-build, path: Dockerfile, reason: s }\n  - { rule: token-in-layer, path: srv, reason: t }\n",
    };
    const { code, report } = await inspect(files);
    expect(code).toBe(1);
    expect(
      report.findings.map(({ rule, suppressed, locations: [place] }) => [rule, place?.path, suppressed?.reason]),
    ).toEqual([
      ["token-in-layer", "/srv/a.env", "r"],
      ["token-in-layer", "/opt/b.env", undefined],
      ["accept-without-effect", ".hullcheck.yaml", undefined],
    ]);
  });

  test("limits and token variables of the config", async () => {
    const spec: ImageSpec = {
      layers: [{ entries: ["a", "b", "c"].map((name) => ({ name, content: name })) }],
      config: { Env: ["RANKER_KEY=Zq8dK1mVx0Lr7TnB"] },
    };
    const files = { "app.tar": await tar(await docker25(spec)) };
    expect((await inspect(files)).report).toMatchObject({ verdict: "pass", findings: [] });
    const named = await inspect({ ...files, ".hullcheck.yaml": "tokenVariables: [RANKER_KEY]\n" });
    expect(named.report.findings).toMatchObject([{ rule: "token-in-image-config" }]);
    expect(JSON.stringify(named.report)).not.toContain("Zq8dK1mV");
    const limited = await inspect({ ...files, ".hullcheck.yaml": "limits: { maxEntries: 1 }\n" });
    expect(limited).toMatchObject({ code: 2, report: { verdict: "unknown" } });
    expect(
      (await inspect({ ...files, ".hullcheck.yaml": "limits: { maxEntries: 1 }\n" }, ["--max-entries", "1000000"]))
        .code,
    ).toBe(0);
  });
});
