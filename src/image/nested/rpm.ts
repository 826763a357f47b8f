/** What an RPM package carries: a packed cpio behind two headers. Format: rpm.org, "RPM V4 Package format". */

import { partOf, viewer } from "./content.ts";
import type { ArchiveReader } from "./visitor.ts";

const LEAD_BYTES = 96;
const INTRO_BYTES = 16;
const INDEX_BYTES = 16;
const HEADER_MAGIC = 0x8eade801;

/** Reads the payload; the headers are searched as bytes of the file. */
export const readRpm: ArchiveReader = async (content, visitor) => {
  const view = viewer(content);
  let at = LEAD_BYTES;
  for (const isSignature of [true, false]) {
    const intro = Buffer.from(view(at, INTRO_BYTES));
    if (intro.length < INTRO_BYTES || intro.readUInt32BE(0) !== HEADER_MAGIC) {
      visitor.undecoded("rpm-damaged");
      return;
    }
    at += INTRO_BYTES + intro.readUInt32BE(8) * INDEX_BYTES + intro.readUInt32BE(12);
    if (isSignature) at = Math.ceil(at / 8) * 8;
  }
  if (at >= content.size) {
    visitor.undecoded("rpm-damaged");
    return;
  }
  const pending = visitor.stored("payload", partOf(content, at, content.size));
  if (pending !== null) await pending;
};
