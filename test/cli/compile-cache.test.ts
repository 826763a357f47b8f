/**
 * What `bin/` does around a run: the compiled form of the large files is kept in the package's own folder, and changes
 * nothing but the time; what ends without a verdict has no verdict's exit code.
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectNoToken } from "../support/cli.ts";
import { removeFolders, temporaryFolder } from "../support/images.ts";
import { plant } from "../support/tokens.ts";

const ROOT = join(import.meta.dirname, "../..");
const PASS = { code: 0, stdout: "pass: no leak found (1 Dockerfile)\n", stderr: "" };

let folder = "";

beforeEach(async () => {
  folder = await temporaryFolder();
  for (const part of ["bin", "dist/bundle", "package.json"]) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: (path) => !path.endsWith(".map") });
  }
});

afterEach(removeFolders);

/** Runs the copy, with a Dockerfile on standard input. */
function run(
  args: readonly string[] = ["lint", "-"],
  env: Record<string, string> = {},
  input = "FROM alpine\nCOPY a b\nRUN echo $HOME\n",
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, "bin/hullcheck.js"), ...args], {
    cwd: folder,
    input,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...env },
  });
  return { code: status, stdout, stderr };
}

function kept(): readonly string[] {
  const path = join(folder, ".compiled");
  return existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true }).flatMap(namesOfFiles).sort()
    : [];
}

function namesOfFiles(entry: { readonly name: string; readonly isFile: () => boolean }): readonly string[] {
  return entry.isFile() ? [entry.name] : [];
}

/** The file that is kept of the module that shows the verdict. */
function keptStart(): string {
  return join(folder, ".compiled", readdirSync(join(folder, ".compiled"))[0] ?? "", "lint-start");
}

/** The same length in other words, in the module that shows the verdict. */
function change(): void {
  const path = join(folder, "dist/bundle/start.cjs");
  const before = readFileSync(path, "utf8");
  const after = before.replaceAll("no leak found", "no leak FOUND");
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

const CHANGED = { ...PASS, stdout: "pass: no leak FOUND (1 Dockerfile)\n" };

describe("the compiled form", () => {
  test("is kept by the first run, and says the same in the next", () => {
    expect(run()).toEqual(PASS);
    expect(kept()).toEqual(["lint-lint", "lint-main", "lint-start"]);
    const before = readFileSync(keptStart());
    expect(run()).toEqual(PASS);
    expect(readFileSync(keptStart()).equals(before)).toBe(true);
  });

  test("holds nothing of what was linted", () => {
    const { text, tokens } = plant("FROM alpine\nARG HF_TOKEN=@@TOKEN:user@@\nRUN echo @@TOKEN:user@@ of-the-input\n");
    expect(run(["lint", "-"], {}, text).code).toBe(1);
    expect(kept()).toEqual(["lint-lint", "lint-main", "lint-start"]);
    for (const name of kept()) {
      const bytes = readFileSync(join(keptStart(), "..", name));
      const wide = new TextDecoder("utf-16le");
      for (const shown of [bytes.toString("latin1"), wide.decode(bytes), wide.decode(bytes.subarray(1))]) {
        expectNoToken(shown, tokens);
        expect(shown).not.toContain("of-the-input");
      }
    }
  });

  test("of another source of the same length is not used, and is made anew", () => {
    expect(run()).toEqual(PASS);
    change();
    expect(run()).toEqual(CHANGED);
    expect(run()).toEqual(CHANGED);
    expect(readFileSync(keptStart(), "latin1")).toContain("no leak FOUND");
  });

  test.each<[string, (path: string) => Buffer]>([
    ["is empty", () => Buffer.alloc(0)],
    ["is the source alone", () => readFileSync(join(folder, "dist/bundle/start.cjs"))],
    [
      "ends in bytes that V8 did not make",
      () => Buffer.concat([readFileSync(join(folder, "dist/bundle/start.cjs")), Buffer.alloc(9999, 1)]),
    ],
    ...[0.5, 0.7, 0.999].map((part): [string, (path: string) => Buffer] => [
      `has one wrong bit at ${part} of it`,
      (path) => {
        const bytes = readFileSync(path);
        const at = Math.floor(bytes.length * part);
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      },
    ]),
    ["has a byte too many", (path) => Buffer.concat([readFileSync(path), Buffer.alloc(1)])],
    ["has two bytes too many", (path) => Buffer.concat([readFileSync(path), Buffer.alloc(2)])],
    ["is cut off", (path) => readFileSync(path).subarray(0, -70_000)],
  ])("that %s is not used, and is made anew", (_, spoil) => {
    expect(run()).toEqual(PASS);
    const size = readFileSync(keptStart()).length;
    writeFileSync(keptStart(), spoil(keptStart()));
    const spoiled = readFileSync(keptStart());
    expect(run()).toEqual(PASS);
    expect(readFileSync(keptStart()).equals(spoiled)).toBe(false);
    expect(readFileSync(keptStart()).length).toBeGreaterThan(size - 20_000);
    expect(run()).toEqual(PASS);
  });

  test("is not kept where nothing can be written, and nothing is said of it", () => {
    writeFileSync(join(folder, ".compiled"), "");
    expect(run()).toEqual(PASS);
    expect(readFileSync(join(folder, ".compiled"), "utf8")).toBe("");
  });

  test("leaves no part of itself where a file cannot be put in its place", async () => {
    expect(run()).toEqual(PASS);
    const path = keptStart();
    rmSync(path);
    await mkdir(join(path, "in-the-way"), { recursive: true });
    expect(run()).toEqual(PASS);
    expect(readdirSync(join(path, "..")).sort()).toEqual(["lint-lint", "lint-main", "lint-start"]);
  });

  test("is kept for every command by itself", () => {
    run();
    run(["gate", "-", "--image", "nothing.tar"]);
    run(["inspect", "bin/nothing.tar"]);
    expect(kept()).toEqual(["lint-lint", "lint-main", "lint-start"]);
    expect(run(["gate", "package.json", "--image", "package.json"]).code).toBe(2);
    expect(kept()).toEqual(["lint-lint", "lint-main", "lint-start"]);
  });

  test.each<[string, readonly string[], Record<string, string>]>([
    ["for a help text", ["lint", "--help"], {}],
    ["for a mistake", ["lint", "--nonsense"], {}],
    ["for another command", ["rules"], {}],
    ["with NODE_DISABLE_COMPILE_CACHE", ["lint", "-"], { NODE_DISABLE_COMPILE_CACHE: "1" }],
    ["with source maps", ["lint", "-"], { NODE_OPTIONS: "--enable-source-maps" }],
  ])("is not kept %s", (_, args, env) => {
    const { stderr } = run(args, env);
    expect(stderr).not.toContain("internal error");
    expect(kept()).toEqual([]);
  });
});

describe("no verdict", () => {
  test("when nothing is left to wait for", () => {
    const main =
      "exports.systemIo = () => null; exports.stopOnSignals = () => {}; exports.run = () => new Promise(() => {});";
    writeFileSync(join(folder, "dist/bundle/main.cjs"), main);
    expect(run(["rules"])).toEqual({ code: 2, stdout: "", stderr: "" });
  });

  test.each(["start.cjs", "lint.cjs"])("without %s", (name) => {
    rmSync(join(folder, "dist/bundle", name));
    const stderr = "hullcheck: not built, or not installed in full (ENOENT); in a clone: npm run build\n";
    expect(run()).toEqual({ code: 2, stdout: "", stderr });
    const { code, stdout } = run(["lint", "-"], { NODE_DISABLE_COMPILE_CACHE: "1" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });
});
