/**
 * Searches the bytes of one member after the other, as they come: a window that is handed bytes instead of reading
 * them. Knows nothing of archives; waits for nothing, so that a thousand small members cost little more than their bytes.
 */

import type { TokenMatch } from "../../token/match.ts";
import { createLineCounter } from "../scan/line-counter.ts";
import { createTokenWindow, MARK_BYTES, type WindowClient } from "../scan/token-window.ts";

/** Told each token with its offset in the member, and its 1-based line where the member has lines. */
export type Found = (match: TokenMatch, byteOffset: number, line: number | null) => void;

/**
 * Asked where a zip may begin, with up to 512 bytes of it, until it gives something: that is handed all bytes of the
 * member from there on.
 */
export type AskInside = (head: Uint8Array) => ((bytes: Uint8Array) => void) | null;

/** A search that can be used again once a member has ended. */
export interface MemberSearch {
  readonly begin: (found: Found, ask: AskInside | null) => void;
  readonly write: (bytes: Uint8Array) => void;
  readonly end: () => void;
  /** A member that is there as a whole. */
  readonly whole: (bytes: Uint8Array, found: Found, ask: AskInside | null) => void;
}

/** How to search; `simd: false` searches the slow way, and finds the same. */
interface Settings {
  readonly simd?: boolean;
}

/** Searches that nobody uses now. Each has a memory of its own, of which a process can have a limited number. */
const idle: { readonly fast: MemberSearch[]; readonly slow: MemberSearch[] } = { fast: [], slow: [] };

function idleOf({ simd }: Settings): MemberSearch[] {
  return simd === false ? idle.slow : idle.fast;
}

/** A search that nobody else uses until it is given back. */
export function takeMemberSearch(settings: Settings): MemberSearch {
  return idleOf(settings).pop() ?? createMemberSearch(settings);
}

/** Gives a search back, in whatever state. */
export function giveBack(search: MemberSearch, settings: Settings): void {
  idleOf(settings).push(search);
}

/** A search with its own window. */
function createMemberSearch(settings: Settings): MemberSearch {
  const window = createTokenWindow(settings);
  const lines = createLineCounter(window);
  let tell: Found | null = null;
  let asked: AskInside | null = null;
  let take: ((bytes: Uint8Array) => void) | null = null;
  let taken = 0;
  const view = (from: number, to: number): Uint8Array =>
    window.buffer.subarray(from - window.base(), to - window.base());
  const client: WindowClient = {
    partAt: () => ({ from: 0, to: Number.POSITIVE_INFINITY }),
    found: (match, from) => tell?.(match, from, lines.lineAt(from)),
    marked: (at) => {
      if (take !== null || asked === null) return;
      take = asked(view(at, Math.min(window.end(), at + MARK_BYTES)));
      taken = at;
    },
  };
  const commit = (count: number, isLast: boolean): void => {
    window.commit(count, isLast, client);
    if (take === null || window.end() <= taken) return;
    take(view(taken, window.end()));
    taken = window.end();
  };
  const begin = (found: Found, ask: AskInside | null): void => {
    asked = ask;
    take = null;
    window.reset();
    lines.begin(0, Number.POSITIVE_INFINITY);
    tell = found;
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
    tell = null;
  };
  return {
    begin,
    write,
    end,
    whole: (bytes, found, ask) => {
      begin(found, ask);
      if (bytes.length > window.space().length) {
        write(bytes);
        end();
        return;
      }
      window.space().set(bytes);
      commit(bytes.length, true);
      tell = null;
    },
  };
}
