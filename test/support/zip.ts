/** Writes zip files, sane ones and those that only an attacker or a broken tool writes. Format: PKWARE's APPNOTE 6.3.10. */

import { crc32 } from "./crc32.ts";
import { deflateRawSync } from "node:zlib";

/** A member of a zip. */
export interface ZipMember {
  readonly name: string;
  readonly content: Buffer | string;
  /** As it is, instead of deflated. */
  readonly isStored?: boolean;
  /** Sizes stand behind the data, not before it. */
  readonly hasDescriptor?: boolean;
  readonly isEncrypted?: boolean;
  /** A method that is stated, whatever the data is. */
  readonly method?: number;
  /** Not named by the directory. */
  readonly isUnlisted?: boolean;
  /** The directory says that it has this many packed bytes. */
  readonly statedBytes?: number;
}

function localOf({ name, content, isStored, hasDescriptor, isEncrypted, method }: ZipMember) {
  const bytes = Buffer.from(content);
  const data = isStored === true ? bytes : deflateRawSync(bytes);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE((hasDescriptor === true ? 8 : 0) | (isEncrypted === true ? 1 : 0), 6);
  header.writeUInt16LE(method ?? (isStored === true ? 0 : 8), 8);
  const sizes = [crc32(bytes), data.length, bytes.length];
  if (hasDescriptor !== true) for (const [i, size] of sizes.entries()) header.writeUInt32LE(size, 14 + i * 4);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  const descriptor = Buffer.alloc(hasDescriptor === true ? 16 : 0);
  if (hasDescriptor === true)
    for (const [i, size] of [0x08074b50, ...sizes].entries()) descriptor.writeUInt32LE(size, i * 4);
  return { header, data, descriptor, sizes, local: Buffer.concat([header, Buffer.from(name), data, descriptor]) };
}

/** A zip with these members; `zip64` writes its offsets and sizes as 64 bits, `isCut` leaves the directory out. */
export function zip(
  members: readonly ZipMember[],
  { zip64 = false, isCut = false }: { readonly zip64?: boolean; readonly isCut?: boolean } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { header, local, sizes } = localOf(member);
    parts.push(local);
    const from = offset;
    offset += local.length;
    if (member.isUnlisted === true) continue;
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    header.copy(entry, 6, 4, 30);
    const [crc = 0, packed = 0, unpacked = 0] = sizes;
    const extra = Buffer.alloc(zip64 ? 28 : 0);
    if (zip64) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [i, value] of [unpacked, packed, from].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + i * 8);
    }
    const full = 0xffffffff;
    const stated = zip64 ? [crc, full, full] : [crc, member.statedBytes ?? packed, unpacked];
    for (const [i, value] of stated.entries()) entry.writeUInt32LE(value, 16 + i * 4);
    entry.writeUInt16LE(Buffer.byteLength(member.name), 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(zip64 ? full : from, 42);
    directory.push(Buffer.concat([entry, Buffer.from(member.name), extra]));
  }
  if (isCut) return Buffer.concat(parts);
  const listed = Buffer.concat(directory);
  const end64 = Buffer.alloc(zip64 ? 76 : 0);
  if (zip64) {
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    end64.writeBigUInt64LE(BigInt(listed.length), 40);
    end64.writeBigUInt64LE(BigInt(offset), 48);
    end64.writeUInt32LE(0x07064b50, 56);
    end64.writeBigUInt64LE(BigInt(offset + listed.length), 64);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : listed.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  return Buffer.concat([...parts, listed, end64, end]);
}
