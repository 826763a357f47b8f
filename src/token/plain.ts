/**
 * Decides whether a token stands in plain text at a place: its shape, and what stands right before and after it.
 * Knows no wrapping; text comes as Latin-1, one character a byte. Pure; keeps nothing.
 */

import type { Confidence } from "../model/level.ts";
import { FAMILIES, type Family } from "./family.ts";
import { endsByLength } from "./length-prefix.ts";

/** A token in plain text. Carries the raw token: keep it short-lived, never print it. */
export interface PlainMatch {
  readonly family: Family;
  readonly confidence: Confidence;
  /** The raw token. */
  readonly value: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
}

/** Characters from its prefix on that tell whether a token of a fixed length stands there; longer families need more. */
export const NEAR_LENGTH = 80;

const LONG_FAMILIES = FAMILIES.filter(({ maxLength }) => maxLength >= NEAR_LENGTH);

const WORD = /[A-Za-z0-9_]/;
const ALNUM = /[A-Za-z0-9]/;
const ESCAPED_LEFT = /(?:%[0-9A-Fa-f]{2}|=[0-9A-F]{2}|\\[nrtbf"/\\]|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2})$/;

/** Left of a token with digits stands no word character, unless it is the end of an escape such as `%3D` or `\n`. */
function hasCleanLeft(text: string, start: number): boolean {
  if (start === 0 || !WORD.test(text.charAt(start - 1))) return true;
  return ESCAPED_LEFT.test(text.slice(Math.max(0, start - 6), start));
}

/** True when the text begins a token of a family that can be longer than `NEAR_LENGTH`. */
export function beginsLong(text: string, at: number): boolean {
  return LONG_FAMILIES.some(({ prefix }) => text.startsWith(prefix, at));
}

/** The token whose prefix stands in plain text at `at`, or null. */
export function plainAt(text: string, at: number): PlainMatch | null {
  for (const family of FAMILIES) {
    if (!text.startsWith(family.prefix, at)) continue;
    family.pattern.lastIndex = at;
    const value = family.pattern.exec(text)?.[0];
    if (value === undefined) continue;
    const end = at + value.length;
    const confidence = family.judge(value);
    if (confidence === null) continue;
    // Right of a token stands no letter or digit, unless its end is known from a length.
    if (ALNUM.test(text.charAt(end)) && !endsByLength(text, at, end, confidence === "high")) continue;
    const isCleanLeft = hasCleanLeft(text, at);
    if (confidence === "medium" && !isCleanLeft) continue;
    return { family, confidence: isCleanLeft ? confidence : "medium", value, start: at, end };
  }
  return null;
}
