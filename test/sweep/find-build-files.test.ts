import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findBuildFiles, isDockerfileName } from "../../src/sweep/find-build-files.ts";

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
  expect(findBuildFiles(folder)).toEqual({
    callers: [],
    dockerfiles: ["B/Containerfile", "Dockerfile", "a/deep/er/x.Dockerfile", "b/Dockerfile", "é/Dockerfile"],
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
  expect(findBuildFiles(folder).dockerfiles).toEqual(["kept/.github/Dockerfile"]);
});

test("a virtual environment in a project's own folder hides nothing but itself", () => {
  touch(
    "api/pyvenv.cfg",
    "api/Dockerfile",
    "api/docker/x.Dockerfile",
    "api/lib/y/Dockerfile",
    "api/Scripts/Dockerfile",
  );
  expect(findBuildFiles(folder).dockerfiles).toEqual(["api/Dockerfile", "api/docker/x.Dockerfile"]);
});

test("a folder that is named outright is searched whatever it is", () => {
  touch("node_modules/x/Dockerfile", "env/pyvenv.cfg", "env/Dockerfile");
  expect(findBuildFiles(join(folder, "node_modules")).dockerfiles).toEqual(["x/Dockerfile"]);
  expect(findBuildFiles(join(folder, "env")).dockerfiles).toEqual(["Dockerfile"]);
});

test("links: to a file counts, to a folder does not, to nowhere is for the reader to say, a circle ends", () => {
  touch("real/Dockerfile", "real/other.txt");
  symlinkSync("../real/other.txt", join(folder, "real/api.Dockerfile"));
  symlinkSync("real", join(folder, "alias"));
  symlinkSync("..", join(folder, "real/up"));
  symlinkSync("nowhere", join(folder, "Dockerfile"));
  symlinkSync("real", join(folder, "Dockerfile.d"));
  expect(findBuildFiles(folder).dockerfiles).toEqual(["Dockerfile", "real/Dockerfile", "real/api.Dockerfile"]);
});

test("a folder with a Dockerfile's name is searched, not read", () => {
  touch("Dockerfile.d/Dockerfile");
  expect(findBuildFiles(folder).dockerfiles).toEqual(["Dockerfile.d/Dockerfile"]);
});

test("a folder that cannot be listed is a gap", () => {
  expect(findBuildFiles(join(folder, "gone"))).toEqual({
    callers: [],
    dockerfiles: [],
    gaps: [{ at: "", why: "missing", detail: "there is no such file or folder; check the path" }],
  });
});

test("finds the files that may call a build, and leaves their texts to say so", () => {
  touch(
    "compose.yaml",
    ".github/workflows/ci.yml",
    ".github/dependabot.yml",
    "scripts/build.sh",
    "build",
    "lib/builder.py",
  );
  touch("Makefile", "docker-bake.hcl", "node_modules/x/package.json", "package.json", ".gitlab-ci.yml", "values.yaml");
  expect(findBuildFiles(folder).callers).toEqual([
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "Makefile",
    "build",
    "compose.yaml",
    "docker-bake.hcl",
    "package.json",
    "scripts/build.sh",
  ]);
});
