/**
 * Gives a parsed word its value, as BuildKit's shell lexer does (moby/buildkit, frontend/dockerfile/shell/lex.go). Knows
 * no scopes: what a variable holds is the caller's answer.
 */

import { LexError } from "./lex-error.ts";
import { replaceMatches, trimPrefix, trimSuffix } from "./shell-pattern.ts";
import type { Problem } from "./split.ts";
import type { Operator, Piece, VariablePiece } from "./word.ts";

/** What a variable holds; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** A word's value; when BuildKit would stop with an error, the first reason, and the value as far as it goes. */
export interface Expansion {
  readonly text: string;
  readonly problem: Problem | null;
}

/** Twice what Linux takes as one environment variable (MAX_ARG_STRLEN); a word that grows beyond it is cut, with a problem. */
const MAX_LENGTH = 256 * 1024;

type Report = (offset: number, message: string) => void;

/** The value with its matches cut off or replaced, for the operators that take a pattern; throws LexError. */
function byPattern(operator: Operator, word: string, replacement: string, value: string): string {
  if (operator.startsWith("/")) return replaceMatches(word, value, replacement, operator === "//");
  const sign = operator.charAt(0);
  // A pattern that only expansion makes start with the operator's sign is greedy all the same.
  const isLate = operator.length === 1 && word.startsWith(sign);
  const pattern = isLate ? word.slice(1) : word;
  const isGreedy = isLate || operator.length === 2;
  return sign === "#" ? trimPrefix(pattern, value, isGreedy) : trimSuffix(pattern, value, isGreedy);
}

function valueOf(piece: VariablePiece, lookup: Lookup, report: Report): string {
  // BuildKit expands the inner words whether they are used or not, errors included.
  const word = textOf(piece.word, lookup, report);
  const replacement = textOf(piece.replacement, lookup, report);
  const found = lookup(piece.name);
  const value = found ?? "";
  const isMissing = found === undefined || (piece.operator.startsWith(":") && value === "");
  switch (piece.operator) {
    case "":
      return value;
    case "-":
    case ":-":
      return isMissing ? word : value;
    case "+":
    case ":+":
      return isMissing ? "" : word;
    case "?":
    case ":?":
      if (isMissing) report(piece.start, `the build stops when ${piece.name} is not set`);
      return value;
    case "#":
    case "##":
    case "%":
    case "%%":
    case "/":
    case "//":
      try {
        return byPattern(piece.operator, word, replacement, value);
      } catch (error) {
        if (!(error instanceof LexError)) throw error;
        report(piece.start, error.message);
        return value;
      }
  }
}

function textOf(pieces: readonly Piece[], lookup: Lookup, report: Report): string {
  let text = "";
  for (const piece of pieces) {
    text += piece.kind === "text" ? piece.text : valueOf(piece, lookup, report);
    if (text.length <= MAX_LENGTH) continue;
    report(piece.start, "a value too long to follow");
    return text.slice(0, MAX_LENGTH);
  }
  return text;
}

/** The value of a word, with what keeps BuildKit from giving one. */
export function expansionOf(pieces: readonly Piece[], lookup: Lookup): Expansion {
  let problem: Problem | null = null;
  const report: Report = (offset, message) => {
    problem ??= { offset, message };
  };
  const text = textOf(pieces, lookup, report);
  return { text, problem };
}

/** The value of a word, as far as it has one. */
export function expandWord(pieces: readonly Piece[], lookup: Lookup): string {
  return expansionOf(pieces, lookup).text;
}
