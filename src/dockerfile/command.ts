/**
 * Takes the joined text of an instruction apart into keyword, flags and the rest, by BuildKit's `splitCommand` and
 * `extractBuilderFlags` (moby/buildkit, frontend/dockerfile/parser/split_command.go). Does not judge any of them.
 */

import { mappedBuilder, type MappedText, type Span } from "./mapped-text.ts";
import { isBlank, isSpace, skipSpaces, trimSpaces } from "./space.ts";

/** The character that escapes in a Dockerfile, as its `escape` directive says. */
export type EscapeToken = "\\" | "`";

/** A flag such as `--mount=type=secret,id=x`, with quotes and escapes taken off; `start` and `end` span it as written. */
export interface Flag extends MappedText, Span {}

/** The parts of an instruction, as offsets in its joined text. */
export interface Command {
  /** As written; compare in lower case. Empty for an instruction made of nothing but continuations. */
  readonly keyword: string;
  readonly keywordSpan: Span;
  readonly flags: readonly Flag[];
  /** The rest of the instruction, without blanks around it. */
  readonly rest: Span;
}

/** Where in its UTF-8 bytes a character ends a flag: BuildKit looks at bytes there, and takes 0x85 and 0xA0 for spaces. */
type FlagEnd = "no" | "inside" | "last";

function isSpaceByte(byte: number): boolean {
  return byte === 0x85 || byte === 0xa0;
}

function flagEndAt(text: string, at: number): FlagEnd {
  if (text.charCodeAt(at) < 0x80) return isSpace(text.charAt(at)) ? "last" : "no";
  const bytes = Buffer.from(String.fromCodePoint(text.codePointAt(at) ?? 0), "utf8");
  const first = bytes.findIndex(isSpaceByte);
  if (first === -1) return "no";
  return bytes.subarray(first).every(isSpaceByte) ? "last" : "inside";
}

/** Characters that mean themselves in every flag. */
const ORDINARY = /[^\s'"\\`\u0080-\uffff]+/y;

interface Flags {
  readonly flags: readonly Flag[];
  /** Where the flags end. */
  readonly end: number;
}

function takeFlags(text: string, from: number, end: number, escape: EscapeToken): Flags {
  const flags: Flag[] = [];
  let at = from;
  for (;;) {
    while (at < end && text.charCodeAt(at) < 0x80 && isSpace(text.charAt(at))) at++;
    if (!text.startsWith("--", at) || at + 2 > end) return { flags, end: at };
    const start = at;
    const built = mappedBuilder();
    let quote = "";
    let stop: FlagEnd = "no";
    while (at < end) {
      ORDINARY.lastIndex = at;
      const [ordinary = ""] = ORDINARY.exec(text) ?? [];
      built.add(ordinary, at);
      at += ordinary.length;
      if (at === end) break;
      const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
      stop = quote === "" ? flagEndAt(text, at) : "no";
      if (stop !== "no") break;
      if (quote === "" ? char === "'" || char === '"' : char === quote) {
        quote = quote === "" ? char : "";
      } else if (char !== escape) {
        built.add(char, at);
      } else if (at + 1 < end && text.charCodeAt(at + 1) < 0x80) {
        built.add(text.charAt(at + 1), at, 2);
        at++;
      }
      at += char.length;
    }
    const stopped = at;
    if (stop !== "no" && text.charCodeAt(at) >= 0x80) {
      // Half of this character is the flag's last byte.
      const { length } = String.fromCodePoint(text.codePointAt(at) ?? 0);
      built.add("\u{fffd}", at, length);
      at += length;
    }
    const flag = built.build(start);
    if (flag.text === "--") return { flags, end: at };
    flags.push({ text: flag.text, segments: flag.segments, start, end: stopped });
    if (stop === "inside") return { flags, end: at };
  }
}

/** The parts of the instruction whose joined text starts at `from` and runs to the end of `text`. */
export function splitCommand(text: string, from: number, escape: EscapeToken): Command {
  const end = trimSpaces(text, from, text.length);
  const start = skipSpaces(text, from, end);
  let at = start;
  while (at < end && !isBlank(text.charAt(at))) at++;
  const keywordSpan = { start, end: at };
  while (at < end && isBlank(text.charAt(at))) at++;
  const { flags, end: restStart } = takeFlags(text, at, end, escape);
  return {
    keyword: text.slice(keywordSpan.start, keywordSpan.end),
    keywordSpan,
    flags,
    rest: { start: skipSpaces(text, restStart, end), end },
  };
}
