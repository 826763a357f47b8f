/**
 * What Ctrl-C and a plain `kill` do: one line on standard error, and the end that the signal means (130, 143 for a shell).
 * A handler runs between two steps of the work, so no file is left half written beside the one that it is to replace.
 */

import type { Io } from "./io.ts";

/** The number that a shell adds to 128 (signal(7)). */
const SIGNALS: Readonly<Record<"SIGINT" | "SIGTERM", number>> = { SIGINT: 2, SIGTERM: 15 };

function stop(signal: keyof typeof SIGNALS, { stderr }: Io, exit: (code: number) => void): void {
  try {
    stderr.write(`hullcheck: stopped by ${signal}; there is no verdict\n`);
  } catch {
    // Nobody reads it any more.
  }
  // A shell that runs a loop ends it only when the signal itself is what ended us. A container's first process survives it.
  process.kill(process.pid, signal);
  exit(128 + SIGNALS[signal]);
}

/** Ends the process on SIGINT and SIGTERM; `exit` ends it at once with a code. */
export function stopOnSignals(io: Io, exit: (code: number) => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // Others that listen, such as a progress bar that takes itself away, come first.
    process.once(signal, () => void setImmediate(() => stop(signal, io, exit)));
  }
}
