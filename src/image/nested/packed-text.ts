/**
 * Compressed bytes that are written as base64: tells whether they begin somewhere, keeps the text until it ends, and
 * decodes it piece by piece. Unpacks no more than a look takes; searches nothing.
 */

import { constants, inflateRawSync } from "node:zlib";
import { readBase64Run } from "../../token/base64-run.ts";
import { NEEDLES } from "../../token/needle.ts";
import { compressionOf } from "../decompress.ts";
import { buffered, type BufferedReader } from "../byte-reader.ts";
import { beginsFrame } from "../zstd-frame.ts";
import { viewer, type Content } from "./content.ts";
import { isZipMember } from "./kind.ts";
import { createSpool, type Spool } from "./spool.ts";

/** What the text is: packed and in base64, or base64 of what is opened by what it is: an archive, a text such as this. */
export type PackedText = "gzip" | "zstd" | "base64";

/** A shorter text holds no token, however well it is packed: gzip adds 18 bytes, and letters by chance stay 26. */
const MIN_BYTES = 40;
const HEAD_CHARACTERS = 384;
/** Text that is decoded at once, at first and at most: much of what looks like a beginning is damaged soon. */
const FIRST_PIECE_BYTES = 2048;
const PIECE_BYTES = 65_536;
/** Most runs are values of some variable. */
const USUAL_BYTES = 1024;

const FLAG = { crc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;

/**
 * Where the deflated data begins behind a gzip header (RFC 1952); null where none begins, and more than there are bytes
 * where the header is longer.
 */
export function deflatedFrom(bytes: Uint8Array): number | null {
  const flags = bytes[3] ?? FLAG.reserved;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || (flags & FLAG.reserved) !== 0) return null;
  let at = 10;
  if ((flags & FLAG.extra) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const flag of [FLAG.name, FLAG.comment]) {
    if ((flags & flag) === 0) continue;
    while (at < bytes.length && bytes[at] !== 0) at++;
    at++;
  }
  return at + ((flags & FLAG.crc) === 0 ? 0 : 2);
}

/** False where no deflated data (RFC 1951) begins, as far as there are bytes of it. */
function mayBeDeflated(bytes: Uint8Array): boolean {
  const [first = 0, low = 0, high = 0, lowInverted = 0, highInverted = 0] = bytes;
  const type = (first >> 1) & 3;
  const isStored = low + lowInverted === 0xff && high + highInverted === 0xff;
  if (type === 3 || (type === 0 && !isStored)) return false;
  try {
    inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 4096 });
    return true;
  } catch {
    return false;
  }
}

/** A header that is longer than what is looked at has a long name, and nothing else. */
function isGzip(bytes: Uint8Array): boolean {
  const from = deflatedFrom(bytes);
  if (from === null) return false;
  if (from <= bytes.length) return mayBeDeflated(bytes.subarray(from));
  return ((bytes[3] ?? 0) & FLAG.name) !== 0 && bytes.subarray(10).every((byte) => byte >= 0x20 && byte !== 0x7f);
}

/** What begins here, by the first 512 bytes or what there is of them; null for what holds nothing packed. */
export function packedText(head: Uint8Array): PackedText | null {
  const characters = Buffer.alloc(HEAD_CHARACTERS);
  const { count } = readBase64Run(head, 0, characters, true);
  const bytes = Buffer.from(characters.toString("latin1", 0, count), "base64");
  if (bytes.length < MIN_BYTES) return null;
  if (isGzip(bytes)) return "gzip";
  if (beginsFrame(bytes)) return "zstd";
  if (isZipMember(bytes) || compressionOf(bytes) === "xz") return "base64";
  const isText = PACKED.some((text) => bytes.toString("latin1", 0, text.length) === text);
  return isText && packedText(bytes) !== null ? "base64" : null;
}

const PACKED: readonly string[] = NEEDLES.filter(({ encoding }) => encoding === "packed").map(({ text }) => text);
const PLACES = new RegExp(PACKED.join("|"), "g");
const OVERLAP = Math.max(...PACKED.map(({ length }) => length)) - 1;

/** Every place in a text where one may begin, in order. */
export function* packedPlaces(content: Content): Generator<number> {
  const view = viewer(content);
  for (let from = 0, done = 0; from < content.size; from += PIECE_BYTES) {
    const piece = Buffer.from(view(from, PIECE_BYTES + OVERLAP)).toString("latin1");
    for (const { index } of piece.matchAll(PLACES)) {
      if (from + index < done) continue;
      done = from + index + 1;
      yield from + index;
    }
  }
}

/** A text on its way, as it comes. */
export interface TextRun {
  /** As `RunTap` has it. Throws what a spool throws. */
  readonly push: (bytes: Uint8Array) => number;
  readonly spool: Spool;
}

/** Written by whoever measures a run; nobody reads it. */
const scratch = new Uint8Array(PIECE_BYTES);

/** Keeps a run of base64 until that ends. */
export function createTextRun(): TextRun {
  const spool = createSpool(USUAL_BYTES);
  /** What more text may make something of; it is kept already. */
  let rest: Uint8Array = new Uint8Array();
  return {
    spool,
    push: (bytes) => {
      const text = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      let run = readBase64Run(text, 0, scratch, false);
      while (!run.isOver && run.count === scratch.length) run = readBase64Run(text, run.next, scratch, false);
      const taken = run.isOver ? Math.max(0, run.next - rest.length) : bytes.length;
      spool.write(bytes.subarray(0, taken));
      rest = text.slice(run.next);
      return taken;
    },
  };
}

/** A run that is decoded as it is read. */
export interface DecodedText {
  readonly reader: BufferedReader;
  /** Where in the text the characters end that the first `bytes` decoded ones were made of. */
  readonly placeOf: (bytes: number) => number;
}

/** Decodes the run that begins at `from`. */
export function decodedText(content: Content, from: number): DecodedText {
  const view = viewer(content);
  const characters = Buffer.alloc(Math.min(PIECE_BYTES, content.size - from));
  /** For each piece of text: where it begins, and how many characters stand before it. */
  const pieces: { readonly at: number; readonly before: number }[] = [];
  let pieceBytes = FIRST_PIECE_BYTES;
  let at = from;
  let before = 0;
  let kept = 0;
  let isOver = false;
  let decoded = Buffer.alloc(0);

  const decodePiece = (): void => {
    const text = view(at, pieceBytes);
    pieceBytes = Math.min(PIECE_BYTES, pieceBytes * 2);
    pieces.push({ at, before });
    const run = readBase64Run(text, 0, characters.subarray(kept), at + text.length === content.size);
    isOver = run.isOver || (run.count === 0 && run.next === 0);
    at += run.next;
    before += run.count;
    const whole = kept + run.count - (isOver ? 0 : (kept + run.count) % 4);
    decoded = Buffer.from(characters.toString("latin1", 0, whole), "base64");
    characters.copyWithin(0, whole, kept + run.count);
    kept += run.count - whole;
  };
  return {
    reader: buffered({
      read: (into) => {
        for (;;) {
          if (decoded.length > 0 || isOver) break;
          decodePiece();
        }
        const count = decoded.copy(into);
        decoded = decoded.subarray(count);
        return count;
      },
    }),
    placeOf: (bytes) => {
      const wanted = Math.ceil((bytes * 4) / 3);
      const piece = pieces.findLast(({ before: earlier }) => earlier < wanted);
      if (piece === undefined) return from;
      const space = new Uint8Array(Math.min(PIECE_BYTES, wanted - piece.before));
      return piece.at + readBase64Run(view(piece.at, PIECE_BYTES), 0, space, true).next;
    },
  };
}
