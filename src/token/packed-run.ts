/**
 * Finds compressed bytes in base64 in a text, which may hold a token that nothing shows before they are unpacked. Unpacks
 * nothing: it is for whoever hides them as they are. Pure.
 */

import { readBase64Run } from "./base64-run.ts";
import { NEEDLES } from "./needle.ts";

const TEXTS: readonly string[] = NEEDLES.filter(({ encoding }) => encoding === "packed").map(({ text }) => text);
const BEGINNING = new RegExp(TEXTS.join("|"), "g");

/** Fewer characters hold no more than a header and the first letters, and stand in texts about the format. */
const MIN_CHARACTERS = 32;

/** The stretches of a text (UTF-16 offsets, end exclusive) that may be such bytes, in order. */
export function packedRuns(text: string): { readonly start: number; readonly end: number }[] {
  if (text.search(BEGINNING) === -1) return [];
  const bytes = Buffer.from(text, "latin1");
  const characters = new Uint8Array(bytes.length);
  const runs: { start: number; end: number }[] = [];
  let done = 0;
  for (const { index: start } of text.matchAll(BEGINNING)) {
    if (start < done) continue;
    const { count, next } = readBase64Run(bytes, start, characters, true);
    if (count < MIN_CHARACTERS) continue;
    runs.push({ start, end: next });
    done = next;
  }
  return runs;
}
