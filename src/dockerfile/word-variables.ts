/** The variables of a word that was read, and which of them its value is made of. Looks up none. */

import type { Piece, VariablePiece } from "./word.ts";

/** A variable of a word, and whether its value can become part of the result. */
export interface VariableUse {
  readonly variable: VariablePiece;
  /** False for `${X:+yes}`, and for variables in patterns and in messages of `:?`. */
  readonly isValueUsed: boolean;
}

function collect(pieces: readonly Piece[], isUsed: boolean, found: VariableUse[]): void {
  for (const piece of pieces) {
    if (piece.kind === "text") continue;
    const { operator } = piece;
    const isAlternative = operator.endsWith("+");
    found.push({ variable: piece, isValueUsed: isUsed && !isAlternative });
    collect(piece.word, isUsed && (isAlternative || operator.endsWith("-")), found);
    collect(piece.replacement, isUsed, found);
  }
}

/** Every variable of a word, at any depth, in the order of their starts. */
export function variablesOf(pieces: readonly Piece[]): VariableUse[] {
  const found: VariableUse[] = [];
  collect(pieces, true, found);
  return found;
}
