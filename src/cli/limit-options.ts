/** The limits of an inspection as options of the command line, and as names in a config. */

import type { Command } from "commander";
import { HullcheckError } from "../model/errors.ts";

/** Name, option, and what the help says. */
const LIMIT_OPTIONS = [
  ["maxEntries", "--max-entries", "entries of one tar"],
  ["maxNameBytes", "--max-name-bytes", "bytes of one name or extended header"],
  ["maxJsonBytes", "--max-json-bytes", "bytes of one JSON document"],
  ["maxJsonTotalBytes", "--max-json-total-bytes", "bytes of all JSON documents"],
  ["maxLayerBytes", "--max-layer-bytes", "unpacked bytes of one layer"],
  ["maxExpansion", "--max-expansion", "unpacked by packed bytes, beyond the first gigabyte"],
  ["maxNesting", "--max-nesting", "compressions or indexes in one another"],
  ["maxDepth", "--depth", "archives in one another, in a file of a layer; 0 opens none"],
  ["maxHits", "--max-hits", "places with tokens in one layer"],
] as const;

type LimitName = (typeof LIMIT_OPTIONS)[number][0];

/** What the parser gives for them. */
export type LimitFlags = { readonly [Name in Exclude<LimitName, "maxDepth"> | "depth"]?: string };

/** Every limit by its name in a config, with what it bounds. */
export const LIMITS: readonly { readonly name: string; readonly summary: string }[] = LIMIT_OPTIONS.map(
  ([name, , summary]) => ({ name, summary }),
);

/** Adds an option for every limit. */
export function addLimitOptions(command: Command): Command {
  for (const [, flag, help] of LIMIT_OPTIONS) command.option(`${flag} <n>`, `limit: ${help}`);
  return command;
}

/** The limits that were typed; throws a usage error for what is no number. */
export function parseLimits(flags: LimitFlags): Readonly<Record<string, number>> {
  return Object.fromEntries(
    LIMIT_OPTIONS.flatMap(([name, flag]) => {
      const mayBeZero = name === "maxDepth";
      const value = flags[mayBeZero ? "depth" : name];
      if (value === undefined) return [];
      if (!(mayBeZero ? /^\d{1,3}$/ : /^[1-9]\d{0,14}$/).test(value)) {
        const range = mayBeZero ? "0 to 999" : "1 to 999999999999999";
        throw new HullcheckError("usage", `${flag} '${value}' is not a whole number from ${range}`, {
          hint: `write for example ${flag} ${mayBeZero ? 4 : 1_000_000}`,
        });
      }
      return [[name, Number(value)]];
    }),
  );
}
