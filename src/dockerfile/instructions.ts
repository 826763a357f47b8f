/** Reads the instructions of a split Dockerfile, and turns everything that BuildKit would refuse into gaps. */

import type { Gap } from "../model/gap.ts";
import { toSource } from "./mapped-text.ts";
import { isKnownKeyword, parseInstruction, type Instruction } from "./parse.ts";
import { positionAt, type SourceText } from "./source-text.ts";
import type { LogicalLine, SplitDockerfile } from "./split.ts";

/** What could be read, and what could not. */
export interface ReadInstructions {
  readonly instructions: readonly Instruction[];
  readonly gaps: readonly Gap[];
}

/** A gap at a place of the file; `problem` says what is wrong, and what is not known for that. */
export function parseGap(path: string, source: SourceText, offset: number, problem: string): Gap {
  const { line, column } = positionAt(source, offset);
  return { at: `${path}:${line}:${column}`, why: "parse-error", detail: `${problem}: mend it and lint again` };
}

function problemsOf(instruction: Instruction): { offset: number; message: string }[] {
  const { keyword, line, keywordSpan, named, json, trigger } = instruction;
  if (!isKnownKeyword(keyword)) {
    const shown = /^[A-Z][A-Z0-9_-]{0,30}$/.test(keyword) ? ` ${keyword}` : "";
    return [{ offset: toSource(line, keywordSpan.start), message: `unknown instruction${shown}` }];
  }
  const problems = named.problems.map(({ offset, message }) => ({
    offset: toSource(line, offset),
    message: `${keyword}: ${message}`,
  }));
  if (json !== null && json.problem !== null)
    problems.push({ offset: toSource(line, instruction.rest.start), message: json.problem });
  return trigger === null ? problems : [...problems, ...problemsOf(trigger)];
}

/** Reads every logical line of a split file. */
export function readInstructions(path: string, source: SourceText, split: SplitDockerfile): ReadInstructions {
  const refused = (offset: number, message: string): Gap =>
    parseGap(path, source, offset, `${message}; Docker would refuse this file, so what it would build is not known`);
  const gaps = split.problems.map(({ offset, message }) => refused(offset, message));
  const instructions: Instruction[] = [];
  const read = (line: LogicalLine): void => {
    try {
      const instruction = parseInstruction(line, split.escape);
      instructions.push(instruction);
      for (const { offset, message } of problemsOf(instruction)) gaps.push(refused(offset, message));
    } catch {
      gaps.push(refused(line.start, "this instruction cannot be read"));
    }
  };
  for (const line of split.lines) read(line);
  const first = instructions.find(({ keyword }) => keyword !== "ARG");
  if (first !== undefined && first.keyword !== "FROM" && isKnownKeyword(first.keyword)) {
    gaps.push(refused(first.line.start, `${first.keyword} stands before the first FROM`));
  } else if (split.lines.length > 0 && !instructions.some(({ keyword }) => keyword === "FROM")) {
    gaps.push(refused(0, "there is no FROM in the file"));
  }
  return { instructions, gaps };
}
