/**
 * Finds the heredocs that an instruction opens, by BuildKit's rules: its shell lexer over the whole joined text with every
 * variable unset, then a test of each word (moby/buildkit, frontend/dockerfile/parser/parser.go and shell/lex.go). The
 * lexer's oddities are kept on purpose, since each decides where the next instruction begins. Reads no bodies.
 */

import { LexError } from "./lex-error.ts";
import { readName } from "./variable-name.ts";
import { isSpace } from "./space.ts";

/** What a `<<` word says about the body to come. */
export interface HeredocMark {
  /** The line that ends the body. */
  readonly name: string;
  /** Whether variables in the body are expanded: no part of the delimiter is quoted. */
  readonly expand: boolean;
  /** `<<-`: tabs at the start of the body's lines are dropped. */
  readonly stripTabs: boolean;
  /** The file descriptor before `<<`; null when none is written. */
  readonly fd: number | null;
}

/** The marks, and why BuildKit refuses the instruction, when it does. */
export interface HeredocMarks {
  readonly marks: readonly HeredocMark[];
  readonly problem: string | null;
}

/** Deeper `${…}` in `${…}` than any file needs; BuildKit has no limit, so reaching it is a problem, not a result. */
const MAX_DEPTH = 100;
const MARK = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/;
const TOO_DEEP = "variables nest too deeply";

interface Quoting {
  readonly keepQuotes: boolean;
  readonly keepEscapes: boolean;
}

/** The words of `source`, with every variable left as it stands; throws LexError. */
function lexWords(source: string, { keepQuotes, keepEscapes }: Quoting): string[] {
  let at = 0;
  const words: string[] = [];
  // BuildKit shares one buffer between a word and the words nested in it: `a${b:-c}` forgets the `a`.
  let buffer = "";
  let isInWord = false;

  const take = (): string => source.charAt(at++);

  function single(doubles: boolean): string {
    const end = source.indexOf("'", at + 1);
    if (end === -1) throw new LexError("unclosed single quote", at);
    const inner = source.slice(at + 1, end);
    at = end + 1;
    const text = doubles ? inner.replaceAll("\\", "\\\\") : inner;
    return keepQuotes ? `'${text}'` : text;
  }

  function double(keeps: boolean, doubles: boolean, depth: number): string {
    at++;
    let result = keepQuotes ? '"' : "";
    while (at < source.length) {
      const char = source.charAt(at);
      if (char === '"') {
        at++;
        return keepQuotes ? `${result}"` : result;
      }
      if (char === "$") {
        result += dollar(depth);
        continue;
      }
      at++;
      if (char !== "\\") {
        result += char;
        continue;
      }
      if (at >= source.length) break;
      if (/["$\\]/.test(source.charAt(at))) result += (keeps ? "\\" : "") + take();
      else result += keeps && (!keepQuotes || doubles) ? "\\\\" : "\\";
    }
    throw new LexError("unclosed double quote", at);
  }

  function opener(): string {
    at++;
    if (source.charAt(at) !== "<") return "<";
    const start = at - 1;
    at++;
    while (at < source.length && /[\t\r ]/.test(source.charAt(at))) at++;
    return source.slice(start, at);
  }

  function special(keeps: boolean, doubles: boolean, depth: number): string | null {
    switch (source.charAt(at)) {
      case "$":
        return dollar(depth);
      case "<":
        return opener();
      case "'":
        return single(doubles);
      case '"':
        return double(keeps, doubles, depth);
      default:
        return null;
    }
  }

  /** The text up to `stop`, which is taken too. */
  function nested(stop: string, isPattern: boolean, doubles: boolean, depth: number): string {
    if (depth > MAX_DEPTH) throw new LexError(TOO_DEEP, at);
    buffer = "";
    let result = "";
    while (at < source.length) {
      if (source.charAt(at) === stop) {
        at++;
        buffer = "";
        return result;
      }
      const piece = special(isPattern, doubles, depth);
      if (piece !== null) {
        result += piece;
        continue;
      }
      const char = take();
      if (char === "\\") result += (isPattern ? char : "") + take();
      else result += char;
    }
    throw new LexError(`no ${stop} to close a variable`, at);
  }

  /** A variable, written out again as BuildKit does for one that is not set. */
  function dollar(depth: number): string {
    at++;
    if (source.charAt(at) !== "{") {
      const name = readName(source, at, source.length);
      at += name.length;
      return `$${name}`;
    }
    at++;
    if (at >= source.length || /[{}:]/.test(source.charAt(at))) throw new LexError("bad substitution", at);
    const name = readName(source, at, source.length);
    at += name.length;
    const operator = take();
    if (operator === "}") return `\${${name}}`;
    if (operator === "/") {
      if (source.charAt(at) === "/") at++;
      const pattern = nested("/", true, true, depth + 1);
      return `\${${name}/${pattern}/${nested("}", true, false, depth + 1)}}`;
    }
    const modifier = operator === ":" ? take() : operator;
    const isPattern = modifier === "#" || modifier === "%";
    if (operator === ":" ? isPattern : !/[-+?#%]/.test(operator))
      throw new LexError("unknown operator in a variable", at);
    const word = nested("}", isPattern, isPattern, depth + 1);
    return `\${${name}${operator === ":" ? ":" : ""}${modifier}${word}}`;
  }

  function addChar(char: string): void {
    if (!isSpace(char)) {
      buffer += char;
      isInWord = true;
    } else if (isInWord && buffer !== "") {
      words.push(buffer);
      buffer = "";
      isInWord = false;
    }
  }

  function addRaw(text: string): void {
    buffer += text;
    isInWord = true;
  }

  if (source.startsWith("\u{feff}")) at++;
  while (at < source.length) {
    const isVariable = source.charAt(at) === "$";
    const piece = special(keepEscapes, false, 0);
    if (piece !== null) {
      if (isVariable) for (const char of piece) addChar(char);
      else addRaw(piece);
      continue;
    }
    const char = take();
    if (char !== "\\") {
      addChar(char);
      continue;
    }
    if (keepEscapes) addRaw(char);
    if (at < source.length) addRaw(take());
  }
  if (buffer !== "") words.push(buffer);
  return words;
}

function countQuotes(word: string): number {
  return word.length - word.replaceAll(/['"]/g, "").length;
}

/** The mark that a word makes, or null for any other word; throws LexError. */
function markOf(word: string): HeredocMark | null {
  const [, fd = "", dash = "", rest = ""] = MARK.exec(word) ?? [];
  if (rest === "") return null;
  const [name, ...others] = lexWords(rest, { keepQuotes: false, keepEscapes: false });
  if (name === undefined || others.length > 0) return null;
  const [raw = "", ...rawOthers] = lexWords(rest, { keepQuotes: true, keepEscapes: false });
  if (rawOthers.length > 0) throw new LexError("a heredoc delimiter of several words", 0);
  return {
    name,
    expand: countQuotes(name) === countQuotes(raw),
    stripTabs: dash === "-",
    fd: fd === "" ? null : Number(fd),
  };
}

/** The heredocs that the joined text of a RUN, COPY or ADD (also below ONBUILD) opens, in the order of their bodies. */
export function heredocMarks(text: string): HeredocMarks {
  if (!text.includes("<<")) return { marks: [], problem: null };
  let words: string[];
  try {
    words = lexWords(text, { keepQuotes: true, keepEscapes: true });
  } catch (error) {
    if (!(error instanceof LexError)) throw error;
    // BuildKit drops this error, and with it every heredoc of the line.
    return { marks: [], problem: error.message === TOO_DEEP ? TOO_DEEP : null };
  }
  try {
    return { marks: words.flatMap((word) => markOf(word) ?? []), problem: null };
  } catch (error) {
    if (!(error instanceof LexError)) throw error;
    return { marks: [], problem: `the delimiter of a heredoc cannot be read: ${error.message}` };
  }
}
