/** What the fuzzer reads, and in which shares. Knows nothing of how it is made or read. */

/**
 * What a seed is read as. A `document` is an archive of which a JSON document was changed, everything else about it being
 * true; a `context` is an ignore file beside a Dockerfile that copies.
 */
export type SeedKind = "image" | "document" | "nested" | "dockerfile" | "context" | "caller" | "config" | "baseline";

/** Of a hundred cases, how many are of each kind: half archives, a quarter Dockerfiles, a quarter other files. */
export const SHARES: Readonly<Record<SeedKind, number>> = {
  image: 20,
  document: 8,
  nested: 22,
  dockerfile: 20,
  context: 6,
  caller: 14,
  config: 5,
  baseline: 5,
};

/** Every kind, in an order that stays. */
export const KINDS: readonly SeedKind[] = Object.keys(SHARES) as SeedKind[];

/** One kind as often as its share. */
export const SHARED_KINDS: readonly SeedKind[] = KINDS.flatMap((kind) =>
  Array.from({ length: SHARES[kind] }, () => kind),
);
