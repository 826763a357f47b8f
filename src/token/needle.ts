/**
 * The byte strings that betray a token, plain or wrapped: what a search runs over everything, before anything is
 * decoded. A needle says where the token's prefix would begin and how to read around it.
 */

import { PREFIXES } from "./family.ts";

/** How the bytes around a needle are to be read; `packed` begins compressed bytes in base64, of which no prefix shows. */
export type NeedleEncoding = "plain" | "base64" | "wide" | "hex" | "escape" | "packed";

/** One string to search for. */
export interface Needle {
  /** The characters, each one byte (Latin-1). */
  readonly text: string;
  readonly encoding: NeedleEncoding;
  /** Base64: how many characters of its group stand before the needle, 0 to 3. UTF-16 and -32: bytes of a character. */
  readonly unit: number;
  /** Base64: how many bytes after the start of the needle's group the prefix begins; negative when it begins before. */
  readonly shift: number;
  /** What stands in the decoded text where a prefix would; null for the prefix itself. */
  readonly inner: Needle | null;
}

const NEWLINES = ["\n", "\r\n"];

/** What ends a prefix, `_`, as text formats escape it; whoever escapes the token escapes this too, or nothing. */
const ESCAPED_UNDERSCORES = "%5F %5f =5F \\u005f \\u005F \\x5f \\x5F &#95; &#x5f; &#x5F; &lowbar;".split(" ");

function needle(text: string, encoding: NeedleEncoding, unit = 0): Needle {
  return { text, encoding, unit, shift: 0, inner: null };
}

/** A needle of the base64 text of `text` after `phase` bytes of a group: its characters from `from` up to `to`. */
function base64Piece(text: string, phase: number, from: number, to: number, inner: Needle | null): Needle {
  const encoded = Buffer.from("\0".repeat(phase) + text, "latin1").toString("base64");
  const unit = from % 4;
  return { text: encoded.slice(from, to), encoding: "base64", unit, shift: phase - ((from - unit) / 4) * 3, inner };
}

/** Needles whose characters do not depend on what stands before and after `text`, for all three phases. */
function base64Needles(text: string, inner: Needle | null): Needle[] {
  return [0, 1, 2].flatMap((phase) => {
    const from = Math.ceil((phase * 8) / 6);
    const to = Math.floor(((phase + text.length) * 8) / 6);
    // Of a long one each half, so that a line break in one does not matter.
    const borders = to - from >= 10 ? [from, (from + to) >> 1, to] : [from, to];
    return borders.slice(1).map((border, i) => base64Piece(text, phase, borders[i] ?? from, border, inner));
  });
}

/** The short needle again, with a line break at each place within it. */
function broken(whole: Needle): Needle[] {
  const { text } = whole;
  const cuts = text.length > 4 ? [] : Array.from({ length: text.length - 1 }, (_, i) => i + 1);
  return cuts.flatMap((cut) =>
    NEWLINES.map((newline) => ({ ...whole, text: text.slice(0, cut) + newline + text.slice(cut) })),
  );
}

function hexNeedles(prefix: string): Needle[] {
  const digits = Buffer.from(prefix, "latin1").toString("hex");
  return [needle(digits, "hex"), needle(digits.toUpperCase(), "hex")];
}

/** The prefix with `width` bytes a character; the zeros around the outer ones tell the order of bytes, and are left out. */
function wideNeedle(prefix: string, width: number): Needle {
  return needle(Array.from(prefix).join("\0".repeat(width - 1)), "wide", width);
}

/**
 * How gzip and zstd begin in base64, and in base64 of that, and how zip and xz do; base64 is whole where it begins, so
 * there is one phase.
 */
const PACKED = "H4sI KLUv SDRzSU S0xVd UEsDB /Td6WFoA _Td6WFoA".split(" ");

const ONCE = PREFIXES.flatMap((prefix) => base64Needles(prefix, null));
const [SHORTEST = ""] = PREFIXES;

/** Every needle, the plain ones first. */
export const NEEDLES: readonly Needle[] = [
  ...PREFIXES.map((text) => needle(text, "plain")),
  ...ONCE,
  ...ONCE.flatMap(broken),
  ...base64Needles(SHORTEST, null).flatMap((once) => base64Needles(once.text, once)),
  ...PREFIXES.flatMap((prefix) => [wideNeedle(prefix, 2), wideNeedle(prefix, 4)]),
  ...PREFIXES.flatMap(hexNeedles),
  ...ESCAPED_UNDERSCORES.map((text) => needle(text, "escape")),
  ...PACKED.map((text) => needle(text, "packed")),
];

/** The needles that a token can be read from without unpacking. */
export const READABLE_NEEDLES: readonly Needle[] = NEEDLES.filter(({ encoding }) => encoding !== "packed");
