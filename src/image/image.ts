/** An image as an archive describes it: which members are its config, manifest and layers. Plain values, no content. */

import type { Member } from "./member.ts";
import type { Problem } from "./problem.ts";

/** A layer, as manifest and config name it. */
export interface LayerRef {
  readonly diffId: string | null;
  /** As stored: a digest, or the member's name in old archives. */
  readonly digest: string | null;
  readonly mediaType: string | null;
  /** Null when the archive does not hold it. */
  readonly member: Member | null;
}

/** A JSON document of an image. */
export interface DocumentRef {
  readonly member: Member;
  /** What it is, for a reader: `config`, `manifest`, `index`, `v1 JSON`. */
  readonly what: "config" | "manifest" | "index" | "v1 JSON";
}

/** An image. */
export interface ImageRef {
  /** Names with tags, best first; may be empty. */
  readonly names: readonly string[];
  /** `os/architecture[/variant]`; null when nobody says. */
  readonly platform: string | null;
  /** `sha256:…` of the config; null when it is not known. */
  readonly configDigest: string | null;
  readonly config: Member | null;
  /** The config, the manifest and everything else in JSON that a person who pulls the image gets. */
  readonly documents: readonly DocumentRef[];
  readonly layers: readonly LayerRef[];
  /** Provenance and SBOM statements about this image. */
  readonly attestations: readonly Member[];
  readonly problems: readonly Problem[];
}

/** What a format finds in an archive. */
export interface FormatReading {
  readonly images: readonly ImageRef[];
  /** Platforms that an index names and whose blobs are left out, and attestations of those that are there. */
  readonly absentPlatforms: readonly string[];
  /** Names of images of which some blobs are left out; of the union, those of which all are. */
  readonly absentNames: readonly string[];
  readonly problems: readonly Problem[];
}
