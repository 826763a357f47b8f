/**
 * Finds the words of ENV, LABEL and ARG and the names and values in them, by BuildKit's line parsers (moby/buildkit,
 * frontend/dockerfile/parser/line_parsers.go). Takes off no quotes and expands nothing: `word.ts` reads what is found.
 */

import type { EscapeToken } from "./command.ts";
import type { Span } from "./mapped-text.ts";
import { isBlank, isSpace, skipSpaces, trimSpaces } from "./space.ts";
import type { Problem } from "./split.ts";

/** A name and what it is set to, as written, with quotes and escapes. Offsets count in the joined text. */
export interface NameValue {
  readonly name: string;
  readonly nameSpan: Span;
  /** Null when there is no `=`; an empty span for `A=`. */
  readonly valueSpan: Span | null;
  readonly span: Span;
  /** `ENV NAME the rest of the line`. */
  readonly isLegacy: boolean;
}

/** The pairs of an instruction; with problems, BuildKit refuses it and the pairs are what could be read all the same. */
export interface NameValues {
  readonly pairs: readonly NameValue[];
  readonly problems: readonly Problem[];
}

/** The words from `from` to the end of the text: ended by spaces that no quote and no escape keeps. */
export function splitWords(text: string, from: number, escape: EscapeToken): Span[] {
  const end = trimSpaces(text, from, text.length);
  const words: Span[] = [];
  let at = skipSpaces(text, from, end);
  while (at < end) {
    const start = at;
    let quote = "";
    let isDropped = false;
    while (at < end) {
      const char = text.charAt(at);
      if (quote === "" && isSpace(char)) break;
      if (quote === "" && (char === "'" || char === '"')) quote = char;
      else if (char === quote) quote = "";
      else if (char === escape && quote !== "'") {
        // An escape that ends the instruction is dropped.
        isDropped = at + 1 === end;
        if (!isDropped) at++;
      }
      at++;
    }
    const wordEnd = isDropped ? end - 1 : at;
    if (wordEnd > start) words.push({ start, end: wordEnd });
    at = skipSpaces(text, at, end);
  }
  return words;
}

/** The offset of `=` in a span, or -1. */
function equalsIn(text: string, { start, end }: Span): number {
  const at = text.slice(start, end).indexOf("=");
  return at === -1 ? -1 : start + at;
}

function pairAt(text: string, span: Span): NameValue {
  const equals = equalsIn(text, span);
  const nameSpan = { start: span.start, end: equals === -1 ? span.end : equals };
  return {
    name: text.slice(nameSpan.start, nameSpan.end),
    nameSpan,
    valueSpan: equals === -1 ? null : { start: equals + 1, end: span.end },
    span,
    isLegacy: false,
  };
}

function legacyPair(text: string, start: number, end: number): NameValue | null {
  let nameEnd = start;
  while (nameEnd < end && !isBlank(text.charAt(nameEnd))) nameEnd++;
  if (nameEnd === end) return null;
  let valueStart = nameEnd;
  while (valueStart < end && isBlank(text.charAt(valueStart))) valueStart++;
  return {
    name: text.slice(start, nameEnd),
    nameSpan: { start, end: nameEnd },
    valueSpan: { start: valueStart, end },
    span: { start, end },
    isLegacy: true,
  };
}

/** The pairs of an ENV or LABEL whose arguments start at `from`, in either form. */
export function parseNameValues(text: string, from: number, escape: EscapeToken): NameValues {
  const words = splitWords(text, from, escape);
  const [first] = words;
  if (first === undefined) return { pairs: [], problems: [{ offset: from, message: "no name and no value" }] };
  if (equalsIn(text, first) === -1) {
    const pair = legacyPair(text, skipSpaces(text, from, text.length), trimSpaces(text, from, text.length));
    if (pair !== null) return { pairs: [pair], problems: [] };
    return { pairs: [pairAt(text, first)], problems: [{ offset: first.start, message: "a name without a value" }] };
  }
  return judged(
    words.map((word) => pairAt(text, word)),
    true,
  );
}

/** The names of an ARG whose arguments start at `from`, each with its default if it has one. */
export function parseArguments(text: string, from: number, escape: EscapeToken): NameValues {
  const words = splitWords(text, from, escape);
  if (words.length === 0) return { pairs: [], problems: [{ offset: from, message: "no name" }] };
  return judged(
    words.map((word) => pairAt(text, word)),
    false,
  );
}

function judged(pairs: readonly NameValue[], needsValue: boolean): NameValues {
  const problems = pairs.flatMap(({ name, valueSpan, span }): Problem[] => {
    if (valueSpan === null) return needsValue ? [{ offset: span.start, message: "a word without = among pairs" }] : [];
    return name === "" ? [{ offset: span.start, message: "a value without a name" }] : [];
  });
  return { pairs, problems };
}
