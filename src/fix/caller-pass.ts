/**
 * A build argument of a calling file that is to become a build secret, and what its value comes from as far as that is
 * certain. The fixes for each format start from here. Pure.
 */

import type { CallerFacts, Pass } from "../callers/facts.ts";
import type { CallerFormat } from "../callers/kind.ts";
import type { Edit } from "./edit.ts";

/** A pass that is to become a secret; its argument's name is the secret's id. */
export interface WantedSecret {
  readonly pass: Pass;
  readonly id: string;
}

/** A calling file, and what of it is to be changed. */
export interface CallerReading {
  readonly facts: CallerFacts;
  readonly format: CallerFormat;
  readonly text: string;
  readonly wanted: readonly WantedSecret[];
}

/** The edits of a file, and the passes that are secrets after them. */
export interface MendedCaller {
  readonly edits: readonly Edit[];
  readonly done: readonly Pass[];
}

/** What is left as it is. */
export const NOTHING_MENDED: MendedCaller = { edits: [], done: [] };

const VARIABLE = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::?-|:?\?[^{}$]*)?\})$/;

/** The environment variable that a pass takes its value from, and nothing else; null when that is not certain. */
export function variableOf({ argument, valueText, token }: Pass): string | null {
  if (token !== null) return null;
  if (valueText === null) return argument;
  const match = VARIABLE.exec(valueText.trim());
  return match?.[1] ?? match?.[2] ?? null;
}

/** The text of the line of an offset, without its line break. */
export function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, "");
}

/** The blanks that a line starts with. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(lineAt(text, offset))?.[0] ?? "";
}
