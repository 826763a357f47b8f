/**
 * One thread that reads members, seen from the one who started it. Whatever becomes of the thread, each member gets an
 * answer; nothing of a failure is shown but its code. Raw tokens come back in messages, which never leave the process,
 * so that this side can mask them in all it shows.
 */

import { Worker } from "node:worker_threads";
import { createEntryIndex } from "./entry-index.ts";
import type { Member } from "./member.ts";
import type { MemberJob, MemberSettings } from "./member-at.ts";
import type { StreamFacts } from "./hit.ts";

/** What the thread is started with. */
export interface ThreadData {
  readonly settings: MemberSettings;
  readonly control: SharedArrayBuffer;
}

/** A token as the thread found it; raw. */
export interface RawToken {
  readonly value: string;
  /** The id of its family. */
  readonly family: string;
}

/** A member on its way between threads: an index is functions, so it goes apart. */
export interface SentMember {
  readonly member: Omit<Member, "stream"> & { readonly stream: Omit<StreamFacts, "index"> | null };
  readonly index: Float64Array;
  readonly raw: readonly RawToken[];
}

/** What the thread says: once that it is there, and then a member for each job. */
export type ThreadMessage = "ready" | SentMember;

/** What came of a job. */
export type Answer =
  | { readonly kind: "member"; readonly member: Member; readonly raw: readonly RawToken[] }
  /** The thread is gone; `isStarted` is false when it never came up, so that the job may be fine. */
  | { readonly kind: "lost"; readonly isStarted: boolean; readonly code: string };

/** A thread. One job at a time. */
export interface MemberThread {
  readonly run: (job: MemberJob) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** The two things that both sides share: whether to stop, and how many bytes of the file were read. */
export function controlOf(control: SharedArrayBuffer): { readonly stop: Int32Array; readonly read: BigInt64Array } {
  return { stop: new Int32Array(control, 0, 1), read: new BigInt64Array(control, 8, 1) };
}

/** Bytes of what is shared. */
export const CONTROL_BYTES = 16;

function receive({ member, index, raw }: SentMember): Answer {
  const entries = createEntryIndex();
  entries.addAll(index);
  const stream = member.stream === null ? null : { ...member.stream, index: entries };
  return { kind: "member", member: { ...member, stream }, raw };
}

/** Starts a thread. It is the same module as this one is: TypeScript from the sources, JavaScript from `dist`. */
export function startMemberThread(data: ThreadData): MemberThread {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const options = { workerData: data, execArgv: [] }; // Not those of this process: a script given with -e takes other flags.
  const worker = new Worker(new URL(`./member-worker${extension}`, import.meta.url), options);
  let isStarted = false;
  let code: string | null = null;
  let answer: ((answer: Answer) => void) | null = null;
  /** The first job waits for the thread, so that what it makes of it is never taken for a thread that did not come up. */
  let waiting: MemberJob | null = null;
  const send = (job: MemberJob): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    worker.postMessage(job);
  };
  const lose = (why: string): void => {
    code ??= why;
    answer?.({ kind: "lost", isStarted, code });
    answer = null;
  };
  worker.on("message", (message: ThreadMessage) => {
    if (message === "ready") {
      isStarted = true;
      if (waiting !== null) send(waiting);
      waiting = null;
      return;
    }
    answer?.(receive(message));
    answer = null;
  });
  worker.on("error", (error) => lose(error instanceof Error && "code" in error ? String(error.code) : "error"));
  worker.on("messageerror", () => lose("message"));
  worker.on("exit", () => lose("exit"));
  return {
    run: async (job) =>
      new Promise((resolve) => {
        answer = resolve;
        if (code !== null) lose(code);
        else if (isStarted) send(job);
        else waiting = job;
      }),
    close: async () => void (await worker.terminate()),
  };
}
