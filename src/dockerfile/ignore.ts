/**
 * `# hullcheck-ignore <rule>: reason` in the comments of a Dockerfile: which lines each covers. A comment between
 * instructions covers the next instruction; one inside a continued instruction covers its next line alone.
 */

import type { Span } from "./mapped-text.ts";
import type { SourceText } from "./source-text.ts";
import type { SplitDockerfile } from "./split.ts";

/** One ignore comment. */
export interface Ignore {
  readonly rule: string;
  /** Empty when the comment gives none, which makes it ineffective. */
  readonly reason: string;
  /** Source offsets of the comment. */
  readonly span: Span;
  /** 1-based lines that it covers, both included; null when nothing follows it. */
  readonly lines: { readonly first: number; readonly last: number } | null;
}

const FORM = /^#\s*hullcheck-ignore(?![\w-])\s*([^\s:]*)\s*(?::\s*(.*?))?\s*$/;

/** The ignore comments of a file, in order. */
export function readIgnores({ text }: SourceText, { lines, comments }: SplitDockerfile): Ignore[] {
  const commentLines = new Set(comments.map(({ line }) => line));
  return comments.flatMap(({ start, end, line }): Ignore[] => {
    const match = FORM.exec(text.slice(start, end));
    if (match === null) return [];
    const around = lines.find((item) => item.startLine < line && line <= item.endLine);
    const next = lines.find((item) => item.startLine > line);
    let inside = line + 1;
    while (commentLines.has(inside)) inside++;
    const covered =
      around !== undefined
        ? { first: inside, last: inside }
        : next === undefined
          ? null
          : { first: next.startLine, last: next.endLine };
    return [{ rule: match[1] ?? "", reason: match[2] ?? "", span: { start, end }, lines: covered }];
  });
}
