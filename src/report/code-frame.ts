/**
 * Draws a stretch of a file with line numbers and carets below it. Works on masked snippets, knows tabs, wide
 * characters and very long lines; colours nothing and prints nothing.
 */

import { isInSource, type Location, type Region } from "../model/location.ts";
import { isUnsafe, visible } from "./escape.ts";

/** One row of a frame. */
export interface FrameRow {
  /** The line number, or blanks of the same width. */
  readonly gutter: string;
  /** `code` is a line of the file, `mark` the carets below one, `cut` says that lines are left out. */
  readonly kind: "code" | "mark" | "cut";
  readonly text: string;
}

/** A row as plain text; `shown` makes the row's own text fit for where it goes. */
export function frameLine({ gutter, text }: FrameRow, shown: (text: string) => string = (own) => own): string {
  return `${gutter} │ ${shown(text)}`.trimEnd();
}

const TAB_WIDTH = 4;
/** How much of a long line is shown, in terminal columns. */
const MAX_WIDTH = 100;
/** How much of a windowed line stands before the region, in terminal columns. */
const LEAD = 20;
/** Lines of one region that are drawn. */
const MAX_LINES = 6;

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\u{fe00}-\u{fe0f}]$/u;
/** Letters and signs of East Asia, and pictures; the two halves of a flag take one column each. */
const DOUBLE_WIDTH =
  /^(?![\u{1f1e6}-\u{1f1ff}])[\p{Emoji_Presentation}\u{1100}-\u{115f}\u{2e80}-\u{303e}\u{3041}-\u{33ff}\u{3400}-\u{4dbf}\u{4e00}-\u{9fff}\u{a000}-\u{a4cf}\u{ac00}-\u{d7a3}\u{f900}-\u{faff}\u{fe30}-\u{fe6f}\u{ff00}-\u{ff60}\u{ffe0}-\u{ffe6}\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;

/** One character as it is shown: `from` and `to` are UTF-16 offsets in the line. */
interface Cell {
  readonly from: number;
  readonly to: number;
  readonly shown: string;
  readonly width: number;
}

function widthOf(character: string): number {
  if (character.charCodeAt(0) < 0x300) return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}

/** The cells of `line` from offset `from` to `to`. */
function cellsOf(line: string, from: number, to: number): Cell[] {
  const cells: Cell[] = [];
  let offset = from;
  let column = 0;
  for (const character of line.slice(from, to)) {
    let shown = character;
    let width: number;
    if (character === "\t") {
      width = TAB_WIDTH - (column % TAB_WIDTH);
      shown = " ".repeat(width);
    } else if (isUnsafe(character)) {
      shown = visible(character);
      width = shown.length;
    } else {
      width = widthOf(character);
    }
    cells.push({ from: offset, to: offset + character.length, shown, width });
    offset += character.length;
    column += width;
  }
  return cells;
}

function isLowSurrogate(line: string, offset: number): boolean {
  const unit = line.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** True when the line takes more columns than these up to an offset. */
function isWider(line: string, to: number, columns: number): boolean {
  return to > columns || cellsOf(line, 0, to).reduce((sum, { width }) => sum + width, 0) > columns;
}

/** Where the part of a line that is shown begins: at its start, unless what is marked would not be seen then. */
function firstShown(line: string, start: number): number {
  if (!isWider(line, line.length, MAX_WIDTH) || !isWider(line, start, MAX_WIDTH - LEAD)) return 0;
  let from = Math.max(0, start - LEAD);
  if (isLowSurrogate(line, from)) from--;
  let room = LEAD;
  for (const cell of cellsOf(line, from, start).toReversed()) {
    room -= cell.width;
    if (room < 0) return cell.to;
  }
  return from;
}

/** One line and its carets; `start` and `end` are UTF-16 offsets in it, end exclusive. */
function drawLine(line: string, start: number, end: number): { readonly code: string; readonly mark: string } {
  const from = firstShown(line, start);
  let width = 0;
  let code = from > 0 ? "…" : "";
  let mark = from > 0 ? " " : "";
  let hasMark = false;
  let caretAt: number | null = null;
  for (const cell of cellsOf(line, from, from + MAX_WIDTH * 2)) {
    width += cell.width;
    if (width > MAX_WIDTH) {
      code += "…";
      break;
    }
    code += cell.shown;
    if (cell.from >= start) caretAt ??= mark.length;
    const isMarked = cell.from < end && cell.to > start;
    hasMark ||= isMarked;
    mark += (isMarked ? "^" : " ").repeat(cell.width);
  }
  const carets = hasMark ? mark.trimEnd() : `${" ".repeat(caretAt ?? mark.length)}^`;
  return { code: code.replaceAll("##[", "##\\["), mark: carets };
}

/** The rows of the frame for a place; none for one that shows no lines of a file. */
export function frameOf(location: Location): readonly FrameRow[] {
  if (!isInSource(location) || location.snippet === null) return [];
  return codeFrame(location.region, location.snippet);
}

/** The end of what is marked in a line whose stretch goes on in the next one: before what continues it, none of a comment. */
function endWithin(line: string): number {
  const text = line.trimEnd();
  if (text.trimStart().startsWith("#")) return 0;
  return text.endsWith("\\") || text.endsWith("`") ? text.slice(0, -1).trimEnd().length : text.length;
}

/** The rows of a frame for `region`; `snippet` holds the lines from `region.start.line` on. */
export function codeFrame(region: Region, snippet: string): readonly FrameRow[] {
  const { start, end } = region;
  const hasEmptyEnd = end.line > start.line && end.column === 1;
  const lastLine = hasEmptyEnd ? end.line - 1 : end.line;
  const lines = snippet.split(/\r?\n/).slice(0, Math.max(1, lastLine - start.line + 1));
  const drawn = lines.slice(0, MAX_LINES);
  const digits = String(start.line + drawn.length - 1).length;
  const blank = " ".repeat(digits);
  const rows: FrameRow[] = [];
  for (const [i, line] of drawn.entries()) {
    const number = start.line + i;
    const indent = line.length - line.trimStart().length;
    const from = i === 0 ? start.column - 1 : indent;
    const to = number === end.line ? end.column - 1 : Math.max(from, endWithin(line));
    const { code, mark } = drawLine(line, from, to);
    rows.push({ gutter: String(number).padStart(digits), kind: "code", text: code.trimEnd() });
    if (i === 0 || to > from) rows.push({ gutter: blank, kind: "mark", text: mark });
  }
  if (drawn.length < lastLine - start.line + 1) rows.push({ gutter: blank, kind: "cut", text: "…" });
  return rows;
}
