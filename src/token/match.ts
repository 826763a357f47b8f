/**
 * Decides whether a token stands at a place: shape, surroundings and wrapping. Works on strings; bytes come as Latin-1,
 * one character a byte. Pure; keeps nothing.
 */

import { MAX_TOKEN_LENGTH, MIN_BODY_LENGTH } from "./family.ts";
import { READABLE_NEEDLES, type Needle } from "./needle.ts";
import { beginsLong, NEAR_LENGTH, plainAt, type PlainMatch } from "./plain.ts";
import { unwrap, unwrapSoftBreaks, type Unwrapped } from "./unwrap.ts";

/** A token and the stretch of the text that holds it. Carries the raw token: keep it short-lived, never print it. */
export interface TokenMatch extends PlainMatch {
  /** How it was wrapped, outermost first; empty for plain text. */
  readonly encoding: readonly string[];
  /** Offset of its first character (of the first base64 group that carries it), in the text searched. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
}

/**
 * How much text a match may need on either side of the needle, in characters: the longest token in base64 or UTF-16.
 * Wider wrappings hold every token but JWTs that are longer than any seen.
 */
export const MATCH_WINDOW: number = 2 * MAX_TOKEN_LENGTH + 64;

/** What stands in the decoded text where the needle's prefix should be. */
function within(unwrapped: Unwrapped, needle: Needle): TokenMatch | null {
  const { text, prefixAt, startOf, endOf } = unwrapped;
  const plain = needle.inner === null ? plainAt(text, prefixAt) : null;
  const inner = needle.inner === null ? plain && { ...plain, encoding: [] } : matchAt(text, prefixAt, needle.inner);
  if (inner === null) return null;
  const encoding = [unwrapped.encoding, ...inner.encoding];
  return { ...inner, encoding, start: startOf(inner.start), end: endOf(inner.end) };
}

/** Decodes little at first, and all that the longest token may need where the prefix of a long family shows. */
function wrappedAt(text: string, at: number, needle: Needle): TokenMatch | null {
  const isTwice = needle.inner !== null;
  const near = isTwice ? NEAR_LENGTH * 2 : NEAR_LENGTH;
  let ways = isTwice ? [] : unwrap(text, at, needle, near);
  if (isTwice || ways.some((way) => beginsLong(way.text, way.prefixAt))) {
    ways = unwrap(text, at, needle, MAX_TOKEN_LENGTH + near);
  }
  // Where one way reads more of the token than another, the other has lost its end.
  let longest: TokenMatch | null = null;
  for (const way of ways) {
    const match = within(way, needle);
    if (match !== null && match.value.length > (longest?.value.length ?? 0)) longest = match;
  }
  return longest;
}

/**
 * The token that the needle found at `at` belongs to, or null when there is none.
 * `text` should reach `MATCH_WINDOW` characters past `at`, or to the end of what there is.
 */
export function matchAt(text: string, at: number, needle: Needle): TokenMatch | null {
  if (needle.encoding !== "plain") return wrappedAt(text, at, needle);
  const plain = plainAt(text, at);
  if (plain !== null) return { ...plain, encoding: [] };
  const unwrapped = unwrapSoftBreaks(text, at, NEAR_LENGTH);
  return unwrapped && within(unwrapped, needle);
}

/** All needles as one expression: most texts hold none of them, and one look says so faster than one for each. */
const ANY_NEEDLE = new RegExp(READABLE_NEEDLES.map(({ text }) => text.replaceAll(/\W/g, "\\$&")).join("|"));

/** Every token in a text, plain or wrapped, by place; no two of them overlap. */
export function findTokens(text: string): TokenMatch[] {
  if (text.length < MIN_BODY_LENGTH || !ANY_NEEDLE.test(text)) return [];
  const found: TokenMatch[] = [];
  for (const needle of READABLE_NEEDLES) {
    for (let at = text.indexOf(needle.text); at !== -1; at = text.indexOf(needle.text, at + 1)) {
      const match = matchAt(text, at, needle);
      if (match !== null) found.push(match);
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  return found.filter((match, i) => !found.slice(Math.max(0, i - 4), i).some((other) => other.end > match.start));
}
