/**
 * Takes the checksums out of an xz stream: the decoder knows CRC-32 and CRC-64, and rpm writes SHA-256. What comes of it is
 * the stream that a writer would have made without checksums. Format: tukaani.org, "The .xz File Format" 1.2.1, sections
 * 2.1, 3.4 and 4. Unpacks nothing.
 */

import { crc32 } from "node:zlib";
import type { Content } from "./content.ts";

/** Bytes of the header, and of the footer. */
export const EDGE_BYTES = 12;
const FLAGS = { header: 7, footer: 9 };
/** Kinds of checksums that the decoder knows: none, CRC-32, CRC-64. */
const KNOWN: ReadonlySet<number> = new Set([0, 1, 4]);
/** Bytes of a checksum, by its kind. */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];
const CHUNK_BYTES = 65_536;
/** A larger index is not read. */
export const MAX_INDEX_BYTES: number = 64 * 1_048_576;

/** A number of 7 bits a byte, lowest first, and where the next thing stands. */
export function varint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: Number.NaN, next: at + 9 };
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

/** Bytes of the index that stands before a footer. */
export function indexBytesOf(footer: Buffer): number {
  return (footer.readUInt32LE(4) + 1) * 4;
}

function withChecksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(bytes));
  return Buffer.concat([bytes, sum]);
}

function read(stream: Content, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, stream.readAt(bytes, from));
}

/** The bytes from `from` to `to`, in pieces. */
export function* piecesOf(stream: Content, from = 0, to: number = stream.size): Generator<Uint8Array> {
  for (let at = from; at < to;) {
    const bytes = read(stream, at, Math.min(CHUNK_BYTES, to - at));
    if (bytes.length === 0) return;
    at += bytes.length;
    yield bytes;
  }
}

function* withoutChecks(stream: Content, indexBytes: number, checkBytes: number): Generator<Uint8Array> {
  const header = read(stream, 0, FLAGS.header + 1);
  header[FLAGS.header] = 0;
  yield Buffer.concat([header.subarray(0, 6), withChecksum(header.subarray(6))]);
  const index = read(stream, stream.size - EDGE_BYTES - indexBytes, indexBytes);
  const count = varint(index, 1);
  const records: number[] = [];
  let { next } = count;
  let block = EDGE_BYTES;
  for (let i = 0; i < count.value && next < index.length; i++) {
    const packed = varint(index, next);
    const unpacked = varint(index, packed.next);
    ({ next } = unpacked);
    // Padding stands before the checksum, which is a multiple of it.
    const end = block + Math.ceil(packed.value / 4) * 4;
    yield* piecesOf(stream, block, end - checkBytes);
    records.push(...varintBytes(packed.value - checkBytes), ...varintBytes(unpacked.value));
    block = end;
  }
  const listed = [0, ...varintBytes(count.value), ...records];
  while (listed.length % 4 !== 0) listed.push(0);
  const list = withChecksum(Buffer.from(listed));
  yield list;
  const footer = Buffer.alloc(6);
  footer.writeUInt32LE(list.length / 4 - 1);
  yield Buffer.concat([withChecksum(footer).subarray(6), footer, Buffer.from("YZ")]);
}

/** The bytes of one whole stream as the decoder takes them. */
export function decodable(stream: Content): Generator<Uint8Array> {
  const kind = (read(stream, FLAGS.header, 1)[0] ?? 0) & 15;
  if (KNOWN.has(kind)) return piecesOf(stream);
  const footer = read(stream, Math.max(0, stream.size - EDGE_BYTES), EDGE_BYTES);
  const indexBytes = footer.length < EDGE_BYTES ? 0 : indexBytesOf(footer);
  const isWhole =
    footer[FLAGS.footer] === kind && indexBytes <= MAX_INDEX_BYTES && indexBytes <= stream.size - 2 * EDGE_BYTES;
  return isWhole ? withoutChecks(stream, indexBytes, CHECK_BYTES[kind] ?? 0) : piecesOf(stream);
}
