/**
 * Reads HCL into blocks and attributes with places, as far as bake files go: an expression stays a run of tokens, of
 * which objects and lists can be taken apart. What does not fit is a problem. Evaluates nothing.
 */

import { hclTokens, type HclProblem, type HclToken } from "./hcl-token.ts";

/** `name = expression`. */
export interface HclAttribute {
  readonly name: string;
  /** The name as a token. */
  readonly key: HclToken;
  /** The tokens of the expression, without those between them that mean nothing. */
  readonly value: readonly HclToken[];
}

/** `type "label" { … }`. */
export interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly start: number;
  readonly body: HclBody;
}

/** What stands in a file or a block. */
export interface HclBody {
  readonly attributes: readonly HclAttribute[];
  readonly blocks: readonly HclBlock[];
}

/** A file, as far as it could be read. */
export interface HclFile {
  readonly body: HclBody;
  readonly problems: readonly HclProblem[];
}

const OPEN = /^[{[(]$/;
const CLOSE = /^[}\])]$/;
const MAX_DEPTH = 32;

function isMark(token: HclToken | undefined, text: string): boolean {
  return token !== undefined && token.kind === "mark" && token.text === text;
}

interface Cursor {
  readonly tokens: readonly HclToken[];
  at: number;
  readonly problems: HclProblem[];
}

/** The tokens up to the end of the expression: a line end, a comma or a closing bracket outside of brackets. */
function readExpression(cursor: Cursor): HclToken[] {
  const value: HclToken[] = [];
  let depth = 0;
  for (; cursor.at < cursor.tokens.length; cursor.at++) {
    const token = cursor.tokens[cursor.at];
    if (token === undefined) break;
    if (token.kind === "newline") {
      if (depth === 0) break;
    } else if (token.kind === "mark") {
      if (depth === 0 && (token.text === "," || CLOSE.test(token.text))) break;
      if (OPEN.test(token.text)) depth++;
      if (CLOSE.test(token.text)) depth--;
    }
    value.push(token);
  }
  return value;
}

/** How many brackets are open at the end of an expression, which then took the rest of the file. */
function depthOf(value: readonly HclToken[]): number {
  const marks = value.filter(({ kind }) => kind === "mark");
  return marks.filter(({ text }) => OPEN.test(text)).length - marks.filter(({ text }) => CLOSE.test(text)).length;
}

function skipNewlines(cursor: Cursor): void {
  while (cursor.tokens[cursor.at]?.kind === "newline") cursor.at++;
}

/** Reads to the closing brace of the block, or to the end of the file. */
function readBody(cursor: Cursor, depth: number): HclBody {
  const attributes: HclAttribute[] = [];
  const blocks: HclBlock[] = [];
  for (;;) {
    skipNewlines(cursor);
    const key = cursor.tokens[cursor.at];
    if (key === undefined || isMark(key, "}")) return { attributes, blocks };
    const next = cursor.tokens[cursor.at + 1];
    if (key.kind === "name" && isMark(next, "=")) {
      cursor.at += 2;
      const value = readExpression(cursor);
      const stop = cursor.tokens[cursor.at];
      const isOver = stop === undefined || stop.kind === "newline" || isMark(stop, "}");
      if (value.length === 0 || !isOver || depthOf(value) > 0)
        cursor.problems.push({ offset: stop?.start ?? key.start, message: "an expression cannot be read" });
      if (!isOver) cursor.at++;
      attributes.push({ name: key.text, key, value });
      continue;
    }
    const labels: string[] = [];
    let at = cursor.at + 1;
    for (
      let label = cursor.tokens[at];
      label?.kind === "string" || label?.kind === "name";
      label = cursor.tokens[++at]
    ) {
      labels.push(label.text);
    }
    if (key.kind !== "name" || !isMark(cursor.tokens[at], "{") || depth >= MAX_DEPTH) {
      cursor.problems.push({ offset: key.start, message: "neither an attribute nor a block stands here" });
      cursor.at = cursor.tokens.length;
      return { attributes, blocks };
    }
    cursor.at = at + 1;
    const body = readBody(cursor, depth + 1);
    if (!isMark(cursor.tokens[cursor.at], "}"))
      cursor.problems.push({ offset: key.start, message: "a block does not end" });
    cursor.at++;
    blocks.push({ type: key.text, labels, start: key.start, body });
  }
}

/** Reads the text of a file. Never throws. */
export function readHcl(text: string): HclFile {
  const { tokens, problems } = hclTokens(text);
  const cursor: Cursor = { tokens, at: 0, problems: [...problems] };
  const body = readBody(cursor, 0);
  const last = tokens[cursor.at];
  if (last !== undefined) cursor.problems.push({ offset: last.start, message: "a brace closes nothing" });
  return { body, problems: cursor.problems.slice(0, 1) };
}

/** True when an expression is one pair of brackets and what is in them. */
function isEnclosed(value: readonly HclToken[], open: string): boolean {
  if (!isMark(value[0], open)) return false;
  let depth = 0;
  return value.every((token, i) => {
    if (token.kind === "mark" && OPEN.test(token.text)) depth++;
    if (token.kind === "mark" && CLOSE.test(token.text)) depth--;
    return depth > 0 || i === value.length - 1;
  });
}

/** The entries of an object; null when the expression is no object, or one that a `for` makes. */
export function objectEntries(value: readonly HclToken[]): HclAttribute[] | null {
  if (!isEnclosed(value, "{")) return null;
  const cursor: Cursor = { tokens: value.slice(1, -1), at: 0, problems: [] };
  const entries: HclAttribute[] = [];
  for (;;) {
    while (cursor.tokens[cursor.at]?.kind === "newline" || isMark(cursor.tokens[cursor.at], ",")) cursor.at++;
    const key = cursor.tokens[cursor.at];
    if (key === undefined) return entries;
    const isKey = (key.kind === "name" || key.kind === "string") && key.templates.length === 0;
    const equals = cursor.tokens[cursor.at + 1];
    if (!isKey || !(isMark(equals, "=") || isMark(equals, ":"))) return null;
    cursor.at += 2;
    entries.push({ name: key.text, key, value: readExpression(cursor) });
    const stop = cursor.tokens[cursor.at];
    if (stop !== undefined && stop.kind !== "newline" && !isMark(stop, ",")) return null;
  }
}

/** The expressions between commas in brackets; null when the expression is not enclosed in them. */
export function elementsOf(value: readonly HclToken[], open: "[" | "("): (readonly HclToken[])[] | null {
  if (!isEnclosed(value, open)) return null;
  const cursor: Cursor = { tokens: value.slice(1, -1).filter(({ kind }) => kind !== "newline"), at: 0, problems: [] };
  const elements: HclToken[][] = [];
  while (cursor.at < cursor.tokens.length) {
    elements.push(readExpression(cursor));
    cursor.at++;
  }
  return elements;
}
