import { afterAll, describe, expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import {
  docker24,
  ociLayout,
  removeFolders,
  sha256,
  tar,
  writeTemporary,
  type Entry,
  type ImageSpec,
} from "../support/images.ts";

afterAll(removeFolders);

const CLEAN: ImageSpec = { tags: ["app:1"], layers: [{ entries: [{ name: "a", content: "a" }] }] };

async function inspect(entries: readonly Entry[]): Promise<Outcome> {
  return inspectImage(await writeTemporary(await tar(entries)));
}

/** The layout with its manifest changed, and named by its new digest. */
async function layoutWith(change: (manifest: string) => string): Promise<Entry[]> {
  const layout = await ociLayout(CLEAN);
  const old = layout.find(({ content }) => String(content).includes('"layers":['));
  const before = String(old?.content);
  const after = change(before);
  return layout.map((entry) => {
    if (entry === old) return { name: `blobs/sha256/${sha256(after)}`, content: after };
    return {
      ...entry,
      content:
        typeof entry.content === "string"
          ? entry.content.replace(sha256(before), sha256(after))
          : (entry.content ?? ""),
    };
  });
}

const HIDDEN = `[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:${"a".repeat(64)}","size":1}]`;

describe("a field that Go reads as another is a gap", () => {
  test.each(["Layers", "LAYERS", "layerſ", "Config", "Manifests"])("%s in a manifest", async (name) => {
    const outcome = await inspect(await layoutWith((manifest) => manifest.replace(/\}$/, `,"${name}":${HIDDEN}}`)));
    expect(outcome.gaps.map(({ why }) => why)).toEqual(["corrupt"]);
    expect(decide(outcome).verdict).toBe("unknown");
  });

  test("in a descriptor", async () => {
    const outcome = await inspect(
      await layoutWith((manifest) => manifest.replaceAll('"digest":', `"Digest":"sha256:${"a".repeat(64)}","digest":`)),
    );
    expect(outcome.gaps.map(({ why }) => why)).toContain("corrupt");
  });

  test("in the manifest of a docker archive", async () => {
    const entries = (await docker24(CLEAN)).map((entry) =>
      entry.name === "manifest.json"
        ? { ...entry, content: String(entry.content).replace('"Layers"', '"layers":["x/layer.tar"],"Layers"') }
        : entry,
    );
    expect((await inspect(entries)).gaps.map(({ why }) => why)).toEqual(["corrupt"]);
  });
});

describe("layers that are no list are a gap", () => {
  test.each(['{"0":{}}', '"x"', "[1]", "[null]", "[[]]"])("%s", async (layers) => {
    const outcome = await inspect(
      await layoutWith((manifest) => manifest.replace(/"layers":\[.*?\]/, `"layers":${layers}`)),
    );
    expect(outcome.gaps.map(({ why }) => why)).toContain("corrupt");
    expect(decide(outcome).verdict).toBe("unknown");
  });

  test("in the manifest of a docker archive", async () => {
    for (const layers of ["{}", "[1]", '"x"']) {
      const entries = (await docker24(CLEAN)).map((entry) =>
        entry.name === "manifest.json"
          ? { ...entry, content: String(entry.content).replace(/"Layers":\[.*?\]/, `"Layers":${layers}`) }
          : entry,
      );
      expect((await inspect(entries)).gaps.map(({ why }) => why)).toContain("corrupt");
    }
  });
});

test("an index that is a manifest as well is a gap", async () => {
  const outcome = await inspect(await layoutWith((manifest) => manifest.replace(/\}$/, ',"manifests":[]}')));
  expect(outcome.gaps.map(({ why }) => why)).toContain("corrupt");
  expect(decide(outcome).verdict).toBe("unknown");
});

test("other fields are nobody's business", async () => {
  const outcome = await inspect(
    await layoutWith((manifest) => manifest.replace(/\}$/, ',"Layer":1,"x-layers":2,"annotations":{"Layers":"3"}}')),
  );
  expect([outcome.gaps, decide(outcome).verdict]).toEqual([[], "pass"]);
});

test.each([
  ["[{}]", "its config is not in the archive"],
  ['[{"Config":"c.json","Layers":[]}]', "the config c.json is not in the archive"],
])("a manifest without what it needs is said in whole sentences: %s", async (manifest, detail) => {
  const entries = (await docker24(CLEAN)).map((entry) =>
    entry.name === "manifest.json" ? { ...entry, content: manifest } : entry,
  );
  expect((await inspect(entries)).gaps.map((gap) => gap.detail)).toContain(detail);
});
