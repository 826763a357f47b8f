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

/**
 * BuildKit looks at bytes here: a character one of whose UTF-8 bytes is 0x85 or 0xA0 ends a flag, as a blank does.
 */
function endsFlag(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return isSpace(text.charAt(at));
  const isLowSurrogate = unit >= 0xdc00 && unit < 0xe000;
  const code = text.codePointAt(isLowSurrogate ? at - 1 : at) ?? unit;
  for (let bits = code; bits > 0x3f; bits >>= 6) {
    const byte = 0x80 | (bits & 0x3f);
    if (byte === 0x85 || byte === 0xa0) return true;
  }
  return false;
}

interface Flags {
  readonly flags: readonly Flag[];
  /** Where the flags end. */
  readonly end: number;
}

function takeFlags(text: string, from: number, end: number, escape: EscapeToken): Flags {
  const flags: Flag[] = [];
  let at = from;
  for (;;) {
    while (at < end && endsFlag(text, at)) at++;
    if (!text.startsWith("--", at) || at + 2 > end) return { flags, end: at };
    const start = at;
    const built = mappedBuilder();
    let quote = "";
    for (; at < end; at++) {
      const char = text.charAt(at);
      if (quote === "" && endsFlag(text, at)) break;
      if (quote === "" ? char === "'" || char === '"' : char === quote) {
        quote = quote === "" ? char : "";
      } else if (char !== escape) {
        built.add(char, at);
      } else if (at + 1 < end) {
        built.add(text.charAt(at + 1), at, 2);
        at++;
      }
    }
    const flag = built.build(start);
    if (flag.text === "--") return { flags, end: at };
    flags.push({ ...flag, start, end: at });
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
