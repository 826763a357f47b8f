/**
 * Puts the words of variables that a script itself has set in the place of the variables: `CMD="hf auth login"; $CMD`,
 * `args=(--token "$T"); hf auth login "${args[@]}"`. Knows no values from outside.
 */

import { wordOf, type ShellCommand, type ShellPiece, type ShellWord } from "./shell-word.ts";
import { peel, type Peeled } from "./wrappers.ts";

/** What variables stand for, so far in a script. */
export interface KnownWords {
  /** A command line without its wrappers, with known arrays and programs put in. */
  readonly peel: (words: readonly ShellWord[]) => Peeled;
  /** The text of a word that is nothing but a known variable; the word itself for any other. */
  readonly whole: (word: ShellWord) => ShellWord;
  /** Remembers what a command assigns. */
  readonly note: (command: ShellCommand) => void;
}

interface Known {
  readonly value: ShellWord;
  /** The words of an array; null for a plain value. */
  readonly elements: readonly ShellWord[] | null;
}

/** The name of the variable that is all of a word; null for any other word. */
function soleVariable({ pieces: [first, second] }: ShellWord): string | null {
  return first?.kind === "variable" && second === undefined && first.operator === "" ? first.name : null;
}

function isQuoted({ start, end, pieces: [first] }: ShellWord): boolean {
  return first !== undefined && first.end - first.start < end - start;
}

/** A value as the words that a shell makes of it where it is not quoted. */
function split({ pieces }: ShellWord, { start, end }: ShellWord): ShellWord[] {
  const words: ShellWord[] = [];
  let current: ShellPiece[] = [];
  const close = (): void => {
    if (current.length > 0) words.push(wordOf(current, start, end));
    current = [];
  };
  for (const piece of pieces) {
    if (piece.kind !== "text") {
      current.push(piece);
      continue;
    }
    const isVerbatim = piece.end - piece.start === piece.text.length;
    for (const { 0: text, index } of piece.text.matchAll(/\s+|\S+/g)) {
      if (/^\s/.test(text)) close();
      else if (isVerbatim) {
        const at = piece.start + index;
        current.push({ ...piece, text, start: at, end: at + text.length });
      } else current.push({ ...piece, text });
    }
  }
  close();
  return words;
}

/** Words that one command may grow to. */
const MAX_WORDS = 1000;
/** Characters of values that are put in, in one script. */
const MAX_SPENT = 1_000_000;
/** Variables that stand for one another. */
const MAX_ROUNDS = 4;

/** Nothing is known yet. */
export function createKnownWords(): KnownWords {
  const known = new Map<string, Known>();
  let spent = 0;

  function inPlaceOf(word: ShellWord, isProgram: boolean): readonly ShellWord[] {
    const name = soleVariable(word);
    const found = name === null ? undefined : known.get(name);
    if (found === undefined) return [word];
    const { value, elements } = found;
    spent += Math.max(1, value.end - value.start);
    if (spent > MAX_SPENT) return [word];
    if (elements !== null) return elements.map(({ pieces }) => wordOf(pieces, word.start, word.end));
    if (isQuoted(word)) return isProgram ? [wordOf(value.pieces, word.start, word.end)] : [word];
    const words = split(value, word);
    return isProgram || words.length > 1 ? words : [word];
  }

  return {
    peel(words) {
      if (known.size === 0) return peel(words);
      const own = peel(words.flatMap((word) => inPlaceOf(word, false)).slice(0, MAX_WORDS));
      const assignments = [...own.assignments];
      let rest = own.words;
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const [first, ...args] = rest;
        const program = first === undefined ? [] : inPlaceOf(first, true);
        if (first === undefined || program[0] === first) break;
        const peeled = peel([...program, ...args]);
        rest = peeled.words;
        assignments.push(...peeled.assignments);
      }
      return { words: rest, assignments };
    },
    whole: (word) => known.get(soleVariable(word) ?? "")?.value ?? word,
    note({ words, assignments, declarations }) {
      for (const { name, value, elements, isAdded, isLoop } of words.length === 0 ? assignments : declarations) {
        const before = isAdded ? known.get(name) : undefined;
        if (isLoop) known.delete(name);
        else if (before === undefined) known.set(name, { value, elements });
        else {
          const pieces = [...before.value.pieces, ...value.pieces].slice(-MAX_WORDS);
          const both = before.elements !== null && elements !== null ? [...before.elements, ...elements] : null;
          known.set(name, { value: wordOf(pieces, value.start, value.end), elements: both?.slice(-MAX_WORDS) ?? null });
        }
      }
    },
  };
}
