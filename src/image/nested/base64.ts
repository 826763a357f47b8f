/**
 * Compressed bytes in base64, as Kubernetes and Helm keep releases and cloud-init takes user data: unpacks them, and
 * hands on what comes out as a part of the text. What is no base64 again is told by others.
 */

import { crc32 } from "node:zlib";
import { buffered, type BufferedReader, type ByteReader } from "../byte-reader.ts";
import { createInflateStep } from "../step-decoder.ts";
import { unpacking } from "../unpacking.ts";
import { unzstd } from "../unzstd.ts";
import { MARK_BYTES } from "../scan/token-window.ts";
import { viewer, type Content, type View } from "./content.ts";
import { decodedText, deflatedFrom, packedPlaces, packedText, type PackedText } from "./packed-text.ts";
import { damageOf, type ArchiveReader, type Visitor } from "./visitor.ts";

/** The longest header, with the name of a file and a comment, that is read. */
const HEADER_BYTES = 1024;
const TRAILER_BYTES = 8;
const PIECE_BYTES = 65_536;
const LINE_FEED = 0x0a;

/**
 * All members of a gzip (RFC 1952). What follows them may be the words after the text, so this reads headers and ends
 * itself: zlib would take any byte that follows for one more member.
 */
function gunzipText(source: BufferedReader, damaged: () => void): ByteReader {
  const decoder = createInflateStep("raw");
  const data = unpacking(decoder, source);
  let checksum = 0;
  let made = 0;
  let isBegun = false;
  let isOver = false;
  /** False where no member begins. */
  const begin = async (): Promise<boolean> => {
    const head = await source.peek(HEADER_BYTES);
    const from = deflatedFrom(head);
    if (from === null || from > head.length) return false;
    await source.skip(from);
    checksum = made = 0;
    isBegun = true;
    return true;
  };
  /** False where the member's end is not what it should be. */
  const end = async (): Promise<boolean> => {
    isBegun = false;
    const tail = Buffer.from(await source.peek(TRAILER_BYTES));
    await source.skip(TRAILER_BYTES);
    if (data.error() !== null || tail.length < TRAILER_BYTES) return false;
    return tail.readUInt32LE(0) === checksum && tail.readUInt32LE(4) === made % 2 ** 32;
  };
  return {
    read: async (into) => {
      while (!isOver) {
        if (isBegun || (await begin())) {
          const count = await data.read(into);
          checksum = crc32(into.subarray(0, count), checksum);
          made += count;
          if (count > 0) return count;
          isOver = !(await end());
          if (isOver) damaged();
          else data.again();
        } else isOver = true;
        if (isOver) decoder.close();
      }
      return 0;
    },
  };
}

interface Begin {
  readonly what: PackedText;
  readonly bytes: number;
  readonly lines: number;
}

/** Says where in the text to look for the next one. */
async function readOne(content: Content, from: Begin, visitor: Visitor): Promise<number> {
  const { what } = from;
  const { reader, placeOf } = decodedText(content, from.bytes);
  const behind = from.bytes + 1;
  if (what === "base64") {
    await visitor.decoded(["base64"], from, reader);
    return behind;
  }
  const damage = damageOf(visitor);
  const damaged = (): void => damage.report({ why: "corrupt", detail: "" });
  const unpacked = what === "gzip" ? gunzipText(reader, damaged) : unzstd(reader, damage.report);
  await visitor.decoded(["base64", what], from, buffered(unpacked));
  if (!damage.isDamaged()) return placeOf(reader.offset());
  visitor.undecoded(`base64-${what}-damaged`);
  // What looked like one may have hidden where the next one begins.
  return behind;
}

/** Counts line feeds up to places that ascend. */
function lineCounter(view: View): (to: number) => number {
  let at = 0;
  let lines = 0;
  return (to) => {
    while (at < to) {
      const piece = view(at, Math.min(PIECE_BYTES, to - at));
      for (const byte of piece) if (byte === LINE_FEED) lines++;
      at += piece.length;
    }
    return lines;
  };
}

/** A text that begins with one, or several where what ends one is not sure. */
export const readPackedText: ArchiveReader = async (content, visitor) => {
  const view = viewer(content);
  const linesTo = lineCounter(view);
  let next = 0;
  for (const at of packedPlaces(content)) {
    if (at < next) continue;
    const what = packedText(view(at, MARK_BYTES));
    if (what !== null) next = await readOne(content, { what, bytes: at, lines: linesTo(at) }, visitor);
  }
};
