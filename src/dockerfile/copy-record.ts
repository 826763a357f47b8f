/** A COPY or ADD with its words expanded, and which of its sources lie in the build context. Reads no files. */

import type { EscapeToken } from "./command.ts";
import type { CopyFilter } from "./context-copy.ts";
import type { Reach } from "./facts.ts";
import type { Environment } from "./home-path.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import { flagValue, type Instruction } from "./parse.ts";
import { readWord, type Scope } from "./scope.ts";

/** A word of a COPY or ADD. */
export interface CopyWord {
  /** With all known variables put in. */
  readonly text: string;
  readonly span: Span;
  /** False when a variable in it has no value that the file tells. */
  readonly isKnown: boolean;
}

/** A COPY or ADD as it is met. */
export interface CopyRecord {
  readonly instruction: Instruction;
  readonly stage: number;
  readonly reach: Reach;
  /** The last one is the destination. */
  readonly words: readonly CopyWord[];
  readonly environment: Environment;
  /** The stage's WORKDIR; undefined when the file does not say. */
  readonly folder: string | undefined;
  /** The variables that it can see. */
  readonly scope: Scope;
}

/** The words of a COPY or ADD in either form, expanded in `scope`. */
export function copyWords(instruction: Instruction, escape: EscapeToken, scope: Scope): CopyWord[] {
  const { line, json, args } = instruction;
  const words: readonly Span[] = json !== null && json.problem === null ? json.values : args;
  return words.map((word) => {
    const inner = json === null ? word : { start: word.start + 1, end: word.end - 1 };
    const { text, isKnown } = readWord(instruction, inner, escape, scope);
    return { text, span: toSourceSpan(line, word.start, word.end), isKnown };
  });
}

/** True for a source that is fetched from elsewhere. */
export function isRemote(source: string): boolean {
  return /^(?:https?|git|ssh):\/\/|^git@/.test(source);
}

/** The sources that lie in the build context, as far as they are known. */
export function contextSources({ instruction, words }: CopyRecord): CopyWord[] {
  if (flagValue(instruction, "from") !== null) return [];
  return words.slice(0, -1).filter(({ text, isKnown }) => isKnown && !isRemote(text) && !text.startsWith("<<"));
}

/** The flags that choose files; null when a variable in them hides what they say. */
export function copyFilter({ instruction }: CopyRecord): CopyFilter | null {
  const excludes = instruction.flags.map(({ text }) => text).filter((text) => text.startsWith("--exclude="));
  if (excludes.some((text) => text.includes("$"))) return null;
  const parents = flagValue(instruction, "parents");
  return {
    excludes: excludes.map((text) => text.slice("--exclude=".length)),
    isParents: parents !== null && parents.toLowerCase() !== "false",
  };
}
