/** Where a finding is: in a Dockerfile, or somewhere in an image. Plain values that go into the JSON report as they stand. */

/** A place in a text. `line` and `column` are 1-based; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a text; `end` is exclusive. */
export interface Region {
  readonly start: Position;
  readonly end: Position;
}

/** `primary` is where the reader should go first; `related` places explain it, in the order in which the token travels. */
export type LocationRole = "primary" | "related";

interface Placed {
  readonly role: LocationRole;
  /** What this place has to do with the finding, as half a sentence; null when the finding's message says it all. */
  readonly text: string | null;
}

/** The kinds of files of a project that are linted: Dockerfiles, and the files that call their builds. */
export type SourceKind = "dockerfile" | "compose" | "bake" | "workflow" | "script";

/** A stretch of a file of the project; `policy` is the config or the baseline. */
export interface SourceLocation extends Placed {
  readonly in: SourceKind | "policy";
  /** The path as the user would type it: relative to the working folder, with forward slashes; `-` for standard input. */
  readonly path: string;
  readonly region: Region;
  /** The masked lines from `region.start.line` on, at most a handful; null when the file could not be read as text. */
  readonly snippet: string | null;
}

/** A file of the build context on disk, of whatever kind; what it holds is not shown. */
export interface ContextLocation extends Placed {
  readonly in: "context";
  /** The path as the user would type it: relative to the working folder, with forward slashes. */
  readonly path: string;
  /** 0-based offset of the token; null when the file itself is the finding. */
  readonly byteOffset: number | null;
  /** 1-based line, by LF; null when the file has no lines to speak of, or itself is the finding. */
  readonly line: number | null;
}

/** What makes a path of one layer invisible in the running container, though its bytes are still shipped. */
export interface Hidden {
  /** Index of the layer that hides it, 0-based from the bottom. */
  readonly byLayer: number;
  readonly how: "whiteout" | "opaque-whiteout" | "overwrite" | "replaced-type";
  /** The masked instruction that made that layer, when history tells. */
  readonly createdBy: string | null;
}

/** An entry of a layer. */
export interface LayerLocation extends Placed {
  readonly in: "layer";
  readonly image: string;
  /** 0-based from the bottom. */
  readonly layer: number;
  /** Digest of the uncompressed layer, as the config states it; null when the config is not there. */
  readonly diffId: string | null;
  /** Digest (or member name, in old archives) of the layer as it is stored. */
  readonly digest: string | null;
  /** Absolute POSIX path in the container. */
  readonly path: string;
  /** Archive members below `path`, outermost first; empty for the file itself. */
  readonly within: readonly string[];
  /** 0-based offset in the innermost file; null when the path itself is the finding. */
  readonly byteOffset: number | null;
  /** 1-based line in the innermost file, by LF; null when it has no lines to speak of. */
  readonly line: number | null;
  /** The masked instruction that made the layer, when history tells. */
  readonly createdBy: string | null;
  /** Present only when a later layer deletes or overwrites the path. */
  readonly hidden: Hidden | null;
}

/** A value in an image's config or manifest JSON. */
export interface ConfigLocation extends Placed {
  readonly in: "config";
  readonly image: string;
  /** RFC 6901 JSON pointer. */
  readonly pointer: string;
  /** The environment variable or label that the value belongs to; null for other fields. */
  readonly variable: string | null;
}

/** An entry of an image's history. */
export interface HistoryLocation extends Placed {
  readonly in: "history";
  readonly image: string;
  /** 0-based index in the `history` array. */
  readonly index: number;
  readonly pointer: string;
  /** The build argument, variable or label whose value it is; null when it stands in a command, or nobody can tell. */
  readonly variable: string | null;
}

/** A value in a provenance or SBOM statement. */
export interface AttestationLocation extends Placed {
  readonly in: "attestation";
  readonly image: string;
  readonly digest: string;
  readonly pointer: string;
}

/** A member of the archive that belongs to no image, or the archive's own names and links. */
export interface ArchiveLocation extends Placed {
  readonly in: "archive";
  readonly path: string;
  readonly byteOffset: number | null;
}

/** Any place a finding can point at. */
export type Location =
  | SourceLocation
  | ContextLocation
  | LayerLocation
  | ConfigLocation
  | HistoryLocation
  | AttestationLocation
  | ArchiveLocation;

/** True for a place in a file of the project, of whatever kind. */
export function isInSource(location: Location): location is SourceLocation {
  return "region" in location;
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/** True when two regions of one text share a character. */
export function overlaps(a: Region, b: Region): boolean {
  return isBefore(a.start, b.end) && isBefore(b.start, a.end);
}
