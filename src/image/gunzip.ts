/**
 * gzip as container engines read it: any number of members, also with zeros between them, where zlib alone would stop.
 * Damage and whatever is no member is reported, and all that could be unpacked before it is given.
 */

import { skipZeros, type BufferedReader, type ByteReader } from "./byte-reader.ts";
import type { Report } from "./problem.ts";
import { createInflateStep, type StepOptions } from "./step-decoder.ts";
import { isCut, unpacking } from "./unpacking.ts";

const MAGIC = 0x1f;

/** The unpacked bytes of all members. */
export function gunzip(source: BufferedReader, report: Report, options: StepOptions = {}): ByteReader {
  const decoder = createInflateStep("gzip", options);
  const member = unpacking(decoder, source);
  let isOver = false;
  const end = (): number => {
    isOver = true;
    decoder.close();
    return 0;
  };
  return {
    read: async (into) => {
      if (into.length === 0) return 0;
      for (;;) {
        if (isOver) return 0;
        const count = await member.read(into);
        if (count > 0) return count;
        const error = member.error();
        if (error !== null) {
          report(
            isCut(error)
              ? { why: "truncated", detail: "the gzip stream ends too early" }
              : { why: "corrupt", detail: "the gzip stream is damaged, or something else follows it" },
          );
          return end();
        }
        await skipZeros(source);
        const [next] = await source.peek(1);
        if (next === undefined) return end();
        if (next !== MAGIC) {
          report({ why: "corrupt", detail: "something that is no gzip follows the gzip stream" });
          return end();
        }
        member.again();
      }
    },
  };
}
