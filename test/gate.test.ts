/** The gate over projects on disk and images of every history: what is joined, what is not, and what the base brought. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gate, type GateOptions } from "../src/gate.ts";
import { decide } from "../src/gate/decide.ts";
import { isInSource } from "../src/model/location.ts";
import type { Outcome } from "../src/model/report.ts";
import { placeOf } from "../src/report/place.ts";
import { DOCKERFILE_RULES } from "../src/rules/dockerfile/index.ts";
import { IMAGE_RULES } from "../src/rules/image/index.ts";
import { CONFIRMS } from "../src/join-image.ts";
import { docker25, tar, type Entry, type ImageSpec } from "./support/images.ts";
import { fakeToken, plant } from "./support/tokens.ts";

const TOKEN = fakeToken();
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-gate-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? plant(content).text : content);
  }
}

/** One entry of a history: an instruction, and the files of its layer where it makes one. */
type Made = string | readonly [createdBy: string, ...entries: readonly Entry[]];

function file(name: string, content: string = TOKEN): Entry {
  return { name, content };
}

/** An image whose history says all this. */
function imageOf(made: readonly Made[], config: Record<string, unknown> = {}, tag = "app:1"): ImageSpec {
  const layers = made.flatMap((item) => (typeof item === "string" ? [] : [{ entries: item.slice(1) as Entry[] }]));
  const history = made.map((item) =>
    typeof item === "string" ? { created_by: item, empty_layer: true } : { created_by: item[0] },
  );
  return { tags: [tag], config, layers, extra: { history } };
}

async function run(
  files: Readonly<Record<string, string>>,
  images: Readonly<Record<string, ImageSpec>>,
  options: Partial<GateOptions> = {},
): Promise<Outcome> {
  write(files);
  for (const [name, spec] of Object.entries(images)) write({ [name]: await tar(await docker25(spec)) });
  return gate({ cwd: folder, images: Object.keys(images), ...options });
}

/** `rule @ place <- places in the project` and `rule @ place confirmed by place`, one line a finding. */
function joins({ findings }: Outcome): string[] {
  return findings.map(({ rule, locations, confirmedBy }) => {
    const [first, ...related] = locations;
    if (first === undefined) return rule;
    const others = related.filter((location) => isInSource(location) !== isInSource(first));
    const by = confirmedBy.length === 0 ? "" : ` confirmed by ${confirmedBy.join(", ")}`;
    const places = others.map((location) => ` <- ${placeOf(location)} (${location.text ?? ""})`);
    return `${rule} @ ${placeOf(first)}${by}${isInSource(first) ? "" : places.join("")}`;
  });
}

const HOME = "root/.cache/huggingface";

describe("a leak and the line that made it", () => {
  test("a login", async () => {
    const outcome = await run(
      { Dockerfile: "FROM python:3.12\nRUN pip install x\nRUN hf auth login --token $(cat /run/secrets/t)\n" },
      {
        "app.tar": imageOf([
          ["base", file("etc/os-release", "debian")],
          ["RUN /bin/sh -c pip install x # buildkit", file("usr/x", "x")],
          ["RUN /bin/sh -c hf auth login --token $(cat /run/secrets/t) # buildkit", file(`${HOME}/token`)],
        ]),
      },
    );
    expect(joins(outcome)).toEqual([
      "login-in-build @ Dockerfile:3:5 confirmed by app:1",
      "token-file-in-layer @ app:1 layer 2: /root/.cache/huggingface/token <- Dockerfile:3:5 (this instruction made the layer)",
    ]);
    expect(outcome.findings[0]?.locations.at(-1)).toMatchObject({
      role: "related",
      in: "layer",
      layer: 2,
      text: "confirmed by the image",
    });
  });

  test("a build argument, in every history entry behind it, and the variable that takes it", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nARG HF_TOKEN\nENV KEY=$HF_TOKEN PORT=1\nRUN make\nRUN test\n" },
      {
        "app.tar": imageOf(
          [
            "ARG HF_TOKEN",
            `ENV KEY=${TOKEN} PORT=1`,
            [`RUN |1 HF_TOKEN=${TOKEN} /bin/sh -c make # buildkit`, file("a", "a")],
            [`RUN |1 HF_TOKEN=${TOKEN} /bin/sh -c test # buildkit`, file("b", "b")],
          ],
          { Env: ["PATH=/bin", `KEY=${TOKEN}`] },
        ),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-in-build-argument @ Dockerfile:2:5 confirmed by app:1",
      "token-in-environment @ Dockerfile:3:5 confirmed by app:1",
      "token-in-image-config @ app:1 config /config/Env/1 <- Dockerfile:3:5 (this instruction set the value)",
      "token-in-history @ app:1 history entry 1 <- Dockerfile:3:5 (this instruction wrote the history)",
      "token-in-history @ app:1 history entry 2 <- Dockerfile:2:5 (the build argument is declared here)",
    ]);
    const environment = outcome.findings[1]?.locations.flatMap((place) => (isInSource(place) ? [] : [place.in]));
    expect(environment).toEqual(["config", "history"]);
  });

  test("a file that two instructions write", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nRUN ./get\nRUN ./get --again\n" },
      {
        "app.tar": imageOf([
          ["RUN /bin/sh -c ./get # buildkit", file("key")],
          ["RUN /bin/sh -c ./get --again # buildkit", file("key")],
        ]),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-in-layer @ app:1 layer 1: /key <- Dockerfile:3:1 (this instruction made the layer) <- Dockerfile:2:1 (this instruction made the layer)",
    ]);
  });

  test("a literal, a label and a file of the build context", async () => {
    const outcome = await run(
      {
        Dockerfile: "FROM a\nLABEL org.example.t=@@TOKEN:user@@\nRUN curl -H @@TOKEN:user:2@@ x\nCOPY src /app/\n",
        "src/.env": "HF_TOKEN=@@TOKEN:user:3@@\n",
      },
      {
        "app.tar": imageOf(
          [
            `LABEL org.example.t=${TOKEN}`,
            [`RUN /bin/sh -c curl -H ${fakeToken("user", 2)} x # buildkit`, file("x", "x")],
            ["COPY src /app/ # buildkit", file("app/.env", `HF_TOKEN=${fakeToken("user", 3)}`)],
          ],
          { Labels: { "org.example.t": TOKEN } },
        ),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-literal @ Dockerfile:2:21 confirmed by app:1",
      "token-literal @ Dockerfile:3:13 confirmed by app:1",
      "token-in-build-context @ Dockerfile:4:6 confirmed by app:1",
      "token-in-image-config @ app:1 config /config/Labels/org.example.t <- Dockerfile:2:21 (this instruction set the value)",
      "token-in-history @ app:1 history entry 0 <- Dockerfile:2:21 (this instruction wrote the history)",
      "token-in-history @ app:1 history entry 1 <- Dockerfile:3:13 (this instruction wrote the history)",
      "token-in-layer @ app:1 layer 1: /app/.env <- Dockerfile:4:6 (this instruction made the layer)",
    ]);
  });

  test("a leak that lint knows nothing of still has its line", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nRUN ./fetch.sh\n" },
      { "app.tar": imageOf(["base", ["RUN /bin/sh -c ./fetch.sh # buildkit", file("app/key")]]) },
    );
    expect(joins(outcome)).toEqual([
      "token-in-layer @ app:1 layer 0: /app/key <- Dockerfile:2:1 (this instruction made the layer)",
    ]);
  });

  test("a stage outside of the image is not confirmed by it", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a AS w\nARG HF_TOKEN\nRUN get\nFROM a\nARG HF_TOKEN\nRUN get\nCOPY --from=w /m /m\n" },
      {
        "app.tar": imageOf([
          "ARG HF_TOKEN",
          [`RUN |1 HF_TOKEN=${TOKEN} /bin/sh -c get # buildkit`, file("a", "a")],
          ["COPY /m /m # buildkit", file("m", "m")],
        ]),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-in-build-argument @ Dockerfile:2:5",
      "token-in-build-argument @ Dockerfile:5:5 confirmed by app:1",
      "token-in-history @ app:1 history entry 1 <- Dockerfile:5:5 (the build argument is declared here)",
    ]);
  });
});

describe("the base image", () => {
  const BASE: readonly Made[] = [["/bin/sh -c #(nop) ADD file:1 in / ", file("etc/hf")], `ENV HF_TOKEN=${TOKEN}`];
  const OWN: Made = ["RUN /bin/sh -c make # buildkit", file("a", "a")];

  test("says so, names the layer, and shows the FROM", async () => {
    const outcome = await run(
      { Dockerfile: "ARG V=1\nFROM team/ml:$V AS b\nFROM b\nRUN make\n" },
      { "app.tar": imageOf([...BASE, OWN], { Env: [`HF_TOKEN=${TOKEN}`] }) },
    );
    expect(joins(outcome)).toEqual([
      "token-in-image-config @ app:1 config /config/Env/0 <- Dockerfile:2:1 (the base image comes in here)",
      "token-in-history @ app:1 history entry 1 <- Dockerfile:2:1 (the base image comes in here)",
      "token-in-layer @ app:1 layer 0: /etc/hf <- Dockerfile:2:1 (the base image comes in here)",
    ]);
    expect(outcome.findings.map(({ message }) => /It comes .*$/.exec(message)?.[0])).toEqual([
      "It comes from the base image: history entry 1 lies below what Dockerfile builds, unless an instruction was taken out of it since.",
      "It comes from the base image: history entry 1 lies below what Dockerfile builds, unless an instruction was taken out of it since.",
      "It comes from the base image: layer 0 lies below what Dockerfile builds, unless an instruction was taken out of it since.",
    ]);
    expect(outcome.findings[2]?.fix).toBe(
      "Revoke the token, and build again on a base image without it: no instruction of Dockerfile can take it away.",
    );
  });

  test("that the project builds, too, has its line in the other Dockerfile", async () => {
    const outcome = await run(
      { "base/Dockerfile": "FROM a\nCOPY hf /etc/hf\nRUN base\n", Dockerfile: "FROM team/base\nRUN make\n" },
      {
        "app.tar": imageOf([
          ["x", file("x", "x")],
          ["COPY hf /etc/hf # buildkit", file("etc/hf")],
          ["RUN /bin/sh -c base # buildkit", file("b", "b")],
          OWN,
        ]),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-in-layer @ app:1 layer 1: /etc/hf <- base/Dockerfile:2:1 (this instruction made the layer) <- Dockerfile:1:1 (the base image comes in here)",
    ]);
    expect(outcome.findings[0]?.message).toContain("layer 1 lies below what Dockerfile builds");
  });

  test("a variable that the project sets again is the project's", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nENV HF_TOKEN=@@TOKEN:user:2@@\nRUN make\n" },
      {
        "app.tar": imageOf([`ENV HF_TOKEN=${TOKEN}`, `ENV HF_TOKEN=${fakeToken("user", 2)}`, OWN], {
          Env: [`HF_TOKEN=${fakeToken("user", 2)}`],
        }),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-in-environment @ Dockerfile:2:5 confirmed by app:1",
      "token-in-image-config @ app:1 config /config/Env/0 <- Dockerfile:2:5 (this instruction set the value)",
      "token-in-history @ app:1 history entry 0 <- Dockerfile:1:1 (the base image comes in here)",
      "token-in-history @ app:1 history entry 1 <- Dockerfile:2:5 (this instruction wrote the history)",
    ]);
  });

  test("an instruction that was taken out since is not taken for the base's build argument", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nRUN make\nRUN test\n" },
      {
        "app.tar": imageOf([
          "ARG HF_TOKEN",
          [`RUN |1 HF_TOKEN=${TOKEN} /bin/sh -c make # buildkit`, file("a", "a")],
          [`RUN |1 HF_TOKEN=${TOKEN} /bin/sh -c test # buildkit`, file("b", "b")],
        ]),
      },
    );
    expect(joins(outcome)).toEqual(["token-in-history @ app:1 history entry 1"]);
    expect(outcome.findings.some(({ message }) => message.includes("base image"))).toBe(false);
  });

  test("nothing is said of a history that does not fit the Dockerfile", async () => {
    const outcome = await run({ Dockerfile: "FROM a\nRUN other\n" }, { "app.tar": imageOf([...BASE, OWN]) });
    expect(joins(outcome)).toEqual([
      "token-in-history @ app:1 history entry 1",
      "token-in-layer @ app:1 layer 0: /etc/hf",
    ]);
    expect(outcome.findings.map(({ message }) => message.includes("base"))).toEqual([false, false]);
  });

  test("nor of the layers of a squashed image", async () => {
    const spec = imageOf([["RUN /bin/sh -c make # buildkit", file("a")], ["RUN /bin/sh -c test # buildkit"]]);
    const outcome = await run(
      { Dockerfile: "FROM a\nRUN make\nRUN test\n" },
      { "app.tar": { ...spec, layers: spec.layers.slice(0, 1) } },
    );
    expect(joins(outcome)).toEqual(["token-in-layer @ app:1 layer 0: /a"]);
  });
});

describe("the same token", () => {
  test("ties findings where the history tells nothing", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nENV HF_TOKEN=@@TOKEN:user@@\n" },
      { "app.tar": imageOf([["squashed", file("app/config")]]) },
    );
    expect(joins(outcome)).toEqual([
      "token-in-environment @ Dockerfile:2:5 confirmed by app:1",
      "token-in-layer @ app:1 layer 0: /app/config <- Dockerfile:2:5 (the same token stands here)",
    ]);
    expect(outcome.findings[0]?.locations.at(-1)?.text).toBe("the image holds the same token");
  });

  test("in another Dockerfile than the image's is not tied", async () => {
    const outcome = await run(
      {
        "a/Dockerfile": "FROM a\nENV HF_TOKEN=@@TOKEN:user@@\nRUN one\n",
        "b/Dockerfile": "FROM a\nENV HF_TOKEN=@@TOKEN:user@@\nRUN two\n",
      },
      { "app.tar": imageOf([`ENV HF_TOKEN=${TOKEN}`, ["RUN /bin/sh -c two # buildkit", file("x", "x")]]) },
    );
    expect(joins(outcome)).toEqual([
      "token-in-environment @ a/Dockerfile:2:5",
      "token-in-environment @ b/Dockerfile:2:5 confirmed by app:1",
      "token-in-history @ app:1 history entry 0 <- b/Dockerfile:2:5 (this instruction wrote the history)",
    ]);
  });

  test("another token at the same line is not confirmed", async () => {
    const outcome = await run(
      { Dockerfile: "FROM a\nRUN curl -H @@TOKEN:user@@ x\n" },
      { "app.tar": imageOf([[`RUN /bin/sh -c curl -H ${TOKEN} x # buildkit`, file("other", fakeToken("user", 2))]]) },
    );
    expect(joins(outcome)).toEqual([
      "token-literal @ Dockerfile:2:13 confirmed by app:1",
      "token-in-history @ app:1 history entry 0 <- Dockerfile:2:13 (this instruction wrote the history)",
      "token-in-layer @ app:1 layer 0: /other <- Dockerfile:2:1 (this instruction made the layer)",
    ]);
  });
});

describe("images", () => {
  const LEAKY: Made = ["RUN /bin/sh -c ./get # buildkit", file("key")];
  const files = { Dockerfile: "FROM a\nRUN ./get\n" };

  test("the same file twice is one image", async () => {
    const outcome = await run(files, { "app.tar": imageOf([LEAKY]) }, { images: ["app.tar", "./app.tar"] });
    expect(outcome.subjects.map(({ kind }) => kind)).toEqual(["dockerfile", "image"]);
    expect(outcome.findings).toHaveLength(1);
  });

  test("two of one name are reported, and joined only when they say the same", async () => {
    const same = await run(files, { "a.tar": imageOf([LEAKY]), "b.tar": imageOf([LEAKY]) });
    expect(joins(same)).toEqual(
      Array.from(
        { length: 2 },
        () => "token-in-layer @ app:1 layer 0: /key <- Dockerfile:2:1 (this instruction made the layer)",
      ),
    );
    const other = await run(files, {
      "a.tar": imageOf([LEAKY]),
      "b.tar": imageOf([["RUN /bin/sh -c x", file("key")]]),
    });
    expect(joins(other)).toEqual(Array.from({ length: 2 }, () => "token-in-layer @ app:1 layer 0: /key"));
  });

  test("several are joined each with its own Dockerfile", async () => {
    const outcome = await run(
      { "api/Dockerfile": "FROM a\nRUN ./get\n", "web/Dockerfile": "FROM a\nRUN ./fetch\n" },
      {
        "api.tar": imageOf([LEAKY], {}, "api:1"),
        "web.tar": imageOf([["RUN /bin/sh -c ./fetch # buildkit", file("key")]], {}, "web:1"),
      },
    );
    expect(joins(outcome)).toEqual([
      "token-in-layer @ api:1 layer 0: /key <- api/Dockerfile:2:1 (this instruction made the layer)",
      "token-in-layer @ web:1 layer 0: /key <- web/Dockerfile:2:1 (this instruction made the layer)",
    ]);
  });

  test("a gap of either half is a gap, and the other half is read all the same", async () => {
    const outcome = await run(
      files,
      { "app.tar": imageOf([LEAKY]) },
      { images: ["app.tar", "no.tar"], paths: [".", "nowhere"] },
    );
    expect(outcome.gaps.map(({ at, why }) => `${why} ${at}`)).toEqual(["missing nowhere", "missing no.tar"]);
    expect(outcome.findings).toHaveLength(1);
  });

  test("without any of them nothing passes, whatever gaps the library's user accepts", async () => {
    const clean = await run({ Dockerfile: "FROM scratch\n" }, {}, { images: ["no.tar"] });
    expect(decide(clean, { failOn: "error", acceptedGaps: ["missing"] }).verdict).toBe("unknown");
  });

  test("none is a usage error", async () => {
    await expect(gate({ images: [], cwd: folder })).rejects.toThrow("the gate needs an image");
  });
});

test("what one half knows to be secret is masked in the other", async () => {
  const secret = "correct-horse-battery";
  const outcome = await run(
    { Dockerfile: `FROM a\nENV HF_TOKEN=${secret}\nRUN make ${secret}\nRUN x\n` },
    {
      "app.tar": imageOf([
        ["RUN /bin/sh -c one", file("key")],
        [`RUN /bin/sh -c make ${secret} # buildkit`, file(`etc/${secret}`)],
      ]),
    },
  );
  expect(outcome.findings.length).toBeGreaterThan(2);
  expect(JSON.stringify(outcome)).not.toContain(secret);
});

test("fingerprints are those of lint and inspect alone", async () => {
  const { lintPaths } = await import("../src/sweep/lint-paths.ts");
  const { inspectImage } = await import("../src/inspect.ts");
  const outcome = await run(
    { Dockerfile: "FROM a\nARG HF_TOKEN\nENV HF_TOKEN=correct-horse-battery\nRUN get\n" },
    {
      "app.tar": imageOf([
        "ARG HF_TOKEN",
        "ENV HF_TOKEN=correct-horse-battery",
        [`RUN |1 HF_TOKEN=${TOKEN} /bin/sh -c get # buildkit`, file("x")],
      ]),
    },
  );
  const alone = [
    ...(
      await lintPaths({
        paths: ["."],
        cwd: folder,
        stdin: nothing,
        stdinFilename: null,
        levels: {},
        useInlineIgnores: true,
      })
    ).findings,
    ...(await inspectImage("app.tar", { cwd: folder })).findings,
  ];
  expect(outcome.findings.map(({ fingerprint }) => fingerprint)).toEqual(alone.map(({ fingerprint }) => fingerprint));
  expect(outcome.findings.length).toBeGreaterThan(3);
});

async function* nothing(): AsyncGenerator<Uint8Array> {}

test("every rule is either confirmed by images or known not to be", () => {
  const notInImages = ["login-at-start", "secret-mount-without-effect", "suppression-without-effect"];
  const confirmed = new Set(Object.values(CONFIRMS).flat());
  const rules = DOCKERFILE_RULES.map(({ meta }) => meta.id);
  expect(rules.filter((id) => !confirmed.has(id)).toSorted()).toEqual(notInImages);
  expect([...confirmed].filter((id) => !rules.includes(id))).toEqual([]);
  const ofImages = IMAGE_RULES.map(({ meta }) => meta.id).filter((id) => CONFIRMS[id] === undefined);
  expect(ofImages).toEqual(["token-in-archive"]);
});
