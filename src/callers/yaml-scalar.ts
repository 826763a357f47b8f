/**
 * Finds every character of a YAML scalar's value in the file again: block scalars, folded lines, quotes and escapes. Pure;
 * does not parse YAML, and takes the value as it was read.
 */

import { mappedBuilder, type MappedText } from "../dockerfile/mapped-text.ts";

/** How a scalar is written. */
export type ScalarStyle = "plain" | "single" | "double" | "block";

const BLANK = /[ \t\r\n]/;
const ESCAPE_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Length of the escape at a backslash: `\n`, `\x41`, or a line end with the next line's indentation. */
function escapeLength(text: string, at: number): number {
  const kind = text.charAt(at + 1);
  if (kind !== "\n" && kind !== "\r") return 2 + (ESCAPE_DIGITS[kind] ?? 0);
  let end = at + 2;
  while (BLANK.test(text.charAt(end))) end++;
  return end - at;
}

/** A cursor over the scalar's source that hands out one written character (or escape) at a time. */
function unitAt(text: string, at: number, style: ScalarStyle): number {
  if (style === "double" && text.charAt(at) === "\\") return escapeLength(text, at);
  return style === "single" && text.startsWith("''", at) ? 2 : 1;
}

function blanksFrom(text: string, at: number, end: number): number {
  let to = at;
  while (to < end && BLANK.test(text.charAt(to))) to++;
  return to;
}

/**
 * The value with the place of each character.
 * @param text the whole file
 * @param start offset of the first character of the value as written, without its opening quote
 * @param end offset after the last one, without the closing quote
 */
export function mapScalar(text: string, start: number, end: number, style: ScalarStyle, value: string): MappedText {
  const built = mappedBuilder();
  if (text.slice(start, end) === value) {
    built.add(value, start);
    return built.build(start);
  }
  let at = start;
  for (const char of value) {
    const isEscape = style === "double" && text.charAt(at) === "\\" && !/[\r\n]/.test(text.charAt(at + 1));
    if (BLANK.test(char) && !isEscape) {
      if (text.charAt(at) === char && char !== "\n") {
        built.add(char, at);
        at++;
        continue;
      }
      // Folded or stripped lines: the blanks of the source stand for those of the value.
      const to = char === "\n" && style === "block" ? lineEnd(text, at, end) : blanksFrom(text, at, end);
      built.add(char, Math.min(at, end), to - at);
      at = to;
      continue;
    }
    if (!isEscape) while (at < end && !text.startsWith(char, at)) at += unitAt(text, at, style);
    const written = isEscape || char.length === 1 ? unitAt(text, at, style) : char.length;
    // A character beyond the basic plane is two `\u` escapes in JSON.
    const isPair = isEscape && char.length === 2 && text.charAt(at + 1) === "u";
    const length = Math.max(0, Math.min(isPair ? 2 * written : written, end - at));
    built.add(char, Math.min(at, end), length);
    at = Math.min(at + length, end);
  }
  return built.build(start);
}

/** Past the line end at or after `at`; the next line's indentation is skipped by looking for the next character. */
function lineEnd(text: string, at: number, end: number): number {
  const found = text.indexOf("\n", at);
  return found === -1 || found >= end ? end : found + 1;
}
