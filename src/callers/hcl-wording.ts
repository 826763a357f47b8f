/** Reads an expression of HCL as the parts that its text is put together from: names, strings with templates, conditions. */

import { hclTokens, type HclToken } from "./hcl-token.ts";
import { UNTOLD_PART, type Wording } from "./known-value.ts";

const MAX_DEPTH = 8;
/** Names that are no variables. */
const WORDS = /^(?:true|false|null)$/;

/** Where a mark stands outside of all brackets; -1 when it does not. */
function markAt(tokens: readonly HclToken[], text: string, from: number = 0): number {
  let depth = 0;
  return tokens.findIndex((token, i) => {
    if (token.kind !== "mark") return false;
    if (/^[{[(]$/.test(token.text)) depth++;
    if (/^[}\])]$/.test(token.text)) depth--;
    return depth === 0 && i >= from && token.text === text;
  });
}

/** A string with what its templates stand for. */
function ofString(text: string, token: HclToken, depth: number): Wording {
  const parts: Wording[number][] = [];
  let from = token.start + 1;
  for (const { start, end } of token.templates) {
    const inner = hclTokens(text, start, end);
    const isValue = text.charAt(start - 2) === "$" && inner.problems.length === 0 && depth < MAX_DEPTH;
    parts.push(text.slice(from, start - 2), ...(isValue ? hclWording(text, inner.tokens, depth + 1) : [UNTOLD_PART]));
    from = end + 1;
  }
  return [...parts, text.slice(from, token.end - 1)].filter((part) => part !== "");
}

/**
 * What an expression comes to.
 * @param text the whole file, in which the tokens stand
 */
export function hclWording(text: string, tokens: readonly HclToken[], depth: number = 0): Wording {
  const [first] = tokens;
  const question = markAt(tokens, "?");
  const colon = markAt(tokens, ":", question);
  if (question > 0 && colon > question && depth < MAX_DEPTH) {
    const ways = [tokens.slice(question + 1, colon), tokens.slice(colon + 1)];
    return [{ anyOf: ways.map((way) => hclWording(text, way, depth + 1)) }];
  }
  const isPath = tokens.every(({ kind, text: word }, i) => (i % 2 === 0 ? kind === "name" : word === "."));
  if (tokens.length > 1 && isPath) return [{ name: tokens.map((token) => token.text).join(""), otherwise: null }];
  if (first === undefined || tokens.length > 1) return [UNTOLD_PART];
  if (first.kind === "string") return ofString(text, first, depth);
  if (first.kind === "heredoc" && first.templates.length === 0) return [first.text];
  return first.kind === "name" && !WORDS.test(first.text) ? [{ name: first.text, otherwise: null }] : [UNTOLD_PART];
}
