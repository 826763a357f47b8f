/**
 * Reads what `--set TARGET.KEY=VALUE` of bake changes in a build: which Dockerfile is taken, and which context. Pure; knows
 * nothing of where the settings stand. Build arguments among them are read where they stand.
 */

import type { NamedBuild } from "./facts.ts";
import { knownPath, namedBuild } from "./yaml-passes.ts";

const SETTING = /^([^=.]+)\.(dockerfile|context)=(.+)$/;

/** True for the name of a target that a pattern of bake may stand for; `?` and `[…]` are taken for a `*`. */
export function isPartOf(pattern: string, part: string): boolean {
  const [first = "", ...rest] = pattern.split(/(?:[*?]|\[[^\]]*\])+/);
  const last = rest.pop();
  if (last === undefined) return part === pattern;
  let at = first.length;
  for (const piece of rest) {
    const found = part.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return part.startsWith(first) && part.length - last.length >= at && part.endsWith(last);
}

/** The builds by a Dockerfile that the settings of one command name; the context of a target stands in its own file unless set. */
export function buildsBySettings(settings: readonly string[], folder: string): NamedBuild[] {
  const read = settings.flatMap((setting) => {
    const [, part = "", key = "", value = ""] = SETTING.exec(setting.trim()) ?? [];
    return part === "" ? [] : [{ part, key, value }];
  });
  return read.flatMap(({ part, key, value }) => {
    if (key !== "dockerfile") return [];
    const context = read.findLast((item) => item.key === "context" && isPartOf(item.part, part))?.value ?? null;
    return namedBuild({ dockerfile: knownPath(value), context, folder }, part);
  });
}
