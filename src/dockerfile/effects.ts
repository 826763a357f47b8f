/** What a command gets at and what it does, in the words that the flow of a script and those who know programs share. */

import type { Environment } from "./home-path.ts";
import type { MappedText, Span } from "./mapped-text.ts";
import type { NamedValue } from "./shell-variables.ts";
import type { ShellWord } from "./shell-word.ts";
import type { Origins } from "./token-origin.ts";

/** The values that a command can get at. */
export interface Values {
  readonly ofWord: (word: ShellWord, script: MappedText) => Origins;
  /** What lies in a file, by its path as a normal one; also of all files below a folder. */
  readonly ofFile: (path: string) => Origins;
  readonly ofName: (name: string) => Origins;
  readonly ofInput: () => Origins;
  /** The texts that a word may be; empty when none is known. */
  readonly textsOf: (word: ShellWord) => readonly string[];
  /** The text in which `envsubst` puts variables, when it is a file that is known. */
  readonly template: string | null;
  /** The variables that programs find in their environment, and those that the shell knows. */
  readonly exported: () => readonly NamedValue[];
  readonly all: () => readonly NamedValue[];
  /** With PWD. */
  readonly environment: Environment;
}

/** A file that is written. */
export interface Written {
  /** Normal paths; the likeliest first, and what it may be instead. */
  readonly paths: readonly string[];
  /** What writes it, as a person says it. */
  readonly form: string;
  readonly origins: Origins;
  /** `url`: as part of an address that the program keeps. */
  readonly kind: "file" | "url";
  /** Source offsets of what matters; null for the whole command. */
  readonly span: Span | null;
}

/** What a command does. */
export interface CommandEffects {
  readonly output: Origins;
  readonly writes: readonly Written[];
  /** Files that it takes a token out of, as normal paths. */
  readonly clears: readonly string[];
}

/** Of a command that does nothing with what may be a token. */
export const NO_EFFECTS: CommandEffects = { output: [], writes: [], clears: [] };
