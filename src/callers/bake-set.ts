/**
 * Reads what `--set TARGET.KEY=VALUE` of bake changes in a build: which Dockerfile is taken, and which context. Pure; knows
 * nothing of where the settings stand. Build arguments among them are read where they stand.
 */

import type { NamedBuild } from "./facts.ts";
import { isPartOf } from "./part-pattern.ts";
import { namedBuilds } from "./known-build.ts";

const SETTING = /^([^=.]+)\.(dockerfile|context)=(.+)$/;

/** The builds by a Dockerfile that the settings of one command name; the context of a target stands in its own file unless set. */
export function buildsBySettings(settings: readonly string[], folder: string): NamedBuild[] {
  const read = settings.flatMap((setting) => {
    const [, part = "", key = "", value = ""] = SETTING.exec(setting.trim()) ?? [];
    return part === "" ? [] : [{ part, key, value }];
  });
  return read.flatMap(({ part, key, value }) => {
    if (key !== "dockerfile") return [];
    const context = read.findLast((item) => item.key === "context" && isPartOf(item.part, part))?.value;
    return namedBuilds({ dockerfiles: [value], contexts: context === undefined ? null : [context] }, folder, part);
  });
}
