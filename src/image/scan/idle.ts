/**
 * Scanners and windows that nobody uses now, kept for their next user: one takes megabytes and code that is compiled,
 * which is more than a small image costs to search. Knows nothing of what they search.
 */

import { createStreamScanner, type StreamScanner } from "./stream-scan.ts";
import { createTokenWindow, type TokenWindow } from "./token-window.ts";

/** How to search; `simd: false` searches the slow way, and finds the same. */
export interface Settings {
  readonly simd?: boolean;
}

/** Lends what is costly to make. A process has as many as were ever used at the same time. */
export interface Idle<T> {
  /** One that nobody else uses until it is given back. */
  readonly take: (settings: Settings) => T;
  /** Gives one back that was taken with these settings; what goes wrong on the way is better not given back. */
  readonly giveBack: (item: T, settings: Settings) => void;
}

/** Lends what `create` makes. */
export function createIdle<T>(create: (settings: Settings) => T): Idle<T> {
  const fast: T[] = [];
  const slow: T[] = [];
  const idleOf = ({ simd }: Settings): T[] => (simd === false ? slow : fast);
  return {
    take: (settings) => idleOf(settings).pop() ?? create(settings),
    giveBack: (item, settings) => void idleOf(settings).push(item),
  };
}

/** Scanners of streams. */
export const IDLE_SCANNERS: Idle<StreamScanner> = createIdle(createStreamScanner);

/** Windows over bytes that are searched beside a scan. */
export const IDLE_WINDOWS: Idle<TokenWindow> = createIdle(createTokenWindow);
