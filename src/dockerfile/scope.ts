/**
 * The ARG and ENV variables of each stage as BuildKit sees them at each instruction: what is declared where, which value
 * it is built from, and which definition a name stands for. Does not know which of them are tokens.
 */

import type { EscapeToken } from "./command.ts";
import { expandWord } from "./expand.ts";
import type { Reach } from "./facts.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import type { Argument, Instruction } from "./parse.ts";
import { readStages, type Stage } from "./stages.ts";
import { variablesOf } from "./word-variables.ts";
import { parseWord, type Piece } from "./word.ts";
import type { NameValue } from "./words.ts";

/** A definition whose value becomes part of another value. */
export interface Source {
  readonly definition: Definition;
  /** True when the value is taken over as a whole: `$X`, `${X:-…}`, `"$X"`. */
  readonly isWhole: boolean;
  /** Source offsets of the expansion. */
  readonly span: Span;
}

/** One ARG or ENV variable, where it is declared. */
export interface Definition {
  readonly kind: "arg" | "env";
  readonly name: string;
  /** Source offsets of `NAME=value`. */
  readonly span: Span;
  /** Source offsets of the value; null for an ARG without default. */
  readonly valueSpan: Span | null;
  readonly instruction: Instruction;
  readonly reach: Reach;
  /** The stage it stands in; null before the first FROM, where no stage sees it. */
  readonly stage: number | null;
  readonly sources: readonly Source[];
  /** The value with all known variables put in; null for an ARG without default. */
  readonly text: string | null;
}

/** Gives the definition that a name stands for at one place. */
export interface Scope {
  (name: string): Definition | undefined;
  /** The same as it is now, whatever is declared later. */
  readonly frozen: () => Scope;
  /** Every name that stands for something, in no order. */
  readonly names: () => ReadonlySet<string>;
}

/** Called for every instruction, in order, with the scope before it; `stage` is null before the first FROM. */
export type Visit = (instruction: Instruction, stage: Stage | null, scope: Scope, reach: Reach) => void;

/** A word of an instruction with what its variables stand for. */
export interface ReadWord {
  readonly sources: readonly Source[];
  readonly text: string;
  /** False when a variable in it has no value that the file tells, and no default. */
  readonly isKnown: boolean;
}

/** Longer than any token; keeps values that double on every line from growing without end. */
const MAX_VALUE_LENGTH = 8192;

/** The variables of a stage: its own, and behind them those of the stage that it is FROM. */
interface Names {
  /** All definitions of each name, in the order of the file. */
  readonly args: Map<string, Definition[]>;
  readonly envs: Map<string, Definition[]>;
  readonly base: Names | null;
  readonly depth: number;
}

/** Names behind names are flattened at this depth, so that a long chain of stages costs neither copies nor look-ups. */
const MAX_NAMES_DEPTH = 32;

function flat(names: Names): Names {
  const layers: Names[] = [];
  for (let at: Names | null = names; at !== null; at = at.base) layers.unshift(at);
  const args = new Map(layers.flatMap((layer) => [...layer.args]));
  return { args, envs: new Map(layers.flatMap((layer) => [...layer.envs])), base: null, depth: 0 };
}

/** New names on top of these, which may go on changing only as long as nothing is added on top. */
function namesOn(base: Names | undefined): Names {
  if (base === undefined) return { args: new Map(), envs: new Map(), base: null, depth: 0 };
  const below = base.depth < MAX_NAMES_DEPTH ? base : flat(base);
  return { args: new Map(), envs: new Map(), base: below, depth: below.depth + 1 };
}

/** The last of some definitions, which stand in the order of the file, that is declared before an offset. */
function lastBefore(definitions: readonly Definition[] | undefined, before: number): Definition | undefined {
  if (definitions === undefined) return undefined;
  let low = 0;
  let high = definitions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((definitions[middle]?.span.start ?? before) < before) low = middle + 1;
    else high = middle;
  }
  return definitions[low - 1];
}

function allNames(names: Names): ReadonlySet<string> {
  const found = new Set<string>();
  for (let layer: Names | null = names; layer !== null; layer = layer.base) {
    for (const name of [...layer.args.keys(), ...layer.envs.keys()]) found.add(name);
  }
  return found;
}

/** ENV wins over ARG, whichever comes later and in whichever stage it stands. */
function scopeOf(names: Names, place: () => number): Scope {
  const at = (before: number): Scope => {
    const find = (name: string): Definition | undefined => {
      for (let layer: Names | null = names; layer !== null; layer = layer.base) {
        const definition = lastBefore(layer.envs.get(name), before);
        if (definition !== undefined) return definition;
      }
      for (let layer: Names | null = names; layer !== null; layer = layer.base) {
        const definition = lastBefore(layer.args.get(name), before);
        if (definition !== undefined) return definition;
      }
      return undefined;
    };
    return Object.assign(find, { frozen: () => at(Math.min(before, place())), names: () => allNames(names) });
  };
  return at(Number.POSITIVE_INFINITY);
}

function isWhole(pieces: readonly Piece[]): boolean {
  return pieces.filter((piece) => piece.kind === "variable" || piece.text.trim() !== "").length === 1;
}

/** Reads a stretch of an instruction's joined text as BuildKit expands it. */
export function readWord(instruction: Instruction, { start, end }: Span, escape: EscapeToken, scope: Scope): ReadWord {
  const { line } = instruction;
  const { pieces } = parseWord(line.text, start, end, escape);
  const [only] = pieces;
  if (only === undefined || (pieces.length === 1 && only.kind === "text")) {
    return { sources: [], text: (only?.text ?? "").slice(0, MAX_VALUE_LENGTH), isKnown: true };
  }
  const whole = isWhole(pieces);
  const sources: Source[] = [];
  let isKnown = true;
  for (const { variable, isValueUsed } of variablesOf(pieces)) {
    const definition = isValueUsed ? scope(variable.name) : undefined;
    if (isValueUsed && (definition?.text ?? null) === null && !variable.operator.endsWith("-")) isKnown = false;
    if (definition === undefined) continue;
    const takesAll = whole && !/[#%/]/.test(variable.operator);
    sources.push({ definition, isWhole: takesAll, span: toSourceSpan(line, variable.start, variable.end) });
  }
  const text = expandWord(pieces, (name) => scope(name)?.text ?? undefined).slice(0, MAX_VALUE_LENGTH);
  return { sources, text, isKnown };
}

interface Place {
  readonly scope: Scope;
  readonly globals: ReadonlyMap<string, Definition>;
  readonly reach: Reach;
  readonly stage: number | null;
}

function definitionOf(instruction: Instruction, pair: NameValue, escape: EscapeToken, place: Place): Definition {
  const { line, keyword } = instruction;
  const { name, valueSpan: value } = pair;
  const { reach, stage } = place;
  const span = toSourceSpan(line, pair.span.start, pair.span.end);
  if (value === null) {
    const inherited = stage === null ? undefined : place.globals.get(name);
    const sources = inherited === undefined ? [] : [{ definition: inherited, isWhole: true, span }];
    const text = inherited?.text ?? null;
    return { kind: "arg", name, span, valueSpan: null, instruction, reach, stage, sources, text };
  }
  const { sources, text } = readWord(instruction, value, escape, place.scope);
  const kind = keyword === "ARG" ? "arg" : "env";
  const valueSpan = toSourceSpan(line, value.start, value.end);
  return { kind, name, span, valueSpan, instruction, reach, stage, sources, text };
}

/** What was found on the way through all stages. */
export interface Walked {
  readonly stages: readonly Stage[];
  readonly definitions: readonly Definition[];
}

/**
 * Walks all instructions, stage by stage, a stage starting with the variables of the one it is FROM and with what that
 * one's ONBUILD declares. `visit` sees a trigger as an instruction of its own, below its ONBUILD.
 * @param targets the stages that are built, by name or number; null for the last one
 */
export function walk(
  instructions: readonly Instruction[],
  escape: EscapeToken,
  visit: Visit,
  targets: readonly (string | null)[] = [null],
): Walked {
  const definitions: Definition[] = [];
  const globals = new Map<string, Definition>();
  const globalScope: Scope = Object.assign((name: string) => globals.get(name), {
    frozen: () => globalScope,
    names: () => new Set(globals.keys()),
  });
  /** Where the walk is. */
  let offset = 0;

  function define(instruction: Instruction, names: Map<string, Definition[]> | null, place: Place): void {
    // A name without a value is an argument that comes from outside; ENV has none, and Docker refuses it.
    const pairs = instruction.named.pairs.filter(
      ({ valueSpan }) => valueSpan !== null || instruction.keyword === "ARG",
    );
    const defined = pairs.map((pair) => definitionOf(instruction, pair, escape, place));
    for (const definition of defined) {
      definitions.push(definition);
      if (names === null) globals.set(definition.name, definition);
      else if (names.get(definition.name)?.push(definition) === undefined) names.set(definition.name, [definition]);
    }
  }

  const firstFrom = instructions.findIndex(({ keyword }) => keyword === "FROM");
  for (const instruction of firstFrom === -1 ? instructions : instructions.slice(0, firstFrom)) {
    visit(instruction, null, globalScope, "stage");
    if (instruction.keyword !== "ARG") continue;
    define(instruction, null, { scope: globalScope, globals, reach: "stage", stage: null });
  }

  const expandImage = (image: Argument, from: Instruction): string => readWord(from, image, escape, globalScope).text;
  const stages = readStages(instructions, expandImage, targets);
  const handedOn: Names[] = [];
  for (const stage of stages) {
    const names = namesOn(stage.base === null ? undefined : handedOn[stage.base]);
    // What the triggers declare lies over the stage's own variables, for the triggers and for stages FROM this one.
    const triggered = namesOn(names);
    const scope = scopeOf(names, () => offset);
    const here: Place = { scope, globals, reach: stage.reach, stage: stage.index };
    visit(stage.from, stage, globalScope, stage.reach);
    for (const instruction of stage.instructions) {
      const { trigger, keyword } = instruction;
      offset = instruction.line.start;
      if (trigger !== null) {
        const reach = stage.firesInFinal ? "final" : "child";
        const inner = scopeOf(triggered, () => offset);
        visit(trigger, stage, inner, reach);
        if (trigger.keyword === "ARG") define(trigger, triggered.args, { ...here, scope: inner, reach });
        if (trigger.keyword === "ENV") define(trigger, triggered.envs, { ...here, scope: inner, reach });
        continue;
      }
      visit(instruction, stage, scope, stage.reach);
      if (keyword === "ARG") define(instruction, names.args, here);
      if (keyword === "ENV") define(instruction, names.envs, here);
    }
    handedOn.push(triggered);
  }
  return { stages, definitions };
}
