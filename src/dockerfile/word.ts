/**
 * Reads a Dockerfile word into text and variables, by BuildKit's shell lexer (moby/buildkit, frontend/dockerfile/shell/lex.go).
 * Not for the shell in RUN. Looks up no variable.
 */

import { LexError } from "./lex-error.ts";
import { mappedBuilder, runEnd, verbatim, type MappedText, type Span } from "./mapped-text.ts";
import type { EscapeToken } from "./command.ts";
import type { Problem } from "./split.ts";
import { readName } from "./variable-name.ts";

/** How a text stands in the word: bare, in single or in double quotes. */
type Quote = "" | "'" | '"';

/** A run of text after quotes and escapes are taken off; segments and span count in the text that was read. Never empty. In a pattern (`#`, `##`, `%`, `%%`, `/`) escapes stay, since the pattern gives them meaning. */
interface TextPiece extends MappedText, Span {
  readonly kind: "text";
  readonly quote: Quote;
}

/** What follows the name in `${…}`; the empty string for `$X` and `${X}`. */
export type Operator = "" | ":-" | "-" | ":+" | "+" | ":?" | "?" | "#" | "##" | "%" | "%%" | "/" | "//";

/** A variable, from `$` to its end. Single quotes hold none. */
export interface VariablePiece extends Span {
  readonly kind: "variable";
  /** Letters, digits and `_`, or one special parameter such as `@`; empty in oddities such as `${+x}`. */
  readonly name: string;
  readonly operator: Operator;
  /** What follows the operator: a default, an alternative, a message or a pattern. */
  readonly word: readonly Piece[];
  /** What `/` and `//` put in place of the pattern. */
  readonly replacement: readonly Piece[];
  readonly isQuoted: boolean;
}

/** A part of a word. */
export type Piece = TextPiece | VariablePiece;

/** A word taken apart; when BuildKit would refuse it, the pieces before the problem and the raw rest as one text. */
export interface Word {
  readonly pieces: readonly Piece[];
  readonly problem: Problem | null;
}

/** Deeper `${…}` in `${…}` than any file needs; BuildKit has no limit, so reaching it is a problem, not a result. */
const MAX_DEPTH = 100;

/** What happens to escapes in a text. */
interface EscapeRule {
  /** They stay. */
  readonly keeps: boolean;
  /** A literal escape in quotes is doubled, so that the pattern it becomes part of does not take it for its own. */
  readonly doubles: boolean;
}

const QUOTES = `'"`;
const GREEDY = { "#": "##", "%": "%%" } as const;

const PLAIN: EscapeRule = { keeps: false, doubles: false };
const PATTERN: EscapeRule = { keeps: true, doubles: true };
const REPLACEMENT: EscapeRule = { keeps: true, doubles: false };

interface Lexer {
  /** Reads pieces into `into` up to `stop`, which is taken too, or to the end for an empty `stop`; throws LexError. */
  readonly readInto: (into: Piece[], stop: string) => void;
}

interface PieceList {
  readonly add: (text: string, src: number, srcLength: number, quote: Quote) => void;
  readonly push: (piece: Piece) => void;
  readonly flush: () => void;
}

/** Joins text of one quoting into one piece. */
function pieceList(pieces: Piece[]): PieceList {
  let built = mappedBuilder();
  let quote: Quote = "";
  const flush = (): void => {
    if (built.length() === 0) return;
    const mapped = built.build(0);
    const [first] = mapped.segments;
    const last = mapped.segments.at(-1);
    pieces.push({
      kind: "text",
      text: mapped.text,
      segments: mapped.segments,
      quote,
      start: first?.src ?? 0,
      end: (last?.src ?? 0) + (last?.srcLength ?? 0),
    });
    built = mappedBuilder();
  };
  return {
    add: (text, src, srcLength, as) => {
      if (as !== quote) flush();
      quote = as;
      built.add(text, src, srcLength);
    },
    push: (piece) => {
      flush();
      pieces.push(piece);
    },
    flush,
  };
}

function lexer(text: string, from: number, end: number, escape: EscapeToken, hasQuotes: boolean): Lexer {
  // BuildKit's scanner drops a byte order mark at the very start.
  let at = from < end && text.charAt(from) === "\u{feff}" ? from + 1 : from;

  const peek = (): string => (at < end ? text.charAt(at) : "");

  /** Takes the characters before the next one that means something. */
  function addRun(list: PieceList, stops: string, quote: Quote): void {
    const start = at;
    at = runEnd(text, at, end, stops);
    list.add(text.slice(start, at), start, at - start, quote);
  }

  function single(list: PieceList, rule: EscapeRule): void {
    const start = at + 1;
    const close = text.indexOf("'", start);
    if (close === -1 || close >= end) throw new LexError("a single quote that is not closed", at);
    if (!rule.doubles) list.add(text.slice(start, close), start, close - start, "'");
    else {
      for (let i = start; i < close; i++) {
        const char = text.charAt(i);
        list.add(char === escape ? char + char : char, i, 1, "'");
      }
    }
    at = close + 1;
  }

  function double(list: PieceList, rule: EscapeRule, depth: number): void {
    const start = at++;
    for (let char = peek(); char !== '"'; char = peek()) {
      if (char === "") throw new LexError("a double quote that is not closed", start);
      if (char === "$") {
        dollar(list, depth, '"');
      } else if (char !== escape) {
        addRun(list, `"$${escape}`, '"');
      } else {
        const next = at + 1 < end ? text.charAt(at + 1) : "";
        const isEscape = next === '"' || next === "$" || next === escape;
        if (isEscape) list.add(rule.keeps ? char + next : next, at, 2, '"');
        else if (next !== "") list.add(rule.keeps ? char + char : char, at, 1, '"');
        at += isEscape ? 2 : 1;
      }
    }
    at++;
  }

  function readWith(into: Piece[], stop: string, rule: EscapeRule, depth: number, opened: number): void {
    if (depth > MAX_DEPTH) throw new LexError("variables nest too deeply", opened);
    const list = pieceList(into);
    try {
      for (let char = peek(); char !== ""; char = peek()) {
        if (char === stop) {
          at++;
          return;
        }
        if (char === "$") dollar(list, depth, "");
        else if (hasQuotes && char === "'") single(list, rule);
        else if (hasQuotes && char === '"') double(list, rule, depth);
        else if (char !== escape) addRun(list, `${stop}$${hasQuotes ? QUOTES : ""}${escape}`, "");
        else {
          const next = at + 1 < end ? text.charAt(at + 1) : "";
          list.add(rule.keeps ? char + next : next, at, 2, "");
          at += 2;
        }
      }
    } finally {
      list.flush();
    }
    if (stop !== "") throw new LexError(`no ${stop} to end a variable`, opened);
  }

  function nested(stop: string, rule: EscapeRule, depth: number, opened: number): Piece[] {
    const pieces: Piece[] = [];
    readWith(pieces, stop, rule, depth + 1, opened);
    return pieces;
  }

  function dollar(list: PieceList, depth: number, quote: Quote): void {
    const start = at++;
    const push = (name: string, operator: Operator, word: Piece[] = [], replacement: Piece[] = []): void =>
      list.push({ kind: "variable", name, operator, word, replacement, isQuoted: quote !== "", start, end: at });
    if (peek() !== "{") {
      const name = readName(text, at, end);
      at += name.length;
      if (name === "") list.add("$", start, 1, quote);
      else push(name, "");
      return;
    }
    at++;
    if (/^[{}:]?$/.test(peek())) throw new LexError("a variable in ${} that cannot be read", start);
    const name = readName(text, at, end);
    at += name.length;
    const sign = peek();
    at++;
    switch (sign) {
      case "":
        throw new LexError("no } to end a variable", start);
      case "}":
        push(name, "");
        return;
      case ":": {
        const second = peek();
        at++;
        if (second === "-" || second === "+" || second === "?") {
          push(name, `:${second}`, nested("}", PLAIN, depth, start));
          return;
        }
        break;
      }
      case "-":
      case "+":
      case "?":
        push(name, sign, nested("}", PLAIN, depth, start));
        return;
      case "#":
      case "%": {
        const isGreedy = peek() === sign;
        if (isGreedy) at++;
        push(name, isGreedy ? GREEDY[sign] : sign, nested("}", PATTERN, depth, start));
        return;
      }
      case "/": {
        const isAll = peek() === "/";
        if (isAll) at++;
        const pattern = nested("/", PATTERN, depth, start);
        push(name, isAll ? "//" : "/", pattern, nested("}", REPLACEMENT, depth, start));
        return;
      }
      default:
    }
    throw new LexError("a variable with an operator that BuildKit does not have", start);
  }

  return { readInto: (into, stop) => readWith(into, stop, PLAIN, 0, at) };
}

/** What has a meaning in some word, whatever the escape is. */
const MEANING = /["'$`\\\u{feff}]/u;

function parse(text: string, start: number, end: number, escape: EscapeToken, hasQuotes: boolean): Word {
  const whole = text.slice(start, end);
  if (!MEANING.test(whole)) {
    if (whole === "") return { pieces: [], problem: null };
    const { segments } = verbatim(text, start, end);
    return { pieces: [{ kind: "text", text: whole, segments, quote: "", start, end }], problem: null };
  }
  const pieces: Piece[] = [];
  try {
    lexer(text, start, end, escape, hasQuotes).readInto(pieces, "");
    return { pieces, problem: null };
  } catch (error) {
    if (!(error instanceof LexError)) throw error;
    const from = pieces.at(-1)?.end ?? start;
    const list = pieceList(pieces);
    list.add(text.slice(from, end), from, end - from, "");
    list.flush();
    return { pieces, problem: { offset: error.offset, message: error.message } };
  }
}

/** The word between two offsets of `text`. */
export function parseWord(text: string, start: number, end: number, escape: EscapeToken): Word {
  return parse(text, start, end, escape, true);
}

/** The body of an unquoted heredoc of COPY or ADD: quotes mean nothing in it, and the escape is always a backslash. */
export function parseHeredocBody(text: string): Word {
  return parse(text, 0, text.length, "\\", false);
}
