/** A progress bar on standard error, for a person at a terminal and for nobody else. Shows bytes, never a name. */

import type { Io } from "./io.ts";

/** A bar, or nothing. */
export interface Progress {
  /** How far it is, in bytes; the whole is null when nobody knows it. */
  readonly show: (state: { readonly bytes: number; readonly totalBytes: number | null }) => void;
  /** Takes the bar away, so that the report stands alone. */
  readonly stop: () => void;
}

const MEGABYTE = 1_000_000;

function megabytes(bytes: number): number {
  return Math.round(bytes / MEGABYTE);
}

/** A bar when standard error is a terminal that can move its cursor; else something that does nothing. */
export async function createProgress(io: Io): Promise<Progress> {
  if (!io.stderr.isTerminal || io.env["TERM"] === "dumb") return { show: () => {}, stop: () => {} };
  const [{ default: cliProgress }, { Writable }] = await Promise.all([import("cli-progress"), import("node:stream")]);
  const stream = new Writable({
    write: (chunk: Buffer | string, _encoding, done) => {
      io.stderr.write(String(chunk));
      done();
    },
  });
  const bar = new cliProgress.SingleBar({
    stream: Object.assign(stream, { isTTY: true }),
    format: "inspecting {bar} {value} of {total} MB",
    clearOnComplete: true,
    hideCursor: true,
    barsize: 30,
    barCompleteChar: "#",
    barIncompleteChar: ".",
    linewrap: null,
  });
  let isStarted = false;
  return {
    show: ({ bytes, totalBytes }) => {
      const total = megabytes(totalBytes ?? bytes);
      if (!isStarted) bar.start(total, megabytes(bytes));
      isStarted = true;
      bar.setTotal(total);
      bar.update(megabytes(bytes));
    },
    stop: () => {
      if (isStarted) bar.stop();
    },
  };
}
