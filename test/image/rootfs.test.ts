/** A root filesystem is read as the layer that it is, in one pass; an image that looks like one is not lost. */

import { describe, expect, test } from "vitest";
import { readTarArchive, type Archive } from "../../src/image/archive.ts";
import { beginningsOf } from "../../src/image/beginnings.ts";
import { buffered, readChunks } from "../../src/image/byte-reader.ts";
import { inspectArchive } from "../../src/image/inspection.ts";
import { DEFAULT_LIMITS } from "../../src/image/limits.ts";
import { createStreamScanner } from "../../src/image/scan/stream-scan.ts";
import type { NestedOpener } from "../../src/image/scan/tap.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { docker25, tar, type Entry } from "../support/images.ts";
import { fakeToken } from "../support/tokens.ts";

const NOTHING_OPENED: NestedOpener = {
  beginnings: beginningsOf([]),
  open: () => null,
  openInside: () => null,
  openRun: () => null,
};

async function read(bytes: Buffer, step = bytes.length): Promise<{ archive: Archive; secrets: Secrets }> {
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
  }
  const secrets = new Secrets();
  const options = {
    limits: DEFAULT_LIMITS,
    secrets,
    hash: false,
    nested: NOTHING_OPENED,
    progress: () => {},
    isStopped: () => false,
  };
  const archive = await readTarArchive(buffered(readChunks(parts()), 65_536), createStreamScanner(), options);
  return { archive, secrets };
}

async function places(bytes: Buffer, step?: number): Promise<string[]> {
  const { archive, secrets } = await read(bytes, step);
  const choice = { format: null, platform: null, image: null };
  const { facts, gaps } = inspectArchive(archive, "x", choice, DEFAULT_LIMITS, secrets);
  const tokens = facts.flatMap(({ layerTokens, archiveTokens }) =>
    [...layerTokens, ...archiveTokens].map(({ location }) =>
      location.in === "layer"
        ? `${location.layer} ${location.path}@${location.byteOffset}`
        : `archive ${location.path}`,
    ),
  );
  const files = facts.flatMap(({ tokenFiles }) => tokenFiles.map(({ location }) => `file ${location.path}`));
  return [...tokens, ...files, ...gaps.map(({ why, at }) => `${why} ${at}`)].sort();
}

const FOLDERS: readonly Entry[] = [
  { name: "./", type: "directory" },
  { name: "./bin/", type: "directory" },
];
const FILES: readonly Entry[] = [
  { name: "./root/.cache/huggingface/token", content: "no known shape" },
  { name: "./etc/a", content: fakeToken("user", 1) },
  { name: "./srv/manifest.json", content: "[]" },
  { name: "./srv/b", content: `\n${fakeToken("user", 2)}` },
];
const FOUND = ["0 /etc/a@0", "0 /srv/b@1", "file /root/.cache/huggingface/token"];

async function image(): Promise<Buffer> {
  return tar(
    await docker25({
      tags: ["app:1"],
      layers: [{ entries: [{ name: "in/layer", content: fakeToken("user", 3) }] }],
      config: { Env: [`HF_TOKEN=${fakeToken("user", 4)}`] },
    }),
  );
}

describe("a root filesystem", () => {
  test.each([512, 700, 70_000, 10_000_000])("is read as a layer, in pieces of %i bytes", async (step) => {
    const bytes = await tar([...FOLDERS, ...FILES, { name: "./big", content: Buffer.alloc(300_000, "x") }]);
    expect(await places(bytes, step)).toEqual(FOUND);
    const { archive } = await read(bytes, step);
    expect(archive.rootfs?.stream?.index.count()).toBe(FILES.length + 1);
    expect(archive.files).toBe(FILES.length + 1);
  });

  test("is told by its number of members, too", async () => {
    const many = Array.from({ length: 5100 }, (_, i): Entry => ({ name: `app/${i}`, content: "x" }));
    const { archive } = await read(await tar([...many, { name: "app/last", content: fakeToken("user", 1) }]));
    expect(archive.rootfs?.stream?.index.count()).toBe(100);
    expect(archive.files).toBe(5101);
    expect(await places(await tar([...many, { name: "app/last", content: fakeToken("user", 1) }]))).toEqual([
      "0 /app/last@0",
    ]);
  });

  test("cut short, or without its end mark, is a gap", async () => {
    const bytes = await tar([...FOLDERS, ...FILES]);
    expect(await places(bytes.subarray(0, -1024))).toEqual([...FOUND, "truncated x"]);
    expect(await places(bytes.subarray(0, 6 * 512 + 100))).toContain("truncated x");
  });
});

describe("an image behind folders of a root filesystem", () => {
  test.each([512, 700, 70_000, 10_000_000])("is met by its blobs, in pieces of %i bytes", async (step) => {
    const bytes = Buffer.concat([(await tar([...FOLDERS, ...FILES])).subarray(0, -1024), await image()]);
    const found = await places(bytes, step);
    // What was read as files of a root filesystem has no place in the image, and is told all the same.
    expect(found).toEqual(expect.arrayContaining(["archive :/etc/a", "archive :/srv/b"]));
    const told = found.filter((place) => /in\/layer|blobs|missing/.test(place));
    expect(told).not.toEqual([]);
  });

  test("which is named by its manifest alone, is a gap where a layer was taken for a file", async () => {
    const layer = await tar([{ name: "a", content: "x" }]);
    const config = { os: "linux", config: {}, rootfs: { type: "layers", diff_ids: ["sha256:x"] } };
    const bytes = await tar([
      ...FOLDERS,
      { name: "layer.tar", content: layer },
      { name: "config.json", content: JSON.stringify(config) },
      { name: "manifest.json", content: JSON.stringify([{ Config: "config.json", Layers: ["layer.tar"] }]) },
    ]);
    expect(await places(bytes)).toEqual(["missing-blob x", "missing-layer x layer 0"]);
  });

  test("with headers too long to go back over is a gap", async () => {
    const long = Buffer.alloc(600_000, "x").toString();
    const manifest = { name: "manifest.json", content: "[]", pax: { comment: long } };
    const bytes = await tar([...FOLDERS, ...FILES, manifest]);
    expect(await places(bytes)).toContain("limit x");
  });
});
