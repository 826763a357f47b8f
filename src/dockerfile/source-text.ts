/**
 * Offsets of a text as lines and columns, and back. Lines end at LF; a CR before it belongs to the line's end. Knows
 * nothing of Dockerfiles.
 */

import type { Position, Region } from "../model/location.ts";

/** A text with the offset at which each of its lines starts, ascending; the first is 0. */
export interface SourceText {
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** The text with its lines found; a text that ends with LF has an empty last line. */
export function sourceText(text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { text, lineStarts };
}

/** The place of an offset; an offset outside the text gives the nearest end of it. O(log lines). */
export function positionAt(source: SourceText, offset: number): Position {
  const { text, lineStarts } = source;
  const wanted = Math.min(Math.max(offset, 0), text.length);
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: wanted - (lineStarts[low] ?? 0) + 1 };
}

/** An offset of a file as messages name it: `path:line:column`. */
export function placeAt(path: string, source: SourceText, offset: number): string {
  const { line, column } = positionAt(source, offset);
  return `${path}:${line}:${column}`;
}

/** The offset of a place; a column past the line's end gives the offset of its LF, a line outside the nearest end of the text. */
export function offsetAt(source: SourceText, position: Position): number {
  const { text, lineStarts } = source;
  if (position.line < 1) return 0;
  const start = lineStarts[position.line - 1];
  if (start === undefined) return text.length;
  const next = lineStarts[position.line];
  const end = next === undefined ? text.length : next - 1;
  return Math.min(start + Math.max(position.column, 1) - 1, end);
}

/** The stretch between two offsets, `end` exclusive. */
export function regionAt(source: SourceText, start: number, end: number): Region {
  return { start: positionAt(source, start), end: positionAt(source, Math.max(start, end)) };
}
