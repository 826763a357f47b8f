/** The members of a Debian package, which is an `ar` archive of tars. Format: deb(5), ar(5). */

import { partOf, viewer } from "./content.ts";
import type { ArchiveReader } from "./visitor.ts";

const MAGIC_BYTES = 8;
const HEADER_BYTES = 60;
const HEADER_END = "\x60\n";

/** Reads the members in order; ends where a header is damaged. */
export const readAr: ArchiveReader = async (content, visitor) => {
  const view = viewer(content);
  for (let at = MAGIC_BYTES; at < content.size;) {
    const header = Buffer.from(view(at, HEADER_BYTES)).toString("latin1");
    const size = /^\d+ *$/.test(header.slice(48, 58)) ? Number(header.slice(48, 58)) : Number.NaN;
    const from = at + HEADER_BYTES;
    if (header.slice(58) !== HEADER_END || !(from + size <= content.size)) {
      visitor.undecoded("deb-damaged");
      return;
    }
    const pending = visitor.stored(header.slice(0, 16).replace(/\/? *$/, ""), partOf(content, from, from + size));
    if (pending !== null) await pending;
    at = from + size + (size % 2);
  }
};
