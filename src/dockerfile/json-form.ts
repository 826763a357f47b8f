/**
 * BuildKit's test for the JSON form of an instruction, and the strings of that form with the way back from each decoded
 * character. Follows Go's `encoding/json`, not JavaScript's, where the two differ.
 */

import { mappedBuilder, runEnd, verbatim, type MappedText, type Span } from "./mapped-text.ts";
import { skipSpaces, trimSpaces } from "./space.ts";

/** One decoded string; `start` and `end` span its literal with the quotes, and all offsets are in the text it was read from. */
interface JsonString extends MappedText, Span {}

/** An instruction in JSON form. */
export interface JsonForm {
  readonly values: readonly JsonString[];
  /** Why BuildKit refuses it: an array that holds something else than strings. `values` are then the strings in it, at any depth. */
  readonly problem: string | null;
}

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const STOPS = '"\\';
/** Go's decoder refuses deeper nesting, which makes the instruction a shell form. */
const MAX_GO_DEPTH = 10_000;

/** The string literal whose opening quote stands at `start`; the text must be valid JSON there. */
function stringAt(text: string, start: number): JsonString {
  const plainEnd = runEnd(text, start + 1, text.length, STOPS);
  if (text.charAt(plainEnd) === '"') {
    const plain = verbatim(text, start + 1, plainEnd);
    return { text: plain.text, segments: plain.segments, start, end: plainEnd + 1 };
  }
  const built = mappedBuilder();
  let at = start + 1;
  for (let char = text.charAt(at); char !== '"'; char = text.charAt(at)) {
    if (char !== "\\") {
      const end = runEnd(text, at, text.length, STOPS);
      built.add(text.slice(at, end), at);
      at = end;
      continue;
    }
    const escaped = text.charAt(at + 1);
    if (escaped !== "u") {
      built.add(ESCAPES[escaped] ?? escaped, at, 2);
      at += 2;
      continue;
    }
    const unit = Number.parseInt(text.slice(at + 2, at + 6), 16);
    const isHigh = unit >= 0xd800 && unit < 0xdc00;
    const low = isHigh && text.startsWith("\\u", at + 6) ? Number.parseInt(text.slice(at + 8, at + 12), 16) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      built.add(String.fromCharCode(unit, low), at, 12);
      at += 12;
    } else {
      // Go decodes half a surrogate pair to U+FFFD.
      built.add(unit >= 0xd800 && unit < 0xe000 ? "\u{fffd}" : String.fromCharCode(unit), at, 6);
      at += 6;
    }
  }
  return { ...built.build(start + 1), start, end: at + 1 };
}

/** True for valid JSON that Go does not decode: nested too deeply, or with a number beyond float64. */
function isBeyondGo(value: unknown): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value === "number" && !Number.isFinite(next.value)) return true;
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth > MAX_GO_DEPTH) return true;
    for (const inner of Object.values(next.value)) open.push({ value: inner, depth: next.depth + 1 });
  }
  return false;
}

/**
 * The strings of the JSON form that starts at `from` and fills the rest of `text`; null when it is no JSON array, which
 * makes the instruction a shell form.
 */
export function jsonStrings(text: string, from: number): JsonForm | null {
  const end = trimSpaces(text, from, text.length);
  const start = skipSpaces(text, from, end);
  if (text.charAt(start) !== "[" || start >= end) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.slice(start, end));
  } catch {
    return null;
  }
  const isAllStrings = Array.isArray(parsed) && parsed.every((item) => typeof item === "string");
  if (!isAllStrings && isBeyondGo(parsed)) return null;
  const values: JsonString[] = [];
  for (let at = text.indexOf('"', start); at !== -1 && at < end; at = text.indexOf('"', at)) {
    const value = stringAt(text, at);
    values.push(value);
    at = value.end;
  }
  return { values, problem: isAllStrings ? null : "an array in JSON form may hold nothing but strings" };
}
