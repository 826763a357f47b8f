import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createProgress } from "../../src/cli/progress.ts";
import { docker25, ociLayout, tar, type ImageSpec } from "../support/images.ts";
import { expectNoToken, hullcheck } from "../support/cli.ts";
import { FORMATS } from "../../src/report/index.ts";
import { expectReport } from "../support/report-schema.ts";
import { fakeToken } from "../support/tokens.ts";

const TOKENS = [1, 2, 3, 4, 5, 6].map((number) => fakeToken("user", number));
const [ONE = "", TWO = "", THREE = "", FOUR = "", FIVE = "", SIX = ""] = TOKENS;

const LEAKY: ImageSpec = {
  tags: ["app:1"],
  config: { Env: [`HF_TOKEN=${ONE}`] },
  emptyHistory: [`ARG HF_TOKEN=${TWO}`],
  layers: [
    {
      createdBy: `RUN |1 HF_TOKEN=${TWO} /bin/sh -c hf auth login # buildkit`,
      entries: [
        { name: "root/.cache/huggingface/token", content: THREE },
        { name: `app/${FOUR}.txt`, content: `x ${Buffer.from(`user:${FIVE}`).toString("base64")}` },
      ],
    },
    { createdBy: "RUN rm -r /root/.cache # buildkit", entries: [{ name: "root/.wh..cache", content: SIX }] },
  ],
};
const CLEAN: ImageSpec = { tags: ["clean:1"], layers: [{ entries: [{ name: "a", content: "a" }] }] };

const leaky = await tar(await docker25(LEAKY));
const clean = await tar(await docker25(CLEAN));

/** Runs `hullcheck` and makes sure that none of the tokens shows. */
async function inspect(
  argv: readonly string[],
  options: Parameters<typeof hullcheck>[1] = {},
): ReturnType<typeof hullcheck> {
  const result = await hullcheck(["inspect", ...argv], options);
  expectNoToken([result.stdout, result.stderr, ...Object.entries(result.written).flat()].join("\n"), TOKENS);
  return result;
}

describe("verdicts", () => {
  test("0: a clean image, all of which was read", async () => {
    const { code, stdout, stderr } = await inspect(["app.tar"], { files: { "app.tar": clean } });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "pass: no leak found (1 image)\n", stderr: "" });
  });

  test("1: as typed in a pipe", async () => {
    const { code, stdout } = await inspect(["-"], { stdin: leaky });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail: \d+ errors \(1 image\)$/m);
    expect(stdout).toContain("/root/.cache/huggingface/token");
  });

  test("2: a path that is not there, an archive that is cut", async () => {
    const missing = await inspect(["no.tar"]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toBe("hullcheck: no.tar: there is no such file or folder; check the path\n");
    const cut = await inspect(["cut.tar"], { files: { "cut.tar": clean.subarray(0, 3000) } });
    expect(cut.code).toBe(2);
  });

  test("1: a leak beside a gap, and both are shown", async () => {
    const { code, stdout } = await inspect(["leaky.tar", "no.tar"], { files: { "leaky.tar": leaky } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail: \d+ errors, 1 gap \(1 image\)$/m);
  });
});

test.each(FORMATS)("no token shows in %s, on standard output and in a file", async (format) => {
  const { code, stdout, written } = await inspect([`--format=${format}`, `--format=json=${format}.out`, "leaky.tar"], {
    files: { "leaky.tar": leaky },
  });
  expect(code).toBe(1);
  expect(stdout.length).toBeGreaterThan(100);
  expect(Object.keys(written)).toEqual([`${format}.out`]);
});

test("the JSON report fits its schema and gives the same bytes for the same input", async () => {
  const files = { "leaky.tar": leaky };
  const first = await inspect(["--format", "json", "leaky.tar"], { files });
  expectReport(JSON.parse(first.stdout));
  const second = await inspect(["--format", "json", "leaky.tar"], { files });
  expect(second.stdout).toBe(first.stdout);
});

describe("options", () => {
  test("--platform and --image choose, and what is not there is a gap", async () => {
    const layout = await tar(await ociLayout({ ...CLEAN, platform: { os: "linux", architecture: "arm64" } }));
    const files = { "app.tar": layout };
    expect((await inspect(["app.tar", "--platform", "linux/arm64"], { files })).code).toBe(0);
    const absent = await inspect(["app.tar", "--platform", "linux/amd64"], { files });
    expect([absent.code, absent.stderr]).toEqual([
      2,
      "hullcheck: app.tar: there is no image linux/amd64 in the archive; there is clean:1 (linux/arm64)\n",
    ]);
    const other = await inspect(["app.tar", "--image", "other"], { files });
    expect([other.code, other.stderr]).toEqual([
      2,
      "hullcheck: app.tar: there is no image other in it; there is clean:1 (linux/arm64)\n",
    ]);
  });

  test("--jobs", async () => {
    expect((await inspect(["--jobs", "4", "app.tar"], { files: { "app.tar": clean } })).code).toBe(0);
    const { code, stderr } = await inspect(["--jobs", "0", "app.tar"], { files: { "app.tar": clean } });
    expect(code).toBe(2);
    expect(stderr).toContain("--jobs '0' is not a whole number from 1 to 99");
  });

  test("--check-digests", async () => {
    expect((await inspect(["--check-digests", "app.tar"], { files: { "app.tar": clean } })).code).toBe(0);
  });

  test("limits are numbers, and reaching one is a gap", async () => {
    const { code, stderr } = await inspect(["--max-entries", "3", "app.tar"], { files: { "app.tar": clean } });
    expect(code).toBe(2);
    expect(stderr).toContain("(--max-entries)");
    const wrong = await inspect(["--max-entries", "many", "app.tar"]);
    expect([wrong.code, wrong.stderr.split("\n")[0]]).toEqual([
      2,
      "hullcheck: --max-entries 'many' is not a whole number from 1 to 999999999999999; write for example --max-entries 1000000",
    ]);
  });

  test("--level sets image rules", async () => {
    const off = [
      "token-file-in-layer",
      "token-in-layer",
      "token-in-image-config",
      "token-in-history",
      "token-in-archive",
    ].flatMap((rule) => ["--level", `${rule}=off`]);
    expect((await inspect([...off, "leaky.tar"], { files: { "leaky.tar": leaky } })).code).toBe(0);
  });
});

test.each([
  [["containers-storage:app"], "the transport 'containers-storage:' is not supported"],
  [["docker://app"], "'app' names no registry; write docker://HOST"],
  [["app.tar", "docker-daemon:-v"], "'-v' is no image's name"],
  [["--engine", "dockr", "docker-daemon:app"], "unknown engine 'dockr'; did you mean docker?"],
  [["--registry-url", "http://mirror.example", "docker://app"], "--registry-url is plain http; take https"],
  [["-", "-"], "standard input can be read only once"],
  [["--platform", "arm", "x"], "'arm' is not a platform"],
  [[], "missing required argument 'images'"],
])("usage errors: %j", async (argv, message) => {
  const { code, stdout, stderr } = await inspect(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
});

test("a folder by path", async () => {
  const entries = await ociLayout(LEAKY);
  const { code } = await inspect(["oci:layout"], {
    prepare: (folder) => {
      for (const { name, content = "" } of entries) {
        mkdirSync(join(folder, "layout", name, ".."), { recursive: true });
        writeFileSync(join(folder, "layout", name), content);
      }
    },
  });
  expect(code).toBe(1);
});

test("the progress bar is for terminals only, and goes away", async () => {
  const written: string[] = [];
  const io = (
    isTerminal: boolean,
    env: Readonly<Record<string, string>> = {},
  ): Parameters<typeof createProgress>[0] => ({
    stdin: async function* () {},
    stdout: { isTerminal: false, write: () => {} },
    stderr: { isTerminal, write: (text) => void written.push(text) },
    env,
    cwd: () => ".",
    today: () => "2026-11-24",
  });
  // A dumb terminal cannot move its cursor, and would show each step on a line of its own.
  for (const given of [io(false), io(true, { TERM: "dumb" }), io(true, { TERM: "xterm" })]) {
    const bar = await createProgress(given);
    bar.show({ bytes: 5_000_000, totalBytes: 20_000_000 });
    bar.show({ bytes: 20_000_000, totalBytes: 20_000_000 });
    bar.stop();
    expect(written.length > 0).toBe(given.env["TERM"] === "xterm");
  }
  expect(written.join("")).toContain("5 of 20 MB");
});

test("a name of an image where a path is read says what to write", async () => {
  const details: string[] = [];
  for (const source of ["app:1", "oci-archve:a.tar", "dockr://a.example/b", "nowhere.tar", "oci:nowhere", "oci:"]) {
    const { code, stderr } = await hullcheck(["inspect", source], {});
    expect(code).toBe(2);
    details.push(stderr);
  }
  const missing = "there is no such file or folder";
  expect(details).toEqual([
    `hullcheck: app:1: ${missing}; an image that an engine has is docker-daemon:NAME, one in a registry docker://NAME\n`,
    `hullcheck: oci-archve:a.tar: ${missing}; did you mean oci-archive:?\n`,
    `hullcheck: dockr://a.example/b: ${missing}; did you mean docker:?\n`,
    `hullcheck: nowhere.tar: ${missing}; check the path\n`,
    `hullcheck: nowhere: ${missing}; check the path\n`,
    `hullcheck: oci:: ${missing}; write the path behind oci:\n`,
  ]);
});
