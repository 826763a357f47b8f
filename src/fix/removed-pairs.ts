/**
 * Takes definitions out of ARG and ENV: the whole instruction, or only some of its pairs, so that the others, the comments
 * and the way in which lines are continued stay. Pure.
 */

import { toSourceSpan, type Span } from "../dockerfile/mapped-text.ts";
import type { Instruction } from "../dockerfile/parse.ts";
import { holdsComment, type DockerfileReading } from "./dockerfile-reading.ts";
import { deletedLines, deletion, lineStart, nextLine, type Edit } from "./edit.ts";

/** A stretch of consecutive pairs that go, with what stands around it. */
interface Block extends Span {
  /** Where what stands before it ends. */
  readonly before: number;
  /** Where the next pair starts; null after the last one. */
  readonly after: number | null;
  readonly isFirst: boolean;
}

/** True when a stretch of the source has a line break in it. */
function hasBreak(text: string, from: number, to: number): boolean {
  return text.slice(from, to).includes("\n");
}

/** The edits for one block; null when they would take a comment along. */
function withoutBlock(reading: DockerfileReading, block: Block): Edit[] | null {
  const { text } = reading;
  const { start, end, before, after, isFirst } = block;
  if (holdsComment(reading, start, end)) return null;
  if (after === null) {
    if (!holdsComment(reading, before, start)) return [deletion(before, end)];
    // The line before is no longer continued, and the comments between stay.
    const line = nextLine(text, before);
    const lineEnd = text.charAt(line - 2) === "\r" ? line - 2 : line - 1;
    return [deletion(before, lineEnd), deletedLines(text, start, end)];
  }
  const isAlone = hasBreak(text, before, start) && hasBreak(text, end, after);
  if (isAlone) return [deletion(lineStart(text, start), nextLine(text, end))];
  if (!hasBreak(text, end, after)) return [deletion(start, after)];
  if (!isFirst) return [deletion(before, end)];
  return holdsComment(reading, end, after) ? [deletion(start, end)] : [deletion(start, after)];
}

/**
 * The edits that take these definitions out of an instruction, given by the source offsets at which they start; null when
 * that cannot be done without touching something else.
 */
export function withoutPairs(
  reading: DockerfileReading,
  instruction: Instruction,
  starts: ReadonlySet<number>,
): Edit[] | null {
  const { line, keywordSpan } = instruction;
  const spans = instruction.named.pairs.map(({ span }) => toSourceSpan(line, span.start, span.end));
  if (spans.every(({ start }) => starts.has(start))) {
    if (holdsComment(reading, line.start, line.end)) return null;
    return [deletedLines(reading.text, line.start, Math.max(line.start, line.end - 1))];
  }
  const edits: Edit[] = [];
  for (let i = 0; i < spans.length; i++) {
    const first = spans[i];
    if (first === undefined || !starts.has(first.start)) continue;
    const from = i;
    while (starts.has(spans[i + 1]?.start ?? -1)) i++;
    const last = spans[i] ?? first;
    const before = spans[from - 1]?.end ?? toSourceSpan(line, keywordSpan.start, keywordSpan.end).end;
    const after = spans[i + 1]?.start ?? null;
    const block = { start: first.start, end: last.end, before, after, isFirst: from === 0 };
    const made = withoutBlock(reading, block);
    if (made === null) return null;
    edits.push(...made);
  }
  return edits;
}
