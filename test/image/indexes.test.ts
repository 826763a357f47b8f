import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/model/report.ts";
import * as images from "../support/images.ts";
import { inspectBytes } from "../support/inspect-layers.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar";
const AMD64 = { os: "linux", architecture: "amd64" };

const blob = (bytes: Buffer | string): images.Entry => ({
  name: `blobs/sha256/${images.sha256(bytes)}`,
  content: bytes,
});
const describes = (bytes: Buffer | string, mediaType: string, more: object = {}): object => ({
  mediaType,
  digest: `sha256:${images.sha256(bytes)}`,
  size: bytes.length,
  ...more,
});
const named = (name: string): object => ({ annotations: { "org.opencontainers.image.ref.name": name } });

/** An image's manifest, and its blobs with it. */
async function image(entries: readonly images.Entry[]): Promise<{
  readonly manifest: string;
  readonly blobs: images.Entry[];
  readonly config: string;
  readonly layers: object[];
}> {
  const built = await images.build({ layers: [{ entries }] });
  const manifest = images.manifestOf(built);
  const layers = built.layers.map(({ stored }) => describes(stored, LAYER));
  const blobs = [blob(manifest), blob(built.config), ...built.layers.map(({ stored }) => blob(stored))];
  return { manifest, blobs, config: built.config, layers };
}

/** Inspects an OCI layout with these entries in its index. */
async function inspectIndex(
  manifests: readonly unknown[],
  blobs: readonly images.Entry[],
  more: readonly images.Entry[] = [],
): Promise<Outcome> {
  const entries = [
    ...blobs.filter(({ name }, i) => blobs.findIndex((other) => other.name === name) === i),
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests }) },
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
    ...more,
  ];
  return inspectBytes(await images.tar(entries));
}

const clean = await image([{ name: "a", content: "clean" }]);
// A token file whose token has no known shape is found by its place alone: only where the image is read as one.
const leaking = await image([{ name: "root/.cache/huggingface/token", content: "of-no-known-shape-1" }]);
const LEAK = "token-file-in-layer - 0 /root/.cache/huggingface/token@0:1";

describe("of an image that the index names nothing is there, which is a gap although another has its platform", () => {
  const first = describes(clean.manifest, MANIFEST, { platform: AMD64, ...named("app:1") });
  const nested = JSON.stringify({
    schemaVersion: 2,
    manifests: [describes(leaking.manifest, MANIFEST, { platform: AMD64 })],
  });

  test.each([
    ["its manifest is not there", describes(leaking.manifest, MANIFEST, { platform: AMD64, ...named("app:2") }), []],
    ["of its index no platform is", describes(nested, INDEX, named("app:2")), [blob(nested)]],
  ])("%s", async (_, second, more) => {
    const outcome = await inspectIndex([first, second], [...clean.blobs, ...more]);
    expect(outcome.gaps).toEqual([
      { at: "-", why: "missing-blob", detail: "the index names app:2, of which nothing is in the archive" },
    ]);
    expect(outcome.subjects).toMatchObject([
      { name: "app:1", coverage: { absentPlatforms: ["another linux/amd64 of app:2"] } },
    ]);
  });

  test("a platform of which the manifest alone is there is left out", async () => {
    const arm64 = { os: "linux", architecture: "arm64" };
    const outcome = await inspectIndex(
      [first, describes(leaking.manifest, MANIFEST, { platform: arm64, ...named("app:1") })],
      [...clean.blobs, blob(leaking.manifest)],
    );
    expect(outcome.gaps).toEqual([]);
    expect(outcome.subjects).toMatchObject([{ name: "app:1", coverage: { absentPlatforms: ["linux/arm64"] } }]);
  });

  test("a platform that is left out beside one of the same name is none, as when an engine keeps one of two", async () => {
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [clean, leaking].map(({ manifest }) => describes(manifest, MANIFEST, { platform: AMD64 })),
    });
    const outcome = await inspectIndex([describes(index, INDEX, named("app:1"))], [...clean.blobs, blob(index)]);
    expect(outcome.gaps).toEqual([]);
    expect(outcome.subjects).toMatchObject([{ coverage: { absentPlatforms: ["another linux/amd64 of app:1"] } }]);
  });
});

test("a descriptor whose digest is no text is a gap, in an index and in a manifest", async () => {
  expect(gaps(await inspectIndex([describes(clean.manifest, MANIFEST), { digest: 5 }], clean.blobs))).toEqual([
    "corrupt -",
  ]);
  const manifest = JSON.stringify({
    config: describes(clean.config, CONFIG),
    layers: [...clean.layers, { digest: 5 }],
  });
  const outcome = await inspectIndex([describes(manifest, MANIFEST)], [...clean.blobs, blob(manifest)]);
  expect(gaps(outcome)).toEqual(["corrupt -"]);
});

test("an image stays one when an index or its media types call it an attestation", async () => {
  const about = `sha256:${images.sha256(clean.manifest)}`;
  const annotations = {
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": about,
  };
  const statements = JSON.stringify({
    config: describes(leaking.config, CONFIG),
    layers: leaking.layers.map((layer) => ({ ...layer, mediaType: "application/vnd.in-toto+json" })),
    subject: { digest: about },
  });
  const blobs = [...clean.blobs, ...leaking.blobs.slice(1)];
  for (const [descriptor, manifest] of [
    [describes(leaking.manifest, MANIFEST, { annotations }), leaking.manifest],
    [describes(statements, MANIFEST), statements],
  ] as const) {
    const outcome = await inspectIndex([describes(clean.manifest, MANIFEST), descriptor], [...blobs, blob(manifest)]);
    expect(findings(outcome)).toEqual([LEAK]);
  }
});

describe("two that have one config and other layers are two images", () => {
  test("two manifests", async () => {
    const other = JSON.stringify({ config: describes(clean.config, CONFIG), layers: leaking.layers });
    const blobs = [...clean.blobs, ...leaking.blobs.slice(1), blob(other)];
    for (const manifests of [
      [other, clean.manifest],
      [clean.manifest, other],
    ]) {
      const outcome = await inspectIndex(
        manifests.map((manifest) => describes(manifest, MANIFEST)),
        blobs,
      );
      expect(findings(outcome)).toEqual([LEAK]);
    }
  });

  test.each([
    ["with a layer of its own", leaking.blobs.at(-1)?.name ?? "", [LEAK], []],
    ["with a layer that is not there", "gone/layer.tar", [], ["missing-layer app:1 layer 0"]],
  ])("a manifest.json %s", async (_, layer, found, missing) => {
    const config = `blobs/sha256/${images.sha256(clean.config)}`;
    const docker = JSON.stringify([{ Config: config, RepoTags: ["app:1"], Layers: [layer] }]);
    const outcome = await inspectIndex(
      [describes(clean.manifest, MANIFEST)],
      [...clean.blobs, ...leaking.blobs.slice(2)],
      [{ name: "manifest.json", content: docker }],
    );
    expect(findings(outcome)).toEqual(found);
    expect(gaps(outcome)).toEqual(missing);
  });
});

test("a signature beside the image is read whatever it is called, and no gap", async () => {
  const signature = JSON.stringify({ payload: fakeToken("user", 1), protected: "" });
  const manifest = JSON.stringify({
    config: describes("{}", "application/vnd.cncf.notary.signature"),
    layers: [describes(signature, "application/jose+json")],
    subject: describes(clean.manifest, MANIFEST),
  });
  const blobs = [...clean.blobs, blob(manifest), blob("{}"), blob(signature)];
  const outcome = await inspectIndex([describes(clean.manifest, MANIFEST), describes(manifest, MANIFEST)], blobs);
  expect(gaps(outcome)).toEqual([]);
  expect(findings(outcome)).toEqual([expect.stringMatching(/^token-in-(?:archive|layer) #1/)]);
});
