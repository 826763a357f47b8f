/** Every layout that real tools can make of a saved image. Each gives something that `hullcheck inspect` takes. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../support/engine.ts";

/** A way to write an image down. */
export interface Layout {
  readonly name: string;
  /** True for one that takes seconds to write; it is made of one image only. */
  readonly isSlow?: true;
  /** Makes it of a `docker save` archive, below an empty folder, and gives the path of it. */
  readonly write: (saved: string, folder: string) => Promise<string>;
}

async function skopeo(args: readonly string[]): Promise<void> {
  await runTool("skopeo", ["--insecure-policy", "copy", "-q", ...args]);
}

function bySkopeo(transport: string, ...flags: readonly string[]): Layout {
  return {
    name: ["skopeo copy", ...flags, `${transport}:`].join(" "),
    write: async (saved, folder) => {
      const path = join(folder, "copy");
      const reference = transport === "dir" ? "" : transport === "docker-archive" ? ":app:1" : ":app";
      await skopeo([...flags, `docker-archive:${saved}`, `${transport}:${path}${reference}`]);
      return path;
    },
  };
}

/** Flags for a store of images beside the archive, into which it is pulled once. */
async function buildahStore(saved: string): Promise<{ store: string[]; image: string; policy: string }> {
  const folder = `${saved}.buildah`;
  const policy = join(folder, "policy.json");
  const pulled = join(folder, "image");
  const store = ["--storage-driver", "overlay", "--root", join(folder, "root"), "--runroot", join(folder, "run")];
  if (!existsSync(pulled)) {
    mkdirSync(folder);
    writeFileSync(policy, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
    const flags = ["--signature-policy", policy, "-q"];
    writeFileSync(pulled, await runTool("buildah", [...store, "pull", ...flags, `docker-archive:${saved}`]));
  }
  return { store, image: readFileSync(pulled, "utf8").trim(), policy };
}

function byBuildah(transport: string, ...flags: readonly string[]): Layout {
  return {
    name: ["buildah push", ...flags, `${transport}:`].join(" "),
    write: async (saved, folder) => {
      const path = join(folder, "copy");
      const { store, image, policy } = await buildahStore(saved);
      const reference = transport === "docker-archive" ? ":app:1" : "";
      const target = `${transport}:${path}${reference}`;
      await runTool("buildah", [...store, "push", "--signature-policy", policy, "-q", ...flags, image, target]);
      return path;
    },
  };
}

function compressedBy(program: string): Layout {
  return {
    name: `docker save | ${program}`,
    write: async (saved, folder) => {
      const path = join(folder, "saved.compressed");
      await runTool("sh", ["-c", `${program} -c "$1" >"$2"`, "sh", saved, path]);
      return path;
    },
  };
}

/** All of them. */
export const LAYOUTS: readonly Layout[] = [
  compressedBy("gzip"),
  compressedBy("zstd"),
  bySkopeo("docker-archive"),
  bySkopeo("oci"),
  bySkopeo("oci", "--dest-compress-format", "zstd"),
  bySkopeo("oci-archive"),
  bySkopeo("dir"),
  bySkopeo("dir", "--dest-compress"),
  bySkopeo("dir", "--format", "v2s2"),
  bySkopeo("dir", "--format", "oci", "--dest-compress", "--dest-compress-format", "zstd"),
  byBuildah("docker-archive"),
  byBuildah("oci"),
  byBuildah("oci", "--compression-format", "zstd"),
  { ...byBuildah("oci", "--compression-format", "zstd:chunked"), isSlow: true },
  byBuildah("oci-archive", "--format", "oci"),
  byBuildah("dir", "--format", "v2s2"),
];
