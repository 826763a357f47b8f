/** Writes packs of git, sane ones and those that no git writes. Format: gitformat-pack(5). */

import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

/** An object of a pack; `base` makes it a delta: bytes back to its base, or the base's id. */
export interface PackedObject {
  readonly type: number;
  readonly content: Buffer;
  readonly base?: number | Buffer;
}

/** A number of 7 bits a byte, lowest first. */
export function leb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function entryHeader(type: number, size: number): Buffer {
  const low = size % 16;
  const rest = Math.floor(size / 16);
  const first = Buffer.from([(type << 4) | low | (rest > 0 ? 0x80 : 0)]);
  return rest > 0 ? Buffer.concat([first, leb128(rest)]) : first;
}

function backwards(distance: number): Buffer {
  const bytes = [distance & 0x7f];
  for (let rest = distance >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (--rest & 0x7f));
  return Buffer.from(bytes);
}

/** A pack; `makeBase` may tell an offset delta's distance from where its base and itself begin. */
export function pack(objects: readonly ((starts: readonly number[], at: number) => PackedObject)[]): Buffer {
  const head = Buffer.alloc(12);
  head.write("PACK", "latin1");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [head];
  const starts: number[] = [];
  let at = head.length;
  for (const make of objects) {
    const { type, content, base } = make(starts, at);
    starts.push(at);
    const link = base === undefined ? Buffer.alloc(0) : typeof base === "number" ? backwards(base) : base;
    const bytes = Buffer.concat([entryHeader(type, content.length), link, deflateSync(content)]);
    parts.push(bytes);
    at += bytes.length;
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** A delta that copies all of a base of `size` bytes `times` times. */
export function copies(size: number, times: number): Buffer {
  const copy = Buffer.alloc(8, 0xff);
  copy.writeUInt32LE(0, 1);
  copy.writeUIntLE(size, 5, 3);
  const parts = [leb128(size), leb128(size * times), ...Array.from({ length: times }, () => copy)];
  return Buffer.concat(parts);
}
