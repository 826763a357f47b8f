import { describe, expect, test } from "vitest";
import { formatOfNamed } from "../../src/callers/kind.ts";
import { readCaller } from "../../src/callers/read-caller.ts";
import { applyEdits } from "../../src/fix/edit.ts";
import { mendCaller } from "../../src/fix/mend-caller.ts";
import { Secrets } from "../../src/token/secrets.ts";

/** The file with every build argument HF_TOKEN made a secret, where that is certain. */
function mended(path: string, text: string): string {
  const format = formatOfNamed(path, text) ?? "shell";
  const { facts } = readCaller(path, text, format, new Secrets());
  const wanted = facts.passes
    .filter(({ argument }) => argument === "HF_TOKEN")
    .map((pass) => ({ pass, id: "HF_TOKEN" }));
  return applyEdits(text, mendCaller({ facts, format, text, wanted }).edits);
}

const SECRET = "--secret id=HF_TOKEN,env=HF_TOKEN";

describe("a build argument on a command line becomes a secret", () => {
  test.each([
    ["as it is", "docker build --build-arg HF_TOKEN .", `docker build ${SECRET} .`],
    ["with =", "docker build --build-arg=HF_TOKEN=$HF_TOKEN .", `docker build ${SECRET} .`],
    ["in quotes", 'docker buildx build --build-arg "HF_TOKEN=${HF_TOKEN:?}" .', `docker buildx build ${SECRET} .`],
    ["of another variable", "docker build --build-arg HF_TOKEN=$T .", "docker build --secret id=HF_TOKEN,env=T ."],
    [
      "exported before",
      "export HF_TOKEN=$(pass hf)\ndocker build --build-arg HF_TOKEN=$HF_TOKEN .",
      `export HF_TOKEN=$(pass hf)\ndocker build ${SECRET} .`,
    ],
    [
      "from a file, exported",
      "set -a\n. ./.env\nset +a\ndocker build --build-arg HF_TOKEN .",
      `set -a\n. ./.env\nset +a\ndocker build ${SECRET} .`,
    ],
    [
      "in a condition",
      "if ! DOCKER_BUILDKIT=1 docker build --build-arg HF_TOKEN .; then exit 1; fi",
      `if ! DOCKER_BUILDKIT=1 docker build ${SECRET} .; then exit 1; fi`,
    ],
    ["of nerdctl", "nerdctl build --build-arg HF_TOKEN .", `nerdctl build ${SECRET} .`],
  ])("%s", (_, before, after) => {
    expect(mended("build.sh", `#!/bin/sh\n${before}\n`)).toBe(`#!/bin/sh\n${after}\n`);
  });
});

describe("a build argument on a command line stays", () => {
  test.each([
    ["when the variable is not exported", "HF_TOKEN=$(pass hf)\ndocker build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["when it comes from a file", ". ./.env\ndocker build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["when it is read", "read -r HF_TOKEN\ndocker build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["when it is computed", "docker build --build-arg HF_TOKEN=$(pass hf) ."],
    ["when it has a default", "docker build --build-arg HF_TOKEN=${HF_TOKEN:-none} ."],
    ["when it is more than the variable", "docker build --build-arg HF_TOKEN=x$HF_TOKEN ."],
    ["behind sudo, which takes variables away", "sudo docker build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["on another machine", "ssh host docker build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["for the classic builder", "DOCKER_BUILDKIT=0 docker build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["of podman, which mounts no secret as a variable", "podman build --build-arg HF_TOKEN=$HF_TOKEN ."],
    ["for compose, which has no such option", "docker compose build --build-arg HF_TOKEN=$HF_TOKEN"],
    ["for a program that nobody knows", "./build.py --build-arg HF_TOKEN=$HF_TOKEN"],
    ["in a variable with options", 'ARGS="--build-arg HF_TOKEN=$HF_TOKEN"\ndocker build $ARGS .'],
  ])("%s", (_, text) => {
    expect(mended("build.sh", `#!/bin/sh\n${text}\n`)).toBe(`#!/bin/sh\n${text}\n`);
  });

  test("in a makefile that includes a file of variables, unless it exports them", () => {
    const rule = "image:\n\tdocker build --build-arg HF_TOKEN=$(HF_TOKEN) .\n";
    expect(mended("Makefile", `include .env\n${rule}`)).toContain("--build-arg");
    expect(mended("Makefile", `include .env\nexport\n${rule}`)).toContain(SECRET);
    expect(mended("Makefile", `HF_TOKEN ?= none\n${rule}`)).toContain("--build-arg");
  });

  test("in brackets of YAML, where a comma means another thing", () => {
    const text = "job:\n  script: [docker build --build-arg HF_TOKEN=$HF_TOKEN .]\n";
    expect(mended(".gitlab-ci.yml", text)).toBe(text);
  });
});

describe("what is written in a way that is not known stays", () => {
  test.each([
    ["compose.yaml", "x: &a\n  HF_TOKEN: $HF_TOKEN\nservices:\n  api:\n    build:\n      context: .\n      args: *a\n"],
    ["compose.yaml", "services:\n  api:\n    build:\n      args: { HF_TOKEN: $HF_TOKEN }\n"],
    ["compose.yaml", "services:\n  api:\n    build:\n      args:\n        HF_TOKEN: ${HF_TOKEN:-none}\n"],
    [
      "compose.yaml",
      "services:\n  api:\n    build:\n      args:\n        HF_TOKEN: $HF_TOKEN\nsecrets:\n  HF_TOKEN:\n    file: x\n",
    ],
    [
      "docker-bake.hcl",
      'variable "HF_TOKEN" {\n  default = "x"\n}\ntarget "a" {\n  args = {\n    HF_TOKEN = HF_TOKEN\n  }\n}\n',
    ],
    [
      "docker-bake.hcl",
      'variable "HF_TOKEN" {}\ntarget "a" {\n  args = {\n    HF_TOKEN = trimspace(HF_TOKEN)\n  }\n}\n',
    ],
    [
      ".github/workflows/a.yml",
      "jobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: someone/build@v1\n        with:\n          build-args: |\n            HF_TOKEN=${{ secrets.HF_TOKEN }}\n",
    ],
    [
      ".github/workflows/a.yml",
      "jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: docker build --build-arg HF_TOKEN=${{ secrets.HF_TOKEN }} .\n",
    ],
  ])("%s %#", (path, text) => {
    expect(mended(path, text)).toBe(text);
  });
});
