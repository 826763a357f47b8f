/**
 * A cheap test on bytes that drops nearly all needles in ordinary files before anything is decoded: are there enough
 * characters for a token behind it? Says no only where `matchAt` finds nothing. Pure.
 */

import { MIN_BODY_LENGTH } from "./family.ts";
import type { Needle } from "./needle.ts";

const BODY = 1;
const BASE64 = 2;
const HEX = 4;
const ESCAPED = 8;
const BREAK = 16;
const ESCAPED_LEFT = 32;

/** By byte, as bits: what stands in a token, in base64, in hex, in an escaped token, in a break, before an escaped `_`. */
const CLASSES: Uint8Array = new Uint8Array(256);
CLASSES.set(Array.from({ length: 128 }, (_, byte) => classesOf(byte)));

function classesOf(byte: number): number {
  const char = String.fromCharCode(byte);
  const isIn = (set: RegExp, bit: number): number => (set.test(char) ? bit : 0);
  return (
    isIn(/[A-Za-z0-9_.-]/, BODY) |
    isIn(/[A-Za-z0-9+/_-]/, BASE64) |
    isIn(/[0-9A-Fa-f]/, HEX) |
    isIn(/[A-Za-z0-9_.%=\\&#;\r\n-]/, ESCAPED) |
    isIn(/[\r\n\t \\]/, BREAK) |
    isIn(/[0-9a-gtA-F;\n]/, ESCAPED_LEFT)
  );
}

const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

function has(bytes: Uint8Array, at: number, mask: number): boolean {
  return ((CLASSES[bytes[at] ?? 0] ?? 0) & mask) !== 0;
}

/** True when `count` bytes, `step` apart, are all of a class. */
function isRun(bytes: Uint8Array, from: number, to: number, count: number, step: number, mask: number): boolean {
  if (from + count * step - step >= to) return false;
  for (let i = 0, at = from; i < count; i++, at += step) if (!has(bytes, at, mask)) return false;
  return true;
}

/** A token, or what there is of it before a soft line break of quoted-printable. */
function isPlainRun(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < from + MIN_BODY_LENGTH; at++) {
    if (at >= to) return false;
    if (has(bytes, at, BODY)) continue;
    return bytes[at] === EQUALS && (bytes[at + 1] === NEWLINE || bytes[at + 1] === RETURN);
  }
  return true;
}

/** Enough characters of base64, also over line breaks. */
function isBase64Run(bytes: Uint8Array, from: number, to: number): boolean {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (has(bytes, at, BASE64)) {
      if (++count === MIN_BODY_LENGTH) return true;
    } else if (!has(bytes, at, BREAK)) return false;
  }
  return false;
}

/** False when no token can stand around the needle at `at`, with the bytes before `to`. */
export function canBeToken(bytes: Uint8Array, at: number, to: number, needle: Needle): boolean {
  const from = at + needle.text.length;
  switch (needle.encoding) {
    case "plain":
      return isPlainRun(bytes, from, to);
    case "base64":
      return isBase64Run(bytes, from, to);
    case "wide":
      // The needle ends with a character, without the zeros of its unit.
      return isRun(bytes, from + needle.unit - 1, to, MIN_BODY_LENGTH, needle.unit, BODY);
    case "hex":
      return isRun(bytes, from, to, MIN_BODY_LENGTH * 2, 1, HEX);
    case "packed":
      return false;
    case "escape":
      return at > 0 && has(bytes, at - 1, ESCAPED_LEFT) && isRun(bytes, from, to, MIN_BODY_LENGTH, 1, ESCAPED);
  }
}
