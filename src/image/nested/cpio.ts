/** The members of a cpio archive in the new ASCII format, as RPM packages and initial RAM disks have it. Format: cpio(5). */

import { partOf, viewer } from "./content.ts";
import type { ArchiveReader } from "./visitor.ts";

const HEADER_BYTES = 110;
const LAST = "TRAILER!!!";
const SYMBOLIC_LINK = 0o12;

function aligned(offset: number): number {
  return Math.ceil(offset / 4) * 4;
}

/** Reads the members in order, also of archives that follow one another; ends where a header is damaged. */
export const readCpio: ArchiveReader = async (content, visitor) => {
  const view = viewer(content);
  let isPastLast = false;
  for (let at = 0; at + HEADER_BYTES <= content.size;) {
    const header = Buffer.from(view(at, HEADER_BYTES)).toString("latin1");
    if (!/^07070[12][0-9A-Fa-f]{104}$/.test(header)) {
      // Kernels take several archives one behind the other, with zeros between them; something packed may follow.
      if (!isPastLast) visitor.undecoded("cpio-damaged");
      const rest = partOf(content, at, content.size);
      const zeros = leadingZeros(rest.bytes ?? viewer(rest)(0, 65_536));
      if (isPastLast && zeros < rest.size) {
        const pending = visitor.stored("(behind the archive)", partOf(content, at + zeros, content.size));
        if (pending !== null) await pending;
      }
      return;
    }
    const field = (index: number): number => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const size = field(6);
    const nameBytes = field(11);
    const from = aligned(at + HEADER_BYTES + nameBytes);
    if (nameBytes > visitor.limits.maxNameBytes || from + size > content.size) {
      visitor.undecoded("cpio-damaged");
      return;
    }
    const name = Buffer.from(view(at + HEADER_BYTES, nameBytes))
      .toString("utf8")
      .replace(/\0.*$/s, "");
    isPastLast = name === LAST;
    visitor.text(name, name);
    const body = partOf(content, from, from + size);
    if (field(1) >> 12 === SYMBOLIC_LINK) visitor.text(name, Buffer.from(viewer(body)(0, size)).toString("utf8"));
    const pending = visitor.stored(name, body);
    if (pending !== null) await pending;
    at = aligned(from + size);
  }
};

function leadingZeros(bytes: Uint8Array): number {
  const at = bytes.findIndex((byte) => byte !== 0);
  return at === -1 ? bytes.length : at;
}
