/**
 * Turns the nodes of unbash into the plain values of `shell-word.ts`: words, assignments, redirections, and where the
 * substitutions in them are. Walks no commands; with `shell.ts` the only importer of unbash.
 */

import { forEachChild } from "unbash";
import type { Assignment, ParsedScript, Redirection, SyntaxNode, Word, WordPart } from "unbash";
import {
  wordOf,
  type ShellAssignment,
  type ShellInput,
  type ShellPiece,
  type ShellRedirect,
  type ShellWord,
  type TextPiece,
} from "./shell-word.ts";

/** Something the shell would refuse, at an offset of the script. */
export interface ShellProblem {
  readonly offset: number;
  readonly message: string;
}

function literal(text: string, node: { readonly pos: number; readonly end: number }, isQuoted: boolean): TextPiece {
  const length = node.end - node.pos;
  // The quotes around a stretch are not part of it, so that its characters can be found in the script again.
  const quote = isQuoted && length === text.length + 2 ? 1 : 0;
  const isVerbatim = length === text.length;
  return {
    kind: "text",
    text,
    isQuoted: isQuoted || !isVerbatim,
    start: node.pos + quote,
    end: node.end - quote,
  };
}

/** The substitutions below some nodes, each with the node it stands in. */
export function substitutionsIn(nodes: readonly SyntaxNode[]): { script: ParsedScript | undefined; at: number }[] {
  const found: { script: ParsedScript | undefined; at: number }[] = [];
  const todo = [...nodes];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (node.type === "CommandExpansion" || node.type === "ProcessSubstitution") {
      found.push({ script: node.script, at: node.pos });
    } else {
      forEachChild(node, (child) => todo.push(child));
    }
  }
  return found.toSorted((a, b) => a.at - b.at);
}

function operandOf(part: Extract<WordPart, { type: "ParameterExpansion" }>): readonly ShellPiece[] {
  const { operation } = part;
  if (operation?.type === "Default") return wordPieces(operation.operand);
  return operation?.type === "Replace" ? wordPieces(operation.replacement) : [];
}

/** True for the few characters that `${X:0:4}` and `${X: -4}` leave of a value: they tell it apart, and give nothing away. */
function isShort(operation: Extract<WordPart, { type: "ParameterExpansion" }>["operation"]): boolean {
  if (operation?.type !== "Slice") return false;
  const { offset, length } = operation;
  return length === undefined ? /^\s*-[1-8]\s*$/.test(offset.text) : /^\s*[1-8]\s*$/.test(length.text);
}

function operatorOf({ prefix, index, operation }: Extract<WordPart, { type: "ParameterExpansion" }>): string {
  if (prefix === "#" || isShort(operation)) return "length";
  if (prefix === "!") return index !== undefined || operation?.type === "Names" ? "length" : "!";
  if (operation === undefined && index !== undefined && !/^[@*]$/.test(index.text)) return "[0]";
  return operation?.operator ?? "";
}

/** Appends the pieces of some parts; unbash caps nesting at 256 levels, which bounds this recursion through operands. */
function addPieces(found: ShellPiece[], parts: readonly WordPart[], isQuoted: boolean): void {
  for (const part of parts) {
    const { pos: start, end } = part;
    switch (part.type) {
      case "Literal":
        found.push(literal(part.value, part, isQuoted));
        break;
      case "SingleQuoted":
      case "AnsiCQuoted":
        found.push(literal(part.value, part, true));
        break;
      case "DoubleQuoted":
      case "LocaleString":
        if (part.parts.length === 0) found.push(literal("", part, true));
        else addPieces(found, part.parts, true);
        break;
      case "SimpleExpansion":
        found.push({ kind: "variable", name: part.text.slice(1), operator: "", operand: [], start, end });
        break;
      case "ParameterExpansion": {
        const operator = operatorOf(part);
        found.push({ kind: "variable", name: part.parameter, operator, operand: operandOf(part), start, end });
        break;
      }
      case "CommandExpansion":
      case "ProcessSubstitution":
        found.push({ kind: "substitution", start, end });
        break;
      case "ArithmeticExpansion":
        found.push(literal("0", part, isQuoted));
        break;
      default:
        if (part.parts === undefined) found.push(literal(part.text, part, isQuoted));
        else addPieces(found, part.parts, isQuoted);
    }
  }
}

function piecesOf(parts: readonly WordPart[], isQuoted: boolean): ShellPiece[] {
  const found: ShellPiece[] = [];
  addPieces(found, parts, isQuoted);
  return found;
}

/** The pieces of a word. */
export function wordPieces(word: Word): readonly ShellPiece[] {
  return word.parts === undefined ? [literal(word.value, word, false)] : piecesOf(word.parts, false);
}

/** A word with its value when it is known. */
export function readWord(word: Word): ShellWord {
  return wordOf(wordPieces(word), word.pos, word.end);
}

/** `NAME=word`, or an array of words as one value. */
export function readAssignment({ name, value, append, pos, end }: Assignment): ShellAssignment {
  const elements = value.type === "Word" ? null : value.elements.map(readWord);
  const pieces = value.type === "Word" ? wordPieces(value) : (elements ?? []).flatMap((element) => element.pieces);
  const word = wordOf(pieces, value.pos, value.end);
  return { name, value: word, elements, isAdded: append === true, isLoop: false, start: pos, end };
}

/** The redirections of a command, files and input apart. */
export function readRedirections(
  nodes: readonly Redirection[],
  problems: ShellProblem[],
): {
  redirects: ShellRedirect[];
  input: ShellInput | null;
} {
  const redirects: ShellRedirect[] = [];
  let input: ShellInput | null = null;
  for (const node of nodes) {
    if (node.type === "HereDoc") {
      const { body } = node;
      const isVerbatim = node.delimiter?.quoted ?? false;
      const pieces =
        isVerbatim || body.parts === undefined ? [literal(body.text, body, true)] : piecesOf(body.parts, true);
      input = { word: wordOf(pieces, body.pos, body.end), isVerbatim };
      if (node.closing === undefined) problems.push({ offset: node.pos, message: "a heredoc does not end" });
    } else if (node.type === "HereString") {
      if (node.target !== undefined) input = { word: readWord(node.target), isVerbatim: false };
    } else if (node.target !== undefined) {
      const descriptor = node.descriptor?.type === "FileDescriptor" ? node.descriptor.value : null;
      const { operator, pos: start, end } = node;
      redirects.push({ operator, descriptor, target: readWord(node.target), start, end });
    }
  }
  return { redirects, input };
}
