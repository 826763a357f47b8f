/** The smallest image that holds a file, written without waiting: a case of the fuzzer is made in less than a millisecond. */

import { createHash } from "node:crypto";
import { file } from "../support/tar-blocks.ts";

const END = Buffer.alloc(1024);

function hexOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** As `docker save` writes it, with the bytes as the file `f` of its only layer. */
export function imageWithFile(content: Buffer): Buffer {
  const layer = Buffer.concat([file("f", content), END]);
  const config = JSON.stringify({
    os: "linux",
    architecture: "amd64",
    config: {},
    rootfs: { type: "layers", diff_ids: [`sha256:${hexOf(layer)}`] },
    history: [{ created_by: "COPY f /" }],
  });
  const name = `${hexOf(Buffer.from(config))}.json`;
  const manifest = JSON.stringify([{ Config: name, RepoTags: ["app:1"], Layers: ["a/layer.tar"] }]);
  return Buffer.concat([file("a/layer.tar", layer), file(name, config), file("manifest.json", manifest), END]);
}
