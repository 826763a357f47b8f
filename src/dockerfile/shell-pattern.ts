/**
 * The patterns of `${X#…}`, `${X%…}` and `${X/…/…}` as BuildKit understands them: `*`, `?` and a backslash before `*`,
 * `?`, `\`, `}` or `/`, nothing else (moby/buildkit, frontend/dockerfile/shell/lex.go, there by way of Go's regexp).
 * No regular expression here, since JavaScript's may take exponential time.
 */

import { LexError } from "./lex-error.ts";

/** A code point, or one of the two wildcards. Neither of them takes a line feed. */
type Token = number;
const ANY: Token = -1;
const RUN: Token = -2;

const LINE_FEED = 10;
const TEMPLATE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;
/** Pattern times value, in characters; beyond it a file is hostile, and the problem says so. */
const MAX_WORK = 200_000;

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) ?? 0);
}

function toText(points: readonly number[]): string {
  return points.map((point) => String.fromCodePoint(point)).join("");
}

function tokensOf(pattern: readonly number[]): Token[] {
  const tokens: Token[] = [];
  const [first] = pattern;
  for (let i = first === 0xfeff ? 1 : 0; i < pattern.length; i++) {
    const char = String.fromCodePoint(pattern[i] ?? 0);
    if (char === "*") tokens.push(RUN);
    else if (char === "?") tokens.push(ANY);
    else if (char !== "\\") tokens.push(pattern[i] ?? 0);
    else {
      const next = pattern[i + 1];
      if (next === undefined || !"*?\\}/".includes(String.fromCodePoint(next))) {
        throw new LexError("a pattern with an escape that BuildKit does not have", 0);
      }
      tokens.push(next);
      i++;
    }
  }
  return tokens;
}

/** For each offset of `value`, where the match that a backtracking search would prefer ends, or -1. */
function matchEnds(tokens: readonly Token[], value: readonly number[], isGreedy: boolean): Int32Array {
  if (tokens.length * value.length > MAX_WORK) throw new LexError("a pattern and a value too long to match", 0);
  let ends = Int32Array.from({ length: value.length + 1 }, (_, i) => i);
  for (const token of tokens.toReversed()) {
    const next = ends;
    ends = new Int32Array(value.length + 1).fill(-1);
    for (let i = value.length; i >= 0; i--) {
      const isOnLine = i < value.length && value[i] !== LINE_FEED;
      if (token === RUN) {
        const longer = isOnLine ? (ends[i + 1] ?? -1) : -1;
        const here = next[i] ?? -1;
        const [preferred, other] = isGreedy ? [longer, here] : [here, longer];
        ends[i] = preferred === -1 ? other : preferred;
      } else if (token === ANY ? isOnLine : i < value.length && value[i] === token) {
        ends[i] = next[i + 1] ?? -1;
      }
    }
  }
  return ends;
}

/** The pattern read from its end; a backslash stays before what it escapes, and one at the very end moves to the front. */
function reversed(pattern: readonly number[]): number[] {
  const out: number[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const point = pattern[i] ?? 0;
    const next = pattern[i + 1];
    if (point === 0x5c && next !== undefined) {
      out.push(next, point);
      i++;
    } else {
      out.push(point);
    }
  }
  return out.reverse();
}

/** The value without what the pattern matches at its start; throws LexError for a pattern that BuildKit refuses. */
export function trimPrefix(pattern: string, value: string, isGreedy: boolean): string {
  const points = codePoints(value);
  const end = matchEnds(tokensOf(codePoints(pattern)), points, isGreedy)[0] ?? -1;
  return end === -1 ? value : toText(points.slice(end));
}

/** The value without what the pattern matches at its end; throws LexError for a pattern that BuildKit refuses. */
export function trimSuffix(pattern: string, value: string, isGreedy: boolean): string {
  const points = codePoints(value).reverse();
  const end = matchEnds(tokensOf(reversed(codePoints(pattern))), points, isGreedy)[0] ?? -1;
  return end === -1 ? value : toText(points.slice(end).reverse());
}

/** What Go's regexp makes of `$name` and `${name}` in a replacement: `$$` is a dollar, group 0 the match, any other group empty. */
function fillTemplate(template: string, match: string): string {
  if (!template.includes("$")) return template;
  return template.replaceAll(TEMPLATE, (found, braced: string | undefined, bare: string | undefined) => {
    if (found === "$$") return "$";
    return (braced ?? bare) === "0" ? match : "";
  });
}

/** The value with the first match, or every match, of the pattern replaced; throws LexError for a pattern that BuildKit refuses. */
export function replaceMatches(pattern: string, value: string, replacement: string, isAll: boolean): string {
  const points = codePoints(value);
  const ends = matchEnds(tokensOf(codePoints(pattern)), points, true);
  if (!isAll) {
    const start = ends.findIndex((end) => end !== -1);
    if (start === -1) return value;
    return toText(points.slice(0, start)) + replacement + toText(points.slice(ends[start]));
  }
  if (replacement.length * points.length > MAX_WORK) throw new LexError("a replacement and a value too long", 0);
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at <= points.length;) {
    while (at <= points.length && ends[at] === -1) at++;
    const end = ends[at];
    if (end === undefined) break;
    parts.push(toText(points.slice(copied, at)));
    // An empty match right after a match counts for nothing.
    if (end > copied || at === 0) parts.push(fillTemplate(replacement, toText(points.slice(at, end))));
    copied = end;
    at = Math.max(end, at + 1);
  }
  return parts.join("") + toText(points.slice(copied));
}
