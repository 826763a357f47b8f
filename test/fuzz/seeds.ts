/**
 * What the fuzzer starts from: images of every layout and compression, captured ones, nested content, Dockerfiles, calling
 * files, configs and baselines. With each the tokens in it, and the packed bytes that hold one and must not be overlooked.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { callerFixtures } from "../support/caller-fixtures.ts";
import { capturedArchive, capturedNames } from "../support/captured.ts";
import { dockerfileFixtures } from "../support/dockerfile-fixtures.ts";
import {
  build,
  buildxDocker,
  containerd,
  dirTransport,
  docker24,
  docker25,
  kaniko,
  ociLayout,
  skopeoDocker,
  tar,
  type Entry,
  type ImageSpec,
} from "../support/images.ts";
import { pax } from "../support/tar-blocks.ts";
import { fakeToken, plant } from "../support/tokens.ts";
import { wrap, WRAPPER_NAMES, type WrapperName } from "../support/wrappers.ts";
import { skippableFrame, zstdRaw } from "../support/zstd-frames.ts";

/** What a seed is read as. */
export type SeedKind = "image" | "nested" | "dockerfile" | "caller" | "config" | "baseline";

/** Something to change and read. */
export interface Seed {
  readonly kind: SeedKind;
  readonly name: string;
  readonly bytes: Buffer;
  /** Tokens that it may hold. */
  readonly tokens: readonly string[];
  /** Packed bytes with a token in them: as long as they are whole, nothing passes. */
  readonly carriers: readonly Buffer[];
}

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** Every token that a seed holds: one for each of these numbers. */
export const TOKENS: readonly string[] = [1, 2, 3, 4, 5, 6].map((number) => fakeToken("user", number));
const [TOKEN = ""] = TOKENS;

const ENTRIES: readonly Entry[] = [
  { name: "etc/", type: "directory" },
  { name: `etc/${"long/".repeat(30)}x`, content: "a file with a long name" },
  { name: "root/.cache/huggingface/token", content: TOKEN },
  { name: "etc/link", type: "symlink", link: "../root/.cache" },
  { name: "etc/after", content: "after\n".repeat(200), pax: { "SCHILY.xattr.user.a": "b".repeat(60) } },
];

type Compress = (bytes: Buffer) => Buffer;

const COMPRESSIONS: Readonly<Record<string, Compress | undefined>> = {
  plain: undefined,
  gzip: gzipSync,
  "gzip, two members": (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 1024)), gzipSync(bytes.subarray(1024))]),
  zstd: zstdRaw,
  "zstd, skippable": (bytes) => Buffer.concat([skippableFrame(Buffer.from("x")), zstdRaw(bytes)]),
};

function specOf(compress: Compress | undefined): ImageSpec {
  const layer = { entries: ENTRIES, ...(compress === undefined ? {} : { compress }) };
  return {
    tags: ["app:1"],
    layers: [layer, { entries: [{ name: "root/.cache/huggingface/.wh.token" }] }],
    config: { Env: ["PATH=/bin"], Labels: { a: "b" } },
    emptyHistory: ["ENV A=b"],
  };
}

const statement = JSON.stringify({
  predicate: { buildDefinition: { externalParameters: { request: { args: { a: "b" } } } } },
});

const LAYOUTS: Readonly<Record<string, (spec: ImageSpec) => Promise<Entry[]>>> = {
  docker24,
  docker25,
  ociLayout,
  buildxDocker,
  containerd: (spec) => containerd(spec, { statement, absent: [{ os: "linux", architecture: "arm64" }] }),
  skopeoDocker,
  dirTransport,
  kaniko,
};

/** Layouts that store layers as a registry does; the others store them unpacked. */
const PACKED_LAYOUTS: ReadonlySet<string> = new Set([
  "ociLayout",
  "buildxDocker",
  "containerd",
  "dirTransport",
  "kaniko",
]);

async function imageSeeds(): Promise<Seed[]> {
  const seeds: Seed[] = [];
  const add = (name: string, bytes: Buffer, carriers: readonly Buffer[] = []): void =>
    void seeds.push({ kind: "image", name, bytes, tokens: TOKENS, carriers });
  for (const [packing, compress] of Object.entries(COMPRESSIONS)) {
    for (const [layout, write] of Object.entries(LAYOUTS)) {
      if (compress !== undefined && !PACKED_LAYOUTS.has(layout)) continue;
      const spec = specOf(compress);
      const [layer] = (await build(spec)).layers;
      const bytes = await tar(await write(spec));
      const stored = layer === undefined || !bytes.includes(layer.stored) ? [] : [layer.stored];
      add(`${layout}, ${packing}`, bytes, compress === undefined ? [] : stored);
    }
  }
  const whole = await tar(await docker25(specOf(undefined)));
  add("gzip around everything", gzipSync(whole));
  add("zstd around everything", zstdRaw(whole));
  add("a root filesystem", Buffer.concat([pax({ "SCHILY.xattr.user.a": "b".repeat(600) }), await tar(ENTRIES)]));
  for (const name of capturedNames()) add(`captured ${name}`, capturedArchive(name));
  return seeds;
}

async function nestedSeeds(): Promise<Seed[]> {
  const content = Buffer.from(`HF_TOKEN=${TOKEN}\n`);
  const names = WRAPPER_NAMES.filter((name) => name !== "zip, behind a script");
  const chains = names.flatMap((name, i): WrapperName[][] => [
    [name],
    [name, names[(i * 7 + 3) % names.length] ?? "gzip", "gzip"],
  ]);
  return Promise.all(
    chains.map(async (chain): Promise<Seed> => {
      const bytes = await wrap(content, chain);
      return { kind: "nested", name: chain.join(" in "), bytes, tokens: TOKENS, carriers: [bytes] };
    }),
  );
}

function textSeed(kind: SeedKind, name: string, text: string, tokens: readonly string[]): Seed {
  return { kind, name, bytes: Buffer.from(text), tokens: [...TOKENS, ...tokens], carriers: [] };
}

function filesOf(folder: string): (readonly [string, string])[] {
  return readdirSync(join(FIXTURES, folder)).map((name) => [name, readFileSync(join(FIXTURES, folder, name), "utf8")]);
}

const BASELINE = JSON.stringify({
  version: 1,
  entries: [{ fingerprint: "a".repeat(64), rule: "token-literal", path: "Dockerfile", reason: "x" }],
});

/** All seeds, in the same order in every run. */
export async function allSeeds(): Promise<readonly Seed[]> {
  const configs = [...filesOf("config/good"), ...filesOf("config/bad")].map(([name, content]) => {
    const { text, tokens } = plant(content);
    return textSeed("config", name, text, tokens);
  });
  return [
    ...(await imageSeeds()),
    ...(await nestedSeeds()),
    ...dockerfileFixtures().map(({ name, text, tokens }) => textSeed("dockerfile", name, text, tokens)),
    ...callerFixtures().map(({ path, text, tokens }) => textSeed("caller", path, text, tokens)),
    ...configs,
    textSeed("baseline", "baseline.json", BASELINE, []),
  ];
}
