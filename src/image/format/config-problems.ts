/** What is wrong with the config that a manifest names, in whatever format the manifest is. Pure. */

import { counted } from "../../model/counted.ts";
import { field } from "../json-document.ts";
import type { Member } from "../member.ts";
import type { Problem } from "../problem.ts";
import { disguisedFields } from "./disguised-field.ts";

/** A gap for a config that is missing or no JSON; `named` is what it is called. */
export function configProblems(config: Member | null, named: string): Problem[] {
  if (config === null) return [{ why: "missing-blob", detail: `${named} is not in the archive` }];
  const value = config.json?.value;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [{ why: "corrupt", detail: `${named} cannot be read as JSON` }];
  return [
    ...disguisedFields(value, ["config", "rootfs", "history", "os"], "a config"),
    ...disguisedFields(field(value, "config"), ["Env", "Labels"], "a config"),
  ];
}

/** A gap for layers that the config names and the manifest does not. */
export function missingLayers(inConfig: number, inManifest: number): Problem[] {
  if (inConfig <= inManifest) return [];
  return [
    { why: "missing-layer", detail: `the config names ${counted(inConfig, "layer")} and the manifest ${inManifest}` },
  ];
}
