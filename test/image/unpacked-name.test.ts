/** A packed file has one name for what it holds, whether it is met in a layer, in a tar of files, or in another archive. */

import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Outcome } from "../../src/model/report.ts";
import { inspectBytes, inspectLayers } from "../support/inspect-layers.ts";
import { tar } from "../support/images.ts";
import { fakeToken } from "../support/tokens.ts";
import { zstdRaw } from "../support/zstd-frames.ts";

const text = Buffer.from(`HF_TOKEN=${fakeToken("user", 1)}\n`);
const inner = await tar([{ name: "etc/app.env", content: text }]);
const files = [
  { name: "log.txt.gz", content: gzipSync(text), names: ["log.txt"] },
  { name: "b/log.GZ", content: gzipSync(text), names: ["log"] },
  { name: "dump", content: gzipSync(text), names: ["dump (unpacked)"] },
  { name: ".gz", content: gzipSync(text), names: [".gz (unpacked)"] },
  { name: "a.tgz", content: gzipSync(inner), names: ["a.tar", "etc/app.env"] },
  { name: "a.TZST", content: zstdRaw(inner), names: ["a.tar", "etc/app.env"] },
  { name: "a.tar.zst", content: zstdRaw(inner), names: ["a.tar", "etc/app.env"] },
  { name: "wrong.txz", content: gzipSync(inner), names: ["wrong.tar", "etc/app.env"] },
  { name: "twice.gz", content: gzipSync(gzipSync(text)), names: ["twice", "twice (unpacked)"] },
  { name: "twice.zst.gz", content: gzipSync(zstdRaw(text)), names: ["twice.zst", "twice"] },
];
const expected = files.map(({ name, names }) => [`/${name}`, ...names].join(" > ")).sort();

function places({ findings }: Outcome): string[] {
  return findings
    .map(({ locations: [place] }) => (place?.in === "layer" ? [place.path, ...place.within].join(" > ") : ""))
    .sort();
}

test("in a layer", async () => {
  expect(places(await inspectLayers([files]))).toEqual(expected);
});

test("in a tar of files", async () => {
  expect(places(await inspectBytes(await tar(files)))).toEqual(expected);
});
