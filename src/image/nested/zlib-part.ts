/** One thing in a file that is packed by zlib: at once where it is small, else in steps. Counts nothing. */

import { buffered } from "../byte-reader.ts";
import { viewer, type Content } from "./content.ts";
import { inflateAll, inflated, type Ending } from "./inflate.ts";
import type { MemberName, Visitor } from "./visitor.ts";

/** Packed bytes up to this are unpacked at once, if they do not unpack to more than the next bound. */
const SMALL_BYTES = 1_048_576;
const SMALL_OUTPUT_BYTES = 4 * 1_048_576;

/** True when a zlib stream may begin with these bytes (RFC 1950). */
export function isZlibHeader([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 15) === 8 && (method * 256 + flags) % 31 === 0;
}

/** Visits what `packed` begins with as a member, and says whether it is whole; the bytes, where they are in memory. */
export async function visitZlib(
  visitor: Visitor,
  name: MemberName,
  packed: Content,
): Promise<{ readonly bytes: Uint8Array | null; readonly isDamaged: boolean }> {
  const small = packed.size <= SMALL_BYTES ? viewer(packed)(0, packed.size) : null;
  const result = small === null ? null : inflateAll("zlib", small, SMALL_OUTPUT_BYTES);
  if (result !== null) {
    await visitor.bytes(name, result.bytes);
    return { bytes: result.bytes, isDamaged: false };
  }
  // What was read in vain counts, too: a hostile file can have it read again and again.
  visitor.budget.spend(small?.length ?? 0);
  const ending: Ending = { used: 0, isDamaged: false };
  await visitor.stream(name, buffered(inflated("zlib", packed, ending)), null);
  return { bytes: null, isDamaged: ending.isDamaged };
}
