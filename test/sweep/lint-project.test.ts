import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isInSource, type Location } from "../../src/model/location.ts";
import type { Outcome } from "../../src/model/report.ts";
import { lintPaths } from "../../src/sweep/lint-paths.ts";
import { plant } from "../support/tokens.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-project-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function lint(files: Readonly<Record<string, string>>, ...paths: readonly string[]): Promise<Outcome> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), plant(text).text);
  }
  return lintPaths({
    paths: paths.length === 0 ? ["."] : paths,
    cwd: folder,
    stdin: async function* () {},
    stdinFilename: null,
    levels: {},
    useInlineIgnores: true,
  });
}

function shown(location: Location | undefined): string {
  if (location === undefined || !isInSource(location)) return "elsewhere";
  return `${location.path}:${location.region.start.line}`;
}

/** `rule at place <- other places` for every finding. */
function joined({ findings }: Outcome): string[] {
  return findings.map(({ rule, locations: [first, ...others] }) =>
    [`${rule} ${shown(first)}`, ...others.map((place) => shown(place))].join(" <- "),
  );
}

const DOCKERFILE = "FROM a\nARG HF_TOKEN\nRUN hf download org/model\n";
const BY_USE = "FROM a\nARG MODEL_KEY\nRUN HF_TOKEN=$MODEL_KEY hf download org/model\n";
const COMPOSE = "services:\n  api:\n    build:\n      context: ./api\n      args:\n        HF_TOKEN: ${HF_TOKEN}\n";

describe("a Dockerfile and who calls its build", () => {
  test("each names the other", async () => {
    const outcome = await lint({ "api/Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE });
    expect(outcome.subjects).toEqual([
      { kind: "dockerfile", name: "api/Dockerfile" },
      { kind: "compose", name: "compose.yaml" },
    ]);
    expect(joined(outcome)).toEqual([
      "token-in-build-argument api/Dockerfile:2 <- compose.yaml:6",
      "token-passed-as-build-argument compose.yaml:6 <- api/Dockerfile:2",
    ]);
    const [inDockerfile, inCaller] = outcome.findings;
    expect(inDockerfile?.locations[1]).toMatchObject({
      role: "related",
      in: "compose",
      text: "the token is passed here",
    });
    expect(inCaller?.locations[1]).toMatchObject({
      role: "related",
      in: "dockerfile",
      text: "ARG HF_TOKEN takes the value here",
    });
  });

  test("an argument that only the Dockerfile shows to be a token is found at the caller too", async () => {
    const text = COMPOSE.replace("HF_TOKEN: ${HF_TOKEN}", "MODEL_KEY: ${MODEL_KEY}");
    expect(joined(await lint({ "compose.yaml": text }))).toEqual([]);
    const outcome = await lint({ "api/Dockerfile": BY_USE, "compose.yaml": text });
    expect(joined(outcome).at(-1)).toBe("token-passed-as-build-argument compose.yaml:6 <- api/Dockerfile:2");
    expect(outcome.findings.at(-1)?.message).toContain(
      "The Dockerfile uses the build argument MODEL_KEY as a Hugging Face token",
    );
  });

  test("a placeholder that is passed to it is not", async () => {
    const text = COMPOSE.replace("HF_TOKEN: ${HF_TOKEN}", 'MODEL_KEY: ""');
    const found = await lint({ "api/Dockerfile": BY_USE, "compose.yaml": text });
    expect(joined(found).filter((line) => line.includes("compose"))).toEqual([]);
  });

  test("another service's Dockerfile is not joined", async () => {
    const found = await lint({ "web/Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE });
    expect(joined(found)).toEqual([
      "token-passed-as-build-argument compose.yaml:6",
      "token-in-build-argument web/Dockerfile:2",
    ]);
  });

  test.each([
    [
      "docker/Dockerfile.gpu",
      "docker-bake.hcl",
      'target "a" {\n  context = "docker"\n  dockerfile = "Dockerfile.gpu"\n  args = { HF_TOKEN = HF_TOKEN }\n}\n',
      4,
    ],
    [
      "Dockerfile",
      ".github/workflows/b.yml",
      "jobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          build-args: HF_TOKEN=${{ secrets.HF_TOKEN }}\n",
      6,
    ],
    [
      "app/Dockerfile",
      ".github/workflows/b.yml",
      "jobs:\n  b:\n    steps:\n      - working-directory: app\n        run: docker build --build-arg HF_TOKEN .\n",
      5,
    ],
    [
      "docker/Dockerfile",
      ".gitlab-ci.yml",
      "b:\n  script: docker build -f docker/Dockerfile --build-arg HF_TOKEN .\n",
      2,
    ],
    ["scripts/Dockerfile", "scripts/build.sh", "docker build --build-arg HF_TOKEN .\n", 1],
    ["Dockerfile", "scripts/build.sh", "docker build --build-arg HF_TOKEN .\n", 1],
    ["Dockerfile", "Makefile", "b:\n\tdocker build --build-arg HF_TOKEN=$(HF_TOKEN) .\n", 2],
    ["Containerfile", "build", "#!/bin/sh\npodman build --build-arg HF_TOKEN .\n", 2],
  ])("%s is what %s builds", async (dockerfile, caller, text, line) => {
    const lines = joined(await lint({ [dockerfile]: DOCKERFILE, [caller]: text }));
    expect(lines.toSorted()).toEqual([
      `token-in-build-argument ${dockerfile}:2 <- ${caller}:${line}`,
      `token-passed-as-build-argument ${caller}:${line} <- ${dockerfile}:2`,
    ]);
  });

  test("the context that a caller names is the one that COPY is read against", async () => {
    const files = {
      "docker/Dockerfile": "FROM a\nCOPY conf /conf\n",
      "src/conf/settings.ini": "token = @@TOKEN:user@@\n",
      "compose.yaml": "services:\n  a:\n    build: {context: ./src, dockerfile: ../docker/Dockerfile, args: [A]}\n",
    };
    const { findings } = await lint(files);
    expect(findings.map(({ rule }) => rule)).toEqual(["token-in-build-context"]);
  });
});

describe("which files are linted as what", () => {
  test("a folder of callers alone is no folder without Dockerfiles; one without either is", async () => {
    const found = await lint(
      { "compose.yaml": COMPOSE, "docs/build.sh": "ls\n", "docs/package.json": "{}" },
      ".",
      "docs",
    );
    expect(found.gaps.map(({ at, why }) => `${at} ${why}`)).toEqual(["docs no-dockerfile"]);
    expect(found.subjects.map(({ name }) => name)).toEqual(["compose.yaml"]);
  });

  test("named files are linted as what they are", async () => {
    const files = { "stack.yml": COMPOSE, run: "#!/bin/sh\nls\n", "image.txt": DOCKERFILE };
    const { subjects } = await lint(files, "stack.yml", "run", "image.txt");
    expect(subjects).toEqual([
      { kind: "dockerfile", name: "image.txt" },
      { kind: "script", name: "run" },
      { kind: "compose", name: "stack.yml" },
    ]);
  });

  test("an empty or binary file with the name of a script is nothing; a broken caller is a gap", async () => {
    const files = {
      Dockerfile: "FROM a\n",
      build: "\0",
      Makefile: "",
      "compose.yaml": "services: [\n",
      "bake.hcl": "\0",
    };
    const { gaps } = await lint(files);
    expect(gaps.map(({ at, why }) => `${at} ${why}`)).toEqual(["bake.hcl binary", "compose.yaml:2:1 parse-error"]);
  });

  test("no token in a calling file gets into the outcome", async () => {
    const text = `${COMPOSE}    environment:\n      KEY: @@TOKEN:user@@\n`;
    const outcome = await lint({ "api/Dockerfile": DOCKERFILE, "compose.yaml": text });
    expect(outcome.findings.map(({ rule }) => rule)).toContain("token-literal");
    for (const token of plant(text).tokens) expect(JSON.stringify(outcome).includes(token)).toBe(false);
  });
});

const base = (build: string): string => `services:\n  api:\n    build: ${build}\n`;

describe("who passes the token in one file, where another says what is built", () => {
  const OVERRIDE = "services:\n  api:\n    build:\n      args: [HF_TOKEN]\n";
  const BAKE = 'target "api" {\n  context = "api"\n}\ntarget "web" {\n  context = "web"\n  dockerfile = "weird"\n}\n';

  test.each<[string, Readonly<Record<string, string>>, string, readonly string[]]>([
    [
      "an override of compose",
      { "compose.yaml": base("./api"), "compose.override.yaml": OVERRIDE },
      "compose.override.yaml:4",
      ["api/Dockerfile:2"],
    ],
    [
      "an override, by the Dockerfile of the base",
      { "compose.yaml": base("{context: web, dockerfile: weird}"), "compose.prod.yaml": OVERRIDE },
      "compose.prod.yaml:4",
      ["web/weird:2"],
    ],
    [
      "an override with a Dockerfile of its own",
      {
        "compose.yaml": base("{context: web, dockerfile: other}"),
        "compose.prod.yaml": `${OVERRIDE}      dockerfile: weird\n`,
      },
      "compose.prod.yaml:4",
      ["web/weird:2"],
    ],
    [
      "an override of what is not there",
      { "compose.yaml": base("made"), "compose.prod.yaml": OVERRIDE },
      "compose.prod.yaml:4",
      ["Dockerfile:2"],
    ],
    ["a service that no other file has", { "compose.yaml": OVERRIDE }, "compose.yaml:4", ["Dockerfile:2"]],
    [
      "another folder's service",
      { "x/compose.yaml": base("../api"), "compose.yaml": OVERRIDE },
      "compose.yaml:4",
      ["Dockerfile:2"],
    ],
    [
      "an override of bake",
      {
        "docker-bake.hcl": BAKE,
        "docker-bake.override.hcl": 'target "web" {\n  args = { HF_TOKEN = HF_TOKEN }\n}\n',
      },
      "docker-bake.override.hcl:2",
      ["web/weird:2"],
    ],
    [
      "a setting of bake",
      { "docker-bake.hcl": BAKE, "go.sh": "docker buildx bake --set web.args.HF_TOKEN=$HF_TOKEN web\n" },
      "go.sh:1",
      ["web/weird:2"],
    ],
    [
      "a setting of bake for all targets",
      { "docker-bake.hcl": BAKE, Makefile: "b:\n\tdocker buildx bake --set *.args.HF_TOKEN=$(HF_TOKEN)\n" },
      "Makefile:2",
      ["api/Dockerfile:2", "web/weird:2"],
    ],
    [
      "a setting of a bake action",
      {
        "docker-bake.hcl": BAKE,
        ".github/workflows/b.yml":
          "jobs:\n  b:\n    steps:\n      - uses: docker/bake-action@v6\n        with:\n          set: |\n            api.args.HF_TOKEN=${{ secrets.HF_TOKEN }}\n",
      },
      ".github/workflows/b.yml:7",
      ["api/Dockerfile:2"],
    ],
  ])("%s", async (_, files, from, to) => {
    const places = { "api/Dockerfile": DOCKERFILE, "web/weird": DOCKERFILE, Dockerfile: DOCKERFILE };
    const found = joined(await lint({ ...places, ...files }));
    expect(found.filter((line) => line.startsWith("token-passed"))).toEqual([
      `token-passed-as-build-argument ${[from, ...to].join(" <- ")}`,
    ]);
  });
});
