/**
 * The parts of shell commands as plain values, and what can be said of a word without running it. Pure; does not parse.
 */

import { mappedBuilder, toSource, toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";

/** Text as the command gets it: quotes and escapes are gone. */
export interface TextPiece {
  readonly kind: "text";
  readonly text: string;
  /** True when no shell looks for `~`, `*` or `{a,b}` in it: quoted, or escaped in part. */
  readonly isQuoted: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * An expansion of a variable. `operator` is empty for `$X`, `length` for `${#X}` and `${!X*}`, `!` for `${!X}`, `[0]` for
 * `${X[0]}`, else as in `${X:-word}`.
 */
export interface VariablePiece {
  readonly kind: "variable";
  readonly name: string;
  readonly operator: string;
  /** The word after the operator. */
  readonly operand: readonly ShellPiece[];
  readonly start: number;
  readonly end: number;
}

/** A `$(…)`, backticks or `<(…)`; the commands in it have this piece's `start` as their `within`. */
export interface SubstitutionPiece {
  readonly kind: "substitution";
  readonly start: number;
  readonly end: number;
}

/** A part of a word. */
export type ShellPiece = TextPiece | VariablePiece | SubstitutionPiece;

/** One word; offsets count in the script's own text. */
export interface ShellWord {
  readonly pieces: readonly ShellPiece[];
  /** The word when it holds no expansion; null when it does. */
  readonly value: string | null;
  readonly start: number;
  readonly end: number;
}

/** `NAME=word` before a command, alone, or as an argument of `export` and the like. */
export interface ShellAssignment {
  readonly name: string;
  readonly value: ShellWord;
  /** The words of an array or of a loop, which `value` joins; null for a plain value. */
  readonly elements: readonly ShellWord[] | null;
  /** True for `+=`. */
  readonly isAdded: boolean;
  /** True for the variable of a loop, which is one of its words at a time. */
  readonly isLoop: boolean;
  readonly start: number;
  readonly end: number;
}

/** A redirection to or from a file. */
export interface ShellRedirect {
  readonly operator: string;
  /** The number before the operator; null without one. */
  readonly descriptor: number | null;
  readonly target: ShellWord;
  readonly start: number;
  readonly end: number;
}

/** What a command reads from a heredoc or a here-string. */
export interface ShellInput {
  readonly word: ShellWord;
  /** True when nothing in it is expanded: a heredoc with a quoted delimiter. */
  readonly isVerbatim: boolean;
}

/** A group, loop or subshell with redirections of its own, which hold for every command in it. */
export interface ShellSurrounding {
  readonly redirects: readonly ShellRedirect[];
  readonly input: ShellInput | null;
  readonly outer: ShellSurrounding | null;
}

/** A part of a script that may not be run: a branch, a loop's body, what stands behind `||`. */
export interface ShellBranch {
  readonly outer: ShellBranch | null;
  /** The command before it whose success is all that it takes: in `a && b || c`, that of `b` is `a`. */
  readonly after: { readonly start: number; readonly end: number } | null;
}

/** A subshell, `( … )`: what changes in it is forgotten behind it. */
export interface Subshell {
  readonly outer: Subshell | null;
}

/** One simple command. */
export interface ShellCommand {
  /** The script it stands in; `start` and `end` of everything in the command count in `script.text`. */
  readonly script: MappedText;
  readonly words: readonly ShellWord[];
  /** Assignments before the command, or that are the command. */
  readonly assignments: readonly ShellAssignment[];
  /** Assignments as arguments: `export A=b`, `local A=b`. */
  readonly declarations: readonly ShellAssignment[];
  readonly redirects: readonly ShellRedirect[];
  readonly input: ShellInput | null;
  /** Number of its pipeline in the script, and its place in it. */
  readonly pipeline: number;
  readonly pipeIndex: number;
  /** True when the script can end well without this command having run. */
  readonly isConditional: boolean;
  /** The innermost part around it that may not be run; null when it is run for sure. */
  readonly branch: ShellBranch | null;
  /** Start of the innermost substitution it runs in; -1 outside. */
  readonly within: number;
  /** The innermost redirected group around it. */
  readonly around: ShellSurrounding | null;
  readonly subshell: Subshell | null;
  /** The function whose body it stands in. */
  readonly inFunction: string | null;
  readonly start: number;
  readonly end: number;
}

/** What a command has from where it stands in its script. */
export type ShellContext = Pick<
  ShellCommand,
  "pipeline" | "pipeIndex" | "isConditional" | "branch" | "within" | "around" | "subshell" | "inFunction"
>;

/** Where a script begins: outside of everything. */
export const OUTSIDE: ShellContext = {
  pipeline: 0,
  pipeIndex: 0,
  isConditional: false,
  branch: null,
  within: -1,
  around: null,
  subshell: null,
  inFunction: null,
};

/** What stands in a command itself; what is left out is not there. */
export type CommandParts = Partial<
  Pick<ShellCommand, "words" | "assignments" | "declarations" | "redirects" | "input">
>;

/** One command, with its place and what is around it. Written out: an object with spreads in it costs ten times as much. */
export function shellCommand(
  script: MappedText,
  { start, end }: Span,
  { words = [], assignments = [], declarations = [], redirects = [], input = null }: CommandParts,
  { isConditional, branch, within, around, subshell, inFunction, pipeIndex, pipeline: own }: ShellContext,
  pipeline: number = own,
): ShellCommand {
  return {
    script,
    words,
    assignments,
    declarations,
    redirects,
    input,
    pipeline,
    pipeIndex,
    isConditional,
    branch,
    within,
    around,
    subshell,
    inFunction,
    start,
    end,
  };
}

/** A word of the given pieces. */
export function wordOf(pieces: readonly ShellPiece[], start: number, end: number): ShellWord {
  let value: string | null = "";
  for (const piece of pieces) {
    if (piece.kind === "text") value += piece.text;
    else {
      value = null;
      break;
    }
  }
  return { pieces, value, start, end };
}

/** True for a word that was put in the place of a variable, and stands elsewhere in the script. */
export function isPutIn({ pieces: [first], start, end }: ShellWord): boolean {
  return first !== undefined && (first.start < start || first.start > end);
}

/** The text of a word as far as it is known, with a NUL for each expansion. */
export function outline(word: ShellWord): string {
  return word.value ?? word.pieces.map((piece) => (piece.kind === "text" ? piece.text : "\0")).join("");
}

/** Operators after which the variable's own value does not show: `${X:+yes}`, `${#X}`. */
const HIDING = new Set(["+", ":+", "length"]);

/** The variables whose values become part of the word. */
export function variablesOf(word: { readonly pieces: readonly ShellPiece[] }): VariablePiece[] {
  const found: VariablePiece[] = [];
  const todo = word.pieces.filter(({ kind }) => kind === "variable").toReversed();
  for (let piece = todo.pop(); piece !== undefined; piece = todo.pop()) {
    if (piece.kind !== "variable") continue;
    if (!HIDING.has(piece.operator)) found.push(piece);
    todo.push(...piece.operand.toReversed());
  }
  return found;
}

/** The part of a word from offset `from` of its outline on, such as what follows `--token=`. */
export function wordAfter(word: ShellWord, from: number): ShellWord {
  const pieces: ShellPiece[] = [];
  let start = word.start;
  let at = 0;
  for (const piece of word.pieces) {
    const length = piece.kind === "text" ? piece.text.length : 1;
    if (at + length > from) {
      const cut = Math.max(0, from - at);
      const isExact = piece.kind === "text" && piece.end - piece.start === piece.text.length;
      const kept = piece.kind === "text" ? { ...piece, text: piece.text.slice(cut) } : piece;
      pieces.push(isExact ? { ...kept, start: piece.start + cut } : kept);
    }
    at += length;
  }
  start = pieces[0]?.start ?? word.end;
  return wordOf(pieces, start, word.end);
}

/** Characters that a backslash or a doubled quote hides are found again one by one, in order. */
function eachCharacter(piece: TextPiece, script: string, add: (char: string, at: number) => void): void {
  const isVerbatim = piece.end - piece.start === piece.text.length;
  let at = piece.start;
  for (const char of piece.text.split("")) {
    if (!isVerbatim) {
      while (at < piece.end - 1 && script.charAt(at) !== char) at++;
      if (char === "\\" && script.charAt(at + 1) === "\\" && at + 1 < piece.end) at++;
    }
    add(char, at);
    at++;
  }
}

/**
 * The text that a nested interpreter gets to read (`bash -c "…"`), each character mapped to its place in the source.
 * Variables stand in it as they were written, for the inner shell's reader to see.
 */
export function nestedScript(words: readonly ShellWord[], script: MappedText): MappedText {
  const built = mappedBuilder();
  const add = (char: string, at: number): void => {
    const { start, end } = toSourceSpan(script, at, at + 1);
    built.add(char, start, end - start);
  };
  words.forEach((word, i) => {
    if (i > 0) built.add(" ", toSource(script, word.start), 0);
    for (const piece of word.pieces) {
      if (piece.kind === "text") {
        eachCharacter(piece, script.text, add);
      } else {
        for (let at = piece.start; at < piece.end; at++) add(script.text.charAt(at), at);
      }
    }
  });
  return built.build(toSource(script, words[0]?.start ?? 0));
}
