/** What the secret mounts of a RUN hand over: the variables and the files that hold a secret while it runs. */

import type { TokenNames } from "../token/name.ts";
import { normalPath, type Environment } from "./home-path.ts";
import { mountTarget, type Mount } from "./run-script.ts";
import type { NamedValue } from "./shell-variables.ts";
import { fromSecret, merged, type Origins } from "./token-origin.ts";

/** The secrets of one RUN. */
export interface SecretValues {
  /** Null for a name that no mount sets. */
  readonly ofName: (name: string) => Origins | null;
  /** What a file, or all files below a folder, or a pattern with `*` at its end, hold; null when that is no secret. */
  readonly ofFile: (path: string) => Origins | null;
  /** Those in variables. */
  readonly named: readonly NamedValue[];
}

/** Reads the secret mounts. */
export function secretValues(
  mounts: readonly Mount[],
  environment: Environment,
  isTokenName: TokenNames,
): SecretValues {
  const names = new Map<string, Origins>();
  const files = new Map<string, Origins>();
  for (const mount of mounts) {
    if (mount.type !== "secret") continue;
    const origins = [fromSecret(mount, isTokenName)];
    const name = mount.options.get("env");
    const target = mountTarget(mount);
    if (name !== undefined) names.set(name, origins);
    if (target !== null) files.set(normalPath(target, environment), origins);
  }
  return {
    ofName: (name) => names.get(name) ?? null,
    ofFile: (path) => {
      const known = files.get(path);
      if (known !== undefined || files.size === 0) return known ?? null;
      const folder = path.replace(/\*$/, "").replace(/\/$/, "");
      const below = [...files].filter(([file]) => folder !== "" && file.startsWith(`${folder}/`));
      return below.length === 0 ? null : merged(...below.map(([, origins]) => origins));
    },
    named: [...names].map(([name, origins]) => ({ name, origins })),
  };
}
