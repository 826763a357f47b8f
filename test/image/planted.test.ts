/**
 * Random images with tokens at random places, in random wrappings, layouts and compressions: what the writer planted is
 * what the inspector reports, no token more and none less, each at its path, and an image that holds none passes.
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import type { Outcome } from "../../src/model/report.ts";
import {
  buildxDocker,
  containerd,
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
import { inspectBytes } from "../support/inspect-layers.ts";
import { fakeToken } from "../support/tokens.ts";
import { wrap, type WrapperName } from "../support/wrappers.ts";
import { zstdRaw } from "../support/zstd-frames.ts";

const TEXTS: Readonly<Record<string, (token: string) => Buffer>> = {
  plain: (token) => Buffer.from(`HF_TOKEN=${token}\n`),
  json: (token) => Buffer.from(JSON.stringify({ token })),
  base64: (token) => Buffer.from(`data: ${Buffer.from(`user:${token}`).toString("base64")}\n`),
  hex: (token) => Buffer.from(`data: ${Buffer.from(token).toString("hex")}\n`),
  "utf-16": (token) => Buffer.from(`HF_TOKEN=${token}\n`, "utf16le"),
};

const NAMES: readonly WrapperName[] = ["gzip", "zstd", "zip, deflated", "tar", "deb", "cpio", "sqlite"];

const LAYOUTS: Readonly<Record<string, (spec: ImageSpec, statement: string) => Promise<Entry[]>>> = {
  docker24: (spec) => docker24(spec),
  docker25: (spec) => docker25(spec),
  ociLayout: (spec) => ociLayout(spec),
  buildxDocker,
  skopeoDocker,
  kaniko,
  containerd: (spec, statement) => containerd(spec, { statement }),
};

const COMPRESSIONS: Readonly<Record<string, ((bytes: Buffer) => Buffer) | undefined>> = {
  none: undefined,
  gzip: gzipSync,
  zstd: zstdRaw,
};

const PLACES = ["name", "link", "pax", "environment", "label", "history", "unused"] as const;

const file = fc.record({
  layer: fc.nat(2),
  text: fc.constantFrom(...Object.keys(TEXTS)),
  wrappers: fc.array(fc.constantFrom(...NAMES), { maxLength: 3 }),
});

const plan = fc.record({
  layout: fc.constantFrom(...Object.keys(LAYOUTS)),
  compression: fc.constantFrom(...Object.keys(COMPRESSIONS)),
  isPacked: fc.boolean(),
  files: fc.array(file, { maxLength: 4 }),
  places: fc.subarray([...PLACES]),
});

/** Numbers of tokens: files have those from 1 on, other places those from 21 on, a statement 30. */
const numberOf = (place: (typeof PLACES)[number]): number => 21 + PLACES.indexOf(place);
const STATEMENT = 30;
const NUMBERS = new Map(
  Array.from({ length: 40 }, (_, i) => [createHash("sha256").update(fakeToken("user", i)).digest("hex"), i]),
);

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

async function write({ layout, compression, isPacked, files, places }: Plan): Promise<Buffer> {
  const at = (place: (typeof PLACES)[number], otherwise: string = "x"): string =>
    places.includes(place) ? fakeToken("user", numberOf(place)) : otherwise;
  const entries: Entry[][] = [[], [], []];
  for (const [i, { layer, text, wrappers }] of files.entries()) {
    let content = TEXTS[text]?.(fakeToken("user", i + 1)) ?? Buffer.alloc(0);
    content = await wrap(content, wrappers);
    entries[layer]?.push({ name: `srv/${i}`, content });
  }
  entries[0]?.push({ name: `srv/${at("name")}-x`, content: "x" });
  entries[1]?.push({ name: "srv/link", type: "symlink", link: `/srv/${at("link")}` });
  entries[2]?.push({ name: "srv/pax", content: "x", pax: { "SCHILY.xattr.user.a": at("pax") } });
  const compress = PACKED_LAYOUTS.has(layout) ? COMPRESSIONS[compression] : undefined;
  const spec: ImageSpec = {
    tags: ["app:1"],
    layers: entries.map((one) => ({ entries: one, ...(compress === undefined ? {} : { compress }) })),
    config: { Env: [`A=${at("environment")}`], Labels: { a: at("label") } },
    emptyHistory: [`RUN echo ${at("history")}`],
  };
  const statement = JSON.stringify({
    predicate: { buildDefinition: { externalParameters: { request: { args: { a: fakeToken("user", STATEMENT) } } } } },
  });
  const members = (await LAYOUTS[layout]?.(spec, statement)) ?? [];
  const unused = Buffer.from(`unused ${at("unused")}\n`);
  const name = `blobs/sha256/${createHash("sha256").update(unused).digest("hex")}`;
  const archive = await tar([...members, { name, content: unused }]);
  return isPacked ? gzipSync(archive) : archive;
}

function plantedBy({ layout, files, places }: Plan): string[] {
  return [
    ...files.map((_, i) => `${i + 1} /srv/${i}`),
    ...places.map((place) => String(numberOf(place))),
    ...(layout === "containerd" ? [String(STATEMENT)] : []),
  ].sort();
}

function reported({ findings }: Outcome): string[] {
  const lines = findings.map(({ token, locations: [place] }) => {
    const number = NUMBERS.get(token?.sha256 ?? "") ?? Number.NaN;
    return number < 21 && place?.in === "layer" ? `${number} ${place.path}` : String(number);
  });
  return [...new Set(lines)].sort();
}

test("what was planted is what is reported", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (one) => {
      const outcome = await inspectBytes(await write(one));
      expect(reported(outcome)).toEqual(plantedBy(one));
      expect(outcome.gaps).toEqual([]);
      expect(decide(outcome).verdict).toBe(plantedBy(one).length === 0 ? "pass" : "fail");
    }),
    { numRuns: Number(process.env["HULLCHECK_PLANTED_RUNS"] ?? 120), seed: 20_261_124 },
  );
}, 120_000);
