import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FORMATS } from "../../src/report/index.ts";
import { expectNoToken, hullcheck } from "../support/cli.ts";
import { docker24, docker25, tar, type ImageSpec } from "../support/images.ts";
import { expectReport } from "../support/report-schema.ts";
import { fakeToken } from "../support/tokens.ts";

const TOKENS = [1, 2].map((number) => fakeToken("user", number));
const [ONE = "", TWO = ""] = TOKENS;

const LOGIN = 'hf auth login --token "$(cat /run/secrets/hf)"';
const DOCKERFILE = `FROM team/ml:2
ENV HF_TOKEN=@@TOKEN:user:2@@
RUN --mount=type=secret,id=hf ${LOGIN}
`;
const LEAKY: ImageSpec = {
  tags: ["app:1"],
  config: { Env: [`HF_TOKEN=${TWO}`] },
  layers: [
    { entries: [{ name: "etc/hf", content: ONE }] },
    { entries: [{ name: "root/.cache/huggingface/token", content: TWO }] },
  ],
  extra: {
    history: [
      { created_by: "/bin/sh -c #(nop) ADD file:1 in /" },
      { created_by: `ENV HF_TOKEN=${TWO}`, empty_layer: true },
      { created_by: `RUN /bin/sh -c ${LOGIN} # buildkit` },
    ],
  },
};
const CLEAN: ImageSpec = { tags: ["clean:1"], layers: [{ entries: [{ name: "a", content: "a" }] }] };
const SOUND = { Dockerfile: "FROM a\nRUN make\n", "app.tar": await tar(await docker25(CLEAN)) };
const LEAKING = { Dockerfile: DOCKERFILE, "app.tar": await tar(await docker25(LEAKY)) };

/** Runs `hullcheck gate` and makes sure that none of the tokens shows. */
async function gate(
  argv: readonly string[],
  options: Parameters<typeof hullcheck>[1] = {},
): ReturnType<typeof hullcheck> {
  const result = await hullcheck(["gate", ...argv], options);
  expectNoToken([result.stdout, result.stderr, ...Object.entries(result.written).flat()].join("\n"), TOKENS);
  return result;
}

describe("one verdict", () => {
  test("0: nothing in either half", async () => {
    const { code, stdout, stderr } = await gate([".", "--image", "app.tar"], { files: SOUND });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "pass: no leak found (1 Dockerfile, 1 image)\n",
      stderr: "",
    });
  });

  test("1: a leak, with the line that made it and the image that confirms it", async () => {
    const { code, stdout } = await gate(["--image", "app.tar"], { files: LEAKING });
    expect(code).toBe(1);
    expect(stdout.replaceAll(/sha256:[0-9a-f]{12}|[0-9a-f]{64}/g, "…")).toMatchInlineSnapshot(`
      "error  token-in-environment  Dockerfile:2:5
        ENV HF_TOKEN is set to the token hf_…Ebwc: the image's config and history show it to everyone who can pull the image.

        2 │ ENV HF_TOKEN=*************************************
          │     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        see     app:1 config /config/Env/0  confirmed by the image
        see     app:1 history entry 1  confirmed by the image
        token   hf_…Ebwc (user)
        sha256  …
        fix     Revoke this token at huggingface.co/settings/tokens. Delete this ENV; for the build write: RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN <the command that needs the token>; at run time pass it when the container starts (docker run -e HF_TOKEN, a Kubernetes secret).

      error  login-in-build  Dockerfile:3:31
        \`hf auth login\` writes the token to ~/.cache/huggingface/token and ~/.cache/huggingface/stored_tokens, though the token comes from a secret mount: the layer shows it to everyone who can pull the image.

        3 │ RUN --mount=type=secret,id=hf hf auth login --token "$(cat /run/secrets/hf)"
          │                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        see     app:1 layer 1: /root/.cache/huggingface/token  confirmed by the image
        fix     Do not log in; give the token to the command that needs it: RUN --mount=type=secret,id=hf,env=HF_TOKEN hf download <model>

      error  token-in-image-config  app:1 config /config/Env/0
        A Hugging Face token (user) stands in HF_TOKEN in the image's config: whoever can see the image can read it.

        see     Dockerfile:2:5  this instruction set the value
                2 │ ENV HF_TOKEN=*************************************
                  │     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        see     app:1 config /config/Env/0  in the v1 JSON blobs/sha256/…
        see     app:1 history entry 1  the same token
        see     app:1 layer 1: /root/.cache/huggingface/token  the same token
        token   hf_…Ebwc (user)
        sha256  …
        fix     Revoke the token, and remove the ENV, LABEL or command that holds it. Give the container its token when it starts: \`docker run -e HF_TOKEN\` or a secret of the platform.

      error  token-in-history  app:1 history entry 1
        A Hugging Face token (user) stands in the image's history, as the value of HF_TOKEN: whoever can see the image can read it.

        at      /history/1/created_by

        see     Dockerfile:2:5  this instruction wrote the history
                2 │ ENV HF_TOKEN=*************************************
                  │     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        see     app:1 config /config/Env/0  the same token
        see     app:1 config /config/Env/0  in the v1 JSON blobs/sha256/…
        see     app:1 layer 1: /root/.cache/huggingface/token  the same token
        token   hf_…Ebwc (user)
        sha256  …
        fix     Revoke the token, and give it to the build as a secret: \`RUN --mount=type=secret,id=hf_token,env=HF_TOKEN …\` with \`docker build --secret id=hf_token\`. The history keeps build arguments and command lines.

      error  token-in-layer  app:1 layer 0: /etc/hf
        A Hugging Face token (user) stands in /etc/hf: whoever pulls the image can read it. It comes from the base image: layer 0 lies below what Dockerfile builds, unless an instruction was taken out of it since.

        layer   0 (…) of app:1
        path    /etc/hf
        at      line 1, byte 0
        made by /bin/sh -c #(nop) ADD file:1 in /

        see     Dockerfile:1:1  the base image comes in here
                1 │ FROM team/ml:2
                  │ ^^^^^^^^^^^^^^
        token   hf_…RhUN (user)
        sha256  …
        fix     Revoke the token, and build again on a base image without it: no instruction of Dockerfile can take it away.

      error  token-file-in-layer  app:1 layer 1: /root/.cache/huggingface/token
        /root/.cache/huggingface/token holds the token of a Hugging Face login: whoever pulls the image can read it.

        layer   1 (…) of app:1
        path    /root/.cache/huggingface/token
        at      line 1, byte 0
        made by RUN /bin/sh -c hf auth login --token "$(cat /run/secrets/hf)" # buildkit

        see     Dockerfile:3:31  this instruction made the layer
                3 │ RUN --mount=type=secret,id=hf hf auth login --token "$(cat /run/secrets/hf)"
                  │                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        see     Dockerfile:2:5  the same token stands here
                2 │ ENV HF_TOKEN=*************************************
                  │     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        see     app:1 config /config/Env/0  the same token
        see     app:1 config /config/Env/0  in the v1 JSON blobs/sha256/…
        see     app:1 history entry 1  the same token
        token   hf_…Ebwc (user)
        sha256  …
        fix     Revoke the token, then rebuild without it: give it to the one command that needs it by \`RUN --mount=type=secret,id=hf_token,env=HF_TOKEN\`. Deleting the file in a later instruction does not help.

      fail: 6 errors (1 Dockerfile, 1 image)
      "
    `);
  });

  test("1: a leak in the image alone, and one in the project alone", async () => {
    expect((await gate(["--image", "app.tar"], { files: { ...SOUND, "app.tar": LEAKING["app.tar"] } })).code).toBe(1);
    expect((await gate(["--image", "app.tar"], { files: { ...SOUND, Dockerfile: DOCKERFILE } })).code).toBe(1);
  });

  test("2: a gap in either half, and both are said", async () => {
    const noImage = await gate(["--image", "no.tar"], { files: SOUND });
    expect([noImage.code, noImage.stderr]).toEqual([
      2,
      "hullcheck: no.tar: there is no such file or folder; check the path\n",
    ]);
    const noPath = await gate(["nowhere", "--image", "app.tar"], { files: SOUND });
    expect(noPath.code).toBe(2);
    expect(noPath.stderr).toContain("hullcheck: nowhere: there is no such file or folder");
    const neither = await gate(["nowhere", "--image", "no.tar", "--format", "json"], { files: SOUND });
    expect(neither.code).toBe(2);
    expect(JSON.parse(neither.stdout)).toMatchObject({ verdict: "unknown", subjects: [], gaps: [{}, {}] });
    const cut = await gate(["--image", "app.tar"], {
      files: { ...SOUND, "app.tar": SOUND["app.tar"].subarray(0, 2000) },
    });
    expect(cut.code).toBe(2);
    const empty = await gate(["--image", "app.tar"], { files: { "app.tar": SOUND["app.tar"] } });
    expect([empty.code, empty.stderr.includes("no Dockerfile")]).toEqual([2, true]);
  });

  test("1 beats 2", async () => {
    const { code, stdout } = await gate([".", "nowhere", "--image", "app.tar"], { files: LEAKING });
    expect([code, /^fail: .* 1 gap \(1 Dockerfile, 1 image\)$/m.test(stdout)]).toEqual([1, true]);
  });

  test("--exit-zero, --fail-on and --level", async () => {
    const zero = await gate(["--image", "app.tar", "--exit-zero"], { files: LEAKING });
    expect([zero.code, /^fail: .*exit code 0 asked for by --exit-zero/m.test(zero.stdout)]).toEqual([0, true]);
    const files = { ...SOUND, Dockerfile: 'FROM a\nRUN make\nCMD ["hf", "auth", "login", "--token", "$T"]\n' };
    expect((await gate(["--image", "app.tar"], { files })).code).toBe(0);
    expect((await gate(["--image", "app.tar", "--fail-on", "note"], { files })).code).toBe(1);
    const off = ["--level", "login-at-start=off", "--fail-on", "note"];
    expect((await gate(["--image", "app.tar", ...off], { files })).code).toBe(0);
  });
});

describe("images", () => {
  test("- is standard input", async () => {
    const { code, stdout } = await gate(["--image", "-"], {
      files: { Dockerfile: DOCKERFILE },
      stdin: LEAKING["app.tar"],
    });
    expect([code, stdout.includes("confirmed by the image")]).toEqual([1, true]);
  });

  test("the same one twice is one", async () => {
    const once = await gate(["--image", "app.tar"], { files: LEAKING });
    const twice = await gate(["--image", "app.tar", "--image", "./app.tar"], { files: LEAKING });
    expect(twice.stdout).toBe(once.stdout);
  });

  test("come from the config when none is typed, and a typed one wins", async () => {
    const config = { ".hullcheck.yaml": "images: [app.tar]\n" };
    expect((await gate([], { files: { ...LEAKING, ...config } })).stdout).toContain("(1 Dockerfile, 1 image)");
    const typed = await gate(["--image", "no.tar", "--level", "token-in-environment=off"], {
      files: { ...SOUND, ...config },
    });
    expect(typed.stderr).toContain("no.tar: there is no such file");
    expect((await gate([], { files: { ...SOUND, ".hullcheck.yaml": "failOn: note\n" } })).code).toBe(2);
  });

  test("--image-name chooses one of several in an archive", async () => {
    const files = { ...SOUND, "all.tar": await tar(await docker24(CLEAN, LEAKY)) };
    const chosen = await gate(["--image", "all.tar", "--image-name", "clean:1"], { files });
    expect([chosen.code, chosen.stdout]).toEqual([0, "pass: no leak found (1 Dockerfile, 1 image)\n"]);
    expect((await gate(["--image", "all.tar", "--image-name", "app:1"], { files })).code).toBe(1);
    expect((await gate(["--image", "all.tar", "--image-name", "other"], { files })).code).toBe(2);
  });
});

describe("formats", () => {
  test("all at once, without a token in any", async () => {
    const argv = FORMATS.flatMap((format) => ["--format", format === "text" ? "text" : `${format}=out.${format}`]);
    const { code, stdout, written } = await gate(["--image", "app.tar", ...argv], { files: LEAKING });
    expect(code).toBe(1);
    expect(stdout).toContain("It comes from the base image: layer 0 lies below what Dockerfile builds, unless");
    expect(Object.keys(written).toSorted()).toEqual(
      FORMATS.filter((format) => format !== "text")
        .map((format) => `out.${format}`)
        .toSorted(),
    );
    expectReport(JSON.parse(written["out.json"] ?? ""));
    const places = (written["out.github"] ?? "")
      .split("\n")
      .flatMap((line) => /file=([^,]*),line=(\d+)/.exec(line)?.slice(1).join(":") ?? []);
    expect(places).toEqual([
      "Dockerfile:2",
      "Dockerfile:3",
      "Dockerfile:2",
      "Dockerfile:2",
      "Dockerfile:1",
      "Dockerfile:3",
    ]);
    interface Sarif {
      readonly runs: readonly {
        readonly results: readonly {
          readonly locations: readonly {
            readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
          }[];
        }[];
      }[];
    }
    const sarif = JSON.parse(written["out.sarif"] ?? "") as Sarif;
    const uris = sarif.runs.flatMap(({ results }) =>
      results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation.uri),
    );
    expect(new Set(uris)).toEqual(new Set(["Dockerfile"]));
  });

  test("the same input gives the same bytes", async () => {
    const argv = ["--image", "app.tar", "--format", "json"];
    expect((await gate(argv, { files: LEAKING })).stdout).toBe((await gate(argv, { files: LEAKING })).stdout);
  });
});

describe("policy", () => {
  test("a baseline of both halves lets them through, and new leaks count", async () => {
    const saved = await gate(["--image", "app.tar", "--write-baseline"], { files: LEAKING });
    expect(saved.code).toBe(0);
    const baseline = saved.written[".hullcheck-baseline.json"] ?? "";
    expect((JSON.parse(baseline) as { entries: unknown[] }).entries).toHaveLength(6);
    const files = { ...LEAKING, "known.json": baseline };
    const known = await gate(["--image", "app.tar", "--baseline", "known.json"], { files });
    expect([known.code, known.stdout.match(/by baseline/g)?.length]).toEqual([0, 6]);
    const more = `${DOCKERFILE}RUN curl -H @@TOKEN:user@@ x\n`;
    const next = await gate(["--image", "app.tar", "--baseline", "known.json"], {
      files: { ...files, Dockerfile: more },
    });
    expect([next.code, next.stdout.match(/^error /gm)?.length]).toEqual([1, 1]);
  });

  test("an ignore comment speaks for the Dockerfile, never for the image", async () => {
    const ignored = DOCKERFILE.replace("RUN", "# hullcheck-ignore login-in-build: a base that nobody pulls\nRUN");
    const { code, stdout } = await gate(["--image", "app.tar"], { files: { ...LEAKING, Dockerfile: ignored } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error {2}token-file-in-layer/m);
    expect(stdout).toMatch(/^suppressed {2}login-in-build {2}Dockerfile:4/m);
  });
});

test.each([
  [[], "no image to inspect; name what was built, as in --image app.tar"],
  [["--image"], "option '--image <image>' needs a value"],
  [["--imag", "app.tar"], "did you mean --image?"],
  [["--image", "-", "--image", "-"], "standard input can be read only once"],
  [["-", "--image", "-"], "standard input can be read only once"],
  [["--image", "docker:app"], "'docker:app'"],
  [["--image", "app.tar", "--platform", "arm"], "'arm' is not a platform"],
  [["--image", "app.tar", "--max-hits", "x"], "--max-hits 'x' is not a whole number from 1 to"],
  [["--image", "app.tar", "--stdin-filename", "x"], "--stdin-filename without `-`"],
  [["--image", "app.tar", "--format", "xml"], "unknown format 'xml'"],
])("usage errors are one line, and nothing passes: %j", async (argv, message) => {
  const { code, stdout, stderr } = await gate(argv, { files: SOUND });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("a token in the name of an image or a path shows nowhere", async () => {
  const { code } = await gate(["@@TOKEN:user@@", "--image", "@@TOKEN:user:2@@.tar", "--format", "json"], {
    files: SOUND,
  });
  expect(code).toBe(2);
  const file = await gate(["--image", `${ONE}.tar`], {
    files: { Dockerfile: "FROM a\nRUN x\n" },
    prepare: (folder) => writeFileSync(join(folder, `${ONE}.tar`), LEAKING["app.tar"]),
  });
  expect(file.code).toBe(1);
});

describe("accepted gaps", () => {
  const acceptedGaps = "acceptedGaps: [missing, no-dockerfile]\n";

  test("a gate that looked at no image is unknown, whatever is accepted", async () => {
    const files = { ...SOUND, ".hullcheck.yaml": acceptedGaps };
    const { code, stdout } = await gate([".", "--image", "nowhere.tar"], { files });
    expect(code).toBe(2);
    expect(stdout).toContain("unknown: 1 gap (1 Dockerfile)");
  });

  test("a run that looked at nothing is unknown, whatever is accepted", async () => {
    const { code, stdout } = await hullcheck(["lint", "nowhere"], { files: { ".hullcheck.yaml": acceptedGaps } });
    expect(code).toBe(2);
    expect(stdout).toContain("unknown: 1 gap (nothing could be read)");
  });

  test("a project without Dockerfiles can be accepted where an image is looked at", async () => {
    const files = { "app.tar": SOUND["app.tar"], ".hullcheck.yaml": acceptedGaps };
    const { code, stdout } = await gate([".", "--image", "app.tar"], { files });
    expect(code).toBe(0);
    expect(stdout).toContain("pass: 1 accepted gap (1 image)");
  });
});

test("an image without a name is a usage error", async () => {
  for (const [argv, what] of [
    [["gate", ".", "--image", ""], "the value of --image"],
    [["gate", ".", "--image", "app.tar", "--image", ""], "the value of --image"],
    [["inspect", ""], "the name of an image"],
  ] as const) {
    const { code, stderr } = await hullcheck(argv, { files: SOUND });
    expect(code).toBe(2);
    expect(stderr).toBe(`hullcheck: ${what} is empty; check the variable it comes from\n`);
  }
});
