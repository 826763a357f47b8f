/**
 * Writes images in every layout that is met in the field, by tar-stream's pack: what the inspector must read. Layouts
 * follow the writers' sources and captured archives; headers that no sane writer makes are in `tar-blocks.ts`.
 */

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

/** An entry of a tar. */
export interface Entry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly type?: "file" | "directory" | "symlink" | "link";
  readonly link?: string;
  readonly pax?: Record<string, string>;
}

/** A layer: its entries, or bytes as they are. */
export interface LayerSpec {
  readonly entries?: readonly Entry[];
  /** The unpacked bytes, instead of entries. */
  readonly bytes?: Buffer;
  /** How the layer is stored; not at all unless given. */
  readonly compress?: (tar: Buffer) => Buffer;
  readonly createdBy?: string;
  readonly mediaType?: string;
}

/** An image. */
export interface ImageSpec {
  readonly tags?: readonly string[];
  readonly layers: readonly LayerSpec[];
  /** `config` of the config. */
  readonly config?: Record<string, unknown>;
  /** Other fields of the config. */
  readonly extra?: Record<string, unknown>;
  /** History entries without a layer, before those of the layers. */
  readonly emptyHistory?: readonly string[];
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

/** A tar of entries. */
export async function tar(entries: readonly Entry[]): Promise<Buffer> {
  const packer = pack();
  for (const { name, content = "", type = "file", link, pax } of entries) {
    const header = {
      name,
      type,
      mtime: new Date(0),
      ...(link === undefined ? {} : { linkname: link }),
      ...(pax === undefined ? {} : { pax }),
    };
    packer.entry(header, type === "file" ? Buffer.from(content as string) : Buffer.alloc(0));
  }
  packer.finalize();
  const parts: Buffer[] = [];
  for await (const part of packer as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}

export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

interface Built {
  readonly config: string;
  readonly configHex: string;
  readonly layers: readonly {
    readonly tar: Buffer;
    readonly stored: Buffer;
    readonly diffHex: string;
    readonly hex: string;
    readonly mediaType: string;
  }[];
}

/** The config and the layers of an image, with their digests. */
export async function build(spec: ImageSpec): Promise<Built> {
  const layers = await Promise.all(
    spec.layers.map(async ({ entries = [], bytes, compress, mediaType }) => {
      const plain = bytes ?? (await tar(entries));
      const stored = compress === undefined ? plain : compress(plain);
      return {
        tar: plain,
        stored,
        diffHex: sha256(plain),
        hex: sha256(stored),
        mediaType: mediaType ?? "application/vnd.oci.image.layer.v1.tar",
      };
    }),
  );
  const empty = (spec.emptyHistory ?? []).map((created_by) => ({ created_by, empty_layer: true }));
  const made = spec.layers.map(({ createdBy }, i) => ({ created_by: createdBy ?? `COPY layer ${i} / # buildkit` }));
  const config = JSON.stringify({
    os: "linux",
    architecture: "amd64",
    ...spec.platform,
    config: spec.config ?? {},
    rootfs: { type: "layers", diff_ids: layers.map(({ diffHex }) => `sha256:${diffHex}`) },
    history: [...empty, ...made],
    ...spec.extra,
  });
  return { config, configHex: sha256(config), layers };
}

function once(entries: readonly Entry[]): Entry[] {
  return entries.filter((entry, i) => entries.findIndex(({ name }) => name === entry.name) === i);
}

/** `docker save` up to Docker 24: `<id>/layer.tar`, repeated layers as links, v1 JSON beside. */
export async function docker24(...specs: readonly ImageSpec[]): Promise<Entry[]> {
  const files: Entry[] = [];
  const manifest: unknown[] = [];
  const firstOf = new Map<string, string>();
  for (const spec of specs) {
    const { config, configHex, layers } = await build(spec);
    const ids = layers.map(({ diffHex }, i) => sha256(`${configHex} ${diffHex} ${i}`));
    for (const [i, layer] of layers.entries()) {
      const id = ids[i] ?? "";
      const first = firstOf.get(layer.diffHex);
      files.push({ name: `${id}/`, type: "directory" }, { name: `${id}/VERSION`, content: "1.0" });
      files.push({
        name: `${id}/json`,
        content: JSON.stringify({ id, ...(i === layers.length - 1 ? { config: spec.config ?? {} } : {}) }),
      });
      files.push(
        first === undefined
          ? { name: `${id}/layer.tar`, content: layer.tar }
          : { name: `${id}/layer.tar`, type: "symlink", link: `../${first}/layer.tar` },
      );
      if (first === undefined) firstOf.set(layer.diffHex, id);
    }
    files.push({ name: `${configHex}.json`, content: config });
    manifest.push({
      Config: `${configHex}.json`,
      RepoTags: spec.tags ?? null,
      Layers: ids.map((id) => `${id}/layer.tar`),
    });
  }
  return [
    ...once(files),
    { name: "manifest.json", content: JSON.stringify(manifest) },
    { name: "repositories", content: "{}" },
  ];
}

function blob(bytes: Buffer | string): Entry {
  return { name: `blobs/sha256/${sha256(bytes)}`, content: bytes };
}

function describe(
  bytes: Buffer | string,
  mediaType: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length, ...more };
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";

/** The OCI manifest of an image. */
export function manifestOf({ config, layers }: Built, annotations?: Record<string, string>): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: describe(config, CONFIG),
    layers: layers.map(({ stored, mediaType }) => describe(stored, mediaType)),
    ...(annotations === undefined ? {} : { annotations }),
  });
}

/** `docker save` of Docker 25 and later: OCI blobs, `manifest.json` beside, v1 JSON as blobs that nothing names. */
export async function docker25(...specs: readonly ImageSpec[]): Promise<Entry[]> {
  const files: Entry[] = [];
  const docker: unknown[] = [];
  const index: unknown[] = [];
  for (const spec of specs) {
    const built = await build(spec);
    const manifest = manifestOf(built);
    const v1 = JSON.stringify({
      id: sha256(`v1 ${built.configHex}`),
      created: "1970-01-01T00:00:00Z",
      container_config: {},
      config: spec.config ?? {},
    });
    files.push(blob(built.config), blob(manifest), blob(v1), ...built.layers.map(({ tar: bytes }) => blob(bytes)));
    const annotations = {
      "io.containerd.image.name": `docker.io/library/${spec.tags?.[0] ?? "x"}`,
      "org.opencontainers.image.ref.name": "1",
    };
    index.push(describe(manifest, MANIFEST, spec.tags === undefined ? {} : { annotations }));
    docker.push({
      Config: `blobs/sha256/${built.configHex}`,
      RepoTags: spec.tags ?? null,
      Layers: built.layers.map(({ diffHex }) => `blobs/sha256/${diffHex}`),
    });
  }
  return [
    { name: "blobs/", type: "directory" },
    { name: "blobs/sha256/", type: "directory" },
    ...once(files).sort((a, b) => (a.name < b.name ? -1 : 1)),
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: index }) },
    { name: "manifest.json", content: JSON.stringify(docker) },
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

/** An OCI layout: buildx `type=oci`, skopeo `oci-archive:`; with `index` made from what the images' descriptors are. */
export async function ociLayout(...specs: readonly ImageSpec[]): Promise<Entry[]> {
  const files: Entry[] = [];
  const index: unknown[] = [];
  for (const spec of specs) {
    const built = await build(spec);
    const manifest = manifestOf(built);
    files.push(blob(built.config), blob(manifest), ...built.layers.map(({ stored }) => blob(stored)));
    const annotations = spec.tags === undefined ? undefined : { "org.opencontainers.image.ref.name": spec.tags[0] };
    index.push(
      describe(manifest, MANIFEST, {
        ...(annotations === undefined ? {} : { annotations }),
        ...(spec.platform === undefined ? {} : { platform: spec.platform }),
      }),
    );
  }
  return [
    ...once(files),
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: index }) },
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

/** buildx `type=docker`: packed blobs, both manifests. */
export async function buildxDocker(spec: ImageSpec): Promise<Entry[]> {
  const built = await build(spec);
  const docker = [
    {
      Config: `blobs/sha256/${built.configHex}`,
      RepoTags: spec.tags ?? null,
      Layers: built.layers.map(({ hex }) => `blobs/sha256/${hex}`),
    },
  ];
  return [...(await ociLayout(spec)), { name: "manifest.json", content: JSON.stringify(docker) }];
}

/** Docker with the containerd store: an index of platforms and attestations in `index.json`. */
export async function containerd(
  spec: ImageSpec,
  options: { readonly statement?: string; readonly absent?: readonly { os: string; architecture: string }[] } = {},
): Promise<Entry[]> {
  const built = await build(spec);
  const manifest = manifestOf(built);
  const platform = spec.platform ?? { os: "linux", architecture: "amd64" };
  const manifests: unknown[] = [describe(manifest, MANIFEST, { platform })];
  const files: Entry[] = [blob(built.config), blob(manifest), ...built.layers.map(({ stored }) => blob(stored))];
  if (options.statement !== undefined) {
    const layers = [
      describe(options.statement, "application/vnd.in-toto+json", {
        annotations: { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v1" },
      }),
    ];
    const empty = "{}";
    const attestation = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: describe(empty, CONFIG),
      layers,
    });
    const annotations = {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": `sha256:${sha256(manifest)}`,
    };
    manifests.push(
      describe(attestation, MANIFEST, { annotations, platform: { os: "unknown", architecture: "unknown" } }),
    );
    files.push(blob(options.statement), blob(empty), blob(attestation));
  }
  for (const absent of options.absent ?? []) {
    manifests.push({
      mediaType: MANIFEST,
      digest: `sha256:${sha256(JSON.stringify(absent))}`,
      size: 1,
      platform: absent,
    });
  }
  const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  const name = spec.tags?.[0] ?? "x:latest";
  const annotations = {
    "io.containerd.image.name": `docker.io/library/${name}`,
    "org.opencontainers.image.ref.name": name.split(":")[1] ?? "",
  };
  const docker = [
    {
      Config: `blobs/sha256/${built.configHex}`,
      RepoTags: [name],
      Layers: built.layers.map(({ hex }) => `blobs/sha256/${hex}`),
    },
  ];
  return [
    ...once([...files, blob(index)]).sort((a, b) => (a.name < b.name ? -1 : 1)),
    {
      name: "index.json",
      content: JSON.stringify({
        schemaVersion: 2,
        mediaType: INDEX,
        manifests: [describe(index, INDEX, { annotations })],
      }),
    },
    { name: "manifest.json", content: JSON.stringify(docker) },
    { name: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

/** skopeo, buildah and podman `docker-archive:`: layers in the root, links to them in folders. */
export async function skopeoDocker(spec: ImageSpec): Promise<Entry[]> {
  const { config, configHex, layers } = await build(spec);
  return [
    ...once(layers.map(({ tar: bytes, diffHex }) => ({ name: `${diffHex}.tar`, content: bytes }))),
    ...layers.flatMap(({ diffHex }, i): Entry[] => {
      const id = sha256(`${configHex} ${i}`);
      return [
        { name: `${id}/VERSION`, content: "1.0" },
        { name: `${id}/layer.tar`, type: "symlink", link: `../${diffHex}.tar` },
        { name: `${id}/json`, content: JSON.stringify({ id }) },
      ];
    }),
    { name: `${configHex}.json`, content: config },
    {
      name: "manifest.json",
      content: JSON.stringify([
        {
          Config: `${configHex}.json`,
          RepoTags: spec.tags ?? [],
          Layers: layers.map(({ diffHex }) => `${diffHex}.tar`),
        },
      ]),
    },
  ];
}

/** skopeo `dir:`: files named by bare hex, the registry's manifest. */
export async function dirTransport(spec: ImageSpec): Promise<Entry[]> {
  const built = await build(spec);
  return [
    { name: "version", content: "Directory Transport Version: 1.1\n" },
    { name: "manifest.json", content: manifestOf(built) },
    { name: built.configHex, content: built.config },
    ...once(built.layers.map(({ stored, hex }) => ({ name: hex, content: stored }))),
  ];
}

/** kaniko and crane: a config named by its digest, packed layers in the root, the manifest last. */
export async function kaniko(spec: ImageSpec): Promise<Entry[]> {
  const { config, configHex, layers } = await build({
    ...spec,
    layers: spec.layers.map((layer) => ({ compress: gzipSync, ...layer })),
  });
  return [
    { name: `sha256:${configHex}`, content: config },
    ...once(layers.map(({ stored, hex }) => ({ name: `${hex}.tar.gz`, content: stored }))),
    {
      name: "manifest.json",
      content: JSON.stringify([
        { Config: `sha256:${configHex}`, RepoTags: spec.tags ?? [], Layers: layers.map(({ hex }) => `${hex}.tar.gz`) },
      ]),
    },
  ];
}

const made: string[] = [];

/** A new folder below the system's own for temporary files; `removeFolders` removes it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hullcheck-test-"));
  made.push(folder);
  return folder;
}

/** Removes every folder that `temporaryFolder` made. */
export async function removeFolders(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
}

/** Writes bytes to a file in a new folder and returns its path. */
export async function writeTemporary(bytes: Buffer, name: string = "image.tar"): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return path;
}

/** Writes entries as files of a new folder and returns its path. */
export async function writeFolder(entries: readonly Entry[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const { name, content = "", type = "file", link = "" } of entries) {
    const path = join(folder, name);
    await mkdir(type === "directory" ? path : dirname(path), { recursive: true });
    if (type === "file") await writeFile(path, content);
    if (type === "symlink") await symlink(link, path);
  }
  return folder;
}

/** The layouts that store layers as a registry does, packed or not; the others store them unpacked. */
export const PACKED_LAYOUTS: ReadonlySet<string> = new Set([
  "ociLayout",
  "buildxDocker",
  "containerd",
  "dirTransport",
  "kaniko",
]);
