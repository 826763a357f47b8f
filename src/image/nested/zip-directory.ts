/**
 * The central directory of a zip, wherever it begins: with or without zip64, behind a program or other bytes. Format:
 * PKWARE's APPNOTE 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3. Reads no member.
 */

import { viewer, type Content, type View } from "./content.ts";

/** A member as the directory states it. */
export interface ZipEntry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** Where its local header begins in the content; NaN when it is said to be nowhere. */
  readonly headerFrom: number;
}

/** Where a directory stands, and how far its offsets are off because of what stands before the zip. */
export interface ZipDirectory {
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const FULL_32 = 0xffffffff;
const ZIP64_FIELD = 1;

function dataOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A 64-bit number; NaN beyond what a file can have. */
function number64(data: DataView, at: number): number {
  const value = data.getBigUint64(at, true);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.NaN : Number(value);
}

/** Size and offset of the directory from the zip64 end record, if there is one before the end record at `endAt`. */
function end64(view: View, endAt: number): { size: number; offset: number; at: number } | null {
  if (endAt < LOCATOR_BYTES) return null;
  const locator = dataOf(view(endAt - LOCATOR_BYTES, LOCATOR_BYTES));
  if (locator.byteLength < LOCATOR_BYTES || locator.getUint32(0, true) !== LOCATOR) return null;
  // The record stands right before the locator, also where the stated offset is off.
  for (const at of [number64(locator, 8), endAt - LOCATOR_BYTES - END64_BYTES]) {
    if (!(at >= 0) || at + END64_BYTES > endAt) continue;
    const record = dataOf(view(at, END64_BYTES));
    if (record.getUint32(0, true) === END64) return { size: number64(record, 40), offset: number64(record, 48), at };
  }
  return null;
}

function isEntryAt(view: View, at: number): boolean {
  const bytes = at < 0 ? new Uint8Array() : view(at, 4);
  return bytes.length === 4 && dataOf(bytes).getUint32(0, true) === ENTRY;
}

/** The directory that the last end record names; null when there is none. */
export function findDirectory(content: Content): ZipDirectory | null {
  const from = Math.max(0, content.size - END_BYTES - MAX_COMMENT_BYTES);
  const view = viewer(content);
  const tail = Buffer.from(view(from, content.size - from));
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    at = tail.lastIndexOf("PK\x05\x06", at, "latin1");
    if (at === -1) return null;
    if (tail.readUInt32LE(at) !== END) continue;
    const end = from + at;
    const record = end64(view, end);
    const stated = record ?? { size: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16), at: end };
    const start = stated.at - stated.size;
    // What was put before a zip moves everything by as much, unless its writer corrected the offsets; then what is
    // taken off again moves it back.
    const isShifted = start >= stated.offset || isEntryAt(view, start);
    if (start >= 0 && isShifted) return { from: start, to: stated.at, shift: start - stated.offset };
    if (stated.offset >= 0 && stated.offset + stated.size <= content.size) {
      return { from: stated.offset, to: stated.offset + stated.size, shift: 0 };
    }
  }
  return null;
}

/** Sizes and offset of an entry, with the 64-bit ones of its extra field where the others are full. */
function sizesOf(data: DataView, extra: DataView): { unpackedBytes: number; packedBytes: number; headerFrom: number } {
  const sizes = {
    unpackedBytes: data.getUint32(24, true),
    packedBytes: data.getUint32(20, true),
    headerFrom: data.getUint32(42, true),
  };
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === ZIP64_FIELD) {
      let field = at + 4;
      for (const key of ["unpackedBytes", "packedBytes", "headerFrom"] as const) {
        if (sizes[key] !== FULL_32 || field + 8 > extra.byteLength || field + 8 > at + 4 + length) continue;
        sizes[key] = number64(extra, field);
        field += 8;
      }
      break;
    }
    at += 4 + length;
  }
  return sizes;
}

/** The entries of a directory, one after the other; ends where one is damaged. */
export function* entriesOf(content: Content, directory: ZipDirectory): Generator<ZipEntry, boolean> {
  const view = viewer(content);
  let at = directory.from;
  while (at + ENTRY_BYTES <= directory.to) {
    const fixed = dataOf(view(at, ENTRY_BYTES));
    if (fixed.byteLength < ENTRY_BYTES || fixed.getUint32(0, true) !== ENTRY) return false;
    const nameBytes = fixed.getUint16(28, true);
    const extraBytes = fixed.getUint16(30, true);
    const length = ENTRY_BYTES + nameBytes + extraBytes + fixed.getUint16(32, true);
    const bytes = view(at, length);
    if (bytes.length < length) return false;
    const nameTo = ENTRY_BYTES + nameBytes;
    const data = dataOf(bytes);
    const sizes = sizesOf(data, dataOf(bytes.subarray(nameTo, nameTo + extraBytes)));
    yield {
      name: Buffer.from(bytes.subarray(ENTRY_BYTES, nameTo)).toString("utf8"),
      isEncrypted: (data.getUint16(8, true) & 1) !== 0,
      method: data.getUint16(10, true),
      ...sizes,
      headerFrom: sizes.headerFrom + directory.shift,
    };
    at += length;
  }
  return at === directory.to;
}
