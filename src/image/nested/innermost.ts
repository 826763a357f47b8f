/** Drops the less exact of two places of one token. Pure. */

import type { Hit } from "../hit.ts";

function key({ token, ordinal, within }: Hit, depth: number): string {
  return [token.sha256, ordinal, ...within.slice(0, depth)].join("\0");
}

/**
 * Without the places that only hold a more exact one of the same token: the bytes of an archive are searched as they
 * are, too, and show once more what stands in a member that is not packed.
 */
export function innermost(hits: readonly Hit[]): readonly Hit[] {
  if (!hits.some(({ within }) => within.length > 0)) return hits;
  const outer = new Set<string>();
  for (const hit of hits) for (let depth = 0; depth < hit.within.length; depth++) outer.add(key(hit, depth));
  return hits.filter(
    (hit) => (hit.part !== "content" && hit.part !== "gap") || !outer.has(key(hit, hit.within.length)),
  );
}
