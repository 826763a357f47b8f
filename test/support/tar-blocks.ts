/** Tar headers by hand, for what no sane writer makes: every field as the test wants it. */

import { Buffer } from "node:buffer";

/** The fields of one header. */
export interface Block {
  readonly name?: string | Buffer;
  readonly size?: number | Buffer;
  readonly type?: string;
  readonly link?: string;
  readonly prefix?: string;
  /** `ustar\0` + `00` unless given; V7 headers have none. */
  readonly magic?: string;
  /** Bytes at offsets of the header, set before the checksum. */
  readonly raw?: readonly (readonly [number, string | Buffer])[];
  /** Wrong on purpose when given. */
  readonly checksum?: number;
}

/** A header. */
export function header(block: Block): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write("0000644\0", 100);
  bytes.write("0000000\0", 108);
  bytes.write("0000000\0", 116);
  bytes.write("00000000000\0", 136);
  if (typeof block.name === "string" || block.name === undefined) bytes.write(block.name ?? "x", 0, 100);
  else block.name.copy(bytes, 0);
  if (Buffer.isBuffer(block.size)) block.size.copy(bytes, 124);
  else bytes.write(`${(block.size ?? 0).toString(8).padStart(11, "0")}\0`, 124);
  bytes.write(block.type ?? "0", 156, "latin1");
  bytes.write(block.link ?? "", 157, 100);
  bytes.write(block.magic ?? "ustar\x0000", 257, "latin1");
  bytes.write(block.prefix ?? "", 345, 155);
  for (const [at, value] of block.raw ?? []) Buffer.from(value as string).copy(bytes, at);
  bytes.fill(0x20, 148, 156);
  const sum = block.checksum ?? bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

/** Content with its padding. */
export function content(bytes: Buffer | string): Buffer {
  const data = Buffer.from(bytes as string);
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** A file: header and content. */
export function file(name: string, bytes: Buffer | string, more: Block = {}): Buffer {
  return Buffer.concat([header({ name, size: Buffer.byteLength(bytes), ...more }), content(bytes)]);
}

/** A PAX header with these records, in front of the next entry. */
export function pax(records: Readonly<Record<string, string>>, type: "x" | "g" = "x"): Buffer {
  const payload = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(rest) + 1;
      while (`${length}${rest}`.length !== length && Buffer.byteLength(`${length}${rest}`) !== length) length++;
      return `${length}${rest}`;
    })
    .join("");
  return Buffer.concat([header({ name: "PaxHeader", size: Buffer.byteLength(payload), type }), content(payload)]);
}

/** The two blocks of zeros at the end. */
export const END: Buffer = Buffer.alloc(1024);
