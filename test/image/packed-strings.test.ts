/** Compressed bytes in base64 in an image's JSON: variables, labels, history, annotations, statements, v1 JSON. */

import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { InspectOptions } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import { inspectBytes } from "../support/inspect-layers.ts";
import { buildxDocker, containerd, docker24, ociLayout, tar, type ImageSpec } from "../support/images.ts";
import { fakeToken } from "../support/tokens.ts";
import { findings } from "../support/summary.ts";
import { expectNoToken } from "../support/cli.ts";

const token = (number: number): string => fakeToken("user", number);
const packed = (number: number): string =>
  gzipSync(`# so that there is enough to pack\nexport HF_TOKEN=${token(number)}\n`).toString("base64");
const layers = [{ entries: [{ name: "x", content: "x" }] }];
const CHAIN = "base64>gzip";

/** What is found; and nothing that was packed shows in it. */
function seen(outcome: Outcome): string[] {
  const text = JSON.stringify(outcome);
  const all = [1, 2, 3, 4].flatMap((number) => [token(number), packed(number), packed(number).slice(20, 80)]);
  expectNoToken(text, all);
  for (const one of all) expect(text).not.toContain(one);
  return findings(outcome);
}

/** An OCI layout, in which the config stands once. */
const inspect = async (spec: Partial<ImageSpec>, options: InspectOptions = {}): Promise<Outcome> =>
  inspectBytes(await tar(await ociLayout({ tags: ["app:1"], layers, ...spec })), options);

describe("in the config", () => {
  test("a variable, a label, a command", async () => {
    const outcome = await inspect({
      config: {
        Env: ["PATH=/bin", `USER_DATA=${packed(1)}`],
        Labels: { release: Buffer.from(packed(2)).toString("base64") },
        Cmd: ["sh", "-c", `echo ${packed(3)} | base64 -d | gunzip | sh`],
      },
    });
    expect(outcome.gaps).toEqual([]);
    expect(seen(outcome)).toEqual([
      `token-in-image-config #3 ${CHAIN} config /config/Cmd/2`,
      `token-in-image-config #1 ${CHAIN} config /config/Env/1`,
      "token-in-image-config #2 base64>base64>gzip config /config/Labels/release",
    ]);
  });

  test("the history: a command, a comment, with escaped line breaks", async () => {
    const lines =
      packed(2)
        .match(/.{1,60}/g)
        ?.join("\n") ?? "";
    const outcome = await inspect({
      emptyHistory: [`RUN /bin/sh -c echo ${packed(1)} | base64 -d | gunzip > /x # buildkit`],
      extra: { comment: `made of\n${lines}\n` },
    });
    expect(seen(outcome)).toEqual([
      `token-in-image-config #2 ${CHAIN} config /comment`,
      `token-in-history #1 ${CHAIN} history 0`,
    ]);
  });

  test("a variable that is named as a token is one finding", async () => {
    expect(seen(await inspect({ config: { Env: [`HF_TOKEN=${packed(1)}`] } }))).toEqual([
      `token-in-image-config #1 ${CHAIN} config /config/Env/0`,
    ]);
  });

  test("what only the raw text shows: a key that stands twice", async () => {
    const entries = await buildxDocker({ tags: ["app:1"], layers });
    const twice = entries.map((entry) =>
      entry.name === "manifest.json"
        ? { ...entry, content: String(entry.content).replace("[{", `[{"X":"${packed(1)}","X":"",`) }
        : entry,
    );
    const found = seen(await inspectBytes(await tar(twice)));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(CHAIN);
  });
});

test("a statement of BuildKit, and one in an archive that is the old form", async () => {
  const statement = JSON.stringify({
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType: "https://slsa.dev/provenance/v0.2",
    predicate: { invocation: { parameters: { args: { "build-arg:DATA": packed(1) } } } },
  });
  const entries = await containerd({ tags: ["app:1"], layers }, { statement });
  expect(seen(await inspectBytes(await tar(entries)))).toEqual([
    `token-in-attestation #1 ${CHAIN} attestation /predicate/invocation/parameters/args/build-arg:DATA`,
  ]);
});

test("the JSON of a layer as old engines write it", async () => {
  const entries = await docker24({ tags: ["app:1"], layers, config: { Env: [`DATA=${packed(1)}`] } });
  const found = seen(await inspectBytes(await tar(entries)));
  expect(found[0]).toBe(`token-in-image-config #1 ${CHAIN} config /config/Env/0`);
});

describe("what is not whole", () => {
  test("one that is cut is counted, and one that is a bomb is a gap", async () => {
    const cut = gzipSync(Buffer.from("nothing of note\n".repeat(9) + token(1) + "and more ".repeat(99)))
      .toString("base64")
      .slice(0, 100);
    const [subject] = (await inspect({ config: { Env: [`A=${cut}`] } })).subjects;
    expect(subject).toMatchObject({ coverage: { undecoded: { "base64-gzip-damaged": 1 } } });

    const bomb = gzipSync(Buffer.alloc(40_000_000)).toString("base64");
    const { gaps } = await inspect(
      { config: { Labels: { bomb } } },
      {
        limits: { maxLayerBytes: 20_000_000 },
      },
    );
    expect(gaps.map(({ why, detail }) => `${why} ${detail}`)).toEqual([
      expect.stringMatching(/^limit .*unpack to more/),
    ]);
  });

  test("--depth 0 counts them", async () => {
    const { subjects, findings: found } = await inspect(
      { config: { Env: [`A=${packed(1)}`] } },
      {
        limits: { maxDepth: 0 },
      },
    );
    expect(found).toEqual([]);
    expect(subjects[0]).toMatchObject({ coverage: { undecoded: { "not-opened": 1 } } });
  });
});
