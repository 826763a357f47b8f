/** Writes PDF documents and PNG pictures, as far as readers look at them here. Formats: ISO 32000-1; PNG, third edition. */

import { deflateSync } from "node:zlib";
import { crc32 } from "./crc32.ts";

/** An object of a document: a dictionary, and a stream where it has data. */
export interface PdfObject {
  /** Without `<<` and `>>`. */
  readonly dictionary: string;
  readonly data?: Buffer;
  /** What ends the line of the keyword; a line feed unless given. */
  readonly lineEnd?: string;
}

/** A document of these objects, from 1 on; `trailer` is added to its trailer. */
export function pdf(objects: readonly PdfObject[], trailer = ""): Buffer {
  const parts: Buffer[] = [Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "latin1")];
  for (const [i, { dictionary, data, lineEnd = "\n" }] of objects.entries()) {
    const length = data === undefined ? "" : ` /Length ${data.length}`;
    parts.push(Buffer.from(`${i + 1} 0 obj\n<< ${dictionary}${length} >>\n`));
    if (data !== undefined) parts.push(Buffer.from(`stream${lineEnd}`), data, Buffer.from("\nendstream\n"));
    parts.push(Buffer.from("endobj\n"));
  }
  return Buffer.concat([...parts, Buffer.from(`trailer\n<< /Root 1 0 R ${trailer}>>\nstartxref\n0\n%%EOF\n`)]);
}

/** An object whose stream is packed with Flate. */
export function flate(text: Buffer | string, more = ""): PdfObject {
  return { dictionary: `/Filter /FlateDecode ${more}`, data: deflateSync(text) };
}

/** Bytes as Base-85 text, with the end mark. */
export function ascii85(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const part = bytes.subarray(at, at + 4);
    let group = Buffer.concat([part, Buffer.alloc(4 - part.length)]).readUInt32BE(0);
    const digits: string[] = [];
    for (let i = 0; i < 5; i++) {
      digits.unshift(String.fromCharCode(33 + (group % 85)));
      group = Math.floor(group / 85);
    }
    const all = digits.join("");
    text += part.length < 4 ? all.slice(0, part.length + 1) : all === "!!!!!" ? "z" : all;
  }
  return `${text.replaceAll(/.{60}/g, "$&\n")}~>`;
}

/** One chunk of a picture. */
export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const edges = Buffer.alloc(8);
  edges.writeUInt32BE(data.length, 0);
  edges.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([edges.subarray(0, 4), body, edges.subarray(4)]);
}

/** A picture with these chunks before its data. */
export function png(chunks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const data = deflateSync(Buffer.from([0, 0]));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...chunks,
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
