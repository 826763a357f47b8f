/** Where a program of the ELF format ends. Format: System V ABI, "ELF Header". */

/** Bytes of the header. */
export const ELF_HEADER_BYTES = 64;

/**
 * Where a program of the ELF format ends by its own word: behind its section headers, which stand last; NaN for another
 * format, and for a program without section headers.
 */
export function elfEnd(head: Uint8Array): number {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < ELF_HEADER_BYTES || bytes.toString("latin1", 0, 4) !== "\x7fELF") return Number.NaN;
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = bytes[5] === 1;
  const is64 = bytes[4] === 2;
  const from = is64 ? Number(data.getBigUint64(0x28, isLittle)) : data.getUint32(0x20, isLittle);
  const each = data.getUint16(is64 ? 0x3a : 0x2e, isLittle);
  const count = data.getUint16(is64 ? 0x3c : 0x30, isLittle);
  return from === 0 ? Number.NaN : from + each * count;
}
