/** What was not read is never a pass. */

import { appendFileSync, closeSync, openSync, writeSync } from "node:fs";
import { chmod, mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import * as images from "../support/images.ts";
import { archiveOf, inspectBytes, inspectLayers } from "../support/inspect-layers.ts";
import { findings, gaps } from "../support/summary.ts";
import { file, header, END } from "../support/tar-blocks.ts";
import { fakeToken } from "../support/tokens.ts";
import { zip } from "../support/zip.ts";

afterAll(images.removeFolders);

const token = (number: number): string => fakeToken("user", number);
const CLEAN: images.ImageSpec = {
  tags: ["app:1"],
  layers: [{ entries: [{ name: "a", content: "a" }] }, { entries: [{ name: "b", content: "b" }] }],
};

describe("sources", () => {
  test.each<[string, () => Promise<string>, string]>([
    ["a path that is not there", async () => "no/such.tar", "missing"],
    ["an empty file", () => images.writeTemporary(Buffer.alloc(0)), "empty"],
    ["a text", () => images.writeTemporary(Buffer.from("hello\n")), "not-an-archive"],
    ["a compressed text", () => images.writeTemporary(gzipSync("hello\n")), "not-an-archive"],
    ["a folder without an image", () => images.writeFolder([{ name: "x.txt", content: "x" }]), "no-image"],
    ["a file below a file", async () => `${await images.writeTemporary(Buffer.from("x"))}/y`, "missing"],
  ])("%s", async (_, make, why) => {
    const source = await make();
    const outcome = await inspectImage(source);
    expect(gaps(outcome)).toEqual([`${why} ${source}`]);
    expect(decide(outcome).verdict).toBe("unknown");
  });

  test("nothing on standard input", async () => {
    expect(gaps(await inspectBytes(Buffer.alloc(0)))).toEqual(["empty -"]);
  });

  test("a stream that fails in the middle", async () => {
    const bytes = await archiveOf([
      [
        { name: "a", content: token(1) },
        { name: "b", content: "x".repeat(100_000) },
      ],
    ]);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 60_000);
      throw Object.assign(new Error("the pipe broke"), { code: "EPIPE" });
    }
    const outcome = await inspectImage("-", { stdin: failing() });
    expect(gaps(outcome)).toContain("unreadable -");
    expect(findings(outcome)).toEqual([expect.stringContaining("token-in-archive #1")]);
  });
});

/** Inspects an archive without the members whose names match. */
async function without(entries: readonly images.Entry[], pattern: RegExp): Promise<Outcome> {
  return inspectBytes(await images.tar(entries.filter(({ name }) => !pattern.test(name))));
}

/** The gaps of an image with one layer of this media type. */
async function stored(mediaType: string, bytes: Buffer): Promise<string[]> {
  return gaps(
    await inspectBytes(await images.tar(await images.ociLayout({ tags: ["app:1"], layers: [{ bytes, mediaType }] }))),
  );
}

describe("images", () => {
  test("a layer that is not in the archive", async () => {
    const built = await images.build(CLEAN);
    for (const make of [images.docker25, images.ociLayout, images.skopeoDocker]) {
      expect(gaps(await without(await make(CLEAN), new RegExp(built.layers[1]?.diffHex ?? "x")))).toEqual([
        "missing-layer app:1 layer 1",
      ]);
    }
  });

  test("a config that is not in the archive, or no JSON", async () => {
    const built = await images.build(CLEAN);
    for (const make of [images.docker24, images.docker25, images.ociLayout]) {
      expect(gaps(await without(await make(CLEAN), new RegExp(built.configHex)))).toContain("missing-blob app:1");
      const broken = (await make(CLEAN)).map((entry) =>
        entry.name.includes(built.configHex) ? { ...entry, content: "{ broken" } : entry,
      );
      expect(gaps(await inspectBytes(await images.tar(broken)))).toContain("corrupt app:1");
    }
  });

  test("a manifest that is not in the archive, broken, or of a kind that is not known", async () => {
    const built = await images.build(CLEAN);
    const hex = images.sha256(images.manifestOf(built));
    const entries = await images.ociLayout(CLEAN);
    expect(gaps(await without(entries, new RegExp(hex)))).toEqual(["missing-blob -", "no-image -"]);
    const changed = async (content: string): Promise<string[]> =>
      gaps(
        await inspectBytes(
          await images.tar(entries.map((entry) => (entry.name.endsWith(hex) ? { ...entry, content } : entry))),
        ),
      );
    expect(await changed("{")).toEqual(["corrupt -", "no-image -"]);
    expect(await changed('{"schemaVersion":1,"fsLayers":[]}')).toEqual(["unknown-media-type -", "no-image -"]);
  });

  test("an index that has no images", async () => {
    for (const content of ['{"schemaVersion":2,"manifests":null}', '{"schemaVersion":2,"manifests":[]}']) {
      const outcome = await inspectBytes(
        await images.tar([
          { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
          { name: "index.json", content },
        ]),
      );
      expect(gaps(outcome)).toEqual(["no-image -"]);
    }
  });

  test("images that no index names are found all the same", async () => {
    const entries = (
      await images.ociLayout({ ...CLEAN, layers: [{ entries: [{ name: "a", content: token(1) }] }] })
    ).map((entry) =>
      entry.name === "index.json" ? { ...entry, content: '{"schemaVersion":2,"manifests":null}' } : entry,
    );
    const outcome = await inspectBytes(await images.tar(entries));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1"]);
  });

  test("fewer layers in the manifest than in the config", async () => {
    const entries = (await images.docker24(CLEAN)).map((entry) => {
      if (entry.name !== "manifest.json") return entry;
      const [image] = JSON.parse(String(entry.content)) as [{ Layers: string[] }];
      return { ...entry, content: JSON.stringify([{ ...image, Layers: image.Layers.slice(1) }]) };
    });
    expect(gaps(await inspectBytes(await images.tar(entries)))).toEqual(["missing-layer app:1"]);
  });

  test("foreign, encrypted, empty and unknown layers", async () => {
    expect(await stored("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", Buffer.alloc(4000, 7))).toEqual([
      "encrypted app:1 layer 0",
    ]);
    expect(await stored("application/vnd.oci.image.layer.v1.tar", Buffer.alloc(0))).toEqual(["empty app:1 layer 0"]);
    expect(await stored("application/vnd.sylabs.sif.layer.v1.squashfs", Buffer.from("hsqs and so on"))).toEqual([
      "unknown-media-type app:1 layer 0",
    ]);
    const foreign = await images.ociLayout({
      tags: ["app:1"],
      layers: [{ bytes: END, mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" }],
    });
    expect(gaps(await without(foreign, new RegExp(images.sha256(END))))).toEqual(["foreign-layer app:1 layer 0"]);
    expect(gaps(await inspectBytes(await images.tar(foreign)))).toEqual([]);
  });

  test("a layer that is no tar is searched as bytes", async () => {
    const outcome = await inspectLayers([Buffer.from(`some other format ${token(1)} and so on`)]);
    expect(gaps(outcome)).toEqual(["unknown-media-type app:1 layer 0"]);
    expect(findings(outcome)).toEqual([expect.stringMatching(/^token-in-archive #1 archive blobs.*@18$/)]);
  });
});

describe("digests", () => {
  test("are checked when asked for: what is stored, and what it unpacks to", async () => {
    const spec: images.ImageSpec = {
      tags: ["app:1"],
      layers: [{ entries: [{ name: "a", content: token(1) }], compress: gzipSync }],
    };
    const entries = await images.ociLayout(spec);
    const good = await inspectBytes(await images.tar(entries), { checkDigests: true });
    expect(gaps(good)).toEqual([]);
    const built = await images.build(spec);
    const other = gzipSync(await images.tar([{ name: "a", content: token(2) }]));
    const bad = await images.tar(
      entries.map((entry) => (entry.name.endsWith(built.layers[0]?.hex ?? "x") ? { ...entry, content: other } : entry)),
    );
    expect(gaps(await inspectBytes(bad))).toEqual([]);
    const checked = await inspectBytes(bad, { checkDigests: true });
    expect(gaps(checked)).toEqual(["digest-mismatch app:1 layer 0", "digest-mismatch app:1 layer 0"]);
    expect(findings(checked)).toEqual(["token-in-layer #2 0 /a@0:1"]);
    const config = await images.tar(
      entries.map((entry) =>
        entry.name.endsWith(built.configHex) ? { ...entry, content: `${built.config} ` } : entry,
      ),
    );
    expect(gaps(await inspectBytes(config, { checkDigests: true }))).toEqual([
      `digest-mismatch app:1 blobs/sha256/${built.configHex}`,
    ]);
  });

  test("of damaged layers, with everything read to the end", async () => {
    const bytes = await archiveOf([
      Buffer.concat([gzipSync(await images.tar([{ name: "a", content: token(1) }])), Buffer.from("tail")]),
    ]);
    const outcome = await inspectBytes(bytes, { checkDigests: true });
    expect(gaps(outcome)).toContain("corrupt app:1 layer 0");
    expect(gaps(outcome)).toContain("digest-mismatch app:1 layer 0");
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /a@0:1"]);
  });
});

describe("limits", () => {
  const entries = Array.from({ length: 50 }, (_, i) => ({
    name: `f${i}`,
    content: i === 0 || i === 49 ? token(i === 0 ? 1 : 2) : "x",
  }));

  test("entries of a layer: the rest is searched as bytes", async () => {
    const outcome = await inspectLayers([entries], {}, { limits: { maxEntries: 20 } });
    expect(gaps(outcome)).toEqual(["limit app:1 layer 0"]);
    expect(outcome.findings.map(({ token: of }) => of?.sha256)).toHaveLength(2);
  });

  test("members of an archive", async () => {
    const outcome = await inspectBytes(await images.tar(entries), { limits: { maxEntries: 20 } });
    expect(gaps(outcome)).toEqual(["limit -"]);
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /f0@0:1"]);
  });

  test("names and extended headers, in layers and in the archive", async () => {
    const long = Buffer.concat([
      file("././@LongLink", Buffer.alloc(5000, "n"), { type: "L" }),
      file("cut", token(1)),
      file("././@LongLink", ` ${token(3)} ${"x".repeat(5000)}`, { type: "x" }),
      file("next", token(2)),
      END,
    ]);
    const outcome = await inspectLayers([long], {}, { limits: { maxNameBytes: 4096 } });
    expect(new Set(gaps(outcome))).toEqual(new Set(["limit app:1 layer 0"]));
    expect(findings(outcome)).toEqual([
      "token-in-layer #1 0 /cut@0:1",
      "token-in-layer #2 0 /next@0:1",
      expect.stringContaining("token-in-archive #3"),
    ]);
    const outer = await inspectBytes(long, { limits: { maxNameBytes: 4096 } });
    expect(new Set(gaps(outer))).toEqual(new Set(["limit -"]));
    expect(outer.findings.map(({ token: of }) => of !== null)).toEqual([true, true, true]);
  });

  test("an extended header of a gigabyte that is not there takes no memory", async () => {
    const outcome = await inspectLayers([
      Buffer.concat([header({ name: "x", type: "x", size: 2 ** 30 }), Buffer.alloc(5000)]),
    ]);
    expect(outcome.gaps.map(({ why }) => why)).toEqual(["limit", "truncated"]);
  });

  test("JSON: a config above the limit is a gap, and its bytes are searched", async () => {
    const bytes = await archiveOf([[{ name: "a", content: "a" }]], {
      config: { Env: [`HF_TOKEN=${token(1)}`], Labels: { long: "x".repeat(5000) } },
    });
    const outcome = await inspectBytes(bytes, { limits: { maxJsonBytes: 4000 } });
    expect(gaps(outcome)).toContain("corrupt app:1");
    expect(outcome.findings.map(({ rule }) => rule)).toContain("token-in-archive");
  });

  test("places that variables in one another point to", async () => {
    const Env = ["HOME=/h", "XDG_CACHE_HOME=$HOME/c", "HF_HOME=$XDG_CACHE_HOME/$HOME"].flatMap((variable) =>
      Array.from({ length: 400 }, (_, i) => `${variable}/${i}`),
    );
    const hidden = [{ name: "models/token", content: "of-no-known-shape" }];
    const outcome = await inspectLayers([hidden], { config: { Env: [...Env, "HF_HOME=/models"] } });
    expect(gaps(outcome)).toEqual(["limit app:1"]);
    expect(gaps(await inspectLayers([hidden], { config: { Env: Env.filter((_, i) => i % 40 === 0) } }))).toEqual([]);
  });

  test("hits of one layer", async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ name: `f${i}`, content: token(i) }));
    const outcome = await inspectLayers([many], {}, { limits: { maxHits: 10 } });
    expect(gaps(outcome)).toEqual(["limit app:1 layer 0"]);
    expect(outcome.findings).toHaveLength(10);
  });

  test("indexes in indexes", async () => {
    let inner = JSON.stringify({ schemaVersion: 2, manifests: [] });
    const blobs: images.Entry[] = [];
    for (let i = 0; i < 10; i++) {
      blobs.push({ name: `blobs/sha256/${images.sha256(inner)}`, content: inner });
      inner = JSON.stringify({ schemaVersion: 2, i, manifests: [{ digest: `sha256:${images.sha256(inner)}` }] });
    }
    const outcome = await inspectBytes(
      await images.tar([...blobs, { name: "index.json", content: inner }, { name: "oci-layout", content: "{}" }]),
    );
    expect(gaps(outcome)).toEqual(["limit -", "no-image -"]);
  });

  test("links in circles, and a manifest that names itself", async () => {
    const outcome = await inspectBytes(
      await images.tar([
        { name: "a/layer.tar", type: "symlink", link: "../b/layer.tar" },
        { name: "b/layer.tar", type: "symlink", link: "../a/layer.tar" },
        {
          name: "manifest.json",
          content: JSON.stringify([
            {
              Config: "manifest.json",
              RepoTags: ["app:1"],
              Layers: ["a/layer.tar", "manifest.json", "../../etc/passwd"],
            },
          ]),
        },
      ]),
    );
    expect(gaps(outcome)).toContain("missing-layer app:1 layer 0");
    expect(gaps(outcome)).toContain("missing-layer app:1 layer 2");
  });
});

describe("folders", () => {
  test("links are not followed out of the folder, files that cannot be read are gaps", async () => {
    const folder = await images.writeFolder(await images.ociLayout(CLEAN));
    const outside = await images.writeTemporary(Buffer.from(token(1)));
    await symlink(outside, join(folder, "link"));
    const outcome = await inspectImage(folder);
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual([]);
    const built = await images.build(CLEAN);
    const layer = join(folder, `blobs/sha256/${built.layers[0]?.hex}`);
    await truncate(layer, 700);
    expect(gaps(await inspectImage(folder))).toEqual(["truncated app:1 layer 0"]);
    if (process.getuid?.() === 0) return;
    await chmod(layer, 0);
    expect(gaps(await inspectImage(folder))).toContain("missing-layer app:1 layer 0");
  });

  test("a folder where a blob should be", async () => {
    const folder = await images.writeFolder(await images.ociLayout(CLEAN));
    await mkdir(join(folder, "blobs/sha256/0000"), { recursive: true });
    await writeFile(join(folder, "blobs/sha256/0000/x"), token(1));
    const outcome = await inspectImage(folder);
    expect(findings(outcome)).toEqual(["token-in-archive #1 archive blobs/sha256/0000/x@0"]);
  });
});

/** Inspects it, and changes it when the first of it was read. */
function inspectWhile(source: string, change: () => void): Promise<Outcome> {
  let isChanged = false;
  return inspectImage(source, {
    onProgress: () => {
      if (isChanged) return;
      isChanged = true;
      change();
    },
  });
}

describe("what changes while it is read", () => {
  const big: images.ImageSpec = {
    tags: ["app:1"],
    layers: [{ entries: [{ name: "big", content: Buffer.alloc(20_000_000, "x") }] }],
  };
  test("an archive, before the place of the reader", async () => {
    const path = await images.writeTemporary(await images.tar(await images.ociLayout(big)));
    expect(gaps(await inspectWhile(path, () => {}))).toEqual([]);
    const write = (): void => {
      const descriptor = openSync(path, "r+");
      writeSync(descriptor, token(1), 2000);
      closeSync(descriptor);
    };
    const { gaps: found } = await inspectWhile(path, write);
    expect(found).toEqual([{ at: path, why: "unreadable", detail: expect.stringMatching(/^it changed while/) }]);
  });

  test("a file of a layout that grows", async () => {
    const folder = await images.writeFolder(await images.ociLayout(big));
    const layer = `blobs/sha256/${(await images.build(big)).layers[0]?.hex}`;
    expect(gaps(await inspectWhile(folder, () => {}))).toEqual([]);
    const { gaps: found } = await inspectWhile(folder, () => appendFileSync(join(folder, layer), token(1)));
    const detail = expect.stringMatching(new RegExp(`^${layer}: it changed while`));
    expect(found).toEqual([{ at: folder, why: "unreadable", detail }]);
  });
});

test("an abort reports what was found so far, with a gap", async () => {
  const controller = new AbortController();
  const big = { name: "big", content: Buffer.alloc(60_000_000, "x") };
  const path = await images.writeTemporary(
    await archiveOf([[{ name: "a", content: token(1) }, big, { name: "z", content: token(2) }]]),
  );
  const seen: number[] = [];
  const outcome = await inspectImage(path, {
    signal: controller.signal,
    onProgress: ({ bytes, totalBytes }) => {
      expect(totalBytes).toBeGreaterThan(60_000_000);
      seen.push(bytes);
      controller.abort();
    },
  });
  expect(seen.length).toBeGreaterThan(0);
  expect(outcome.gaps.map(({ why }) => why)).toContain("aborted");
  expect(outcome.findings.map(({ token: of }) => of?.preview.slice(-4))).toEqual([token(1).slice(-4)]);
});

test("more token files than are remembered are a gap, not a pass", async () => {
  const entries = Array.from({ length: 2001 }, (_, i) => ({ name: `x/${i}/token`, content: "not a known shape" }));
  const outcome = await inspectBytes(await archiveOf([entries]));
  expect(outcome.gaps.map(({ why }) => why)).toContain("limit");
  expect(decide(outcome).verdict).not.toBe("pass");
});

test("what cannot be decoded counts wherever it stands: in a part that no image uses, and in a tar of files", async () => {
  const encrypted = zip([{ name: "a", content: "x", isEncrypted: true }]);
  const layer = await images.tar([{ name: "a.zip", content: encrypted }]);
  const cases: readonly (readonly [readonly images.Entry[], number])[] = [
    [[...(await images.docker25(CLEAN)), { name: "blobs/sha256/unused", content: layer }], 1],
    [[...(await images.docker25(CLEAN, { ...CLEAN, tags: ["app:2"] })), { name: "a.zip", content: encrypted }], 1],
    [
      [
        { name: "a.zip", content: encrypted },
        { name: "b", content: "b" },
      ],
      1,
    ],
    [await images.docker25(CLEAN), 0],
  ];
  for (const [entries, count] of cases) {
    const bytes = await images.tar(entries);
    const { subjects } = await inspectBytes(bytes);
    const counts = subjects.map((subject) =>
      subject.kind === "image" ? (subject.coverage.undecoded["zip-encrypted"] ?? 0) : 0,
    );
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
    expect(gaps(await inspectBytes(bytes, { strict: true })).map((gap) => gap.split(" ")[0])).toEqual(
      count === 0 ? [] : ["undecoded"],
    );
  }
});
