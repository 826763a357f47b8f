/**
 * What the words of a shell script come to, as far as the script says: assignments, defaults, loops, and what its functions
 * are called with. Runs no command.
 */

import type { Invocation } from "../dockerfile/invocation.ts";
import type { ShellAssignment, ShellCommand, ShellPiece, ShellWord } from "../dockerfile/shell-word.ts";
import {
  anyOfValues,
  joinedValues,
  UNTOLD,
  UNTOLD_PART,
  valuesOf,
  valuesWithin,
  type KnownValues,
  type Values,
  type Wording,
} from "./known-value.ts";
import { unmasked } from "./opaque-text.ts";
import { printedPath } from "./project-folder.ts";
import { wordingOf } from "./wording.ts";

/** What a script is read with. */
export interface ScriptScope {
  /** Names that have a value before the script starts. */
  readonly outer: KnownValues;
  /** What is put in place of a template, by its number. */
  readonly templateValues: (template: number) => Values;
  /** True where `$(X)` may be a name that is replaced before the shell sees it. */
  readonly hasMacros: boolean;
}

/** The values of the words of one invocation, where it stands in the script. */
export type WordValues = (word: ShellWord) => Values;

/** Arguments of a function that have a name of one digit. */
const MAX_ARGUMENTS = 9;
/** An argument that a function is not given. */
const ABSENT: ShellPiece = { kind: "substitution", start: 0, end: 0 };
const DEFAULTS = /^:?[-=]$/;
const ASSIGNS = /^:?=$/;
const MACRO = /^\$\(([\w.-]+)\)$/;

function choice(values: Values): Wording[number] {
  return { anyOf: values.map((value) => [value ?? UNTOLD_PART]) };
}

function wordingOfPieces(pieces: readonly ShellPiece[], script: string, scope: ScriptScope): Wording {
  return pieces.flatMap((piece): Wording => {
    if (piece.kind === "text")
      return unmasked(piece.text).map((part) => {
        if (typeof part === "string") return part;
        return part === null ? UNTOLD_PART : choice(scope.templateValues(part));
      });
    const written = script.slice(piece.start, piece.end);
    if (piece.kind === "substitution") {
      const macro = scope.hasMacros ? MACRO.exec(written)?.[1] : undefined;
      if (macro !== undefined) return [choice(scope.outer.get(macro))];
      return printedPath(written, (path) => wordingOf(path, ["dollar"])) ?? [UNTOLD_PART];
    }
    const { name, operator, operand } = piece;
    if (operator === "" || /^:?\?$/.test(operator)) return [{ name, otherwise: null }];
    if (!DEFAULTS.test(operator)) return [UNTOLD_PART];
    return [{ name, otherwise: wordingOfPieces(operand, script, scope) }];
  });
}

/** The words that an assignment holds: one, but for those of a loop or an array, which stand apart. */
function wordsIn({ value }: ShellAssignment, script: string): (readonly ShellPiece[])[] {
  const words: ShellPiece[][] = [[]];
  let end = value.pieces[0]?.start ?? 0;
  for (const piece of value.pieces) {
    if (/\s/.test(script.slice(end, piece.start))) words.push([]);
    words.at(-1)?.push(piece);
    end = Math.max(end, piece.end);
  }
  return words;
}

/** True behind `&&`: when what stands before it fails, the script goes on without the command. */
function isBehindTest({ script, start }: ShellCommand): boolean {
  return /&&\s*$/.test(script.text.slice(Math.max(0, start - 40), start));
}

/** The values of each word that an unquoted text is split into. */
function split(values: Values): Values {
  return anyOfValues(values.map((value) => value?.split(/\s+/).filter((word) => word !== "") ?? UNTOLD));
}

/** Names with values that change while a script is read. */
type Names = Map<string, Values>;

/** What one reading of a script leaves for the next: it tells what functions are called with. */
interface Reading {
  /** What is assigned to a name anywhere. */
  readonly anywhere: Names;
  /** What functions get as their arguments, by function and number. */
  readonly calls: ReadonlyMap<string, Names>;
}

function added(names: Names, name: string, values: Values, isSure: boolean): void {
  const before = names.get(name);
  names.set(name, isSure ? values : anyOfValues([before ?? UNTOLD, values]));
}

/** One more of the values that a name may have. */
function gathered(names: Names, name: string, values: Values): void {
  const before = names.get(name);
  names.set(name, before === undefined ? values : anyOfValues([before, values]));
}

/** Reads the script once, and shows each invocation with the values of its words. */
function readOnce(
  invocations: readonly Invocation[],
  scope: ScriptScope,
  before: Reading,
  visit: (invocation: Invocation, values: WordValues) => void,
): Reading {
  const flow: Names = new Map();
  const anywhere: Names = new Map();
  const calls = new Map<string, Names>();
  const inner = new Map<string, Names>();
  const global = valuesWithin(flow, scope.outer);
  const functions = new Set(invocations.map(({ command }) => command.inFunction));
  const seen = new Set<ShellCommand>();
  for (const invocation of invocations) {
    const { command, args, assignments, program } = invocation;
    const { inFunction, branch, script } = command;
    const own = inFunction === null ? flow : (inner.get(inFunction) ?? new Map<string, Values>());
    let known = global;
    if (inFunction !== null) {
      inner.set(inFunction, own);
      const given = before.calls.get(inFunction) ?? new Map<string, Values>();
      known = valuesWithin(own, valuesWithin(given, valuesWithin(before.anywhere, scope.outer)));
    }
    const valuesOfPieces = (pieces: readonly ShellPiece[]): Values =>
      valuesOf(wordingOfPieces(pieces, script.text, scope), known);
    const assign = (name: string, values: Values): void => {
      const isSure = (inFunction === null ? branch === null : branch?.outer === null) && !isBehindTest(command);
      added(own, name, values, isSure);
      if (inFunction !== null) added(flow, name, values, false);
      gathered(anywhere, name, values);
    };
    const take = (item: ShellAssignment): void => {
      const values = anyOfValues(wordsIn(item, script.text).map(valuesOfPieces));
      const sign = script.text.slice(item.start, item.value.start);
      if (!sign.includes("=")) assign(item.name, split(values));
      else assign(item.name, sign.endsWith("+=") ? joinedValues(known.get(item.name), values) : values);
    };
    if (!seen.has(command)) {
      seen.add(command);
      // Before any other program, the variables are that program's, and its words do not see them.
      if (command.words.length === 0) assignments.forEach(take);
      command.declarations.forEach(take);
      for (const word of program === ":" ? args : [])
        for (const piece of word.pieces)
          if (piece.kind === "variable" && ASSIGNS.test(piece.operator)) assign(piece.name, valuesOfPieces([piece]));
    }
    if (program !== "" && functions.has(program)) {
      const given = calls.get(program) ?? new Map<string, Values>();
      calls.set(program, given);
      for (let i = 0; i < MAX_ARGUMENTS; i++) {
        gathered(given, String(i + 1), valuesOfPieces(args[i]?.pieces ?? [ABSENT]));
      }
      for (const { name, value } of assignments) given.set(name, valuesOfPieces(value.pieces));
    }
    visit(invocation, ({ pieces }) => valuesOfPieces(pieces));
  }
  return { anywhere, calls };
}

/** Goes through what a script starts, in order, with the values that the words of each invocation may have. */
export function eachWithValues(
  invocations: readonly Invocation[],
  scope: ScriptScope,
  visit: (invocation: Invocation, values: WordValues) => void,
): void {
  let before: Reading = { anywhere: new Map(), calls: new Map() };
  // Twice, for functions that hand on what they are given.
  const rounds = invocations.some(({ command }) => command.inFunction !== null) ? 2 : 0;
  for (let i = 0; i < rounds; i++) before = readOnce(invocations, scope, before, () => undefined);
  readOnce(invocations, scope, before, visit);
}
