import { expect, test } from "vitest";
import { formatOfFound, formatOfName, formatOfNamed, mayCall } from "../../src/callers/kind.ts";

test.each([
  ["compose.yaml", "compose"],
  ["deploy/docker-compose.override.yml", "compose"],
  ["compose-gpu.yml", "compose"],
  ["composer.yml", null],
  ["docker-bake.hcl", "bake-hcl"],
  ["docker-bake.override.json", "bake-json"],
  ["main.hcl", null],
  [".github/workflows/build.yml", "github"],
  ["sub/.github/workflows/build.yaml", "github"],
  [".github/dependabot.yml", null],
  ["build/action.yml", "github"],
  [".gitlab-ci.yml", "ci"],
  [".circleci/config.yml", "ci"],
  ["azure-pipelines.yml", "ci"],
  ["Makefile", "makefile"],
  ["rules.mk", "makefile"],
  ["scripts/build.sh", "shell"],
  ["package.json", "package"],
  ["package-lock.json", null],
  ["values.yaml", null],
])("%s is read as %s", (path, format) => {
  expect(formatOfName(path)).toBe(format);
});

test("a script that is found counts only when it hands over build arguments, one that is named always", () => {
  expect(formatOfFound("a.sh", "#!/bin/sh\nls\n")).toBeNull();
  expect(formatOfFound("a.sh", "docker build --build-arg A .\n")).toBe("shell");
  expect(formatOfFound("build-image", "#!/bin/sh\ndocker build --build-arg A .\n")).toBe("shell");
  expect(formatOfFound("build-image", "\u{7f}ELF build-arg")).toBeNull();
  expect(formatOfNamed("a.sh", "ls\n")).toBe("shell");
  expect(mayCall("build-image")).toBe(true);
  expect(mayCall("Dockerfile")).toBe(false);
});

test("a named file of another name is told by its text", () => {
  expect(formatOfNamed("stack.yml", "version: '3'\nservices:\n  a: {}\n")).toBe("compose");
  expect(formatOfNamed("ci/x.yml", "on: push\njobs:\n  a:\n    runs-on: x\n")).toBe("github");
  expect(formatOfNamed("ci/x.yml", "stages: [a]\n")).toBe("ci");
  expect(formatOfNamed("x.hcl", "")).toBe("bake-hcl");
  expect(formatOfNamed("run", "#!/bin/bash\n")).toBe("shell");
  expect(formatOfNamed("Dockerfile.x", "FROM a\n")).toBeNull();
});
