/** Counts lines of files that are larger than the window. Looks at text only, and not at more than a bound of it. */

import type { TokenWindow } from "./token-window.ts";

const SNIFFED_BYTES = 512;
/** Text files beyond this are data; where a line is in them is no help to anyone. */
const MAX_COUNTED_BYTES = 67_108_864;

/** Knows in which line of the current file an offset is. */
export interface LineCounter {
  /** Another file begins and ends at these offsets of the stream. */
  readonly begin: (dataFrom: number, dataTo: number) => void;
  /** Before the window drops its first bytes: counts what it is about to drop of the file. */
  readonly pass: (keepFrom: number) => void;
  /** 1-based line of an offset that the window holds; null in a file without lines. */
  readonly lineAt: (offset: number) => number | null;
}

/** True for bytes that text has none of: controls other than blanks, line ends, backspace and escape. */
function isBinary(byte: number): boolean {
  return byte < 0x20 && (byte < 0x08 || byte > 0x0d) && byte !== 0x1b;
}

/** A counter over the files that move through a window. */
export function createLineCounter(window: TokenWindow): LineCounter {
  let start = 0;
  let end = 0;
  let counted = 0;
  let lines = 0;
  let isText: boolean | null = null;

  const sniff = (): boolean => {
    if (isText === null) {
      const from = start - window.base();
      const to = Math.min(start + SNIFFED_BYTES, end, window.end()) - window.base();
      isText = from >= 0 && !window.buffer.subarray(from, to).some(isBinary);
    }
    return isText;
  };
  return {
    begin: (dataFrom, dataTo) => {
      start = counted = dataFrom;
      end = dataTo;
      lines = 0;
      isText = null;
    },
    pass: (keepFrom) => {
      const to = Math.min(end, keepFrom);
      if (to <= counted || !sniff()) return;
      if (to - start > MAX_COUNTED_BYTES) isText = false;
      else lines += window.lineFeeds(counted, to);
      counted = to;
    },
    lineAt: (offset) => {
      if (!sniff() || counted < window.base()) return null;
      return lines + window.lineFeeds(counted, offset) + 1;
    },
  };
}
