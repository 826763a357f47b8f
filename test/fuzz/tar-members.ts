/** The members of a tar, for whoever walks it from header to header with another program's eyes. Reads no format of images. */

const BLOCK = 512;

/** A member: where its header and its content are, and how much of that there is. */
export interface TarMember {
  readonly header: number;
  readonly from: number;
  /** As the header says; may be more than there is. */
  readonly size: number;
  readonly type: string;
}

/** The number in a field of octal digits; NaN for anything else. */
function octal(bytes: Buffer, from: number, to: number): number {
  const text = bytes.toString("latin1", from, to).replaceAll("\0", " ").trim();
  return text === "" ? 0 : /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** Gives a header the checksum that fits. */
export function fixChecksum(bytes: Buffer, header: number): void {
  bytes.fill(0x20, header + 148, header + 156);
  let sum = 0;
  for (let at = header; at < header + BLOCK; at++) sum += bytes[at] ?? 0;
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, header + 148, "latin1");
}

function hasChecksum(bytes: Buffer, header: number): boolean {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += bytes[header + at] ?? 0;
  return octal(bytes, header + 148, header + 156) === sum;
}

/** The members in front, up to what is no header any more or says a size that is no number. */
export function tarMembers(bytes: Buffer): readonly TarMember[] {
  const members: TarMember[] = [];
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const size = octal(bytes, at + 124, at + 136);
    if (Number.isNaN(size) || !hasChecksum(bytes, at)) break;
    const type = String.fromCharCode(bytes[at + 156] ?? 0);
    members.push({ header: at, from: at + BLOCK, size, type });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}
