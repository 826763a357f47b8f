import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { inspectImage } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import * as images from "../support/images.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

afterAll(images.removeFolders);

const token = (number: number): string => fakeToken("user", number);

const SPEC: images.ImageSpec = {
  tags: ["app:1"],
  platform: { os: "linux", architecture: "amd64" },
  config: { Env: ["PATH=/bin", `HF_TOKEN=${token(1)}`] },
  emptyHistory: [`ARG HF_TOKEN=${token(2)}`],
  layers: [
    {
      createdBy: "COPY . /app # buildkit",
      entries: [
        { name: "app/", type: "directory" },
        { name: "app/.env", content: `A=1\nHF_TOKEN=${token(3)}\n` },
        { name: "root/.cache/huggingface/token", content: token(4) },
      ],
    },
    {
      createdBy: "RUN rm /root/.cache/huggingface/token # buildkit",
      entries: [{ name: "root/.cache/huggingface/.wh.token" }],
    },
  ],
};
const packed = { ...SPEC, layers: SPEC.layers.map((layer) => ({ ...layer, compress: gzipSync })) };

const EXPECTED = [
  "token-in-image-config #1 config /config/Env/1",
  "token-in-history #2 history 0",
  "token-in-layer #3 0 /app/.env@13:2",
  "token-file-in-layer #4 0 /root/.cache/huggingface/token@0:1 hidden by 1 (whiteout)",
];

const ARCHIVES: readonly (readonly [string, () => Promise<images.Entry[]>])[] = [
  ["docker save up to 24", () => images.docker24(SPEC)],
  ["docker save from 25 on", () => images.docker25(SPEC)],
  ["docker save of the containerd store", () => images.containerd(packed)],
  ["buildx type=docker", () => images.buildxDocker(packed)],
  ["buildx type=oci, skopeo oci-archive", () => images.ociLayout(packed)],
  ["skopeo and podman docker-archive", () => images.skopeoDocker(SPEC)],
  ["kaniko and crane", () => images.kaniko(SPEC)],
  ["dir: in a tar", () => images.dirTransport(packed)],
];

describe.each(ARCHIVES)("%s", (_, make) => {
  test("as a tar", async () => {
    const outcome = await inspectImage(await images.writeTemporary(await images.tar(await make())));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(EXPECTED);
    expect(outcome.subjects).toMatchObject([
      { platform: "linux/amd64", coverage: { layers: 2, files: 2, absentPlatforms: [] } },
    ]);
  });

  test("with its members the other way round, compressed, from a stream", async () => {
    const bytes = gzipSync(await images.tar((await make()).toReversed()));
    const outcome = await inspectImage("-", { stdin: Readable.from([bytes.subarray(0, 700), bytes.subarray(700)]) });
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(EXPECTED);
  });

  test("with ./ before every name", async () => {
    const entries = (await make()).map((entry) => ({ ...entry, name: `./${entry.name}` }));
    const outcome = await inspectImage(await images.writeTemporary(await images.tar(entries)));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(EXPECTED);
  });

  test("as a folder", async () => {
    const outcome = await inspectImage(await images.writeFolder(await make()));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(EXPECTED);
  });
});

test("the places, instructions and digests of a hidden token", async () => {
  const path = await images.writeTemporary(await images.tar(await images.docker25(SPEC)));
  const outcome = await inspectImage(path);
  const built = await images.build(SPEC);
  expect(outcome.findings.at(-1)).toMatchObject({
    message: expect.stringContaining("Layer 1 deletes it, but its bytes are still shipped."),
    locations: [
      {
        image: "app:1",
        layer: 0,
        diffId: `sha256:${built.layers[0]?.diffHex}`,
        digest: `sha256:${built.layers[0]?.hex}`,
        path: "/root/.cache/huggingface/token",
        createdBy: "COPY . /app # buildkit",
        hidden: { byLayer: 1, how: "whiteout", createdBy: "RUN rm /root/.cache/huggingface/token # buildkit" },
      },
    ],
  });
});

test("several images share a layer, which is reported for each", async () => {
  const shared = { entries: [{ name: "base.txt", content: token(5) }] };
  const specs = [
    { tags: ["one:1"], layers: [shared] },
    { tags: ["two:1"], layers: [shared, { entries: [{ name: "two.txt", content: token(6) }] }] },
  ];
  for (const make of [images.docker24, images.docker25, images.ociLayout]) {
    const path = await images.writeTemporary(await images.tar(await make(...specs)));
    const outcome = await inspectImage(path);
    expect(outcome.subjects.map(({ name }) => name)).toEqual(["one:1", "two:1"]);
    expect(findings(outcome)).toEqual([
      "token-in-layer #5 0 /base.txt@0:1",
      "token-in-layer #5 0 /base.txt@0:1",
      "token-in-layer #6 1 /two.txt@0:1",
    ]);
    const only = await inspectImage(path, { image: "one" });
    expect(only.subjects.map(({ name }) => name)).toEqual(["one:1"]);
    expect(findings(only)).toEqual(["token-in-layer #5 0 /base.txt@0:1"]);
    const none = await inspectImage(path, { image: "three" });
    expect(gaps(none)).toEqual([`no-image ${path}`]);
  }
});

function multi(architecture: string, number: number): images.ImageSpec {
  return {
    tags: ["multi:1"],
    platform: { os: "linux", architecture },
    layers: [{ entries: [{ name: "x", content: token(number) }] }],
  };
}

test("platforms: all are read, one can be asked for, absent ones are listed", async () => {
  const path = await images.writeTemporary(
    await images.tar(await images.ociLayout(multi("amd64", 1), multi("arm64", 2))),
  );
  const both = await inspectImage(path);
  expect(both.subjects.map(({ name }) => name)).toEqual(["multi:1 [linux/amd64]", "multi:1 [linux/arm64]"]);
  expect(findings(both)).toEqual(["token-in-layer #1 0 /x@0:1", "token-in-layer #2 0 /x@0:1"]);
  const one = await inspectImage(path, { platform: "linux/arm64" });
  expect(findings(one)).toEqual(["token-in-layer #2 0 /x@0:1"]);
  expect(gaps(one)).toEqual([]);
  const none = await inspectImage(path, { platform: "linux/s390x" });
  expect(gaps(none)).toEqual([`absent-platform ${path}`]);

  const partial = await images.containerd(packed, { absent: [{ os: "linux", architecture: "arm64" }] });
  const saved = await images.writeTemporary(await images.tar(partial));
  const outcome = await inspectImage(saved);
  expect(gaps(outcome)).toEqual([]);
  expect(outcome.subjects).toMatchObject([{ coverage: { absentPlatforms: ["linux/arm64"] } }]);
  expect(gaps(await inspectImage(saved, { platform: "linux/arm64" }))).toEqual([`absent-platform ${saved}`]);
});

test("a statement beside the image is read, also the Dockerfile that it keeps in base64", async () => {
  const clean: images.ImageSpec = {
    tags: ["app:1"],
    layers: [{ entries: [{ name: "x", content: "x" }], compress: gzipSync }],
  };
  const dockerfile = Buffer.from(`FROM scratch\nARG HF_TOKEN=${token(8)}\n`).toString("base64");
  const statement = JSON.stringify({
    predicate: { args: { "build-arg:HF_TOKEN": token(7) }, source: { data: dockerfile } },
  });
  const outcome = await inspectImage(
    await images.writeTemporary(await images.tar(await images.containerd(clean, { statement }))),
  );
  expect(gaps(outcome)).toEqual([]);
  expect(findings(outcome)).toEqual([
    "token-in-attestation #7 attestation /predicate/args/build-arg:HF_TOKEN",
    "token-in-attestation #8 base64 attestation /predicate/source/data",
  ]);
});

async function rulesAndImages(entries: images.Entry[]): Promise<string[]> {
  const outcome = await inspectImage(await images.writeTemporary(await images.tar(entries)));
  return outcome.findings.map(({ rule, locations: [at] }) => `${rule} ${at?.in === "config" ? at.image : ""}`).sort();
}

test("of several images, the v1 JSON of a layer is of the image that it repeats, and of none when it differs", async () => {
  const specs = [1, 2].map((number): images.ImageSpec => ({
    tags: [`app:${number}`],
    config: { Env: [`HF_TOKEN=${token(number)}`] },
    layers: [{ entries: [{ name: "x", content: `${number}` }] }],
  }));
  const loose = await images.docker25(...specs);
  // As Docker writes it: with the time of the image.
  const own = loose.map((entry) => {
    const text = (entry.content ?? "").toString();
    const isConfig = text.includes('"rootfs"');
    return isConfig ? { ...entry, content: text.replace("{", '{"created":"1970-01-01T00:00:00Z",') } : entry;
  });
  const inConfig = ["token-in-image-config app:1", "token-in-image-config app:2"];
  expect(await rulesAndImages(own)).toEqual(inConfig);
  expect(await rulesAndImages(loose)).toEqual(["token-in-archive ", "token-in-archive ", ...inConfig]);
});

test("an attestation that is left out is listed as absent; one without its statement is a gap", async () => {
  const statement = '{"predicate":{}}';
  const clean: images.ImageSpec = {
    tags: ["app:1"],
    platform: { os: "linux", architecture: "amd64" },
    layers: [{ entries: [{ name: "x", content: "x" }], compress: gzipSync }],
  };
  const entries = await images.containerd(clean, { statement });
  const without = async (isGone: (text: string) => boolean): Promise<Outcome> => {
    const kept = entries.filter(({ content = "" }) => !isGone(content.toString()));
    return inspectImage(await images.writeTemporary(await images.tar(kept)));
  };
  const whole = await without(() => false);
  expect(whole.subjects).toMatchObject([{ coverage: { absentPlatforms: [] } }]);
  const unattested = await without((text) => text === statement || text.includes("predicate-type"));
  expect(unattested.gaps).toEqual([]);
  expect(unattested.subjects).toMatchObject([{ coverage: { absentPlatforms: ["attestation of linux/amd64"] } }]);
  const damaged = await without((text) => text === statement);
  expect(damaged.gaps).toMatchObject([{ why: "missing-blob", detail: "an attestation is not in the archive" }]);
  expect(damaged.subjects).toMatchObject([{ coverage: { absentPlatforms: [] } }]);
});

test("a root filesystem is one pseudo-layer, and the report says so", async () => {
  const entries: images.Entry[] = [
    { name: "root/.cache/huggingface/token", content: token(1) },
    { name: "root/.git-credentials", content: `https://hf_user:${token(2)}@huggingface.co\n` },
    { name: "app/package.json", content: `{\n  "a": "${token(3)}"\n}` },
    { name: "app/notes.gz", content: gzipSync(`\n${token(4)}\n`) },
    { name: "app/x.tar", content: await images.tar([{ name: "in/y", content: token(5) }]) },
  ];
  const path = await images.writeTemporary(await images.tar(entries));
  const outcome = await inspectImage(path);
  expect(outcome.subjects.map(({ name }) => name)).toEqual([`${path} (root filesystem)`]);
  expect(gaps(outcome)).toEqual([]);
  expect(findings(outcome)).toEqual([
    "token-in-layer #4 0 /app/notes.gz → notes@1:2",
    "token-in-layer #3 0 /app/package.json@10:2",
    "token-in-layer #5 0 /app/x.tar → in/y@0:1",
    "token-file-in-layer #1 0 /root/.cache/huggingface/token@0:1",
    "credential-store-in-layer #2 0 /root/.git-credentials@16:1",
  ]);
});

test("Windows layers are named by their path in the container", async () => {
  const spec: images.ImageSpec = {
    tags: ["win:1"],
    platform: { os: "windows", architecture: "amd64" },
    layers: [
      {
        entries: [
          { name: "Files/Users/ContainerUser/.cache/huggingface/token", content: token(1) },
          { name: "Hives/DefaultUser_Delta", content: Buffer.from(token(2), "utf16le") },
        ],
      },
    ],
  };
  const outcome = await inspectImage(await images.writeTemporary(await images.tar(await images.docker25(spec))));
  expect(findings(outcome)).toEqual([
    "token-in-layer #2 utf-16le 0 /Hives/DefaultUser_Delta@0",
    "token-file-in-layer #1 0 /Users/ContainerUser/.cache/huggingface/token@0:1",
  ]);
});

test("transports force a format and take a reference", async () => {
  const path = await images.writeTemporary(await images.tar(await images.ociLayout(packed)));
  expect(findings(await inspectImage(`oci-archive:${path}`))).toEqual(EXPECTED);
  expect(findings(await inspectImage(`oci-archive:${path}:app:1`))).toEqual(EXPECTED);
  expect(gaps(await inspectImage(`oci-archive:${path}:other:1`))).toEqual([`no-image ${path}`]);
  // What is not an image of that format is searched all the same.
  const docker = await inspectImage(`docker-archive:${path}`);
  expect(gaps(docker)).toEqual([`no-image ${path}`]);
  expect(docker.findings.length).toBeGreaterThan(0);
  const folder = await images.writeFolder(await images.dirTransport(packed));
  expect(findings(await inspectImage(`dir:${folder}`))).toEqual(EXPECTED);
  await expect(inspectImage("ostree:app")).rejects.toThrow("the transport 'ostree:' is not supported");
});
