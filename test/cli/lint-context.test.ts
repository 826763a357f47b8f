import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hullcheck, type CliOptions } from "../support/cli.ts";
import { FORMATS } from "../../src/report/index.ts";
import { expectReport } from "../support/report-schema.ts";

const DOCKERFILE = "FROM python:3.12-slim\nCOPY . /app\n";
const ENV = "HF_TOKEN=@@TOKEN:user@@\n";

interface Report {
  readonly verdict: string;
  readonly findings: readonly {
    readonly rule: string;
    readonly level: string;
    readonly message: string;
    readonly fix: string;
    readonly locations: readonly { readonly in: string; readonly path: string; readonly line?: number | null }[];
  }[];
  readonly gaps: readonly unknown[];
}

async function lint(argv: readonly string[], options: CliOptions): Promise<Report> {
  const { stdout } = await hullcheck(["lint", "--format", "json", ...argv], options);
  const report: unknown = JSON.parse(stdout);
  expectReport(report);
  return report as Report;
}

/** The findings as `level rule Dockerfile: files`. */
function found({ findings }: Report): string[] {
  return findings.map(({ level, rule, locations: [place, ...others] }) => {
    return `${level} ${rule} ${place?.path ?? ""}: ${others.map(({ path }) => path).join(" ")}`;
  });
}

test("a person reads which file, where it is let through, and what to do", async () => {
  const { code, stdout } = await hullcheck(["lint"], { files: { Dockerfile: DOCKERFILE, ".env": `# ours\n${ENV}` } });
  expect(code).toBe(1);
  expect(stdout.replaceAll(/hf_…\w{4}/g, "hf_…XXXX").replaceAll(/[0-9a-f]{64}/g, "SHA256")).toMatchInlineSnapshot(`
    "error  token-in-build-context  Dockerfile:2:6
      COPY . takes .env, which holds the token hf_…XXXX, from the build context: the image shows it to everyone who can pull the image.

      2 │ COPY . /app
        │      ^

      see     .env:2  the token stands here
      token   hf_…XXXX (user)
      sha256  SHA256
      fix     Put the line \`.env\` at the end of .dockerignore, and revoke the token if an image was built from this folder before: it is in there.

    fail: 1 error (1 Dockerfile)
    "
  `);
});

test("a file that is left out is silent", async () => {
  const files = { Dockerfile: DOCKERFILE, "app/.env": ENV, ".dockerignore": "**/.env\n" };
  const { code, stdout } = await hullcheck(["lint"], { files });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "pass: no leak found (1 Dockerfile)\n" });
});

test("every format and no output shows the token, in whatever wrapping the file has it", async () => {
  const files = {
    Dockerfile: DOCKERFILE,
    "@@TOKEN:user@@.txt": "@@TOKEN:user:2@@",
    "note @@TOKEN:user:3@@.md": "@@TOKEN:user:3@@ @@TOKEN:oauth@@ @@TOKEN:organization@@",
  };
  for (const format of FORMATS) {
    const { code, stdout } = await hullcheck(["lint", "--format", format], { files });
    expect(code).toBe(1);
    expect(stdout).toContain("token-in-build-context");
  }
});

function linkContext(folder: string): void {
  symlinkSync("real", join(folder, "context"));
}

describe("which folder is the context", () => {
  const nested = { "docker/Dockerfile": "FROM a\nCOPY src /src\n", "src/.env": ENV };

  test("the folder of the Dockerfile", async () => {
    const files = { "api/Dockerfile": DOCKERFILE, "api/.env": ENV, ".env": "HF_TOKEN=@@TOKEN:user:2@@" };
    expect(found(await lint(["."], { files }))).toEqual(["error token-in-build-context api/Dockerfile: api/.env"]);
    expect(found(await lint(["api/Dockerfile"], { files }))).toEqual([
      "error token-in-build-context api/Dockerfile: api/.env",
    ]);
  });

  test("the linted folder, when only that has the sources", async () => {
    expect(found(await lint(["."], { files: nested }))).toEqual([
      "error token-in-build-context docker/Dockerfile: src/.env",
    ]);
  });

  test("the folder of the Dockerfile, when that has them too", async () => {
    const files = { ...nested, "docker/src/app.py": "" };
    expect(found(await lint(["."], { files }))).toEqual([]);
  });

  test("none with the sources: nothing is found, and nothing is a gap", async () => {
    const { findings, gaps } = await lint(["docker/Dockerfile"], { files: nested });
    expect({ findings, gaps }).toEqual({ findings: [], gaps: [] });
  });

  test("--context says it outright, for every Dockerfile that is named", async () => {
    const files = { ...nested, "docker/src/app.py": "", "docker/b.Dockerfile": "FROM a\nADD src/.env /\n" };
    expect(found(await lint(["docker/Dockerfile", "docker/b.Dockerfile", "--context", "."], { files }))).toEqual([
      "error token-in-build-context docker/Dockerfile: src/.env",
      "error token-in-build-context docker/b.Dockerfile: src/.env",
    ]);
  });

  test("standard input has one only with --context", async () => {
    const options = { files: { ".env": ENV }, stdin: DOCKERFILE };
    expect(found(await lint(["-"], options))).toEqual([]);
    expect(found(await lint(["-", "--context", "."], options))).toEqual(["error token-in-build-context -: .env"]);
  });

  test("a context that is no folder is a usage error", async () => {
    for (const context of ["nope", "Dockerfile", "https://example.com/repo.git"]) {
      const { code, stderr } = await hullcheck(["lint", "--context", context], { files: { Dockerfile: DOCKERFILE } });
      expect(code).toBe(2);
      expect(stderr).toContain("is not a folder");
    }
  });

  test("a context that is a link to a folder", async () => {
    const files = { "docker/Dockerfile": DOCKERFILE, "real/.env": ENV };
    expect(found(await lint(["docker", "--context", "context"], { files, prepare: linkContext }))).toEqual([
      "error token-in-build-context docker/Dockerfile: context/.env",
    ]);
  });
});

describe("ignore files", () => {
  test("the Dockerfile's own counts, and .dockerignore then does not", async () => {
    const files = {
      Dockerfile: DOCKERFILE,
      "gpu.Dockerfile": DOCKERFILE,
      "gpu.Dockerfile.dockerignore": "*.md\n",
      ".dockerignore": ".env\n",
      ".env": ENV,
    };
    const report = await lint(["."], { files });
    expect(found(report)).toEqual(["error token-in-build-context gpu.Dockerfile: .env"]);
    expect(report.findings[0]?.fix).toContain("`.env` at the end of gpu.Dockerfile.dockerignore");
  });

  test("it lies beside the Dockerfile, also when the context is elsewhere", async () => {
    const files = {
      "docker/Dockerfile": DOCKERFILE,
      "docker/Dockerfile.dockerignore": ".env\n",
      "docker/.dockerignore": "*\n",
      ".env": ENV,
      "a/.env": ENV,
    };
    expect(found(await lint(["docker/Dockerfile", "--context", "."], { files }))).toEqual([
      "error token-in-build-context docker/Dockerfile: a/.env",
    ]);
  });

  test("a pattern that stops the build is a gap, and nothing is taken for left out", async () => {
    const { code, stdout } = await hullcheck(["lint"], { files: { Dockerfile: DOCKERFILE, ".dockerignore": "[\n" } });
    expect(code).toBe(2);
    expect(stdout).toMatch(/^gap {2}parse-error {2}\.dockerignore$/m);
  });

  test("a gap that five Dockerfiles share is one", async () => {
    const names = ["a", "b", "c", "d", "e"].map((name) => `${name}.Dockerfile`);
    const files = Object.fromEntries(names.map((name) => [name, DOCKERFILE]));
    const { gaps } = await lint(["."], { files: { ...files, ".dockerignore": "[\n" } });
    expect(gaps).toHaveLength(1);
  });
});

test("a home on disk: an error with the token, silent without, a warning when it is not there", async () => {
  const Dockerfile = "FROM a\nCOPY .cache/huggingface /root/.cache/huggingface\n";
  const token = ".cache/huggingface/token";
  expect(found(await lint(["."], { files: { Dockerfile, [token]: "@@TOKEN:user@@" } }))).toEqual([
    `error cache-copied Dockerfile: ${token}`,
  ]);
  expect(found(await lint(["."], { files: { Dockerfile, ".cache/huggingface/version.txt": "1" } }))).toEqual([]);
  expect(found(await lint(["."], { files: { Dockerfile } }))).toEqual(["warning cache-copied Dockerfile: "]);
});

test("an ignore comment above the COPY suppresses it", async () => {
  const Dockerfile = "FROM a\n# hullcheck-ignore token-in-build-context: our fixtures\nCOPY . .\n";
  const { code, stdout } = await hullcheck(["lint"], { files: { Dockerfile, ".env": ENV } });
  expect(code).toBe(0);
  expect(stdout).toContain("by comment: our fixtures");
});

test("SARIF points at the file as a place of its own, on the way to the COPY", async () => {
  const files = { Dockerfile: DOCKERFILE, ".env": ENV };
  const { stdout } = await hullcheck(["lint", "--format", "sarif"], { files });
  expect(JSON.parse(stdout)).toMatchObject({
    runs: [
      {
        results: [
          {
            ruleId: "token-in-build-context",
            relatedLocations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: ".env", uriBaseId: "%SRCROOT%" },
                  region: { startLine: 1 },
                },
              },
            ],
            codeFlows: [{ threadFlows: [{ locations: [{ executionOrder: 1 }, { executionOrder: 2 }] }] }],
          },
        ],
      },
    ],
  });
});

describe("ignore files of podman and docker", () => {
  test.each([
    [".containerignore of a Containerfile", "Containerfile", { ".containerignore": ".env\n" }, 0],
    [
      ".containerignore before .dockerignore",
      "Containerfile",
      { ".containerignore": ".env\n", ".dockerignore": "x\n" },
      0,
    ],
    ["docker reads its own first", "Dockerfile", { ".containerignore": ".env\n", ".dockerignore": "x\n" }, 1],
    ["podman's alone, beside a Dockerfile", "Dockerfile", { ".containerignore": ".env\n" }, 0],
    ["docker's for a Containerfile", "Containerfile", { ".dockerignore": ".env\n" }, 0],
    [
      "the Containerfile's own",
      "Containerfile",
      { "Containerfile.containerignore": ".env\n", ".containerignore": "x\n" },
      0,
    ],
    ["one that leaves nothing out", "Containerfile", { ".containerignore": "app.py\n" }, 1],
  ] as const)("%s", async (_, name, ignores, code) => {
    const result = await hullcheck(["lint", name], { files: { [name]: DOCKERFILE, ".env": ENV, ...ignores } });
    expect(result.code).toBe(code);
  });
});

test("a script of the context is told with its line", async () => {
  const files = {
    Dockerfile: "FROM a\nWORKDIR /app\nCOPY . .\nRUN --mount=type=secret,id=hf ./setup.sh\n",
    "setup.sh": '#!/bin/sh\nset -e\nhf auth login --token "$(cat /run/secrets/hf)"\n',
  };
  const { code, stdout } = await hullcheck(["lint"], { files });
  expect(code).toBe(1);
  expect(stdout).toContain("login-in-build  Dockerfile:4:31");
  expect(stdout).toContain("setup.sh:3  it stands in this script");
});
