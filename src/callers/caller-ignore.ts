/**
 * `# hullcheck-ignore <rule>: reason` in the comments of a calling file: it covers the next line, with what is continued or
 * indented below it. JSON has no comments, and so nothing to ignore with.
 */

import type { Ignore } from "../dockerfile/ignore.ts";
import { offsetAt, positionAt, type SourceText } from "../dockerfile/source-text.ts";

const FORM = /^[ \t]*((?:#|\/\/)[ \t]*hullcheck-ignore(?![\w-])[ \t]*([^\s:]*)[ \t]*(?::[ \t]*(.*?))?)[ \t]*\r?$/gm;
const SKIPPED = /^\s*(?:#|\/\/|$)/;

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** The lines that the comment on `line` covers, 1-based; `isNested` adds those that are indented below the first. */
function coveredBy(source: SourceText, line: number, isNested: boolean): Ignore["lines"] {
  const { text, lineStarts } = source;
  const lineAt = (number: number): string =>
    text.slice(lineStarts[number - 1], offsetAt(source, { line: number, column: Infinity }));
  let first = line + 1;
  while (first <= lineStarts.length && SKIPPED.test(lineAt(first))) first++;
  if (first > lineStarts.length) return null;
  const indent = indentOf(lineAt(first));
  let last = first;
  while (last < lineStarts.length) {
    const next = lineAt(last + 1);
    const isBelow = isNested && next.trim() !== "" && indentOf(next) > indent;
    if (!/\\\s*$/.test(lineAt(last)) && !isBelow) break;
    last++;
  }
  return { first, last };
}

/** The ignore comments of a file, in order. */
export function readIgnores(source: SourceText, isNested: boolean): Ignore[] {
  return [...source.text.matchAll(FORM)].map((match): Ignore => {
    const [whole, comment = "", rule = "", reason = ""] = match;
    const start = match.index + whole.indexOf(comment);
    const lines = coveredBy(source, positionAt(source, start).line, isNested);
    return { rule, reason, span: { start, end: start + comment.trimEnd().length }, lines };
  });
}
