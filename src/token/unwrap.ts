/**
 * Reads the text around a needle as one encoding or another: what came out, where in it the needle's text stands, and
 * where in the source each character was. Bounded by what is asked for. Pure; judges nothing.
 */

import { PREFIXES } from "./family.ts";
import type { Needle } from "./needle.ts";

/** Decoded text around a needle. */
export interface Unwrapped {
  /** As it stands in reports. */
  readonly encoding: string;
  readonly text: string;
  /** Where the prefix (or what the needle has for it) begins in `text`. */
  readonly prefixAt: number;
  /** The source's offset at which a decoded character begins. */
  readonly startOf: (index: number) => number;
  /** The source's offset at which the last of the decoded characters before `index` ends. */
  readonly endOf: (index: number) => number;
}

/** Decoded characters before a needle: what tells whether a token may begin there. */
const LEFT_CHARACTERS = 12;

const BASE64 = /[A-Za-z0-9+/_-]/;
/** A line break in a block of base64, plain or as JSON writes it, with the next line's indentation. */
const BREAK = /(?:\r?\n|\\r\\n|\\n)[ \t]*/y;
const BREAK_BEFORE = /(?:\r?\n|\\r\\n|\\n)[ \t]*$/;
const MAX_BREAK = 64;

function breakLength(text: string, at: number): number {
  BREAK.lastIndex = at;
  const length = BREAK.exec(text)?.[0].length ?? 0;
  return length <= MAX_BREAK && BASE64.test(text.charAt(at + length)) ? length : 0;
}

/** Offsets of the characters before `at` that are needed to fill its group, and of some groups before that. */
function base64Before(text: string, at: number, needle: Needle): number[] | null {
  const offsets: number[] = [];
  const needed = needle.unit + Math.max(0, Math.ceil(-needle.shift / 3)) * 4;
  let i = at;
  while (offsets.length < needed + LEFT_CHARACTERS + 4) {
    if (i > 0 && BASE64.test(text.charAt(i - 1))) offsets.push(--i);
    else if (offsets.length >= needed) break;
    else {
      const length = BREAK_BEFORE.exec(text.slice(Math.max(0, i - MAX_BREAK), i))?.[0].length ?? 0;
      if (length === 0) return null;
      i -= length;
    }
  }
  offsets.length -= (offsets.length - needle.unit) % 4;
  return offsets.toReversed();
}

/** `crosses`: also over line breaks outside of the needle. Null when the needle cannot stand in base64 here. */
function fromBase64(text: string, at: number, needle: Needle, maxLength: number, crosses: boolean): Unwrapped | null {
  const offsets = base64Before(text, at, needle);
  if (offsets === null) return null;
  const before = offsets.length;
  const wanted = before + Math.ceil(((maxLength - needle.shift) * 4) / 3) + 8;
  for (let i = at; offsets.length < wanted;) {
    if (BASE64.test(text.charAt(i))) offsets.push(i++);
    else {
      const length = crosses || i < at + needle.text.length ? breakLength(text, i) : 0;
      if (length === 0) break;
      i += length;
    }
  }
  const encoded = offsets.map((offset) => text.charAt(offset)).join("");
  const prefixAt = ((before - needle.unit) / 4) * 3 + needle.shift;
  if (prefixAt < 0) return null;
  return {
    encoding: "base64",
    text: Buffer.from(encoded, "base64").toString("latin1"),
    prefixAt,
    startOf: (index) => offsets[Math.floor(index / 3) * 4] ?? at,
    endOf: (index) => (offsets[Math.min(offsets.length, Math.ceil(index / 3) * 4) - 1] ?? at) + 1,
  };
}

/** UTF-16 or UTF-32; only characters of Latin-1, anything else stands as a mark before the prefix and ends it after. */
function fromWide(text: string, at: number, width: number, maxLength: number, isBig: boolean): Unwrapped {
  const zeros = "\0".repeat(width - 1);
  const isLatin = (i: number): boolean =>
    isBig ? i >= width - 1 && text.startsWith(zeros, i - width + 1) : text.startsWith(zeros, i + 1);
  let decoded = "";
  const from = at - Math.min(LEFT_CHARACTERS, Math.floor((isBig ? at - width + 1 : at) / width)) * width;
  for (let i = from; i < text.length && i < at + maxLength * width; i += width) {
    if (isLatin(i)) decoded += text.charAt(i);
    else if (i < at) decoded += "\u{fffd}";
    else break;
  }
  const first = isBig ? from - width + 1 : from;
  const offsetOf = (index: number): number => first + index * width;
  return {
    encoding: `utf-${width * 8}${isBig ? "be" : "le"}`,
    text: decoded,
    prefixAt: (at - from) / width,
    startOf: offsetOf,
    endOf: offsetOf,
  };
}

const HEX_BEFORE = /(?:[0-9A-Fa-f]{2})+$/;
const HEX_RUN = /(?:[0-9A-Fa-f]{2})+/y;

function fromHex(text: string, at: number, maxLength: number): Unwrapped {
  const before = HEX_BEFORE.exec(text.slice(Math.max(0, at - LEFT_CHARACTERS * 2), at))?.[0].length ?? 0;
  HEX_RUN.lastIndex = at;
  const run = HEX_RUN.exec(text.slice(0, at + maxLength * 2))?.[0].length ?? 0;
  const from = at - before;
  const offsetOf = (index: number): number => from + index * 2;
  return {
    encoding: "hex",
    text: Buffer.from(text.slice(from, at + run), "hex").toString("latin1"),
    prefixAt: before / 2,
    startOf: offsetOf,
    endOf: offsetOf,
  };
}

/** A way of text formats to write a character by its number. */
interface EscapeKind {
  readonly encoding: string;
  /** The beginning of the needles that speak of it. */
  readonly sign: string;
  /** One escape, with the number as the first group that took part; without any it stands for nothing, as a soft break. */
  readonly here: RegExp;
  /** The same at the end of a text. */
  readonly before: RegExp;
  readonly radix: 10 | 16;
}

function escapeKind(encoding: string, sign: string, pattern: string, radix: 10 | 16): EscapeKind {
  return { encoding, sign, here: new RegExp(pattern, "y"), before: new RegExp(`${pattern}$`), radix };
}

const QUOTED_PRINTABLE = escapeKind("quoted-printable", "=", "=(?:([0-9A-F]{2})|\\r?\\n)", 16);
const ESCAPES: readonly EscapeKind[] = [
  escapeKind("percent", "%", "%([0-9A-Fa-f]{2})", 16),
  QUOTED_PRINTABLE,
  escapeKind("escape", "\\", "\\\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))", 16),
  escapeKind("html", "&", "&(?:#[xX]0{0,4}([0-9A-Fa-f]{2});|lowbar;)", 16),
  escapeKind("html", "&", "&(?:#0{0,4}([0-9]{2,3});|lowbar;)", 10),
];
const SOFT_BREAK = /[A-Za-z0-9_]{3,50}=\r?\n[A-Za-z0-9]/y;
const LONGEST_ESCAPE = 10;
const LONGEST_PREFIX = Math.max(...PREFIXES.map(({ length }) => length));

/** One character at `at`, escaped or not: itself and how long it is in the source. */
function characterAt(text: string, at: number, kind: EscapeKind): { character: string; length: number } {
  kind.here.lastIndex = at;
  const match = text.startsWith(kind.sign, at) ? kind.here.exec(text) : null;
  if (match === null) return { character: text.charAt(at), length: 1 };
  const number = match.slice(1).find((group) => group !== undefined);
  const named = match[0] === "&lowbar;" ? "_" : "";
  const character = number === undefined ? named : String.fromCharCode(Number.parseInt(number, kind.radix));
  return { character, length: match[0].length };
}

/** Where the prefix begins whose last character is the escape at `at`; null when there is none. */
function prefixBefore(text: string, at: number, kind: EscapeKind): number | null {
  let decoded = "_";
  let i = at;
  let start: number | null = null;
  while (i > 0 && decoded.length < LONGEST_PREFIX) {
    const length = kind.before.exec(text.slice(Math.max(0, i - LONGEST_ESCAPE), i))?.[0].length ?? 1;
    i -= length;
    decoded = characterAt(text, i, kind).character + decoded;
    if (PREFIXES.includes(decoded)) start = i;
    if (!PREFIXES.some((prefix) => prefix.endsWith(decoded))) break;
  }
  return start;
}

/** From the prefix on everything that is escaped is decoded; what stands before it is kept as it is. */
function fromEscapes(text: string, prefix: number, kind: EscapeKind, maxLength: number): Unwrapped {
  const from = Math.max(0, prefix - LONGEST_ESCAPE);
  const offsets = Array.from({ length: prefix - from }, (_, i) => from + i);
  let decoded = text.slice(from, prefix);
  let i = prefix;
  while (i < text.length && decoded.length < prefix - from + maxLength) {
    const { character, length } = characterAt(text, i, kind);
    if (character !== "") {
      decoded += character;
      offsets.push(i);
    }
    i += length;
  }
  offsets.push(i);
  const offsetOf = (index: number): number => offsets[index] ?? i;
  return {
    encoding: kind.encoding,
    text: decoded,
    prefixAt: prefix - from,
    startOf: offsetOf,
    endOf: offsetOf,
  };
}

/** Every way to read the text around the needle found at `at`, the likeliest first; `maxLength` characters from the prefix on. */
export function unwrap(text: string, at: number, needle: Needle, maxLength: number): Unwrapped[] {
  switch (needle.encoding) {
    case "plain":
    case "packed":
      return [];
    case "base64":
      return [false, true].flatMap((crosses) => fromBase64(text, at, needle, maxLength, crosses) ?? []);
    case "wide":
      return [false, true].map((isBig) => fromWide(text, at, needle.unit, maxLength, isBig));
    case "hex":
      return [fromHex(text, at, maxLength)];
    case "escape":
      return ESCAPES.filter(({ sign }) => needle.text.startsWith(sign)).flatMap((kind) => {
        const prefix = prefixBefore(text, at, kind);
        return prefix === null ? [] : fromEscapes(text, prefix, kind, maxLength);
      });
  }
}

/** The text from a plain prefix on, read as quoted-printable, when a soft line break of that cuts a token in two. */
export function unwrapSoftBreaks(text: string, at: number, maxLength: number): Unwrapped | null {
  SOFT_BREAK.lastIndex = at;
  return SOFT_BREAK.test(text) ? fromEscapes(text, at, QUOTED_PRINTABLE, maxLength) : null;
}
