/**
 * Reads inside one instruction: keyword, flags, JSON form, arguments, trigger. The only importer of dockerfile-ast,
 * which gets one joined instruction at a time; where instructions begin and end is `split`'s business.
 */

import { createRequire } from "node:module";
import type * as DockerfileAst from "dockerfile-ast";
import { closest } from "../model/did-you-mean.ts";
import { splitCommand, type EscapeToken, type Flag } from "./command.ts";
import { jsonStrings, type JsonForm } from "./json-form.ts";
import { runEnd, type Span } from "./mapped-text.ts";
import type { LogicalLine } from "./split.ts";
import { parseArguments, parseNameValues, type NameValues } from "./words.ts";

/** One word of an instruction as written; offsets count in the joined text. */
export interface Argument extends Span {
  readonly text: string;
}

/** One instruction; every offset counts in `line.text`. */
export interface Instruction {
  /** In capitals. */
  readonly keyword: string;
  readonly line: LogicalLine;
  readonly keywordSpan: Span;
  readonly flags: readonly Flag[];
  /** All after keyword and flags, without blanks around it. */
  readonly rest: Span;
  /** The words of FROM, COPY and ADD; empty for every other keyword. */
  readonly args: readonly Argument[];
  /** The pairs of an ARG, ENV or LABEL; none for any other keyword. */
  readonly named: NameValues;
  /** The strings of an instruction in JSON form; null in shell form. */
  readonly json: JsonForm | null;
  /** What an ONBUILD holds. */
  readonly trigger: Instruction | null;
  /** True below an ONBUILD. */
  readonly isTrigger: boolean;
}

/** The instructions that BuildKit knows. */
const KEYWORDS = new Set(
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR".split(
    " ",
  ),
);

const WITH_JSON_FORM = new Set("ADD CMD COPY ENTRYPOINT HEALTHCHECK RUN SHELL VOLUME".split(" "));
const WITH_ARGUMENTS = new Set(["ADD", "COPY", "FROM"]);

/** True for an instruction that BuildKit would run. */
export function isKnownKeyword(keyword: string): boolean {
  return KEYWORDS.has(keyword);
}

/** The instruction that a mistyped one may be meant to be; null when none is close. */
export function meantKeyword(keyword: string): string | null {
  return closest(keyword, [...KEYWORDS]);
}

/** Loaded for the first instruction that needs it: its 35 files take longer to load than most Dockerfiles to lint. */
let ast: typeof DockerfileAst | null = null;

function loadAst(): typeof DockerfileAst {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `require` gives `any`; the package is pinned
  ast ??= createRequire(import.meta.url)("dockerfile-ast") as typeof DockerfileAst;
  return ast;
}

const BLANKS = " \t";
/** Words without quotes, escapes, heredocs or odd blanks, in which there is nothing to read. */
const PLAIN_WORDS = /^[\w./:@=${}*?+~,%-]+(?:[ \t]+[\w./:@=${}*?+~,%-]+)*$/;

/** The words of plain text, by their blanks. */
function plainArguments(text: string, { start, end }: Span): Argument[] | null {
  if (!PLAIN_WORDS.test(text.slice(start, end))) return null;
  const found: Argument[] = [];
  for (let from = start; from < end;) {
    const to = runEnd(text, from, end, BLANKS);
    found.push({ text: text.slice(from, to), start: from, end: to });
    from = to;
    while (from < end && BLANKS.includes(text.charAt(from))) from++;
  }
  return found;
}

/** The words of an instruction as dockerfile-ast finds them, which gets the instruction on one line of its own. */
function argumentsOf(text: string, from: number, rest: Span, escape: EscapeToken): Argument[] {
  const directive = escape === "`" ? "# escape=`\n" : "";
  // A lone CR is a line end for dockerfile-ast, but not for BuildKit; so are the two rarest blanks.
  const line = text.slice(from).replaceAll(/[\r\v\f]/g, " ");
  const [instruction] = loadAst()
    .DockerfileParser.parse(directive + line)
    .getInstructions();
  return (instruction?.getArguments() ?? [])
    .map((argument) => argument.getRange())
    .map((range) => ({ start: range.start.character + from, end: range.end.character + from }))
    .filter(({ start }) => start >= rest.start)
    .map(({ start, end }) => ({ text: text.slice(start, end), start, end }));
}

const NO_PAIRS: NameValues = { pairs: [], problems: [] };

function namedIn(keyword: string, text: string, from: number, escape: EscapeToken): NameValues {
  if (keyword === "ARG") return parseArguments(text, from, escape);
  return keyword === "ENV" || keyword === "LABEL" ? parseNameValues(text, from, escape) : NO_PAIRS;
}

/** HEALTHCHECK's command stands behind the word CMD. */
function commandStart(keyword: string, text: string, rest: Span): number {
  if (keyword !== "HEALTHCHECK") return rest.start;
  const word = /^CMD\s+/i.exec(text.slice(rest.start, rest.end));
  return rest.start + (word?.[0].length ?? 0);
}

function instructionAt(line: LogicalLine, from: number, escape: EscapeToken): Instruction {
  const { text } = line;
  const command = splitCommand(text, from, escape);
  const keyword = command.keyword.toUpperCase();
  const start = commandStart(keyword, text, command.rest);
  const rest = { start, end: command.rest.end };
  return {
    keyword,
    line,
    keywordSpan: command.keywordSpan,
    flags: command.flags,
    rest,
    args: WITH_ARGUMENTS.has(keyword) ? (plainArguments(text, rest) ?? argumentsOf(text, from, rest, escape)) : [],
    named: namedIn(keyword, text, start, escape),
    json: WITH_JSON_FORM.has(keyword) ? jsonStrings(text, start) : null,
    trigger:
      keyword === "ONBUILD" && from === 0 ? { ...instructionAt(line, rest.start, escape), isTrigger: true } : null,
    isTrigger: false,
  };
}

/**
 * The instruction on a logical line.
 * @throws whatever a getter of dockerfile-ast throws on hostile input; the caller turns it into a gap.
 */
export function parseInstruction(line: LogicalLine, escape: EscapeToken): Instruction {
  return instructionAt(line, 0, escape);
}

/** The value of a flag such as `--from=builder`; null when the instruction does not have it. */
export function flagValue(instruction: Instruction, name: string): string | null {
  const flag = instruction.flags.find((item) => item.text === `--${name}` || item.text.startsWith(`--${name}=`));
  return flag === undefined ? null : flag.text.slice(name.length + 3);
}
