/** All that the fuzzer starts from, in the same order in every run. */

import { documentSeeds, imageSeeds, nestedSeeds } from "./archive-seeds.ts";
import type { Seeds } from "./seed.ts";
import { baselineSeeds, callerSeeds, configSeeds, contextSeeds, dockerfileSeeds } from "./text-seeds.ts";

/** All seeds. */
export async function allSeeds(): Promise<Seeds> {
  const image = await imageSeeds();
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
