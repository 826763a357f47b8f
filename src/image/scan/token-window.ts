/**
 * A window that moves over a stream, and the search for tokens in it. Every needle is confirmed with all the text that
 * a match may need around it, but never with bytes from outside of the part of the stream that the needle stands in.
 * Knows nothing of tar: the caller says which part that is.
 */

import { createCandidateFinder, ZIP_MARK, ZIP_MARK_TEXT } from "../../token/candidates.ts";
import { canBeToken } from "../../token/likely.ts";
import { matchAt, MATCH_WINDOW, type TokenMatch } from "../../token/match.ts";
import { NEEDLES } from "../../token/needle.ts";
import { READ_BYTES } from "../byte-reader.ts";
import { createEntrySkip, type EntrySkip } from "./entry-skip.ts";

/** A part of the stream, as offsets in it; what lies outside is no neighbour of what lies inside. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/** What the caller does with candidates. */
export interface WindowClient {
  /** The part that holds `at`; `later` when more bytes are needed to tell; null when a token there is not wanted. */
  readonly partAt: (at: number, isLast: boolean) => Part | "later" | null;
  /** A token, and where it starts and ends in the stream. Called in ascending order of needles; no two overlap. */
  readonly found: (match: TokenMatch, from: number, to: number) => void;
  /** A member of a zip may begin at `at`; what the part has behind it is in the window, up to `MARK_BYTES`. */
  readonly marked?: (at: number) => void;
  /** Compressed bytes in base64 may begin at `at`, in a part that ends at `to`; as much of it is in the window. */
  readonly packed?: (at: number, to: number) => void;
}

/** A window over one stream. Offsets without further word are offsets in the stream. */
export interface TokenWindow {
  readonly buffer: Uint8Array;
  /** Passes over entries of a tar in the buffer; null where there are no vectors. */
  readonly entrySkip: EntrySkip | null;
  /** Line feeds between two offsets that the window holds. */
  readonly lineFeeds: (from: number, to: number) => number;
  /** Offset of the first byte in the buffer. */
  readonly base: () => number;
  /** Offset after the last byte in the buffer. */
  readonly end: () => number;
  /** Where the next bytes go. */
  readonly space: () => Uint8Array;
  /** `count` bytes were put into `space`: searches them. With `isLast` nothing is put off any more. */
  readonly commit: (count: number, isLast: boolean, client: WindowClient) => void;
  /** The first offset that the next `shift` keeps. */
  readonly keptFrom: () => number;
  /** Drops from the buffer what no candidate can need any more. */
  readonly shift: () => void;
  /** Ready for another stream. */
  readonly reset: () => void;
}

/** How much of a zip's member, or of base64, is in the window when it is told. */
export const MARK_BYTES = 512;

/** Text left of a needle that a match looks at: some base64 groups, an escape. */
const LEFT_CONTEXT = 512;
/** What stays in the buffer: all that a put-off candidate looks at, and a header and the block after it. */
const KEPT_BYTES: number = MATCH_WINDOW + LEFT_CONTEXT + 1024;
const NEEDLE_LENGTHS: readonly number[] = [...NEEDLES.map(({ text }) => text.length), ZIP_MARK_TEXT.length];
const LONGEST_NEEDLE: number = Math.max(...NEEDLE_LENGTHS);

/** How many bytes can go: whole blocks, so that headers stay on word borders. */
function droppable(fill: number): number {
  return Math.max(0, fill - KEPT_BYTES) & ~511;
}

/** A window with its own buffer; one stream at a time. `simd: false` searches the slow way. */
export function createTokenWindow(options: { readonly simd?: boolean } = {}): TokenWindow {
  const capacity = READ_BYTES + KEPT_BYTES + LONGEST_NEEDLE + 512;
  const finder = createCandidateFinder(capacity, options);
  const { buffer, find } = finder;
  const text = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.length);
  let base = 0;
  let fill = 0;
  let searched = 0;
  let foundTo = 0;
  let putOff: { at: number; needle: number }[] = [];

  /** Looks closer at one needle; true when that has to wait for more bytes. */
  const confirm = (at: number, index: number, isLast: boolean, client: WindowClient): boolean => {
    if (index === ZIP_MARK && client.marked === undefined) return false;
    const part = client.partAt(at, isLast);
    if (part === "later") return true;
    if (part === null) return false;
    const needle = NEEDLES[index];
    if (needle === undefined || needle.encoding === "packed") {
      if (Math.min(part.to, at + MARK_BYTES) > base + fill && !isLast) return true;
      if (needle === undefined) client.marked?.(at);
      else client.packed?.(at, part.to);
      return false;
    }
    const from = Math.max(part.from, base, at - LEFT_CONTEXT);
    const wanted = Math.min(part.to, at + MATCH_WINDOW);
    if (wanted > base + fill && !isLast) return true;
    const to = Math.min(wanted, base + fill);
    if (!canBeToken(buffer, at - base, to - base, needle)) return false;
    const match = matchAt(text.toString("latin1", from - base, to - base), at - from, needle);
    // What begins within a token belongs to it.
    if (match === null || from + match.start < foundTo) return false;
    foundTo = from + match.end;
    client.found(match, from + match.start, foundTo);
    return false;
  };

  return {
    buffer,
    entrySkip: createEntrySkip(finder),
    lineFeeds: (from, to) => finder.lineFeeds(from - base, to - base),
    base: () => base,
    end: () => base + fill,
    space: () => buffer.subarray(fill, Math.min(fill + READ_BYTES, capacity)),
    commit: (count, isLast, client) => {
      const from = Math.max(0, searched - base - LONGEST_NEEDLE + 1);
      fill += count;
      const waiting = putOff;
      putOff = [];
      let next = 0;
      const confirmWaiting = (before: number): void => {
        for (let put = waiting[next]; put !== undefined && put.at < before; put = waiting[++next]) {
          if (confirm(put.at, put.needle, isLast, client)) putOff.push(put);
        }
      };
      const candidates = find(from, fill);
      for (let i = 0; i < candidates.count; i++) {
        const at = base + (candidates.at[i] ?? 0);
        const needle = candidates.needle[i] ?? 0;
        // What lay wholly in the bytes searched before was met then.
        if (at + (NEEDLE_LENGTHS[needle] ?? 0) <= searched) continue;
        confirmWaiting(at);
        if (confirm(at, needle, isLast, client)) putOff.push({ at, needle });
      }
      confirmWaiting(Number.POSITIVE_INFINITY);
      searched = base + fill;
    },
    keptFrom: () => base + droppable(fill),
    shift: () => {
      const dropped = droppable(fill);
      if (dropped > 0) {
        buffer.copyWithin(0, dropped, fill);
        base += dropped;
        fill -= dropped;
      }
    },
    reset: () => {
      base = fill = searched = foundTo = 0;
      putOff = [];
    },
  };
}
