/** The archives that the fuzzer starts from: images of every layout and compression, captured ones, and nested content. */

import { gzipSync } from "node:zlib";
import { capturedArchive, capturedNames } from "../support/captured.ts";
import {
  build,
  buildxDocker,
  containerd,
  dirTransport,
  docker24,
  docker25,
  kaniko,
  ociLayout,
  PACKED_LAYOUTS,
  skopeoDocker,
  tar,
  type Entry,
  type ImageSpec,
} from "../support/images.ts";
import { pax } from "../support/tar-blocks.ts";
import { wrap, WRAPPER_NAMES, type WrapperName } from "../support/wrappers.ts";
import { skippableFrame, zstdRaw } from "../support/zstd-frames.ts";
import { TOKEN, TOKENS, type Seed } from "./seed.ts";
import { tarMembers } from "./tar-members.ts";

const CLEAN_ENTRIES: readonly Entry[] = [
  { name: "etc/", type: "directory" },
  { name: `etc/${"long/".repeat(30)}x`, content: "a file with a long name" },
  { name: "etc/link", type: "symlink", link: "../root/.cache" },
  { name: "etc/after", content: "after\n".repeat(200), pax: { "SCHILY.xattr.user.a": "b".repeat(60) } },
];

const ENTRIES: readonly Entry[] = [
  ...CLEAN_ENTRIES.slice(0, 2),
  { name: "root/.cache/huggingface/token", content: TOKEN },
  ...CLEAN_ENTRIES.slice(2),
];

type Compress = (bytes: Buffer) => Buffer;

const COMPRESSIONS: Readonly<Record<string, Compress | undefined>> = {
  plain: undefined,
  gzip: gzipSync,
  "gzip, two members": (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 1024)), gzipSync(bytes.subarray(1024))]),
  zstd: zstdRaw,
  "zstd, skippable": (bytes) => Buffer.concat([skippableFrame(Buffer.from("x")), zstdRaw(bytes)]),
};

function specOf(compress: Compress | undefined, entries: readonly Entry[]): ImageSpec {
  const layer = { entries, ...(compress === undefined ? {} : { compress }) };
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

/** The images of one content, in every layout and packing. */
async function builtSeeds(entries: readonly Entry[], isClean: boolean): Promise<Seed[]> {
  const seeds: Seed[] = [];
  const add = (name: string, bytes: Buffer, carriers: readonly Buffer[] = []): void => {
    const holds = isClean ? { tokens: [], carriers: [] } : { tokens: TOKENS, carriers };
    seeds.push({ kind: "image", name: isClean ? `${name}, without a token` : name, bytes, ...holds, files: null });
  };
  for (const [packing, compress] of Object.entries(COMPRESSIONS)) {
    for (const [layout, write] of Object.entries(LAYOUTS)) {
      if (compress !== undefined && !PACKED_LAYOUTS.has(layout)) continue;
      const spec = specOf(compress, entries);
      const [layer] = (await build(spec)).layers;
      const bytes = await tar(await write(spec));
      const stored = layer === undefined || !bytes.includes(layer.stored) ? [] : [layer.stored];
      add(`${layout}, ${packing}`, bytes, compress === undefined ? [] : stored);
    }
  }
  const whole = await tar(await docker25(specOf(undefined, entries)));
  add("gzip around everything", gzipSync(whole));
  add("zstd around everything", zstdRaw(whole));
  add("a root filesystem", Buffer.concat([pax({ "SCHILY.xattr.user.a": "b".repeat(600) }), await tar(entries)]));
  return seeds;
}

/** Images, with the packed layers that hold a token; half of them hold none. */
export async function imageSeeds(): Promise<Seed[]> {
  const captured = capturedNames().map((name): Seed => {
    const bytes = capturedArchive(name);
    return { kind: "image", name: `captured ${name}`, bytes, tokens: TOKENS, carriers: [], files: null };
  });
  return [...(await builtSeeds(ENTRIES, false)), ...(await builtSeeds(CLEAN_ENTRIES, true)), ...captured];
}

/** Those of the images that have documents to change. */
export function documentSeeds(images: readonly Seed[]): Seed[] {
  return images
    .filter(({ bytes }) => tarMembers(bytes).some(({ from }) => /[{[]/.test(String.fromCharCode(bytes[from] ?? 0))))
    .map((seed): Seed => ({ ...seed, kind: "document" }));
}

/** A token in everything that holds something, alone and in one another. */
export async function nestedSeeds(): Promise<Seed[]> {
  const content = Buffer.from(`HF_TOKEN=${TOKEN}\n`);
  const names = WRAPPER_NAMES.filter((name) => name !== "zip, behind a script");
  const chains = names.flatMap((name, i): WrapperName[][] => [
    [name],
    [name, names[(i * 7 + 3) % names.length] ?? "gzip", "gzip"],
  ]);
  return Promise.all(
    chains.map(async (chain): Promise<Seed> => {
      const bytes = await wrap(content, chain);
      return { kind: "nested", name: chain.join(" in "), bytes, tokens: TOKENS, carriers: [bytes], files: null };
    }),
  );
}
