/** Inspects an image made of the given layers, as `docker save` writes it. */

import { inspectImage, type InspectOptions } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import { docker25, tar, type Entry, type ImageSpec, type LayerSpec } from "./images.ts";

/** A layer as entries, bytes of a tar, or in full. */
export type LayerLike = readonly Entry[] | Buffer | LayerSpec;

function toSpec(layer: LayerLike): LayerSpec {
  if (Buffer.isBuffer(layer)) return { bytes: layer };
  return Array.isArray(layer) ? { entries: layer as readonly Entry[] } : (layer as LayerSpec);
}

/** The bytes of a `docker save` tar with these layers. */
export async function archiveOf(layers: readonly LayerLike[], more: Partial<ImageSpec> = {}): Promise<Buffer> {
  return tar(await docker25({ tags: ["app:1"], ...more, layers: layers.map(toSpec) }));
}

/** Inspects bytes as if they came from a pipe. */
export async function inspectBytes(bytes: Buffer, options: InspectOptions = {}): Promise<Outcome> {
  async function* once(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  return inspectImage("-", { ...options, stdin: once() });
}

/** Inspects an image with these layers. */
export async function inspectLayers(
  layers: readonly LayerLike[],
  more: Partial<ImageSpec> = {},
  options: InspectOptions = {},
): Promise<Outcome> {
  return inspectBytes(await archiveOf(layers, more), options);
}
