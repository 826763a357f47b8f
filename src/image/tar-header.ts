/**
 * One tar header block, read as Go's archive/tar reads it, which every container engine uses. Knows the fields of V7,
 * ustar, PAX and GNU headers; does not know what comes before or after the block.
 */

/** Size of a block, and of a header. */
export const BLOCK = 512;

const NAME = { from: 0, to: 100 };
const SIZE = { from: 124, to: 136 };
const CHECKSUM = { from: 148, to: 156 };
const TYPE = 156;
const LINK = { from: 157, to: 257 };
const MAGIC = 257;
const PREFIX = { from: 345, to: 500 };
const STAR_PREFIX_END = 476;

/** A stretch of a buffer. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** True for a block of nothing but zeros. */
export function isZeroBlock(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + BLOCK; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** An octal or base-256 number field; NaN when it is neither, or does not fit. */
export function numberField(bytes: Uint8Array, from: number, to: number): number {
  const first = bytes[from] ?? 0;
  if ((first & 0x80) !== 0) {
    const isNegative = (first & 0x40) !== 0;
    let value = isNegative ? (first & 0x7f) - 0x80 : first & 0x3f;
    for (let i = from + 1; i < to; i++) value = value * 256 + (bytes[i] ?? 0);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }
  let i = from;
  while (i < to && (bytes[i] === 0x20 || bytes[i] === 0)) i++;
  let value = 0;
  for (; i < to; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  if (bytes[i] === 0) return value;
  for (; i < to; i++) if (bytes[i] !== 0x20 && bytes[i] !== 0) return Number.NaN;
  return value;
}

let viewed: Uint8Array | null = null;
let words: Int32Array = new Int32Array();

/** The buffer as words; the same buffer is asked about for every header of a tar. */
function wordsOf(bytes: Uint8Array): Int32Array {
  if (viewed !== bytes) {
    viewed = bytes;
    words =
      bytes.byteOffset % 4 === 0
        ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
        : new Int32Array();
  }
  return words;
}

/** The sum of a block's bytes. */
function sumOf(bytes: Uint8Array, at: number): number {
  const all = wordsOf(bytes);
  const first = at >> 2;
  let sum = 0;
  if (at % 4 !== 0 || all.length < first + BLOCK / 4) {
    for (let i = at; i < at + BLOCK; i++) sum += bytes[i] ?? 0;
    return sum;
  }
  let even = 0;
  let odd = 0;
  for (let i = first; i < first + BLOCK / 4; i++) {
    const word = all[i] ?? 0;
    even += word & 0x00ff00ff;
    odd += (word >>> 8) & 0x00ff00ff;
  }
  return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

/** What the sum is less by when bytes are signed. */
function signedLoss(bytes: Uint8Array, at: number): number {
  let high = 0;
  for (let i = at; i < at + BLOCK; i++) {
    const isOwn = i >= at + CHECKSUM.from && i < at + CHECKSUM.to;
    if (!isOwn && (bytes[i] ?? 0) > 0x7f) high++;
  }
  return 256 * high;
}

/** True when the block's checksum fits, counted with unsigned or, as old writers did, signed bytes. */
export function hasChecksum(bytes: Uint8Array, at: number): boolean {
  const stated = numberField(bytes, at + CHECKSUM.from, at + CHECKSUM.to);
  if (Number.isNaN(stated)) return false;
  let sum = sumOf(bytes, at) + 8 * 0x20;
  for (let i = at + CHECKSUM.from; i < at + CHECKSUM.to; i++) sum -= bytes[i] ?? 0;
  return sum === stated || ((sum - stated) % 256 === 0 && sum - signedLoss(bytes, at) === stated);
}

/** True when a tar begins here: a header with a fitting checksum. Wants a whole block. */
export function isTarHeader(bytes: Uint8Array, at: number = 0): boolean {
  return bytes.length >= at + BLOCK && !isZeroBlock(bytes, at) && hasChecksum(bytes, at);
}

/** The size field: how many bytes follow, unless the type says that none do. NaN when it is no number. */
export function sizeField(bytes: Uint8Array, at: number): number {
  return numberField(bytes, at + SIZE.from, at + SIZE.to);
}

/** The type as a byte: `0` to `7`, `x`, `g`, `L`, `K`, `S`, …; 0 in old headers. */
export function typeField(bytes: Uint8Array, at: number): number {
  return bytes[at + TYPE] ?? 0;
}

function textSpan(bytes: Uint8Array, from: number, to: number): Span {
  let end = from;
  while (end < to && bytes[end] !== 0) end++;
  return { from, to: end };
}

/** Where the name stands. */
export function nameSpan(bytes: Uint8Array, at: number): Span {
  return textSpan(bytes, at + NAME.from, at + NAME.to);
}

/** Where the link target stands. */
export function linkSpan(bytes: Uint8Array, at: number): Span {
  return textSpan(bytes, at + LINK.from, at + LINK.to);
}

/** Where a ustar header keeps the first part of a long name; null when it has none, as in V7 and GNU headers. */
export function prefixSpan(bytes: Uint8Array, at: number): Span | null {
  if ((bytes[at + PREFIX.from] ?? 0) === 0 || !hasMagic(bytes, at, "ustar\0")) return null;
  const isStar = hasMagic(bytes, at + 508 - MAGIC, "tar\0");
  return textSpan(bytes, at + PREFIX.from, at + (isStar ? STAR_PREFIX_END : PREFIX.to));
}

/** True for a header that GNU tar wrote, with `ustar`, two blanks and a zero. */
export function isGnu(bytes: Uint8Array, at: number): boolean {
  return hasMagic(bytes, at, "ustar  \0");
}

function hasMagic(bytes: Uint8Array, at: number, magic: string): boolean {
  for (let i = 0; i < magic.length; i++) if (bytes[at + MAGIC + i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** True when a tar header stands on any block of these bytes: a tar, perhaps with its first blocks damaged. */
export function containsTarHeader(bytes: Uint8Array): boolean {
  if (bytes.length >= BLOCK && isZeroBlock(bytes, 0)) return true;
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) if (isTarHeader(bytes, at)) return true;
  return false;
}
