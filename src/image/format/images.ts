/**
 * Which images an archive holds, by what was seen in it and not by its name: the union of what every format finds,
 * since writers leave gaps in one that another fills.
 */

import type { Archive } from "../archive.ts";
import type { FormatReading, ImageRef } from "../image.ts";
import { field } from "../json-document.ts";
import type { Limits } from "../limits.ts";
import { readDockerArchive } from "./docker-archive.ts";
import { readOci } from "./oci-layout.ts";

/** A format that a transport asks for. */
export type Format = "docker-archive" | "oci-archive" | "oci" | "dir";

/** Which file is the sign of which format. */
const SIGNS = ["manifest.json", "index.json", "oci-layout", "version"];

/** Blobs by digest, and the folders and configs of old archives. */
const BLOB =
  /^(?:blobs\/sha256\/[0-9a-f]{64}|[0-9a-f]{64}\/layer\.tar|(?:sha256:)?[0-9a-f]{64}(?:\.json|\.tar|\.tar\.gz)?)$/;

/** True when an archive has one of the files that every image layout has at its top, or blobs, if it was cut off. */
export function looksLikeImage(archive: Archive): boolean {
  if (archive.members.some(({ name }) => BLOB.test(name))) return true;
  if (archive.byName.get("oci-layout")?.json !== undefined && archive.byName.has("index.json")) return true;
  const index = archive.byName.get("index.json")?.json?.value;
  const manifest = archive.byName.get("manifest.json")?.json?.value;
  if (Array.isArray(field(index, "manifests")) || field(index, "schemaVersion") === 2) return true;
  if (Array.isArray(manifest))
    return manifest.some((entry) => field(entry, "Config") !== undefined || field(entry, "Layers") !== undefined);
  return field(manifest, "schemaVersion") === 2 || archive.byName.has("oci-layout");
}

/** The names at the top of a folder that make it worth reading. */
export function isImageFolder(names: readonly string[]): boolean {
  return SIGNS.some((sign) => names.includes(sign));
}

/** True when what one reading says of the layers fits what another does: as far as both go, they name the same. */
function agree(a: ImageRef, b: ImageRef): boolean {
  return a.layers.every(({ member }, i) => b.layers[i] === undefined || b.layers[i].member === member);
}

/** Adds what one reading knows of an image to what another does. */
function merge(a: ImageRef, b: ImageRef): ImageRef {
  const documents = [...a.documents, ...b.documents];
  return {
    ...a,
    names: [...new Set([...a.names, ...b.names])],
    platform: a.platform ?? b.platform,
    documents: documents.filter(({ member }, i) => documents.findIndex((other) => other.member === member) === i),
    // Whichever knows more of the layers: media types and stored digests stand only in manifests.
    layers:
      b.layers.length >= a.layers.length
        ? b.layers.map((layer, i) => ({ ...layer, diffId: layer.diffId ?? a.layers[i]?.diffId ?? null }))
        : a.layers,
    attestations: a.attestations.length > 0 ? a.attestations : b.attestations,
    problems: a.layers.length === b.layers.length ? a.problems : [...a.problems, ...b.problems],
  };
}

/** One image for each config and its layers; the same under another name is the same image. */
function union(readings: readonly FormatReading[]): FormatReading {
  const images: ImageRef[] = [];
  for (const image of readings.flatMap((reading) => reading.images)) {
    const twin = images.findIndex(
      (other) =>
        agree(other, image) &&
        (other.config === null
          ? other.configDigest !== null && other.configDigest === image.configDigest
          : other.config === image.config),
    );
    const known = images[twin];
    if (known === undefined) images.push(image);
    else images[twin] = merge(known, image);
  }
  const present = new Set(images.flatMap(({ names }) => names));
  const absentNames = new Set(readings.flatMap((reading) => reading.absentNames));
  return {
    images,
    absentNames: [...absentNames].filter((name) => !present.has(name)),
    absentPlatforms: [...new Set(readings.flatMap((reading) => reading.absentPlatforms))].sort(),
    problems: readings.flatMap((reading) => reading.problems),
  };
}

/** Every image of an archive. Empty when it is no image archive, or not of the format that was asked for. */
export function readImages(
  archive: Archive,
  archiveName: string,
  format: Format | null,
  limits: Limits,
): FormatReading {
  const readings: FormatReading[] = [];
  const docker = format === null || format === "docker-archive" ? readDockerArchive(archive) : null;
  if (docker !== null) readings.push(docker);
  const tops =
    format === "docker-archive"
      ? []
      : format === "dir"
        ? ["manifest.json"]
        : format === null
          ? ["index.json", "manifest.json"]
          : ["index.json"];
  for (const name of tops) {
    const top = archive.byName.get(name);
    const value = top?.json?.value;
    if (top === undefined || typeof value !== "object" || value === null || Array.isArray(value)) continue;
    readings.push(readOci(archive, top, archiveName, limits));
  }
  return union(readings);
}
