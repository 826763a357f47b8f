/** What the variables of a shell hold while it runs: where their values come from, and their texts where those are known. */

import { merged, type Origins } from "./token-origin.ts";

/** A variable with what its value is made of. */
export interface NamedValue {
  readonly name: string;
  readonly origins: Origins;
}

/** What is assigned. */
export interface Assigned {
  readonly origins: Origins;
  /** The texts that it may be; empty when none is known. */
  readonly texts: readonly string[];
  /** True in a branch: the value before may still be there. */
  readonly isMaybe: boolean;
}

/** The variables that a script sets. */
export interface ShellVariables {
  /** The name that is meant: another one after `declare -n`. */
  readonly meant: (name: string) => string;
  /** Null for a name that the script does not set. */
  readonly of: (name: string) => Origins | null;
  readonly textsOf: (name: string) => readonly string[];
  readonly set: (name: string, value: Assigned) => void;
  /** `declare -n name=other`. */
  readonly refer: (name: string, other: string) => void;
  /** Programs see it from now on; without a name, whatever is set. */
  readonly export: (name: string | null) => void;
  /**
   * What a program finds in its environment: what the shell found itself, with what it has set and exports, and what is
   * set for that program alone; with `isAll`, also what the shell keeps to itself.
   */
  readonly visible: (outer: readonly NamedValue[], own: readonly NamedValue[], isAll: boolean) => NamedValue[];
}

/** No variables yet. */
export function createShellVariables(): ShellVariables {
  const values = new Map<string, Assigned>();
  const references = new Map<string, string>();
  const exported = new Set<string>();
  let isAllExported = false;
  const meant = (name: string): string => references.get(name) ?? name;
  return {
    meant,
    of: (name) => values.get(meant(name))?.origins ?? null,
    textsOf: (name) => values.get(meant(name))?.texts ?? [],
    set(name, value) {
      const key = meant(name);
      const before = value.isMaybe ? values.get(key) : undefined;
      if (before === undefined) values.set(key, value);
      else {
        const origins = merged(before.origins, value.origins);
        values.set(key, { origins, texts: [...before.texts, ...value.texts].slice(-MAX_TEXTS), isMaybe: true });
      }
    },
    refer: (name, other) => void references.set(name, other),
    export(name) {
      if (name === null) isAllExported = true;
      else exported.add(meant(name));
    },
    visible(outer, own, isAll) {
      const found = new Map(outer.map(({ name, origins }) => [name, origins]));
      for (const [name, { origins }] of values)
        if (isAll || isAllExported || exported.has(name) || found.has(name)) found.set(name, origins);
      for (const { name, origins } of own) found.set(name, origins);
      return [...found].map(([name, origins]) => ({ name, origins }));
    },
  };
}

/** Texts of one variable that are remembered. */
const MAX_TEXTS = 32;
