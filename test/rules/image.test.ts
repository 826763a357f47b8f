/** What image rules say about places, names and histories, one case each. */

import { describe, expect, test } from "vitest";
import { docker24, tar } from "../support/images.ts";
import { inspectBytes, inspectLayers } from "../support/inspect-layers.ts";
import { findings } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

const token = (number: number): string => fakeToken("user", number);
/** A secret without any known shape. */
const OPAQUE = "s3cr3t-of-no-known-shape";

/** What is found of a file with a secret of unknown shape. */
async function at(path: string, env: readonly string[] = [], history: readonly string[] = []): Promise<string[]> {
  return findings(
    await inspectLayers([[{ name: path, content: OPAQUE }]], { config: { Env: env }, emptyHistory: history }),
  );
}

/** The fingerprints of an image's findings. */
async function prints(tag: string, layers: Parameters<typeof inspectLayers>[0]): Promise<string[]> {
  return (await inspectLayers(layers, { tags: [tag] })).findings.map(({ fingerprint }) => fingerprint);
}

describe("token-file-in-layer", () => {
  test.each([
    ["root/.cache/huggingface/token"],
    ["home/ann/.cache/huggingface/stored_tokens"],
    ["root/.huggingface/token"],
    [".cache/huggingface/token"],
    ["root/.cache/huggingface_staging/token"],
  ])("at a home's default place, whatever the content: %s", async (path) => {
    const content = path.endsWith("stored_tokens") ? `hf_token = ${OPAQUE}` : OPAQUE;
    expect(findings(await inspectLayers([[{ name: path, content }]]))).toEqual([
      `token-file-in-layer - 0 /${path}@0:1`,
    ]);
    // Whatever the content: what is no secret that we know how to read is still the file of a login.
    expect(await at(path)).toEqual([`token-file-in-layer - 0 /${path}@0:1`]);
  });

  test.each([
    ["models/token", ["HF_HOME=/models"], []],
    ["models/stored_tokens", ["HF_HOME=/models/"], []],
    ["run/hf", ["HF_TOKEN_PATH=/run/hf"], []],
    ["run/stored_tokens", ["HF_TOKEN_PATH=/run/hf"], []],
    ["c/huggingface/token", ["XDG_CACHE_HOME=/c"], []],
    ["home/ann/hf/token", ["HOME=/home/ann", "HF_HOME=~/hf"], []],
    ["home/ann/hf/token", ["HOME=/home/ann", "HF_HOME=$HOME/hf"], []],
    ["before/token", [], ["ENV HF_HOME=/before"]],
    ["once/token", [], ["RUN /bin/sh -c HF_HOME=/once hf auth login # buildkit"]],
  ])("where the image's variables point: %s with %j %j", async (path, env, history) => {
    expect(await at(path, env, history)).toEqual([`token-file-in-layer - 0 /${path}@0:1`]);
  });

  test.each([
    ["usr/share/token"],
    ["root/.cache/huggingface/hub/token"],
    ["models/tokens"],
    ["root/.cache/huggingface/token/x"],
  ])("not at %s", async (path) => {
    expect(await at(path, ["HF_HOME=/data"])).toEqual([]);
  });

  test("an empty file is no leak, a hard link to something is", async () => {
    const outcome = await inspectLayers([
      [
        { name: "root/.cache/huggingface/token", content: "" },
        { name: "root/.cache/huggingface/stored_tokens", content: "\n" },
        { name: "a/.cache/huggingface/token", type: "link", link: "b" },
      ],
    ]);
    expect(findings(outcome)).toEqual(["token-file-in-layer - 0 /a/.cache/huggingface/token"]);
  });

  test("stored tokens in INI and JSON: each token, and secrets of unknown shape beside them", async () => {
    const refresh = fakeToken("oauth-refresh", 1);
    const ini = `[ann]\nhf_token = ${token(1)}\nrefresh_token = ${refresh}\n\n[bob]\nhf_token = ${OPAQUE}\n`;
    const json = JSON.stringify({ active: "ann", tokens: { ann: { hf_token: token(2) } } });
    const outcome = await inspectLayers([
      [
        { name: "a/.cache/huggingface/stored_tokens", content: ini },
        { name: "b/.cache/huggingface/stored_tokens", content: json },
      ],
    ]);
    expect(findings(outcome)).toEqual([
      "token-file-in-layer - 0 /a/.cache/huggingface/stored_tokens@0:1",
      "token-file-in-layer #1 0 /a/.cache/huggingface/stored_tokens@17:2",
      `token-file-in-layer #oauth-refresh 0 /a/.cache/huggingface/stored_tokens@${ini.indexOf(refresh)}:3`,
      `token-file-in-layer #2 0 /b/.cache/huggingface/stored_tokens@${json.indexOf(token(2))}:1`,
    ]);
  });
});

describe("credential-store-in-layer", () => {
  test.each([
    ["root/.git-credentials", `https://user:${OPAQUE}@huggingface.co\n`],
    ["root/.config/git/credentials", `https://x.example:p@example.com\nhttps://u:${OPAQUE}@huggingface.co\n`],
    ["app/.git/config", `[remote "origin"]\n\turl = https://u:${OPAQUE}@huggingface.co/a/b\n`],
    ["app/.git/modules/sub/config", `url = https://u:${OPAQUE}@hf.co/a\n`],
    ["root/.gitconfig", `[url "https://u:${OPAQUE}@huggingface.co/"]\n\tinsteadOf = https://huggingface.co/\n`],
    ["etc/gitconfig", `[url "https://u:${OPAQUE}@hf.co/"]\n\tinsteadOf = hf:\n`],
    ["root/.config/git/config", `[url "https://u:${OPAQUE}@hf.co/"]\n\tinsteadOf = hf:\n`],
    ["root/.netrc", `machine huggingface.co\n  login u\n  password ${OPAQUE}\n`],
    [
      "root/.docker/config.json",
      JSON.stringify({ auths: { "registry.hf.space": { auth: Buffer.from(`u:${OPAQUE}`).toString("base64") } } }),
    ],
  ])("an entry for a Hugging Face host, whatever its shape: %s", async (name, content) => {
    const outcome = await inspectLayers([[{ name, content }]]);
    expect(outcome.findings.map(({ rule, token: of }) => [rule, of])).toEqual([["credential-store-in-layer", null]]);
    expect(JSON.stringify(outcome)).not.toContain(OPAQUE);
  });

  test("a secret is masked as it stands, and as it is said, wherever it shows", async () => {
    const spoken = `${OPAQUE}+17`;
    const login = { auth: Buffer.from(`u:${spoken}`).toString("base64"), identitytoken: `identity-${OPAQUE}` };
    const escaped = { name: "root/.git-credentials", content: `https://u:${encodeURIComponent(spoken)}@hf.co\n` };
    const docker = { name: "root/.docker/config.json", content: JSON.stringify({ auths: { "hf.co": login } }) };
    for (const [file, hidden] of [
      [escaped, [spoken, encodeURIComponent(spoken)]],
      [docker, [spoken, ...Object.values(login)]],
    ] as const) {
      const outcome = await inspectLayers([[{ name: `srv/${hidden.join("/")}/x`, content: token(1) }, file]]);
      expect(outcome.findings.map(({ rule }) => rule)).toEqual(["credential-store-in-layer", "token-in-layer"]);
      for (const secret of hidden) expect(JSON.stringify(outcome)).not.toContain(secret);
    }
    const identity = JSON.stringify({ auths: { "hf.co": { auth: "", identitytoken: OPAQUE } } });
    const outcome = await inspectLayers([[{ name: "root/.docker/config.json", content: identity }]]);
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(["credential-store-in-layer"]);
  });

  test("a token in one, with its own place", async () => {
    const auth = Buffer.from(`user:${token(2)}`).toString("base64");
    const outcome = await inspectLayers([
      [
        { name: "root/.git-credentials", content: `https://hf_user:${token(1)}@huggingface.co\n` },
        { name: "root/.docker/config.json", content: `{"auths":{"registry.hf.space":{"auth":"${auth}"}}}` },
      ],
    ]);
    expect(findings(outcome)).toEqual([
      expect.stringMatching(/^credential-store-in-layer #2 base64 0 \/root\/\.docker\/config\.json@\d+:1$/),
      "credential-store-in-layer #1 0 /root/.git-credentials@16:1",
    ]);
  });

  test.each([
    ["root/.netrc", `machine example.com login u password ${OPAQUE}\n`],
    ["app/.git/config", '[remote "origin"]\n\turl = https://huggingface.co/a/b\n'],
    ["root/.netrc", "machine huggingface.co login u password $HF_TOKEN\n"],
    ["root/.docker/config.json", "{ broken"],
  ])("not %s with %j", async (name, content) => {
    expect(findings(await inspectLayers([[{ name, content }]]))).toEqual([]);
  });
});

describe("token-in-image-config", () => {
  test("every field of the config", async () => {
    const config = {
      Env: ["A=1", `HF=${token(1)}`],
      Labels: { "org.example/token": token(2) },
      Cmd: ["serve", "--token", token(3)],
      Entrypoint: ["/bin/sh", "-c", `login ${token(4)}`],
      Healthcheck: { Test: ["CMD", `curl -H 'Authorization: Bearer ${token(5)}'`] },
      OnBuild: [`RUN echo ${token(6)}`],
      Shell: ["/bin/sh", token(7)],
    };
    const outcome = await inspectLayers([[]], {
      config,
      extra: { container_config: { Cmd: [`x\n${token(8)}`] }, author: token(9) },
    });
    expect(findings(outcome)).toEqual([
      "token-in-image-config #9 config /author",
      "token-in-image-config #3 config /config/Cmd/2",
      "token-in-image-config #4 config /config/Entrypoint/2",
      "token-in-image-config #1 config /config/Env/1",
      "token-in-image-config #5 config /config/Healthcheck/Test/1",
      "token-in-image-config #2 config /config/Labels/org.example~1token",
      "token-in-image-config #6 config /config/OnBuild/0",
      "token-in-image-config #7 config /config/Shell/1",
      "token-in-image-config #8 config /container_config/Cmd/0",
    ]);
  });

  test("the v1 JSON of old archives is of the image", async () => {
    const bytes = await tar(
      (await docker24({ tags: ["app:1"], layers: [{ entries: [] }] })).map((entry) =>
        entry.name.endsWith("/json")
          ? { ...entry, content: JSON.stringify({ container_config: { Env: [`T=${token(1)}`] } }) }
          : entry,
      ),
    );
    const outcome = await inspectBytes(bytes);
    expect(findings(outcome)).toEqual(["token-in-image-config #1 config /container_config/Env/0"]);
    expect(outcome.findings[0]?.locations[0]?.text).toMatch(/^in the v1 JSON [0-9a-f]{64}\/json$/);
  });

  test("a key that occurs twice hides nothing", async () => {
    const entries = (await docker24({ tags: ["app:1"], layers: [{ entries: [] }] })).map((entry) =>
      /^[0-9a-f]{64}\.json$/.test(entry.name)
        ? { ...entry, content: String(entry.content).replace("{", `{"config":{"Env":["T=${token(1)}"]},`) }
        : entry,
    );
    expect(findings(await inspectBytes(await tar(entries)))).toEqual(["token-in-image-config #1 config "]);
  });

  test("token-named variables with values of unknown shape are warnings; placeholders, paths and references are silent", async () => {
    const outcome = await inspectLayers([[]], {
      config: {
        Env: [
          `HF_TOKEN=${OPAQUE}`,
          "HF_API_TOKEN=your_token_here",
          "HF_TOKEN_PATH=/run/secrets/hf",
          "HUGGINGFACE_TOKEN=/run/secrets/hf_token",
          "HF_ACCESS_TOKEN=$OTHER_NAME",
          "TOKENIZERS_PARALLELISM=false-or-true",
          "HF_AUTH_TOKEN=",
        ],
      },
    });
    expect(findings(outcome)).toEqual(["warning token-in-image-config - config /config/Env/0"]);
    expect(JSON.stringify(outcome)).not.toContain(OPAQUE);
  });
});

describe("token-in-history", () => {
  test("every field, decoded", async () => {
    const history = [
      { created_by: `RUN |2 A=x HF_TOKEN=${token(1)} /bin/sh -c hf download x # buildkit`, empty_layer: true },
      { created_by: `/bin/sh -c #(nop)  ENV T=${token(2)}`, empty_layer: true },
      { created_by: "COPY x", comment: `\n${token(3)}`, author: `Ann <${token(4)}>` },
    ];
    const outcome = await inspectLayers([[{ name: "x", content: token(5) }]], { extra: { history } });
    expect(findings(outcome)).toEqual([
      "token-in-history #1 history 0",
      "token-in-history #2 history 1",
      "token-in-history #3 history 2",
      "token-in-history #4 history 2",
      "token-in-layer #5 0 /x@0:1",
    ]);
    expect(outcome.findings.at(-1)?.locations[0]).toMatchObject({ createdBy: "COPY x" });
  });

  test.each([
    ["RUN |1 HF_TOKEN=@@ /bin/sh -c true # buildkit", 1],
    ["RUN |2 HF_TOKEN=@@ with blanks OTHER=y /bin/sh -c true", 1],
    ["|1 HF_TOKEN=@@ /bin/sh -c hf auth login", 1],
    ["ARG HF_TOKEN=@@", 1],
    ["/bin/sh -c #(nop)  ENV HUGGINGFACE_TOKEN=@@", 1],
    ["RUN /bin/sh -c export HF_TOKEN='@@' && true # buildkit", 1],
    ["RUN /bin/sh -c HF_TOKEN=$(cat /run/secrets/hf_token) hf download x # buildkit", 0],
    ["RUN /bin/sh -c HF_TOKEN=${HF_TOKEN_FROM_ELSEWHERE} true", 0],
    ["ARG HF_TOKEN", 0],
    ["ENV HF_TOKEN=", 0],
    ["ENV TOKENIZER=@@", 0],
  ])("a value of unknown shape is a warning and is masked wherever it is quoted: %s", async (line, count) => {
    const createdBy = line.replace("@@", OPAQUE);
    const outcome = await inspectLayers([{ entries: [{ name: "x", content: token(1) }], createdBy }]);
    expect(
      outcome.findings.filter(({ rule, level }) => rule === "token-in-history" && level === "warning"),
    ).toHaveLength(count);
    const shown = outcome.findings.find(({ rule }) => rule === "token-in-layer")?.locations[0];
    const quoted = shown?.in === "layer" ? shown.createdBy : null;
    expect(quoted).toBe(
      count === 0
        ? createdBy
        : createdBy.replaceAll(/s3cr3t-of-no-known-shape(?: with blanks)?/g, (secret) => "*".repeat(secret.length)),
    );
    expect(JSON.stringify(outcome).includes(OPAQUE)).toBe(count === 0 && line.includes("@@"));
  });

  test("a history that does not fit the layers names no instruction", async () => {
    const outcome = await inspectLayers([[{ name: "x", content: token(1) }], []], {
      extra: { history: [{ created_by: "RUN a" }] },
    });
    expect(outcome.findings[0]?.locations[0]).toMatchObject({ layer: 0, createdBy: null });
  });
});

test("a token that is public on purpose is a note", async () => {
  const outcome = await inspectLayers([[{ name: "x", content: fakeToken("oauth-app", 1) }]]);
  expect(findings(outcome)).toEqual(["note token-in-layer #oauth-app 0 /x@0:1"]);
});

test("fingerprints survive a new tag, a new layer below and moved lines, and tell images apart", async () => {
  const leak = { name: "app/x", content: `a\n${token(1)}` };
  const first = await prints("app:1", [[leak]]);
  expect(first).toHaveLength(1);
  expect(await prints("app:2", [[{ name: "new" }], [{ ...leak, content: `b\nc\n${token(1)}` }]])).toEqual(first);
  expect(await prints("other:1", [[leak]])).not.toEqual(first);
});
