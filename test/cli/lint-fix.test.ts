/** `hullcheck lint --fix` and `--fix --dry-run`, as a person sees them. */

import { chmodSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hullcheck } from "../support/cli.ts";

const LEAKY = `FROM python:3.12-slim
# for the gated model
ARG HF_TOKEN
RUN pip install huggingface_hub
RUN hf download org/model
`;

describe("a dry run", () => {
  test("prints a diff, writes nothing, and judges what is there", async () => {
    const { code, stdout, stderr, written } = await hullcheck(["lint", "--fix", "--dry-run"], {
      files: { Dockerfile: LEAKY },
    });
    expect(stdout).toMatchInlineSnapshot(`
      "--- a/Dockerfile
      +++ b/Dockerfile
      @@ -1,5 +1,5 @@
      +# syntax=docker/dockerfile:1
       FROM python:3.12-slim
       # for the gated model
      -ARG HF_TOKEN
       RUN pip install huggingface_hub
      -RUN hf download org/model
      +RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: would mend 1 file: Dockerfile; nothing was written
      hullcheck: Dockerfile: build it with --secret id=HF_TOKEN,env=HF_TOKEN
      hullcheck: images that were built before still hold the token: revoke it at huggingface.co/settings/tokens if one was shared
      hullcheck: fail: 1 error (1 Dockerfile)
      "
    `);
    expect(written).toEqual({});
    expect(code).toBe(1);
  });

  test("prints nothing on standard output when nothing can be mended", async () => {
    const files = { Dockerfile: "FROM scratch\nENV HF_TOKEN=@@TOKEN:user@@\n" };
    const { code, stdout, written } = await hullcheck(["lint", "--fix", "--dry-run"], { files });
    expect([code, stdout, written]).toEqual([1, "", {}]);
  });

  test("masks tokens that stand beside what changes", async () => {
    const files = { Dockerfile: `${LEAKY}LABEL a=@@TOKEN:user@@\nENV HF_KEY=wordsthatnobodyknows9\n` };
    const { stdout } = await hullcheck(["lint", "--fix", "--dry-run"], { files });
    expect(stdout).toContain("+RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\n");
    expect(stdout).toContain("LABEL a=****");
    expect(stdout).not.toContain("wordsthatnobodyknows9");
  });
});

describe("mending", () => {
  test("writes the file, and reports what is left", async () => {
    const { code, stdout, stderr, written } = await hullcheck(["lint", "--fix"], { files: { Dockerfile: LEAKY } });
    expect(written).toEqual({
      Dockerfile:
        "# syntax=docker/dockerfile:1\nFROM python:3.12-slim\n# for the gated model\nRUN pip install huggingface_hub\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\n",
    });
    expect(stdout).toMatchInlineSnapshot(`
      "pass: no leak found (1 Dockerfile)
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: mended 1 file: Dockerfile
      hullcheck: Dockerfile: build it with --secret id=HF_TOKEN,env=HF_TOKEN
      hullcheck: images that were built before still hold the token: revoke it at huggingface.co/settings/tokens if one was shared
      "
    `);
    expect(code).toBe(0);
  });

  test("changes the Dockerfile and the files that call its build together", async () => {
    const files = {
      Dockerfile: LEAKY,
      "compose.yaml":
        "services:\n  api:\n    build:\n      context: .\n      args:\n        HF_TOKEN: ${HF_TOKEN}\n        PORT: 80\n",
      "build.sh": '#!/bin/sh\ndocker build --build-arg HF_TOKEN="$HF_TOKEN" -t app .\n',
      Makefile: "image:\n\tdocker build --build-arg HF_TOKEN=$(HF_TOKEN) -t app .\n",
      ".github/workflows/build.yml":
        "jobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: .\n          build-args: |\n            HF_TOKEN=${{ secrets.HF_TOKEN }}\n",
      "docker-bake.hcl":
        'variable "HF_TOKEN" {}\ntarget "app" {\n  context = "."\n  args = {\n    HF_TOKEN = HF_TOKEN\n    PORT = 80\n  }\n}\n',
    };
    const { code, stderr, written } = await hullcheck(["lint", "--fix"], { files });
    expect(written["compose.yaml"]).toMatchInlineSnapshot(`
      "services:
        api:
          build:
            context: .
            secrets:
              - HF_TOKEN
            args:
              PORT: 80

      secrets:
        HF_TOKEN:
          environment: HF_TOKEN
      "
    `);
    expect(written["build.sh"]).toMatchInlineSnapshot(`
      "#!/bin/sh
      docker build --secret id=HF_TOKEN,env=HF_TOKEN -t app .
      "
    `);
    expect(written["Makefile"]).toMatchInlineSnapshot(`
      "image:
      	docker build --secret id=HF_TOKEN,env=HF_TOKEN -t app .
      "
    `);
    expect(written[".github/workflows/build.yml"]).toMatchInlineSnapshot(`
      "jobs:
        a:
          runs-on: x
          steps:
            - uses: docker/build-push-action@v6
              with:
                context: .
                secrets: |
                  HF_TOKEN=\${{ secrets.HF_TOKEN }}
      "
    `);
    expect(written["docker-bake.hcl"]).toMatchInlineSnapshot(`
      "variable "HF_TOKEN" {}
      target "app" {
        context = "."
        secret = ["id=HF_TOKEN,env=HF_TOKEN"]
        args = {
          PORT = 80
        }
      }
      "
    `);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: mended 6 files: .github/workflows/build.yml, Makefile, build.sh, compose.yaml, docker-bake.hcl, Dockerfile
      hullcheck: images that were built before still hold the token: revoke it at huggingface.co/settings/tokens if one was shared
      "
    `);
    expect(code).toBe(0);
  });

  test("says who calls the build in a way that it does not change", async () => {
    const files = {
      Dockerfile: LEAKY,
      "build.sh": '#!/bin/sh\nHF_TOKEN=$(cat ~/token)\ndocker build --build-arg HF_TOKEN="$HF_TOKEN" .\n',
    };
    const { code, stderr, written } = await hullcheck(["lint", "--fix"], { files });
    expect(Object.keys(written)).toEqual(["Dockerfile"]);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: mended 1 file: Dockerfile
      hullcheck: build.sh:3: hand HF_TOKEN to this build as a secret (id=HF_TOKEN) in place of the build argument; this call was not changed
      hullcheck: Dockerfile: build it with --secret id=HF_TOKEN,env=HF_TOKEN
      hullcheck: images that were built before still hold the token: revoke it at huggingface.co/settings/tokens if one was shared
      "
    `);
    expect(code).toBe(1);
  });

  test("names a caller that could not be read in full, and does not change it", async () => {
    const files = {
      Dockerfile: LEAKY,
      "build.sh": '#!/bin/sh\ndocker build --build-arg HF_TOKEN="$HF_TOKEN" .\nif true; then\n',
    };
    const { code, stderr, written } = await hullcheck(["lint", "--fix"], { files });
    expect(Object.keys(written)).toEqual(["Dockerfile"]);
    expect(stderr).toContain("build it with --secret id=HF_TOKEN,env=HF_TOKEN");
    expect(code).not.toBe(0);
  });

  test("leaves the callers alone when the Dockerfile has to stay", async () => {
    const files = {
      Dockerfile: `${LEAKY}LABEL token=$HF_TOKEN\n`,
      "build.sh": '#!/bin/sh\ndocker build --build-arg HF_TOKEN="$HF_TOKEN" .\n',
    };
    const { code, written } = await hullcheck(["lint", "--fix"], { files });
    expect([code, written]).toEqual([1, {}]);
  });

  test("writes the line that .dockerignore lacks, and makes the file where there is none", async () => {
    const dockerfile = "FROM python:3.12-slim\nCOPY . .\nRUN pip install -r requirements.txt\nCMD python app.py\n";
    const files = { Dockerfile: dockerfile, ".env": "HF_TOKEN=@@TOKEN:user@@\n", "app.py": "" };
    const made = await hullcheck(["lint", "--fix"], { files });
    expect([made.code, made.written]).toEqual([0, { ".dockerignore": ".env\n" }]);
    const undone = await hullcheck(["lint", "--fix"], { files: { ...files, ".dockerignore": ".env\n!.env" } });
    expect([undone.code, undone.written]).toEqual([0, { ".dockerignore": ".env\n!.env\n.env" }]);
  });

  test("leaves a file in the context that the image is made of, or that a RUN may read", async () => {
    const token = "HF_TOKEN=@@TOKEN:user@@\n";
    for (const files of [
      { Dockerfile: "FROM python\nCOPY . .\n", "config.yaml": token },
      { Dockerfile: "FROM python\nCOPY . .\nRUN python download.py\n", ".env": token },
      { Dockerfile: "FROM python\nCOPY .env /app/\n", ".env": token },
      { Dockerfile: "FROM python\nCOPY . .\n", "Dockerfile.dev": "FROM python\nCOPY .env .\n", ".env": token },
    ]) {
      const { code, written } = await hullcheck(["lint", "--fix"], { files });
      expect([code, written]).toEqual([1, {}]);
    }
  });

  test("keeps line ends, the byte order mark, the missing final line break and the mode", async () => {
    const text = "\u{feff}FROM a\r\nARG HF_TOKEN\r\nRUN hf download x";
    let mode = 0;
    const { written } = await hullcheck(["lint", "--fix"], {
      files: { Dockerfile: text },
      prepare: (folder) => {
        chmodSync(join(folder, "Dockerfile"), 0o640);
        mode = statSync(join(folder, "Dockerfile")).mode;
      },
      after: (folder) => expect(statSync(join(folder, "Dockerfile")).mode).toBe(mode),
    });
    const mended = Buffer.from(
      "\u{feff}# syntax=docker/dockerfile:1\r\nFROM a\r\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download x",
    );
    expect(written).toEqual({ Dockerfile: mended.toString("latin1") });
  });

  test("follows no link out of what was named", async () => {
    const { code, stderr } = await hullcheck(["lint", "--fix", "project"], {
      files: { "elsewhere/Dockerfile": LEAKY, "project/README": "" },
      prepare: (folder) => symlinkSync("../elsewhere/Dockerfile", join(folder, "project/Dockerfile")),
      after: (folder) => {
        expect(readlinkSync(join(folder, "project/Dockerfile"))).toBe("../elsewhere/Dockerfile");
        expect(readFileSync(join(folder, "elsewhere/Dockerfile"), "utf8")).toBe(LEAKY);
      },
    });
    expect(stderr).toContain("project/Dockerfile was not changed: it is a link");
    expect(code).toBe(1);
  });

  test("an ignore file outside of what was named is not written", async () => {
    const files = {
      "app/Dockerfile": "FROM a\nCOPY . .\n",
      "app/compose.yaml": "services:\n  a:\n    build:\n      context: ..\n      dockerfile: app/Dockerfile\n",
      ".env": "HF_TOKEN=@@TOKEN:user@@\n",
    };
    const { written } = await hullcheck(["lint", "--fix", "app"], { files });
    expect(written).toEqual({});
  });

  test("what the config accepts stays; what a baseline knows is mended", async () => {
    const config =
      "accept:\n  - rule: token-in-build-argument\n    path: Dockerfile\n    reason: a token without rights\n";
    const kept = await hullcheck(["lint", "--fix"], { files: { Dockerfile: LEAKY, ".hullcheck.yaml": config } });
    expect([kept.code, kept.written]).toEqual([0, {}]);
    const { written } = await hullcheck(["lint", "--write-baseline"], { files: { Dockerfile: LEAKY } });
    const known = await hullcheck(["lint", "--fix", "--baseline", ".hullcheck-baseline.json"], {
      files: { Dockerfile: LEAKY, ...written },
    });
    expect(Object.keys(known.written)).toEqual(["Dockerfile"]);
  });

  test("a suppressed finding stays", async () => {
    const text = LEAKY.replace("# for the gated model", "# hullcheck-ignore token-in-build-argument: short-lived");
    const { code, written } = await hullcheck(["lint", "--fix"], { files: { Dockerfile: text } });
    expect([code, written]).toEqual([0, {}]);
  });
});

describe("what --fix cannot do", () => {
  test.each([
    [["lint", "--dry-run"], "--dry-run without --fix"],
    [["lint", "--fix", "-"], "--fix cannot change standard input; name the file itself"],
    [["lint", "--fix", "--dry-run", "--format", "json"], "prints a diff and no report"],
  ])("%j", async (argv, message) => {
    const { code, stdout, stderr } = await hullcheck(argv, { files: { Dockerfile: LEAKY } });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});
