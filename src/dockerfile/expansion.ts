/**
 * Words that BuildKit expands into the image's config or history: LABEL, USER, WORKDIR, EXPOSE, VOLUME, STOPSIGNAL.
 * CMD, ENTRYPOINT, HEALTHCHECK and SHELL keep `$X` as it stands, so a variable in them shows nothing.
 */

import type { EscapeToken } from "./command.ts";
import type { Reach } from "./facts.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import { pairsOf, readWord, type Scope, type Source } from "./scope.ts";

/** An expanded word before anyone knows which variables are tokens. */
export interface ExpandedWord {
  readonly keyword: string;
  /** Source offsets of the word. */
  readonly span: Span;
  readonly sources: readonly Source[];
  readonly reach: Reach;
}

const EXPANDED = new Set(["USER", "WORKDIR", "EXPOSE", "VOLUME", "STOPSIGNAL"]);

/** The words of an instruction that its variables become part of; none for an instruction that expands nothing. */
export function expandedWords(
  instruction: Instruction,
  escape: EscapeToken,
  scope: Scope,
  reach: Reach,
): ExpandedWord[] {
  const { keyword, line, rest } = instruction;
  const stretches =
    keyword === "LABEL"
      ? pairsOf(instruction, escape).pairs.map(({ span }) => span)
      : EXPANDED.has(keyword)
        ? [rest]
        : [];
  return stretches.flatMap((stretch): ExpandedWord[] => {
    const { sources } = readWord(instruction, stretch, escape, scope);
    return sources.length === 0
      ? []
      : [{ keyword, span: toSourceSpan(line, stretch.start, stretch.end), sources, reach }];
  });
}
