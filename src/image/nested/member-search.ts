/**
 * Searches the bytes of one member after the other, as they come: a window that is handed bytes instead of reading
 * them. Knows nothing of archives; waits for nothing, so that a thousand small members cost little more than their bytes.
 */

import type { TokenMatch } from "../../token/match.ts";
import { createIdle, type Idle, type Settings } from "../scan/idle.ts";
import { createLineCounter } from "../scan/line-counter.ts";
import { createRunTaps, type RunTap } from "../scan/run-taps.ts";
import { createTokenWindow, MARK_BYTES, type WindowClient } from "../scan/token-window.ts";

/** Told each token with its offset in the member, and its 1-based line where the member has lines. */
export type Found = (match: TokenMatch, byteOffset: number, line: number | null) => void;

/**
 * Asked where a zip may begin, with up to 512 bytes of it, until it gives something: that is handed all bytes of the
 * member from there on.
 */
export type AskInside = (head: Uint8Array) => ((bytes: Uint8Array) => void) | null;

/** Asked where compressed bytes may begin in base64, with up to 512 bytes of it and its place in the member. */
export type AskRun = (head: Uint8Array, byteOffset: number, line: number | null) => RunTap | null;

/** Who is told what of a member, and asked. */
export interface MemberClient {
  readonly found: Found;
  readonly inside: AskInside | null;
  readonly run: AskRun;
}

/** A search that can be used again once a member has ended. */
export interface MemberSearch {
  readonly begin: (client: MemberClient) => void;
  readonly write: (bytes: Uint8Array) => void;
  readonly end: () => void;
  /** A member that is there as a whole. */
  readonly whole: (bytes: Uint8Array, client: MemberClient) => void;
  /** Waits for the runs that are over; null when there are none. */
  readonly settle: () => Promise<void> | null;
  /** Gives up the runs that are left. */
  readonly drop: () => void;
}

/** A search with its own window. */
function createMemberSearch(settings: Settings): MemberSearch {
  const window = createTokenWindow(settings);
  const lines = createLineCounter(window);
  let told: MemberClient | null = null;
  let take: ((bytes: Uint8Array) => void) | null = null;
  let taken = 0;
  let over: RunTap[] = [];
  const runs = createRunTaps(window, (run) => void over.push(run));
  const view = (from: number, to: number): Uint8Array =>
    window.buffer.subarray(from - window.base(), to - window.base());
  const client: WindowClient = {
    partAt: () => ({ from: 0, to: Number.POSITIVE_INFINITY }),
    found: (match, from) => told?.found(match, from, lines.lineAt(from)),
    packed: (at, to) => runs.begin(at, to, (head) => told?.run(head, at, lines.lineAt(at)) ?? null),
    marked: (at) => {
      const ask = told?.inside ?? null;
      if (take !== null || ask === null) return;
      take = ask(view(at, Math.min(window.end(), at + MARK_BYTES)));
      taken = at;
    },
  };
  const commit = (count: number, isLast: boolean): void => {
    window.commit(count, isLast, client);
    runs.pass();
    if (isLast) runs.finish();
    if (take === null || window.end() <= taken) return;
    take(view(taken, window.end()));
    taken = window.end();
  };
  const drop = (): void => {
    runs.reset();
    for (const run of over) run.drop();
    over = [];
  };
  const begin = (next: MemberClient): void => {
    told = next;
    take = null;
    drop();
    window.reset();
    lines.begin(0, Number.POSITIVE_INFINITY);
  };
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) {
      const space = window.space();
      const part = bytes.subarray(at, at + space.length);
      space.set(part);
      commit(part.length, false);
      lines.pass(window.keptFrom());
      window.shift();
      at += part.length;
    }
  };
  const end = (): void => {
    commit(0, true);
    told = null;
  };
  const settle = async (): Promise<void> => {
    for (let run = over.shift(); run !== undefined; run = over.shift()) await run.end();
  };
  return {
    begin,
    write,
    end,
    settle: () => (over.length === 0 ? null : settle()),
    drop,
    whole: (bytes, next) => {
      begin(next);
      if (bytes.length > window.space().length) {
        write(bytes);
        end();
        return;
      }
      window.space().set(bytes);
      commit(bytes.length, true);
      told = null;
    },
  };
}

const idle: Idle<MemberSearch> = createIdle(createMemberSearch);

/** Searches that are lent in whatever state they come back. Each has a memory of its own, of which a process can have a limited number. */
export const IDLE_SEARCHES: Idle<MemberSearch> = {
  take: idle.take,
  giveBack: (search, settings) => {
    search.drop();
    idle.giveBack(search, settings);
  },
};
