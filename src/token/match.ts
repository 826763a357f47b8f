/**
 * Decides whether a token stands at a place: shape, surroundings and wrapping. Works on strings; bytes come as Latin-1,
 * one character a byte. Pure; keeps nothing.
 */

import type { Confidence } from "../model/level.ts";
import { FAMILIES, MAX_TOKEN_LENGTH, type Family } from "./family.ts";
import { NEEDLES, type Needle } from "./needle.ts";

/** A token and the stretch of the text that holds it. Carries the raw token: keep it short-lived, never print it. */
export interface TokenMatch {
  readonly family: Family;
  readonly confidence: Confidence;
  /** The raw token, decoded. */
  readonly value: string;
  /** How it was wrapped, outermost first; empty for plain text. */
  readonly encoding: readonly string[];
  /** Offset of its first character (of the first base64 group that carries it), in the text searched. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
}

/** How much text a match may need on either side of the needle, in characters: a token in base64 or UTF-16. */
export const MATCH_WINDOW: number = 2 * MAX_TOKEN_LENGTH + 64;

/**
 * What is decoded at first, in characters of the wrapped text: enough for every family of fixed length and what stands
 * around it. The few longer families are decoded again, in full, only where their prefix shows.
 */
const NEAR_WINDOW = 160;
const LONG_FAMILIES = FAMILIES.filter(({ maxLength }) => maxLength > NEAR_WINDOW / 2);

const WORD = /[A-Za-z0-9_]/;
const ALNUM = /[A-Za-z0-9]/;
const ESCAPED_LEFT = /(?:%[0-9A-Fa-f]{2}|\\[nrtbf"/\\]|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2})$/;
const MARSHAL_STRING = /[zZ\xfa\xda]%$/;
const BASE64 = /[A-Za-z0-9+/_-]/;
const BASE64_RUN = /^[A-Za-z0-9+/_-]*/;

/** Left of a token with digits stands no word character, unless it is the end of an escape such as `%3D` or `\n`. */
function hasCleanLeft(text: string, start: number): boolean {
  if (start === 0 || !WORD.test(text.charAt(start - 1))) return true;
  return ESCAPED_LEFT.test(text.slice(Math.max(0, start - 6), start));
}

/**
 * Right of a token stands no letter or digit; in a `.pyc` the length byte 0x25 (37) before it proves its end, whatever
 * marshal type letter follows.
 */
function hasCleanRight(text: string, start: number, end: number): boolean {
  if (!ALNUM.test(text.charAt(end))) return true;
  return end - start === 0x25 && MARSHAL_STRING.test(text.slice(Math.max(0, start - 2), start));
}

/** The token whose prefix stands in plain text at `at`, or null. */
function plainAt(text: string, at: number): Omit<TokenMatch, "encoding"> | null {
  for (const family of FAMILIES) {
    if (!text.startsWith(family.prefix, at)) continue;
    family.pattern.lastIndex = at;
    const value = family.pattern.exec(text)?.[0];
    if (value === undefined) continue;
    const end = at + value.length;
    const confidence = family.judge(value);
    if (confidence === null || !hasCleanRight(text, at, end)) continue;
    const isCleanLeft = hasCleanLeft(text, at);
    if (confidence === "medium" && !isCleanLeft) continue;
    return { family, confidence: isCleanLeft ? confidence : "medium", value, start: at, end };
  }
  return null;
}

/** Where the run of base64 characters that `at` stands in ends, looking at most `limit` characters on. */
function runEnd(text: string, at: number, limit: number): number {
  return at + (BASE64_RUN.exec(text.slice(at, at + limit))?.[0].length ?? 0);
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("latin1");
}

/** True when the text begins a token of a family that can be longer than what was decoded at first. */
function needsMore(decoded: string, at: number): boolean {
  return LONG_FAMILIES.some(({ prefix }) => decoded.startsWith(prefix, at));
}

function base64At(text: string, at: number, needle: Needle): TokenMatch | null {
  let left = at - needle.groupOffset;
  if (left < 0) return null;
  for (let i = left; i < at; i++) if (!BASE64.test(text.charAt(i))) return null;
  const groups = 4;
  let context = 0;
  while (context < groups && left >= 4 && [1, 2, 3, 4].every((i) => BASE64.test(text.charAt(left - i)))) {
    left -= 4;
    context++;
  }
  const phase = needle.groupOffset === 0 ? 0 : needle.groupOffset - 1;
  const prefixAt = context * 3 + phase;
  let right = runEnd(text, at, NEAR_WINDOW);
  let decoded = fromBase64(text.slice(left, right));
  if (needsMore(decoded, prefixAt)) {
    right = runEnd(text, at, MATCH_WINDOW);
    decoded = fromBase64(text.slice(left, right));
  }
  const inner = plainAt(decoded, prefixAt);
  if (inner === null) return null;
  return {
    ...inner,
    encoding: ["base64"],
    start: left + Math.floor(inner.start / 3) * 4,
    end: Math.min(right, left + Math.ceil(inner.end / 3) * 4),
  };
}

/** The Latin-1 characters of UTF-16LE text between two offsets; anything else ends it, or stands as a blank before `at`. */
function fromUtf16(text: string, from: number, at: number, to: number): string {
  let decoded = "";
  for (let i = from; i + 1 < text.length && i < to; i += 2) {
    const isLatin = text.charCodeAt(i + 1) === 0;
    if (!isLatin && i >= at) break;
    decoded += isLatin ? text.charAt(i) : "\u{fffd}";
  }
  return decoded;
}

function utf16At(text: string, at: number): TokenMatch | null {
  const from = at >= 12 ? at - 12 : at % 2;
  const prefixAt = (at - from) / 2;
  let decoded = fromUtf16(text, from, at, at + NEAR_WINDOW);
  if (needsMore(decoded, prefixAt)) decoded = fromUtf16(text, from, at, at + MATCH_WINDOW);
  const inner = plainAt(decoded, prefixAt);
  return inner === null
    ? null
    : { ...inner, encoding: ["utf-16le"], start: from + inner.start * 2, end: from + inner.end * 2 };
}

/**
 * The token that the needle found at `at` belongs to, or null when there is none.
 * `text` should reach `MATCH_WINDOW` characters past `at`, or to the end of what there is.
 */
export function matchAt(text: string, at: number, needle: Needle): TokenMatch | null {
  switch (needle.encoding) {
    case "plain": {
      const inner = plainAt(text, at);
      return inner === null ? null : { ...inner, encoding: [] };
    }
    case "base64":
      return base64At(text, at, needle);
    case "utf-16le":
      return utf16At(text, at);
  }
}

/** Every token in a text, plain or wrapped, by place; no two of them overlap. */
export function findTokens(text: string): TokenMatch[] {
  const found: TokenMatch[] = [];
  for (const needle of NEEDLES) {
    for (let at = text.indexOf(needle.text); at !== -1; at = text.indexOf(needle.text, at + 1)) {
      const match = matchAt(text, at, needle);
      if (match !== null) found.push(match);
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return found.filter((match, i) => !found.slice(Math.max(0, i - 4), i).some((other) => other.end > match.start));
}
