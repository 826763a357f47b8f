/**
 * The streams of a PDF that are packed with Flate: pages, objects, metadata, scripts, files that are attached. Finds them
 * by their keywords and not by the tables of the document, so that old versions of objects are read too. Format: ISO
 * 32000-1, sections 7.3.8, 7.4, 7.5.7 and 9.4.3.
 */

import { findText, memoryContent, partOf, viewer, type Content } from "./content.ts";
import { fromAscii85, fromAsciiHex } from "./pdf-ascii.ts";
import type { ArchiveReader } from "./visitor.ts";
import { readZip } from "./zip.ts";
import { findDirectory } from "./zip-directory.ts";
import { isZlibHeader, visitZlib } from "./zlib-part.ts";

const STREAM = "stream";
const END = "endstream";
/** What is looked at before a stream, for its number and its filters. */
const DICTIONARY_BYTES = 2048;
/** Digits of an object's number and version, and the blanks between them. */
const NUMBER_BYTES = 32;
/** Text that holds more bytes than this is searched as it is. */
const MAX_TEXT_BYTES = 4 * 1_048_576;
const END_MARK = "%%EOF";
/** Streams of one document that may be damaged: only a hostile one has more, to have it read again and again. */
const MAX_DAMAGED = 1000;
/** An end mark and what some writers put behind it. */
const MAX_TAIL_BYTES = 64;

/** The line end behind the keyword; 0 where there is none, and so no stream. */
function lineEndBytes(bytes: Uint8Array): number {
  if (bytes[0] === 0x0a) return 1;
  return bytes[0] === 0x0d ? (bytes[1] === 0x0a ? 2 : 1) : 0;
}

/** What a page shows, with the distances between letters taken out: they stand between pieces of a word. */
function shownText(page: Uint8Array): string {
  const text = Buffer.from(page.buffer, page.byteOffset, page.length).toString("latin1");
  return /T[jJ]/.test(text) ? text.replace(/\)\s{0,4}(?:-?[\d.]{1,12}\s{0,4})?\(/g, "") : "";
}

/** The object that a stream belongs to, and its dictionary, from what stands before it. */
function objectOf(before: string): { readonly name: string; readonly dictionary: string } {
  const at = before.lastIndexOf("obj");
  const number = at === -1 ? null : /(\d+)\s+\d+\s+$/.exec(before.slice(Math.max(0, at - NUMBER_BYTES), at));
  return { name: `object ${number?.[1] ?? "?"}`, dictionary: before.slice(at + 1) };
}

/** The data with what makes it text taken off; null where the dictionary names no such thing. */
function withoutText(dictionary: string, data: Content): Content | null {
  if (data.size > MAX_TEXT_BYTES) return null;
  const decode = /\/(?:ASCII85Decode|A85)\b/.test(dictionary)
    ? fromAscii85
    : /\/(?:ASCIIHexDecode|AHx)\b/.test(dictionary)
      ? fromAsciiHex
      : null;
  return decode === null ? null : memoryContent(decode(viewer(data)(0, data.size)));
}

/** Reads a document. */
export const readPdf: ArchiveReader = async (content, visitor, document) => {
  const view = viewer(content);
  const latin1 = (from: number, to: number): string => Buffer.from(view(from, to - from)).toString("latin1");
  const find = (text: string, from: number): number => findText(view, text, from, content.size);
  const encryption = find("/Encrypt", 0);
  const isEncrypted =
    encryption !== -1 && /^\/Encrypt\s*(?:\d+\s+\d+\s+R|<<)/.test(latin1(encryption, encryption + 40));
  if (isEncrypted) visitor.undecoded("pdf-encrypted");

  let damaged = 0;
  /** True when a stream was read to its end. */
  const visit = async (before: string, data: Content): Promise<boolean> => {
    const { name, dictionary } = objectOf(before);
    const packed = isZlibHeader(viewer(data)(0, 2)) ? data : withoutText(dictionary, data);
    if (packed === null) {
      const isPacked = /\/(?:FlateDecode|Fl|LZWDecode|LZW)\b/.test(dictionary);
      if (isPacked && data.size > 2 && !isEncrypted) visitor.undecoded("pdf-filter");
      return false;
    }
    if (!isZlibHeader(viewer(packed)(0, 2))) {
      await visitor.stored(name, packed);
      return false;
    }
    const { bytes, isDamaged } = await visitZlib(visitor, name, packed);
    if (bytes !== null) visitor.text(name, shownText(bytes));
    if (isDamaged && !isEncrypted) visitor.undecoded("pdf-damaged");
    if (isDamaged) damaged++;
    return !isDamaged;
  };

  let end = 0;
  let to = 0;
  for (let at = find(STREAM, 0); at !== -1; at = find(STREAM, end)) {
    end = at + STREAM.length;
    const skipped = lineEndBytes(view(end, 2));
    if (skipped === 0 || latin1(Math.max(0, at - 3), at) === "end") continue;
    visitor.budget.member();
    if (damaged > MAX_DAMAGED) {
      const detail = `more than ${MAX_DAMAGED} streams of a PDF in it are damaged; the others were searched as bytes`;
      visitor.report({ why: "limit", detail });
      break;
    }
    const from = end + skipped;
    if (to < from) to = find(END, from);
    // Without an end the rest is this stream.
    if (to === -1) to = content.size;
    // A keyword that only looks like one must not hide the next.
    const isRead = await visit(latin1(Math.max(0, at - DICTIONARY_BYTES), at), partOf(content, from, to));
    if (isRead) end = Math.min(content.size, to + END.length);
  }

  if (findDirectory(content) !== null) {
    await readZip(content, visitor, document);
    return;
  }
  const mark = find(END_MARK, end);
  if (mark === -1 || content.size - mark <= MAX_TAIL_BYTES) return;
  const behind = mark + END_MARK.length;
  await visitor.stored("(behind the document)", partOf(content, behind + lineEndBytes(view(behind, 2)), content.size));
};
