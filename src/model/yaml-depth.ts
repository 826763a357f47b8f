/**
 * Says how deep a YAML text can be nested, before a parser that recurses gets to see it. Counts brackets and indentation
 * as if there were no quotes and comments: never too little, and for real files far from the limit.
 */

const OPEN = new Set(["[", "{"]);
const CLOSE = new Set(["]", "}"]);
const INDICATOR = /[-?:](?=[ \t]|$)/y;

/** The offset at which a text goes deeper than `limit`; null when it never does. */
export function tooDeepAt(text: string, limit: number): number | null {
  let brackets = 0;
  const columns: number[] = [];
  let lineStart = 0;
  let isLeading = true;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\n") {
      lineStart = at + 1;
      isLeading = true;
      continue;
    }
    if (OPEN.has(char) && ++brackets > limit) return at;
    if (CLOSE.has(char) && brackets > 0) brackets--;
    if (!isLeading || char === " " || char === "\t" || char === "\r") continue;
    const column = at - lineStart;
    while ((columns.at(-1) ?? -1) >= column) columns.pop();
    columns.push(column);
    if (columns.length > limit) return at;
    INDICATOR.lastIndex = at;
    isLeading = INDICATOR.test(text);
  }
  return null;
}
