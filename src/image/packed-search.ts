/**
 * Searches the packed bytes of a compressed member on their way to the decoder: names and comments in gzip headers,
 * skippable zstd frames, what follows the last frame, and everything of a stream that is damaged. Unpacks nothing.
 */

import type { TokenMatch } from "../token/match.ts";
import { buffered, type BufferedReader } from "./byte-reader.ts";
import type { TokenWindow, WindowClient } from "./scan/token-window.ts";

/** A reader whose bytes are searched as they are taken. */
export interface PackedSearch {
  readonly reader: BufferedReader;
  /** Searches what the decoder left unread, too. */
  readonly finish: () => Promise<void>;
}

const SKIP_BYTES = 1_048_576;

/** Gives the packed bytes on; `found` is told each token in them and its offset. Takes the window for itself until it ends. */
export function searchPacked(
  body: BufferedReader,
  window: TokenWindow,
  found: (match: TokenMatch, from: number) => void,
): PackedSearch {
  const client: WindowClient = {
    partAt: () => ({ from: 0, to: Number.POSITIVE_INFINITY }),
    found,
  };
  window.reset();
  const reader = buffered({
    read: async (into) => {
      const count = await body.read(into);
      for (let at = 0; at < count;) {
        const space = window.space();
        const part = into.subarray(at, Math.min(count, at + space.length));
        space.set(part);
        window.commit(part.length, false, client);
        window.shift();
        at += part.length;
      }
      return count;
    },
  });
  return {
    reader,
    finish: async () => {
      while ((await reader.skip(SKIP_BYTES)) > 0) continue;
      window.commit(0, true, client);
    },
  };
}
