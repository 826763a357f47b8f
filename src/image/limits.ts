/** The bounds of an inspection, each with its reason. Only numbers; whoever counts says what happened at a bound. */

/** Bounds that keep a hostile image from eating memory or time. Reaching one is a gap. */
export interface Limits {
  /** Entries of one archive. */
  readonly maxEntries: number;
  /** Bytes of one name, link target or PAX header; all of it has to be held in memory. */
  readonly maxNameBytes: number;
  /** Bytes of one JSON document (config, manifest, index); it is parsed as a whole. */
  readonly maxJsonBytes: number;
  /** Bytes of all JSON documents of an archive together. */
  readonly maxJsonTotalBytes: number;
  /** Unpacked bytes of one layer. */
  readonly maxLayerBytes: number;
  /** Unpacked by packed bytes, once a gigabyte has been unpacked. */
  readonly maxExpansion: number;
  /** Compressions around one another, and indexes within indexes. */
  readonly maxNesting: number;
  /** Archives around one another inside of a layer; 0 opens none. */
  readonly maxDepth: number;
  /** Places with a token that are remembered of one layer. */
  readonly maxHits: number;
}

/** What applies unless asked otherwise. */
export const DEFAULT_LIMITS: Limits = {
  // The largest layers met in the field have half a million entries; ten bytes are remembered of each.
  maxEntries: 10_000_000,
  // Linux allows paths of 4 KiB and extended attributes of 64 KiB, of which a PAX header can carry several.
  maxNameBytes: 1_048_576,
  // An index of hundreds of platforms is below 1 MiB; BuildKit caps an attestation at 40 MiB, which is searched as bytes.
  maxJsonBytes: 8 * 1_048_576,
  maxJsonTotalBytes: 32 * 1_048_576,
  // Model images have layers of up to 100 GB.
  maxLayerBytes: 1_099_511_627_776,
  // Real layers unpack to 2 to 10 times their size; a bomb of zeros to 1,000 times (gzip) or far more (zstd).
  maxExpansion: 200,
  // Real writers nest an index in an index, and compress once.
  maxNesting: 4,
  // A package of packages has four: `deb`, its `data.tar.xz`, the tar, and what is packed in it.
  maxDepth: 8,
  maxHits: 10_000,
};

/** From how many unpacked bytes on `maxExpansion` counts: small files of one letter compress better than any bomb. */
export const EXPANSION_GRACE_BYTES: number = 1_073_741_824;
