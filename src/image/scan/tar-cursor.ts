/**
 * Follows the headers of a tar inside a moving window, and tells for any offset which part of which entry it is in.
 * Reports entries and damage to its client; does not search, and keeps no bytes but those of extended headers.
 */

import type { Limits } from "../limits.ts";
import { padded, createTarWalk, headerFields, type TarWalk } from "../tar-walk.ts";
import { BLOCK, isTarHeader } from "../tar-header.ts";
import type { Report } from "../problem.ts";
import type { Part, TokenWindow } from "./token-window.ts";

/** Where an offset is: bounds for a match, and what it would be a match in. */
export interface TarPart extends Part {
  /** `meta` is a header or extended header, whose values are looked at one by one. */
  readonly kind: "content" | "meta" | "gap";
}

/** What the cursor tells. */
export interface CursorClient {
  /** Ordinary entries were passed over: packed as `entry-index.ts` keeps them, and how many of them have content. */
  readonly skipped: (packed: Float64Array, files: number) => void;
  /** A header was read; `walk` describes its entry, whose content begins at `dataFrom` of the stream. False ends the walk. */
  readonly entry: (walk: TarWalk, header: Uint8Array, dataFrom: number) => boolean;
  /** The entry's header or extended headers (whose contents are given) held a needle. Called after `entry`. */
  readonly metaCandidate: (walk: TarWalk, header: Uint8Array, payloads: readonly Uint8Array[]) => void;
  /** Extended headers with a needle belong to no entry. */
  readonly orphans: (payloads: readonly Uint8Array[]) => void;
  /** Bytes of no entry stand from `from` to `to`; they go on where such bytes ended before. */
  readonly stray: (from: number, to: number) => void;
  /** Bytes of no entry are over. */
  readonly strayEnd: () => void;
}

/** A place in the tar. All offsets are in the stream. */
export interface TarCursor {
  /** Reads headers until past `offset`, as far as the window's bytes reach. */
  readonly advance: (offset: number, isLast: boolean) => void;
  /** The part that holds `offset`, which is not before the current header; `later` when that cannot be told yet. */
  readonly partAt: (offset: number, isLast: boolean) => TarPart | "later";
  /** A needle stands in the `meta` part. */
  readonly noteMeta: () => void;
  /** First byte of the current entry's content. */
  readonly dataFrom: () => number;
  readonly walk: TarWalk;
  /** Where the headers of the entry begin that ended the walk; null while it goes on. */
  readonly stoppedAt: () => number | null;
  /** Says what is missing at the end of the stream. */
  readonly finish: (end: number) => void;
}

/** Headers before one entry that are remembered together; real entries have up to four. */
const MAX_PAYLOADS = 1000;
/** More headers than a window holds. */
const MAX_SKIPPED = 1000;

type State = "header" | "meta" | "entry" | "gap" | "stopped";

/** A cursor at the start of the tar in the window's stream. */
export function createTarCursor(window: TokenWindow, limits: Limits, report: Report, client: CursorClient): TarCursor {
  const walk = createTarWalk();
  let state: State = "header";
  /** Where the group of headers of the current entry begins. */
  let from = 0;
  let dataFrom = 0;
  let dataTo = 0;
  let next = 0;
  let entries = 0;
  let isInGroup = false;
  let hasMetaCandidate = false;
  let payloads: Uint8Array[] = [];
  let kept = 0;
  let isSplit = false;
  let isStray = false;
  let payload: Uint8Array | null = null;
  let collected = 0;
  const header = new Uint8Array(BLOCK);
  const bytes = Buffer.from(window.buffer.buffer, window.buffer.byteOffset, window.buffer.length);

  const fail = (why: "corrupt" | "limit" | "truncated", detail: string): void => report({ why, detail });

  /** Remembers bytes of headers until their entry is known; a chain of them without an entry may be of any length. */
  const keep = (bytesOfHeader: Uint8Array): void => {
    if (payloads.length >= MAX_PAYLOADS || kept > 4 * limits.maxNameBytes) {
      if (hasMetaCandidate) client.orphans(payloads);
      payloads = [];
      kept = 0;
    }
    payloads.push(bytesOfHeader);
    kept += bytesOfHeader.length;
  };

  const startGroup = (): void => {
    if (isInGroup) return;
    from = next;
    isInGroup = true;
    hasMetaCandidate = false;
    payloads = [];
    kept = 0;
  };

  /** Copies the bytes of an extended header that have arrived; true when there are no more to come. */
  const collect = (): boolean => {
    const end = Math.min(dataTo, window.end());
    if (payload !== null && end > dataFrom + collected) {
      const start = dataFrom + collected - window.base();
      payload.set(window.buffer.subarray(start, end - window.base()), collected);
    }
    collected = Math.max(collected, end - dataFrom);
    return collected >= dataTo - dataFrom;
  };

  const startMeta = (): void => {
    state = "meta";
    keep(headerFields(window.buffer, next - window.base()));
    dataFrom = next + BLOCK;
    // With its padding, in which something can stand too.
    dataTo = dataFrom + padded(walk.size);
    collected = 0;
    payload = walk.size <= limits.maxNameBytes ? new Uint8Array(dataTo - dataFrom) : null;
    if (payload === null) {
      walk.meta(null);
      fail(
        "limit",
        `an extended header of ${walk.size} bytes is above the limit of ${limits.maxNameBytes} (--max-name-bytes); names after it may be wrong`,
      );
    }
    next = dataTo;
  };

  const endMeta = (): void => {
    if (payload !== null) {
      if (!walk.meta(payload.subarray(0, walk.size)))
        fail("corrupt", "an extended header of the tar cannot be read; the name or size of an entry may be wrong");
      keep(payload);
    }
    payload = null;
    state = "header";
  };

  const keepHeader = (): void => {
    const at = next - window.base();
    bytes.copy(header, 0, at, at + BLOCK);
  };

  const startEntry = (): void => {
    state = "entry";
    isInGroup = false;
    if (!isSplit) keepHeader();
    else keep(window.buffer.slice(next - window.base(), next - window.base() + BLOCK));
    isSplit = false;
    dataFrom = next + BLOCK;
    dataTo = dataFrom + walk.size;
    next = dataFrom + padded(walk.size);
    if (++entries > limits.maxEntries) {
      if (entries === limits.maxEntries + 1)
        fail(
          "limit",
          `more than ${limits.maxEntries} entries (--max-entries); the rest was searched as bytes, without names`,
        );
      return;
    }
    if (!client.entry(walk, header, dataFrom)) state = "stopped";
    else if (hasMetaCandidate) client.metaCandidate(walk, header, payloads);
  };

  /** Headers that no entry follows. */
  const endGroup = (): void => {
    if (isInGroup && hasMetaCandidate) client.orphans(payloads);
    isInGroup = false;
    isSplit = false;
  };

  /** Behind the end of the archive zeros end nothing: they may stand in what was put there. */
  const followStray = (isBad: boolean): void => {
    // A header whose size is impossible leads nowhere, and is no tar of its own.
    if (isBad && isTarHeader(window.buffer.subarray(0, window.end() - window.base()), next - window.base())) return;
    if (isBad || (isStray && walk.isPastEnd)) {
      isStray = true;
      client.stray(next, Math.min(next + BLOCK, window.end()));
    } else if (isStray) {
      isStray = false;
      client.strayEnd();
    }
  };

  const step = (): void => {
    startGroup();
    const kind = walk.take(window.buffer, next - window.base());
    if (kind === "zero" || kind === "bad") followStray(kind === "bad");
    else if (isStray) {
      isStray = false;
      client.strayEnd();
    }
    if (kind === "meta") startMeta();
    else if (kind === "entry") startEntry();
    else if (kind === "more") {
      if (!isSplit) keepHeader();
      else keep(window.buffer.slice(next - window.base(), next - window.base() + BLOCK));
      isSplit = true;
      next += BLOCK;
    } else {
      endGroup();
      if (kind === "bad" && !walk.isPastEnd)
        fail(
          "corrupt",
          "the tar has a block that is no header where one must be; what follows up to the next header was searched as bytes",
        );
      if (state !== "gap") dataFrom = next;
      state = "gap";
      dataTo = next += BLOCK;
    }
  };

  /** Passes over what is ordinary; the last entry that it could pass is left for `step`, which sets all the fields. */
  const skip = (offset: number): void => {
    const { entrySkip } = window;
    const isOrdinary = state === "entry" && !isInGroup && !walk.hasEnd && !walk.isPastEnd;
    if (entrySkip === null || !isOrdinary || entries + MAX_SKIPPED > limits.maxEntries) return;
    const { at, packed, files } = entrySkip.skip(
      next - window.base(),
      offset - window.base(),
      window.end() - window.base(),
    );
    if (packed.length === 0) return;
    next = at + window.base();
    entries += packed.length;
    client.skipped(packed, files);
  };

  const advance = (offset: number, isLast: boolean): void => {
    for (;;) {
      if (state === "stopped") return;
      if (state === "meta") {
        if (!collect()) return;
        if (next > offset) return;
        endMeta();
      }
      // Wait for the block after a header too, so that whoever looks at an entry can see how its content begins.
      const wanted = next + BLOCK + (isLast ? 0 : BLOCK);
      if (next > offset || wanted > window.end()) {
        if (isLast && next < window.end() && next + BLOCK > window.end()) followStray(true);
        return;
      }
      skip(offset);
      step();
    }
  };

  /** The end of a gap: where the next header is, as far as a match could reach. */
  const gapEnd = (offset: number): number => {
    for (let at = next; at + BLOCK <= window.end() && at < offset + window.buffer.length; at += BLOCK) {
      if (isTarHeader(window.buffer, at - window.base())) return at;
    }
    return Number.POSITIVE_INFINITY;
  };

  const partAt = (offset: number, isLast: boolean): TarPart | "later" => {
    if (state === "stopped") return "later";
    if (offset >= next) return isLast ? { kind: "gap", from: next, to: Number.POSITIVE_INFINITY } : "later";
    if (state === "gap") return { kind: "gap", from: dataFrom, to: gapEnd(offset) };
    if (state === "entry" && offset >= dataFrom) {
      if (offset < dataTo) return { kind: "content", from: dataFrom, to: dataTo };
      return { kind: "gap", from: dataTo, to: next };
    }
    if (state === "meta" && (payload === null || (isLast && next > window.end())) && offset >= dataFrom) {
      return { kind: "gap", from: dataFrom, to: dataTo };
    }
    return { kind: "meta", from, to: next };
  };

  return {
    advance,
    partAt,
    noteMeta: () => {
      if (state === "entry" && !isInGroup) client.metaCandidate(walk, header, payloads);
      else hasMetaCandidate = true;
    },
    dataFrom: () => dataFrom,
    walk,
    stoppedAt: () => (state === "stopped" ? from : null),
    finish: (end) => {
      if (state === "stopped") return;
      const isInside = state === "meta" || (state === "entry" && end < dataTo) || (state === "header" && isInGroup);
      endGroup();
      if (isInside || (end > next && !walk.isPastEnd)) fail("truncated", "the tar ends in the middle of an entry");
      else if (!walk.hasEnd) fail("truncated", "the tar has no end mark, so more of it may be missing");
    },
  };
}
