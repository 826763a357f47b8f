/** Edits of a text as plain values, and the text after them. Knows nothing of what is edited; reads and writes no file. */

/** A stretch of a text, as offsets with `to` exclusive, and what stands there instead. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** An edit that puts text in at an offset. */
export function insertion(at: number, text: string): Edit {
  return { from: at, to: at, text };
}

/** An edit that takes a stretch out. */
export function deletion(from: number, to: number): Edit {
  return { from, to, text: "" };
}

/**
 * The text with all edits made; offsets count in the text before. Edits at one place keep their order.
 * @throws Error when two edits overlap: whoever planned them did not mean that
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const { from, to, text: added } of edits.toSorted((a, b) => a.from - b.from)) {
    if (from < at || to < from || to > text.length) throw new Error("edits overlap, or lie outside of the text");
    result += text.slice(at, from) + added;
    at = to;
  }
  return result + text.slice(at);
}

/** The line break that a text uses: that of its first line, `\n` where there is only one line. */
export function lineBreakOf(text: string): string {
  const at = text.indexOf("\n");
  return at > 0 && text.charAt(at - 1) === "\r" ? "\r\n" : "\n";
}

/** The offset at which the line of an offset starts; a byte order mark is no part of the first line. */
export function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  return start === 0 && text.startsWith("\u{feff}") ? 1 : start;
}

/** The offset after the line break of the line of an offset; the text's end on the last line. */
export function nextLine(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  return at === -1 ? text.length : at + 1;
}

/**
 * An edit that takes out whole lines, from the one that holds `from` to the one that holds `to`. The last line of a text
 * without a final line break takes the break before it along, so that the text still ends without one.
 */
export function deletedLines(text: string, from: number, to: number): Edit {
  const start = lineStart(text, from);
  const end = nextLine(text, to);
  if (end < text.length || text.endsWith("\n") || start === 0) return deletion(start, end);
  const isCrLf = text.charAt(start - 1) === "\n" && text.charAt(start - 2) === "\r";
  return deletion(text.charAt(start - 1) === "\n" ? start - (isCrLf ? 2 : 1) : start, end);
}
