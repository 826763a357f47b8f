import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findDockerfiles, isDockerfileName } from "../../src/sweep/find-dockerfiles.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-find-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function touch(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "FROM a\n");
  }
}

test.each([
  "Dockerfile",
  "dockerfile",
  "Dockerfile.gpu",
  "Dockerfile.gpu.cuda12",
  "api.Dockerfile",
  "api.dockerfile",
  "Containerfile",
  "Containerfile.dev",
])("%s is the name of a Dockerfile", (name) => {
  expect(isDockerfileName(name)).toBe(true);
});

test.each([
  "Dockerfile.dockerignore",
  "api.Dockerfile.dockerignore",
  "Containerfile.containerignore",
  ".dockerignore",
  "Dockerfile.",
  "dockerfile.md",
  "MyDockerfile",
  "Dockerfiles",
  "docker-compose.yml",
  "README.md",
])("%s is not", (name) => {
  expect(isDockerfileName(name)).toBe(false);
});

test("finds Dockerfiles at any depth, by code unit", () => {
  touch("b/Dockerfile", "a/deep/er/x.Dockerfile", "Dockerfile", "B/Containerfile", "a/notes.txt", "é/Dockerfile");
  expect(findDockerfiles(folder)).toEqual({
    paths: ["B/Containerfile", "Dockerfile", "a/deep/er/x.Dockerfile", "b/Dockerfile", "é/Dockerfile"],
    gaps: [],
  });
});

test("leaves out what is not of the project", () => {
  touch(
    ".git/Dockerfile",
    "node_modules/x/Dockerfile",
    "web/node_modules/x/Dockerfile",
    ".venv/lib/Dockerfile",
    "venv/lib/Dockerfile",
    "my-env/pyvenv.cfg",
    "my-env/lib/Dockerfile",
    "kept/.github/Dockerfile",
  );
  expect(findDockerfiles(folder).paths).toEqual(["kept/.github/Dockerfile"]);
});

test("a folder that is named outright is searched whatever it is", () => {
  touch("node_modules/x/Dockerfile", "env/pyvenv.cfg", "env/Dockerfile");
  expect(findDockerfiles(join(folder, "node_modules")).paths).toEqual(["x/Dockerfile"]);
  expect(findDockerfiles(join(folder, "env")).paths).toEqual(["Dockerfile"]);
});

test("links: to a file counts, to a folder does not, to nowhere is for the reader to say, a circle ends", () => {
  touch("real/Dockerfile", "real/other.txt");
  symlinkSync("../real/other.txt", join(folder, "real/api.Dockerfile"));
  symlinkSync("real", join(folder, "alias"));
  symlinkSync("..", join(folder, "real/up"));
  symlinkSync("nowhere", join(folder, "Dockerfile"));
  symlinkSync("real", join(folder, "Dockerfile.d"));
  expect(findDockerfiles(folder).paths).toEqual(["Dockerfile", "real/Dockerfile", "real/api.Dockerfile"]);
});

test("a folder with a Dockerfile's name is searched, not read", () => {
  touch("Dockerfile.d/Dockerfile");
  expect(findDockerfiles(folder).paths).toEqual(["Dockerfile.d/Dockerfile"]);
});

test("a folder that cannot be listed is a gap", () => {
  expect(findDockerfiles(join(folder, "gone"))).toEqual({
    paths: [],
    gaps: [{ at: "", why: "missing", detail: "there is no such file or folder; check the path" }],
  });
});
