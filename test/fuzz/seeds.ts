/** All that the fuzzer starts from, in the same order in every run. */

import { documentSeeds, imageSeeds, nestedSeeds } from "./archive-seeds.ts";
import type { Seed, Seeds } from "./seed.ts";
import { baselineSeeds, callerSeeds, configSeeds, contextSeeds, dockerfileSeeds } from "./text-seeds.ts";

/** Windows of megabytes, which Node 20 moves in JavaScript: a hundred times as slow as other seeds. */
const SLOW = /^captured .*zstd/;

/** Seeds as often as they are to be taken: small ones more often than what real tools wrote, slow ones least. */
function weighted(seeds: readonly Seed[]): Seed[] {
  return seeds.flatMap((seed) => {
    const times = SLOW.test(seed.name) ? 1 : seed.name.startsWith("captured ") ? 5 : 10;
    return Array.from({ length: times }, () => seed);
  });
}

/** All seeds. */
export async function allSeeds(): Promise<Seeds> {
  const image = weighted(await imageSeeds());
  return {
    image,
    document: documentSeeds(image),
    nested: await nestedSeeds(),
    dockerfile: dockerfileSeeds(),
    context: contextSeeds(),
    caller: callerSeeds(),
    config: configSeeds(),
    baseline: baselineSeeds(),
  };
}
