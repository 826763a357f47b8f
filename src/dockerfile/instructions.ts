/** Reads the instructions of a split Dockerfile, and turns everything that BuildKit would refuse into gaps. */

import type { Gap } from "../model/gap.ts";
import { toSource } from "./mapped-text.ts";
import { isKnownKeyword, meantKeyword, parseInstruction, type Instruction } from "./parse.ts";
import { placeAt, type SourceText } from "./source-text.ts";
import type { LogicalLine, SplitDockerfile } from "./split.ts";

const NO_DOCKERFILE =
  "no line begins with an instruction of a Dockerfile; check that the file is one (files that call a build are known by their names)";

/** How a line of a template begins: of Jinja, Handlebars, Mustache, Go, ERB. */
const TEMPLATE = /^\s*(?:\{\{|\{[%#]|<%)/;
const IS_TEMPLATE =
  "this is a template, and no Dockerfile before something has filled it in, so what it would build is not known; lint what comes of it";

/** What could be read, and what could not. */
export interface ReadInstructions {
  readonly instructions: readonly Instruction[];
  readonly gaps: readonly Gap[];
}

interface ReadProblem {
  readonly offset: number;
  readonly message: string;
}

/** A gap at a place of the file; `problem` says what is wrong, and what is not known for that. */
export function parseGap(path: string, source: SourceText, offset: number, problem: string): Gap {
  const at = placeAt(path, source, offset);
  return { at, why: "parse-error", detail: `${problem}: mend it and lint again` };
}

/** An instruction that BuildKit does not know, and how many of them come after it. */
function unknownInstruction({ keyword, line, keywordSpan }: Instruction, further: number): ReadProblem {
  const shown = /^[A-Z][A-Z0-9_-]{0,30}$/.test(keyword) ? ` ${keyword}` : "";
  const meant = meantKeyword(keyword);
  const guess = meant === null ? "" : ` (did you mean ${meant}?)`;
  const more = further === 0 ? "" : `, and ${further} more further on`;
  return { offset: toSource(line, keywordSpan.start), message: `unknown instruction${shown}${guess}${more}` };
}

function problemsOf(instruction: Instruction): ReadProblem[] {
  const { keyword, line, named, json, trigger } = instruction;
  if (!isKnownKeyword(keyword)) return [];
  const problems = named.problems.map(({ offset, message }) => ({
    offset: toSource(line, offset),
    message: `${keyword}: ${message}`,
  }));
  if (json !== null && json.problem !== null)
    problems.push({ offset: toSource(line, instruction.rest.start), message: json.problem });
  if (trigger === null) return problems;
  return [...problems, ...(isKnownKeyword(trigger.keyword) ? problemsOf(trigger) : [unknownInstruction(trigger, 0)])];
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
  const [unknown, ...further] = instructions.filter(({ keyword }) => !isKnownKeyword(keyword));
  if (unknown !== undefined && [unknown, ...further].some(({ line }) => TEMPLATE.test(line.text))) {
    const at = placeAt(path, source, toSource(unknown.line, unknown.keywordSpan.start));
    return { instructions, gaps: [...gaps, { at, why: "parse-error", detail: IS_TEMPLATE }] };
  }
  if (unknown !== undefined && further.length + 1 === instructions.length) {
    return { instructions, gaps: [...gaps, { at: path, why: "parse-error", detail: NO_DOCKERFILE }] };
  }
  if (unknown !== undefined) {
    const { offset, message } = unknownInstruction(unknown, further.length);
    gaps.push(refused(offset, message));
  }
  const first = instructions.find(({ keyword }) => keyword !== "ARG");
  if (first !== undefined && first.keyword !== "FROM" && isKnownKeyword(first.keyword)) {
    gaps.push(refused(first.line.start, `${first.keyword} stands before the first FROM`));
  } else if (split.lines.length > 0 && !instructions.some(({ keyword }) => keyword === "FROM")) {
    gaps.push(refused(0, "there is no FROM in the file"));
  }
  return { instructions, gaps };
}
