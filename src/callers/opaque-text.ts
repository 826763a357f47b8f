/**
 * Hides from the shell what another program replaces before: `${{ … }}` of CI systems, `$(X)` of make. Each stretch becomes
 * a run of one character that no shell gives a meaning, by which it is found again in the words that were read.
 */

import type { MappedText } from "../dockerfile/mapped-text.ts";
import type { Template } from "./reference.ts";

/** Text that is not what stands there: an expansion in the outline of a word, or a hidden stretch. */
export const OPAQUE: RegExp = /[\0\u{e000}-\u{f8ff}]/u;
const HIDDEN = /([\u{e000}-\u{f8ff}])\1*/gu;
const FIRST = 0xe000;
/** Stands for any stretch that has no character of its own. */
const LAST = 0xf8ff;

/** The script with every template hidden. */
export function masked(script: MappedText, templates: readonly Template[]): MappedText {
  if (templates.length === 0) return script;
  const isTaken = OPAQUE.test(script.text);
  let text = "";
  let from = 0;
  for (const [i, { start, end }] of templates.entries()) {
    if (start < from) continue;
    const sign = String.fromCharCode(isTaken ? LAST : Math.min(FIRST + i, LAST));
    text += script.text.slice(from, start) + sign.repeat(end - start);
    from = end;
  }
  return { text: text + script.text.slice(from), segments: script.segments };
}

/** A text in order: what stands there, and for each hidden stretch the number of its template, or null. */
export function unmasked(text: string): (string | number | null)[] {
  const parts: (string | number | null)[] = [];
  let from = 0;
  for (const match of text.matchAll(HIDDEN)) {
    const number = match[0].charCodeAt(0) - FIRST;
    parts.push(text.slice(from, match.index), FIRST + number === LAST ? null : number);
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)].filter((part) => part !== "");
}
