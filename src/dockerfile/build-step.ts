/**
 * The instructions that make up an image, stage by stage, and how an image's history may write each of them. Knows what
 * builders write, but no history: `src/align-history.ts` compares the two.
 */

import type { EscapeToken } from "./command.ts";
import type { DockerfileFacts } from "./facts.ts";
import { readInstructions } from "./instructions.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import { walk } from "./scope.ts";
import { split } from "./split.ts";
import { lineageOf } from "./stages.ts";
import { parseWord, type Piece } from "./word.ts";

/** A text with holes: any text may stand between two pieces, where the Dockerfile has a variable. */
export type Pattern = readonly string[];

/** A variable, build argument or label that an instruction sets. */
interface NameSet {
  readonly name: string;
  /** Source offsets of `NAME=value`. */
  readonly span: Span;
}

/** One instruction of a build. */
export interface BuildStep {
  readonly keyword: string;
  /** Source offsets, without what stands below it as a heredoc. */
  readonly span: Span;
  /** What may stand behind the keyword in a history: a command without its shell, pairs, sources and target. */
  readonly texts: readonly Pattern[];
  /** Where a COPY or ADD writes to; null for any other instruction. */
  readonly target: Pattern | null;
  /** True for a RUN whose text a shell is given. */
  readonly isShellForm: boolean;
  /** The shell that a SHELL of the Dockerfile sets for this RUN; null for the usual one, and in JSON form. */
  readonly shell: string | null;
  readonly sets: readonly NameSet[];
}

/** Everything that building one stage runs, from the FROM of an image that is not of the file. */
export interface BuildChain {
  readonly facts: DockerfileFacts;
  /** In the order of the build: of the stages that this one is FROM, then its own. */
  readonly steps: readonly BuildStep[];
  /** Source offsets of the FROM that names the base image. */
  readonly from: Span;
  readonly isFromScratch: boolean;
  /** True for the stage that is built unless another is asked for. */
  readonly isDefault: boolean;
}

/** A variable in a word of a JSON array. */
const VARIABLE = /\$(?:\{[^}]*\}|[A-Za-z_]\w*)/;

/** More than any real Dockerfile has; a longer chain is not compared. */
const MAX_STEPS = 500;
const MAX_STAGES = 100;

function joined(patterns: readonly Pattern[], separator: string): Pattern {
  const [first = [""], ...rest] = patterns;
  return rest.reduce<Pattern>((before, [head = "", ...tail]) => {
    return [...before.slice(0, -1), `${before.at(-1) ?? ""}${separator}${head}`, ...tail];
  }, first);
}

function patternOf(pieces: readonly Piece[]): Pattern {
  const pattern = [""];
  for (const piece of pieces) {
    if (piece.kind === "variable") pattern.push("");
    else pattern[pattern.length - 1] += piece.text;
  }
  return pattern;
}

function wordPattern({ line }: Instruction, { start, end }: Span, escape: EscapeToken): Pattern {
  return patternOf(parseWord(line.text, start, end, escape).pieces);
}

function restOf({ line, rest }: Instruction): string {
  return line.text.slice(rest.start, rest.end);
}

function jsonOf({ json }: Instruction): string[] | null {
  return json === null || json.problem !== null ? null : json.values.map(({ text }) => text);
}

/** The ways to write a RUN's command: BuildKit runs the body of a lone heredoc, and hands any other to the shell. */
function runTexts(instruction: Instruction): Pattern[] {
  const json = jsonOf(instruction);
  if (json !== null) return [[json.join(" ")]];
  const text = restOf(instruction);
  const { heredocs } = instruction.line;
  const [first] = heredocs;
  if (first === undefined) return [[text]];
  const whole = [text, ...heredocs.flatMap((heredoc) => [heredoc.text, heredoc.name])].join("\n");
  const isAlone = heredocs.length === 1 && /^\d*<<-?\s*["']?[^\s"'<]+["']?$/.test(text.trim());
  return isAlone ? [[first.text], [`/dev/pipes/${first.name}`], [whole], [text]] : [[whole], [text]];
}

/** ENV, LABEL and ARG: values as BuildKit expands them, and as they are written. */
function pairTexts(instruction: Instruction, escape: EscapeToken): Pattern[] {
  const { pairs } = instruction.named;
  const word = (span: Span): Pattern => wordPattern(instruction, span, escape);
  if (instruction.keyword === "ARG") {
    const names = pairs.map(({ nameSpan }) => word(nameSpan));
    const [only] = names;
    if (only !== undefined && names.length === 1) return [only, [...joined([only, [""]], "="), ""]];
    return [
      [
        ...joined(
          names.map((name) => [...name, ""]),
          " ",
        ),
      ],
    ];
  }
  const values = pairs.map(({ nameSpan, valueSpan }) =>
    joined([word(nameSpan), valueSpan === null ? [""] : word(valueSpan)], "="),
  );
  const raw = pairs.map(({ name, valueSpan }): Pattern => [
    `${name}=${valueSpan === null ? "" : instruction.line.text.slice(valueSpan.start, valueSpan.end)}`,
  ]);
  return [joined(values, " "), joined(raw, " ")];
}

/** The words of a COPY or ADD; a heredoc is named as BuildKit names it. */
function copyWords(instruction: Instruction, escape: EscapeToken): Pattern[] {
  const json = jsonOf(instruction);
  if (json !== null) return json.map((text) => text.split(VARIABLE));
  return instruction.args.map((argument) => {
    const mark = /^<<-?["']?([^\s"']+)["']?$/.exec(argument.text);
    return mark === null ? wordPattern(instruction, argument, escape) : [`<<${mark[1] ?? ""}`];
  });
}

function textsOf(instruction: Instruction, escape: EscapeToken): Pattern[] {
  switch (instruction.keyword) {
    case "RUN":
      return runTexts(instruction);
    case "ARG":
    case "ENV":
    case "LABEL":
      return pairTexts(instruction, escape);
    case "ADD":
    case "COPY":
      return [joined(copyWords(instruction, escape), " ")];
    case "STOPSIGNAL":
    case "USER":
    case "WORKDIR":
      return [wordPattern(instruction, instruction.rest, escape), [restOf(instruction)]];
    default:
      return [[jsonOf(instruction)?.join(" ") ?? restOf(instruction)]];
  }
}

function stepOf(instruction: Instruction, escape: EscapeToken, shell: string | null): BuildStep {
  const { keyword, line } = instruction;
  const isCopy = keyword === "COPY" || keyword === "ADD";
  const isShellForm = keyword === "RUN" && instruction.json === null;
  return {
    keyword,
    span: toSourceSpan(
      line,
      instruction.keywordSpan.start,
      Math.max(instruction.keywordSpan.end, instruction.rest.end),
    ),
    texts: textsOf(instruction, escape),
    target: isCopy ? (copyWords(instruction, escape).at(-1) ?? null) : null,
    isShellForm,
    shell: isShellForm ? shell : null,
    sets: instruction.named.pairs.map(({ name, span }) => ({
      name,
      span: toSourceSpan(line, span.start, span.end),
    })),
  };
}

/** One chain for each stage of a Dockerfile, in their order; none for stages without instructions. */
export function buildChains(facts: DockerfileFacts): BuildChain[] {
  const { path, source } = facts;
  const parts = split(source.text);
  const { instructions } = readInstructions(path, source, parts);
  const { stages } = walk(instructions, parts.escape, () => {});
  if (stages.length > MAX_STAGES) return [];
  return stages.flatMap((stage): BuildChain[] => {
    const line = lineageOf(stages, stage.index).flatMap((index) => stages[index] ?? []);
    const run = line.toReversed().flatMap((item) => item.instructions);
    const root = line.at(-1);
    if (root === undefined || run.length === 0 || run.length > MAX_STEPS) return [];
    let shell: string | null = null;
    const steps = run.map((instruction) => {
      if (instruction.keyword === "SHELL") shell = jsonOf(instruction)?.join(" ") ?? null;
      return stepOf(instruction, parts.escape, shell);
    });
    const { from } = root;
    const isDefault = stage.index === stages.length - 1;
    const isFromScratch = from.args[0]?.text.toLowerCase() === "scratch";
    return [{ facts, steps, from: toSourceSpan(from.line, 0, from.line.text.length), isFromScratch, isDefault }];
  });
}
