import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as engine from "../../src/lint.ts";
import type { Outcome } from "../../src/model/report.ts";
import { lintPaths } from "../../src/sweep/lint-paths.ts";

vi.mock("../../src/lint.ts", { spy: true });

const NOBODY = 65_534;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-paths-"));
});

afterEach(() => {
  vi.mocked(engine.lintDockerfileFacts).mockReset();
  rmSync(folder, { recursive: true, force: true });
});

function lint(...paths: readonly string[]): Promise<Outcome> {
  return lintPaths({
    paths,
    cwd: folder,
    stdin: async function* () {},
    stdinFilename: null,
    levels: {},
    useInlineIgnores: true,
  });
}

function write(path: string, text: string = "FROM alpine\nRUN true\n"): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Runs as a user whom permissions bind, also when the tests run as root. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(NOBODY);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

test("a file and a folder that may not be read are gaps, and the others are linted", async () => {
  write("a/Dockerfile");
  write("b/Dockerfile");
  write("c/Dockerfile");
  await lint("c");
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "a"), 0);
  chmodSync(join(folder, "b/Dockerfile"), 0);
  const { gaps, subjects } = await asNobody(() => lint("."));
  chmodSync(join(folder, "a"), 0o755);
  expect(subjects).toEqual([{ kind: "dockerfile", name: "c/Dockerfile" }]);
  const detail = "reading it is not permitted; check its permissions";
  expect(gaps).toEqual([
    { at: "a", why: "unreadable", detail },
    { at: "b/Dockerfile", why: "unreadable", detail },
  ]);
});

test("an engine that fails on one file leaves a gap without a word of the file, and the others are linted", async () => {
  write("a.Dockerfile");
  write("b.Dockerfile");
  const { lintDockerfileFacts } = await vi.importActual<typeof engine>("../../src/lint.ts");
  vi.mocked(engine.lintDockerfileFacts).mockImplementation((text, options) => {
    if (options?.path === "a.Dockerfile") throw new RangeError(text);
    return lintDockerfileFacts(text, options);
  });
  const { gaps, subjects } = await lint(".");
  expect(subjects).toEqual([{ kind: "dockerfile", name: "b.Dockerfile" }]);
  expect(gaps).toEqual([
    {
      at: "a.Dockerfile",
      why: "parse-error",
      detail: "hullcheck itself failed on this file (RangeError); please report it",
    },
  ]);
});

test.each([
  ["Dockerfile", "Dockerfile"],
  ["./Dockerfile", "Dockerfile"],
  ["x/../Dockerfile", "Dockerfile"],
  [".//x/./Dockerfile", "x/Dockerfile"],
  ["x/", "x/Dockerfile"],
  ["x", "x/Dockerfile"],
])("%s is shown as %s", async (typed, shown) => {
  write("Dockerfile");
  write("x/Dockerfile");
  const { subjects } = await lint(typed);
  expect(subjects.map(({ name }) => name)).toEqual([shown]);
});

test("an absolute path is shown relative below the working folder, and as typed outside of it", async () => {
  write("x/Dockerfile");
  const inside = await lint(join(folder, "x/Dockerfile"));
  expect(inside.subjects.map(({ name }) => name)).toEqual(["x/Dockerfile"]);
  const outside = await lintPaths({
    paths: [join(folder, "x/Dockerfile"), "../x/Dockerfile"],
    cwd: join(folder, "y"),
    stdin: async function* () {},
    stdinFilename: null,
    levels: {},
    useInlineIgnores: true,
  });
  expect(outside.subjects.map(({ name }) => name)).toEqual([join(folder, "x/Dockerfile")]);
});

test("a folder without Dockerfiles, and an empty path, are gaps", async () => {
  write("docs/readme.txt");
  const { gaps } = await lint("docs", "");
  expect(gaps.map(({ at, why }) => `${at} ${why}`)).toEqual(['"" missing', "docs no-dockerfile"]);
});
