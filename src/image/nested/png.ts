/**
 * The texts of a PNG that stand packed in it, and what follows the picture. Format: PNG (W3C, third edition), sections 5.3
 * and 11.3.3. Texts that are not packed are found in the file's own bytes.
 */

import { partOf, viewer, type Content } from "./content.ts";
import type { ArchiveReader } from "./visitor.ts";
import { visitZlib } from "./zlib-part.ts";

const SIGNATURE_BYTES = 8;
/** Length and type before the data of a chunk, a checksum behind it. */
const HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;
/** Keyword, language and translated keyword, with room to spare. */
const MAX_START_BYTES = 65_536;
/** A keyword has up to 79 bytes, and a zero behind it. */
const MAX_KEYWORD_BYTES = 80;

function zeroFrom(bytes: Uint8Array, at: number): number {
  const zero = bytes.indexOf(0, at);
  return zero === -1 ? bytes.length : zero;
}

/** Where the packed data of a text chunk begins; null where it is not packed. */
function packedFrom(type: string, data: Uint8Array): number | null {
  const keywordTo = zeroFrom(data, 0);
  if (type !== "iTXt") return keywordTo + 2;
  if (data[keywordTo + 1] !== 1) return null;
  return zeroFrom(data, zeroFrom(data, keywordTo + 3) + 1) + 1;
}

/** Reads a picture. Nothing is said of one that is damaged: whoever shows it misses the same. */
export const readPng: ArchiveReader = async (content: Content, visitor) => {
  const view = viewer(content);
  let at = SIGNATURE_BYTES;
  for (let type = ""; type !== "IEND" && at + HEAD_BYTES <= content.size;) {
    visitor.budget.member();
    const head = Buffer.from(view(at, HEAD_BYTES));
    const length = head.readUInt32BE(0);
    const dataFrom = at + HEAD_BYTES;
    if (dataFrom + length > content.size) break;
    type = head.toString("latin1", 4);
    at = dataFrom + length + CHECKSUM_BYTES;
    if (type !== "zTXt" && type !== "iTXt" && type !== "iCCP") continue;
    const start = view(dataFrom, Math.min(length, MAX_START_BYTES)).slice();
    const from = packedFrom(type, start);
    if (from === null) continue;
    const keyword = Buffer.from(start.subarray(0, Math.min(MAX_KEYWORD_BYTES, zeroFrom(start, 0)))).toString("latin1");
    const packed = partOf(content, dataFrom + from, dataFrom + length);
    const { isDamaged } = await visitZlib(visitor, `${type} ${keyword}`, packed);
    if (isDamaged) visitor.undecoded("png-damaged");
  }
  if (at < content.size) await visitor.stored("(behind the picture)", partOf(content, at, content.size));
};
