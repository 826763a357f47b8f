/**
 * Words that BuildKit expands into the image's config or history: LABEL, USER, WORKDIR, EXPOSE, VOLUME, STOPSIGNAL.
 * CMD, ENTRYPOINT, HEALTHCHECK and SHELL keep `$X` as it stands, so a variable in them shows nothing.
 */

import type { EscapeToken } from "./command.ts";
import type { Reach } from "./facts.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import { readWord, type ReadWord, type Scope, type Source } from "./scope.ts";

/** An expanded word before anyone knows which variables are tokens. */
export interface ExpandedWord {
  readonly keyword: string;
  /** Source offsets of the word. */
  readonly span: Span;
  readonly sources: readonly Source[];
  readonly reach: Reach;
}

const EXPANDED = new Set(["EXPOSE", "VOLUME", "STOPSIGNAL"]);

/** A stretch of an instruction that was read, when variables become part of it. */
export function expandedWord(
  { keyword, line }: Instruction,
  { start, end }: Span,
  { sources }: ReadWord,
  reach: Reach,
): ExpandedWord[] {
  return sources.length === 0 ? [] : [{ keyword, span: toSourceSpan(line, start, end), sources, reach }];
}

/** The words of an instruction that its variables become part of; none for an instruction that expands nothing. */
export function expandedWords(
  instruction: Instruction,
  escape: EscapeToken,
  scope: Scope,
  reach: Reach,
): ExpandedWord[] {
  const { keyword, named, rest } = instruction;
  const stretches = keyword === "LABEL" ? named.pairs.map(({ span }) => span) : EXPANDED.has(keyword) ? [rest] : [];
  return stretches.flatMap((stretch) =>
    expandedWord(instruction, stretch, readWord(instruction, stretch, escape, scope), reach),
  );
}
