/**
 * The seam for content inside of content: whoever can open archives, packs and databases is shown how each regular file
 * of a layer begins, and may take its bytes as they pass. Knows no format, and costs one look at a byte where nobody
 * takes anything.
 *
 * How it goes, for each regular file with content (but sparse ones of PAX format 1.0), in the order of the tar:
 * 1. `open` is called when the first bytes of the file are in the window, if it may begin as one of `beginnings` does or
 *    its first block may be a tar header. Null lets it pass.
 *    `openInside` is asked in the same way at each place where a zip may begin, until one is taken.
 * 2. `push` gets the content in order, in pieces that hold only during the call.
 * 3. `end` is called once for every tap, also when the layer is cut short, and is waited for before the scan reads on.
 *    Taps of small files are filled before the first of them is waited for: together they hold no more than one window
 *    (about 128 KiB) of content.
 *
 * Bytes of a tar that belong to no entry are such a file, too, whose length nobody knows before it ends.
 *
 * Beside that, `openRun` is asked wherever compressed bytes may begin in base64, whatever else is made of the file.
 */

import type { TokenMatch } from "../../token/match.ts";
import { mayBegin, type Beginnings } from "../beginnings.ts";
import type { Report } from "../problem.ts";
import { createRunTaps, type RunTap } from "./run-taps.ts";
import type { TokenWindow } from "./token-window.ts";

/** A place in content. */
export interface TextPlace {
  /** 0-based; null when it has none. */
  readonly byteOffset: number | null;
  readonly line: number | null;
}

/** Where, in or below a file of the layer, a token stands: its place is one in the innermost content. */
export interface NestedPlace extends TextPlace {
  /** Names on the way down from the file, outermost first; none for what text of the file itself is decoded to. */
  readonly within: readonly string[];
}

/** Where a tap tells what it finds; all of it is put down to the file that it was opened for. */
export interface TapSink {
  readonly add: (match: TokenMatch, place: NestedPlace) => void;
  /** Content that was not looked at in any form: a gap. */
  readonly report: Report;
  /** Content that cannot be decoded, by kind; its raw bytes are searched anyway. */
  readonly undecoded: (kind: string) => void;
}

/** Takes the content of one file. */
export interface Tap {
  /** The next bytes; they are overwritten once this returns. */
  readonly push: (bytes: Uint8Array) => void;
  /** Nothing more comes. `isComplete` is false when the layer ends before the file does. */
  readonly end: (isComplete: boolean) => Promise<void> | null;
}

/** Decides which files are opened. One opener serves one stream at a time. */
export interface NestedOpener {
  /** How begins what `open` takes. */
  readonly beginnings: Beginnings;
  /**
   * `head` is what the window has of the content, 512 bytes or the whole of it if that is less; it, `path` and `sink` are
   * valid during the call, and what the last two give is for good.
   */
  readonly open: Open;
  /** The same where a zip may begin inside of what `open` did not take, of which `size` bytes are left. */
  readonly openInside: Open;
  /** The same for base64 at `place`. */
  readonly openRun: (
    head: Uint8Array,
    place: () => TextPlace,
    path: () => string,
    sink: () => TapSink,
  ) => RunTap | null;
}

type Open = (head: Uint8Array, size: number, path: () => string, sink: () => TapSink) => Tap | null;

/** The taps of one stream. */
export interface Taps {
  /** A regular file of `size` bytes begins at `dataFrom` of the stream, and its first bytes are in the window. */
  readonly begin: (dataFrom: number, size: number, path: () => string, sink: () => TapSink) => void;
  /** A zip may begin at `at`; means nothing where that is not in what began last. */
  readonly mark: (at: number, path: () => string, sink: () => TapSink) => void;
  /** Compressed bytes in base64 may begin at `at`, which is `place` in its file, and end at `to` at the latest. */
  readonly run: (at: number, to: number, place: () => TextPlace, path: () => string, sink: () => TapSink) => void;
  /** Bytes of no file stand from `from` to `to`, and in the window; going on where such bytes ended before. */
  readonly stray: (from: number, to: number, sink: () => TapSink) => void;
  /** Bytes of no file are over. */
  readonly strayEnd: () => void;
  /** Hands on what has arrived. Called before the window drops anything, and before the next file begins. */
  readonly pass: () => void;
  /** Waits for the taps whose files are over; null when there are none. With `isLast` the stream is over. */
  readonly settle: (isLast: boolean) => Promise<void> | null;
}

/** How much of the beginning of a file is shown. */
const HEAD_BYTES = 512;
const CHECKSUM = 148;
const BLANK = 0x20;

/** A cheap sign of a tar: the last digits of its checksum, and what ends that. */
function mayBeTar(bytes: Uint8Array, at: number, size: number): boolean {
  if (size < HEAD_BYTES) return false;
  for (let i = CHECKSUM + 3; i < CHECKSUM + 6; i++) if (((bytes[at + i] ?? 0) & ~7) !== 0x30) return false;
  return ((bytes[at + CHECKSUM + 7] ?? 1) & ~BLANK) === 0;
}

/** True when `open` is to be asked. `entry-skip-module.ts` holds the same. */
function isWorthALook(beginnings: Beginnings, bytes: Uint8Array, at: number, size: number): boolean {
  return mayBegin(beginnings, bytes, at) || mayBeTar(bytes, at, size);
}

/** Taps over the files that move through a window. */
export function createTaps(window: TokenWindow, opener: NestedOpener): Taps {
  let current: Tap | null = null;
  let from = 0;
  let next = 0;
  let to = 0;
  /** More may come behind `to`. */
  let isStray = false;
  let isTaken = false;
  let over: { readonly tap: Pick<Tap, "end">; readonly isComplete: boolean }[] = [];
  const runs = createRunTaps(window, (tap) => void over.push({ tap, isComplete: true }));

  const pass = (): void => {
    runs.pass();
    if (current === null) return;
    const end = Math.min(to, window.end());
    if (end > next) current.push(window.buffer.subarray(next - window.base(), end - window.base()));
    next = Math.max(next, end);
    if (next < to || isStray) return;
    over.push({ tap: current, isComplete: true });
    current = null;
  };
  const take = (open: Open, dataFrom: number, path: () => string, sink: () => TapSink): void => {
    const at = dataFrom - window.base();
    const size = isStray ? Number.POSITIVE_INFINITY : to - dataFrom;
    const head = window.buffer.subarray(at, at + Math.min(size, HEAD_BYTES, window.end() - dataFrom));
    current = open(head, size, path, sink);
    isTaken = current !== null;
    next = dataFrom;
    pass();
  };
  const begin = (dataFrom: number, size: number, path: () => string, sink: () => TapSink): void => {
    isTaken = false;
    from = dataFrom;
    to = dataFrom + size;
    if (isWorthALook(opener.beginnings, window.buffer, dataFrom - window.base(), size))
      take(opener.open, dataFrom, path, sink);
  };
  const settle = async (): Promise<void> => {
    const ended = over;
    over = [];
    for (const { tap, isComplete } of ended) await tap.end(isComplete);
  };
  return {
    begin,
    mark: (at, path, sink) => {
      if (!isTaken && at >= from && at < to) take(opener.openInside, at, path, sink);
    },
    run: (at, limit, place, path, sink) => runs.begin(at, limit, (head) => opener.openRun(head, place, path, sink)),
    stray: (strayFrom, strayTo, sink) => {
      if (isStray) {
        to = strayTo;
        pass();
        return;
      }
      const first = window.buffer.subarray(strayFrom - window.base(), strayTo - window.base());
      const zeros = first.findIndex((byte) => byte !== 0);
      if (zeros === -1) return;
      pass();
      isStray = true;
      begin(strayFrom + zeros, first.length - zeros, () => "", sink);
    },
    strayEnd: () => {
      isStray = false;
      pass();
    },
    pass,
    settle: (isLast) => {
      if (isLast) runs.finish();
      if (isLast && current !== null) {
        over.push({ tap: current, isComplete: isStray });
        current = null;
      }
      return over.length === 0 ? null : settle();
    },
  };
}
