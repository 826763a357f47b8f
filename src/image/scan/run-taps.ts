/**
 * Hands on runs of text from the middle of a stream: whoever can unpack them is asked where one may begin, and gets it
 * up to its end, one run at a time. Knows neither the text nor what a file is.
 */

import { MARK_BYTES, type TokenWindow } from "./token-window.ts";

/** Takes one run. */
export interface RunTap {
  /** The next bytes, valid during the call. Says how many of them belong to the run: fewer than all end it. */
  readonly push: (bytes: Uint8Array) => number;
  /** Nothing more comes; once. */
  readonly end: () => Promise<void>;
  /** In place of `end`, where the stream is given up. */
  readonly drop: () => void;
}

/** Decides by the first bytes, up to `MARK_BYTES`, whether a run begins. */
export type OpenRun = (head: Uint8Array) => RunTap | null;

/** The runs of one stream; offsets are those of the stream. */
export interface RunTaps {
  /** A run may begin at `at`, and ends at `to` at the latest. Means nothing inside of a run that goes on there. */
  readonly begin: (at: number, to: number, open: OpenRun) => void;
  /** Hands on what has arrived. Called before the window drops anything. */
  readonly pass: () => void;
  /** The stream is over. */
  readonly finish: () => void;
  /** Ready for another stream; what goes on is dropped. */
  readonly reset: () => void;
}

/** The runs that move through a window; `ended` is told each that is over. */
export function createRunTaps(window: TokenWindow, ended: (run: RunTap) => void): RunTaps {
  let current: RunTap | null = null;
  let next = 0;
  let to = 0;

  const view = (from: number, end: number): Uint8Array =>
    window.buffer.subarray(from - window.base(), end - window.base());
  const finish = (): void => {
    if (current !== null) ended(current);
    current = null;
  };
  const pass = (): void => {
    if (current === null) return;
    const end = Math.min(to, window.end());
    const given = Math.max(0, end - next);
    const taken = given === 0 ? 0 : current.push(view(next, end));
    next += taken;
    if (taken < given || next >= to) finish();
  };
  return {
    begin: (at, limit, open) => {
      pass();
      if (current !== null || at < next) return;
      current = open(view(at, Math.min(limit, at + MARK_BYTES, window.end())));
      if (current === null) return;
      next = at;
      to = limit;
      pass();
    },
    pass,
    finish,
    reset: () => {
      current?.drop();
      current = null;
      next = to = 0;
    },
  };
}
