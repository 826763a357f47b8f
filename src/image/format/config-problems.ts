/** What is wrong with the config that a manifest names, in whatever format the manifest is. Pure. */

import { counted } from "../../model/counted.ts";
import type { Member } from "../member.ts";
import type { Problem } from "../problem.ts";

/** A gap for a config that is missing or no JSON; `named` is what it is called. */
export function configProblems(config: Member | null, named: string): Problem[] {
  if (config === null) return [{ why: "missing-blob", detail: `${named} is not in the archive` }];
  return config.json === null ? [{ why: "corrupt", detail: `${named} cannot be read as JSON` }] : [];
}

/** A gap for layers that the config names and the manifest does not. */
export function missingLayers(inConfig: number, inManifest: number): Problem[] {
  if (inConfig <= inManifest) return [];
  return [
    { why: "missing-layer", detail: `the config names ${counted(inConfig, "layer")} and the manifest ${inManifest}` },
  ];
}
