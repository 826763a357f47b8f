/** Takes entries out of block mappings, block lists and block texts of YAML by whole lines, and puts others in. Pure. */

import type { Span } from "../dockerfile/mapped-text.ts";
import { indentAt, lineAt } from "./caller-pass.ts";
import { deletedLines, insertion, lineBreakOf, lineStart, nextLine, type Edit } from "./edit.ts";

/** True when the lines of some places hold one each, so that they can go as lines. */
export function areOwnLines(text: string, places: readonly Span[]): boolean {
  const lines = places.map(({ start }) => lineStart(text, start));
  return new Set(lines).size === lines.length && places.every(({ start, end }) => end <= nextLine(text, start));
}

/** The lines of some places taken out; `with` also takes the line of the key that they are all of. */
export function withoutLines(text: string, places: readonly Span[], key: Span | null): Edit[] {
  return [...(key === null ? [] : [key]), ...places].map(({ start }) => deletedLines(text, start, start));
}

/** How much deeper the children of a key stand than the key; two blanks when there are none to tell. */
export function deeper(text: string, key: number, child: number | undefined): string {
  const own = indentAt(text, key);
  const inner = child === undefined ? own : indentAt(text, child);
  return inner.length > own.length ? inner : `${own}  `;
}

/** Whole lines put in before the line of an offset. */
export function linesBefore(text: string, offset: number, lines: readonly string[]): Edit {
  const lineBreak = lineBreakOf(text);
  return insertion(lineStart(text, offset), lines.map((line) => line + lineBreak).join(""));
}

/** Whole lines put in after the line of an offset; the text's end stays without a line break where it has none. */
export function linesAfter(text: string, offset: number, lines: readonly string[]): Edit {
  const lineBreak = lineBreakOf(text);
  const at = nextLine(text, offset);
  if (at < text.length || text.endsWith("\n") || text === "") {
    return insertion(at, lines.map((line) => line + lineBreak).join(""));
  }
  return insertion(at, lines.map((line) => lineBreak + line).join(""));
}

/** True for a key that stands alone on its line, its value on the next ones. */
export function isBlockKey(text: string, key: Span): boolean {
  const line = lineAt(text, key.start);
  return /^\s*(?:- )*["']?[\w-]+["']?\s*:\s*(?:[|>][-+0-9]*\s*)?(?:#.*)?$/.test(line);
}
