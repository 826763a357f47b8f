/**
 * An image of a registry as the parts of an OCI layout, fetched as they are read: manifests first, then what they name,
 * each once. Interprets no more of them than is needed to know what to fetch; nothing is written to disk.
 */

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Registry } from "./address.ts";
import { ahead, readAhead } from "./ahead.ts";
import { hasDigest, openBlob, type BlobRef } from "./blob.ts";
import { createClient, type Client } from "./client.ts";
import { PullFailure, type Report } from "./failure.ts";
import { fieldIn, isRecord, itemsIn, parseJson, stringIn } from "../model/json.ts";
import { isDigest, referenceName, type Reference } from "./reference.ts";
import { DEFAULT_TIMING, readBody, type Connection, type Timing } from "./transport.ts";
import { failureOf } from "./retry.ts";

/** A file of an OCI layout. */
export interface Part {
  /** `index.json`, or `blobs/sha256/…`. */
  readonly name: string;
  readonly size: number;
  /** The bytes, once; fewer than `size` when they broke off, which was reported then. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** An image that is being pulled. */
export interface Pull {
  readonly parts: AsyncIterable<Part>;
  /** Bytes of all parts, by what the manifests say. */
  readonly totalBytes: number;
  /** Ends whatever is under way. */
  readonly close: () => void;
}

/** How to pull. */
export interface PullSettings extends Pick<Connection, "environment" | "hide" | "signal"> {
  /** Whether an image for this `platform` of an index or config is wanted; an unknown one is. */
  readonly isWanted: (platform: unknown) => boolean;
  /** False when every platform is wanted. */
  readonly isNarrowed: boolean;
  readonly maxManifestBytes: number;
  /** Of all manifests together. */
  readonly maxManifestTotalBytes: number;
  readonly maxBlobBytes: number;
  /** Indexes within indexes. */
  readonly maxNesting: number;
  readonly report: Report;
  readonly timing?: Timing;
}

/** Requests at once: enough to hide the way to the registry, few enough for its limits. */
const PARALLEL = 3;
/** Held of each blob that is not read yet, of at most 64 KiB each; small layers are complete before their turn. */
const AHEAD_CHUNKS = 64;
/** Real indexes name some dozens of manifests, and real images some hundreds of layers. */
const MAX_MANIFESTS = 1000;
const MAX_BLOBS = 10_000;

const ACCEPT = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  // Not supported, but named so that it can be said.
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
].join(", ");

interface Manifest {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly value: unknown;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function inMemory(name: string, bytes: Uint8Array): Part {
  return { name, size: bytes.length, chunks: once(bytes) };
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** Says of an image that is not there what may be the reason. */
function missing(host: string, answer: IncomingMessage): PullFailure {
  const isRegistry = answer.headers["docker-distribution-api-version"] !== undefined;
  const hint = "where the registry's API has another host, name that with --registry-url";
  const detail = `${host} has no image of that name, or shows it only after a login`;
  return new PullFailure("missing", isRegistry ? detail : `${detail}; ${hint}`);
}

/** Fetches a manifest; when the registry does not hold it, gives the failure that it may be. */
async function fetchManifest(client: Client, wanted: string, maxBytes: number): Promise<Manifest | PullFailure> {
  const { timing, signal } = client.connection;
  const answer = await client.get(`manifests/${wanted}`, { accept: ACCEPT });
  if (answer.statusCode === 404) {
    answer.destroy();
    return missing(client.host, answer);
  }
  const bytes = await readBody(answer, timing.idleMs, maxBytes).catch((error: unknown) => {
    signal.throwIfAborted();
    throw failureOf(error, client.host);
  });
  if (bytes === null) {
    throw new PullFailure("limit", `the manifest ${wanted} has more than ${maxBytes} bytes (--max-json-bytes)`);
  }
  // Where it is none, whoever reads the part says so.
  const value = parseJson(bytes.toString("utf8"));
  const own = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  // Before the digest: that of a signed one is of its payload, without the signatures.
  if (isRecord(value) && Object.hasOwn(value, "fsLayers")) {
    const hint = "push the image again with a current engine";
    throw new PullFailure("unknown-media-type", `the image has a manifest of schema 1, which cannot be read; ${hint}`);
  }
  const stated = isDigest(wanted) ? wanted : (answer.headers["docker-content-digest"] ?? own);
  const isRight = typeof stated === "string" && isDigest(stated) && hasDigest(bytes, stated);
  if (!isRight) {
    throw new PullFailure(
      "digest-mismatch",
      `the registry sent another manifest than ${isDigest(wanted) ? wanted : "it states"}`,
    );
  }
  return { digest: stated, bytes, value };
}

/** What a pull has seen and found. */
interface Plan {
  readonly client: Client;
  readonly settings: PullSettings;
  readonly manifests: Map<string, Buffer>;
  readonly blobs: Map<string, BlobRef & { readonly isLayer: boolean }>;
  manifestBytes: number;
}

/** Remembers a blob that has to be fetched; says why where it cannot be. */
function addBlob({ settings, blobs }: Plan, descriptor: unknown, isLayer: boolean): void {
  if (!isRecord(descriptor)) return;
  const digest = stringIn(descriptor, "digest") ?? "";
  const { size } = descriptor;
  if (blobs.has(digest)) return;
  if (!isDigest(digest)) {
    settings.report({ why: "missing-blob", detail: "a manifest names a blob by no digest that can be verified" });
  } else if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    settings.report({ why: "corrupt", detail: `the manifest gives ${digest} no size` });
  } else if (size > settings.maxBlobBytes) {
    const detail = `${digest} has ${size} bytes, which is above the limit of ${settings.maxBlobBytes} (--max-layer-bytes)`;
    settings.report({ why: "limit", detail });
  } else if (blobs.size >= MAX_BLOBS) {
    settings.report({
      why: "limit",
      detail: `the image has more than ${MAX_BLOBS} blobs; the others were not fetched`,
    });
  } else {
    blobs.set(digest, { digest, size, isLayer });
  }
}

/** Whether the config of a manifest, whose index tells no platform, is for a wanted one. Fetches it. */
async function isConfigWanted(plan: Plan, manifest: unknown): Promise<boolean> {
  const { client, settings } = plan;
  const config = fieldIn(manifest, "config");
  const digest = stringIn(config, "digest") ?? "";
  if (!settings.isNarrowed || !isDigest(digest)) return true;
  const answer = await client.get(`blobs/${digest}`, {});
  const bytes = await readBody(answer, client.connection.timing.idleMs, settings.maxManifestBytes);
  if (bytes === null || !hasDigest(bytes, digest)) return true;
  const value = parseJson(bytes.toString("utf8"));
  return value === undefined || settings.isWanted(value);
}

/** Remembers what a manifest or index names. */
async function visit(plan: Plan, manifest: Manifest, platform: unknown, depth: number): Promise<void> {
  const { settings, manifests } = plan;
  const { value } = manifest;
  if (manifests.has(manifest.digest)) return;
  plan.manifestBytes += manifest.bytes.length;
  if (manifests.size >= MAX_MANIFESTS || plan.manifestBytes > settings.maxManifestTotalBytes) {
    const bound =
      manifests.size >= MAX_MANIFESTS
        ? `${MAX_MANIFESTS} manifests`
        : `${settings.maxManifestTotalBytes} bytes of manifests (--max-json-total-bytes)`;
    throw new PullFailure("limit", `the image has more than ${bound}`);
  }
  manifests.set(manifest.digest, manifest.bytes);
  if (Array.isArray(fieldIn(value, "manifests"))) {
    await visitIndex(plan, itemsIn(value, "manifests"), depth + 1);
    return;
  }
  addBlob(plan, fieldIn(value, "config"), false);
  if (platform === undefined && !(await isConfigWanted(plan, value))) return;
  for (const layer of itemsIn(value, "layers")) addBlob(plan, layer, true);
}

async function visitIndex(plan: Plan, descriptors: readonly unknown[], depth: number): Promise<void> {
  const { client, settings } = plan;
  if (depth > settings.maxNesting) {
    throw new PullFailure("limit", `indexes lie more than ${settings.maxNesting} deep in one another (--max-nesting)`);
  }
  const named = descriptors.filter((descriptor) => settings.isWanted(fieldIn(descriptor, "platform")));
  const wanted = named.filter((descriptor) => isDigest(stringIn(descriptor, "digest") ?? ""));
  if (wanted.length < named.length) {
    settings.report({ why: "missing-blob", detail: "an index names a manifest by no digest that can be verified" });
  }
  const fetched = ahead(wanted.slice(0, MAX_MANIFESTS + 1), PARALLEL, async (descriptor) => {
    const digest = stringIn(descriptor, "digest") ?? "";
    const manifest = plan.manifests.has(digest) ? null : await fetchManifest(client, digest, settings.maxManifestBytes);
    return { manifest, descriptor };
  });
  for await (const { manifest, descriptor } of fetched) {
    // A platform that an index names may be left out, as in archives.
    if (manifest !== null && !(manifest instanceof PullFailure))
      await visit(plan, manifest, fieldIn(descriptor, "platform"), depth);
  }
}

/** The `index.json` that a layout with this one image has. */
function indexOf(top: Manifest, reference: Reference): Buffer {
  const isIndex = Array.isArray(fieldIn(top.value, "manifests"));
  const kind = isIndex ? "index" : "manifest";
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: stringIn(top.value, "mediaType") ?? `application/vnd.oci.image.${kind}.v1+json`,
          digest: top.digest,
          size: top.bytes.length,
          annotations: { "org.opencontainers.image.ref.name": referenceName(reference) },
        },
      ],
    }),
  );
}

async function* partsOf({ client, settings, manifests, blobs }: Plan, index: Buffer): AsyncGenerator<Part> {
  yield inMemory("index.json", index);
  for (const [digest, bytes] of manifests) yield inMemory(blobName(digest), bytes);
  const opened = ahead(blobs.values(), PARALLEL, async (blob) => {
    const chunks = await openBlob(client, blob, settings.report);
    return { blob, chunks: chunks === null || chunks === "absent" ? chunks : readAhead(chunks, AHEAD_CHUNKS) };
  });
  for await (const { blob, chunks } of opened) {
    const { digest, size, isLayer } = blob;
    if (chunks === "absent" && !isLayer) {
      settings.report({ why: "missing-blob", detail: `the registry does not hold the config ${digest}` });
    }
    // Whoever reads the manifest says which layer is missing.
    if (chunks !== null && chunks !== "absent") yield { name: blobName(digest), size, chunks };
  }
}

/** Begins a pull: manifests are fetched, blobs when the parts are read. Null when there is no image, which was reported. */
export async function startPull(
  registry: Registry,
  reference: Reference,
  settings: PullSettings,
): Promise<Pull | null> {
  const life = new AbortController();
  const signal = AbortSignal.any([life.signal, settings.signal]);
  const connection = { ...settings, signal, timing: settings.timing ?? DEFAULT_TIMING };
  const client = createClient(registry, reference.repository, connection);
  const plan: Plan = { client, settings, manifests: new Map(), blobs: new Map(), manifestBytes: 0 };
  try {
    const top = await fetchManifest(client, reference.digest ?? reference.tag ?? "latest", settings.maxManifestBytes);
    if (top instanceof PullFailure) throw top;
    await visit(plan, top, undefined, 0);
    const sizes = [...plan.manifests.values()].map(({ length }) => length);
    const totalBytes = [...plan.blobs.values()].reduce(
      (sum, { size }) => sum + size,
      sizes.reduce((a, b) => a + b, 0),
    );
    return { parts: partsOf(plan, indexOf(top, reference)), totalBytes, close: () => life.abort() };
  } catch (error) {
    life.abort();
    if (settings.signal.aborted) settings.report({ why: "aborted", detail: "stopped before the image was fetched" });
    else settings.report(failureOf(error, registry.host).problem);
    return null;
  }
}
