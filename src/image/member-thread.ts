/**
 * One thread that reads members, seen from the one who started it. It takes its jobs itself, from a board that all
 * threads share, so that it never waits for this side; it ends when nothing is left to take, and nobody ends it before.
 * Nothing of a failure is shown but its code. Raw tokens come back in messages, which never leave the process, so that
 * this side can mask them in all it shows.
 */

import { Worker } from "node:worker_threads";
import { errorCode } from "../model/errors.ts";
import { createEntryIndex } from "./entry-index.ts";
import type { StreamFacts } from "./hit.ts";
import type { MemberJob, MemberSettings } from "./member-at.ts";
import type { Member } from "./member.ts";

/** What the thread is started with. */
export interface ThreadData {
  readonly settings: MemberSettings;
  readonly jobs: readonly MemberJob[];
  readonly shared: SharedArrayBuffer;
  /** Its number on the board. */
  readonly taker: number;
}

/** A token as the thread found it; raw. */
export interface RawToken {
  readonly value: string;
  /** The id of its family. */
  readonly family: string;
}

/** A member on its way between threads: an index is functions, so it goes apart. */
export interface SentMember {
  /** Which of the jobs this is. */
  readonly job: number;
  readonly member: Omit<Member, "stream"> & { readonly stream: Omit<StreamFacts, "index"> | null };
  readonly index: Float64Array;
  readonly raw: readonly RawToken[];
}

/** Told each member that the thread has read. */
export type Receive = (job: number, member: Member, raw: readonly RawToken[]) => void;

function received({ member, index }: SentMember): Member {
  const entries = createEntryIndex();
  entries.addAll(index);
  const stream = member.stream === null ? null : { ...member.stream, index: entries };
  return { ...member, stream };
}

/** Where the thread's module is, by the extension of this one: always in the bundle, from which a thread comes up fastest. */
const WORKERS: Readonly<Record<string, string>> = {
  ".ts": "../../dist/bundle/member-worker.cjs",
  ".js": "../bundle/member-worker.cjs",
  ".cjs": "./member-worker.cjs",
};

/** Runs a thread to its end, and says the code of what ended it early, if anything did. */
export async function runMemberThread(data: ThreadData, receive: Receive): Promise<string | null> {
  const module = WORKERS[import.meta.url.slice(import.meta.url.lastIndexOf("."))] ?? "";
  const options = { workerData: data, execArgv: [] }; // Not those of this process: a script given with -e takes other flags.
  return new Promise((resolve) => {
    let code: string | null = null;
    const fail = (error: unknown): void => void (code ??= errorCode(error) ?? "error");
    try {
      const worker = new Worker(new URL(module, import.meta.url), options);
      worker.on("message", (sent: SentMember) => receive(sent.job, received(sent), sent.raw));
      worker.on("messageerror", () => (code ??= "message"));
      worker.on("error", fail);
      worker.on("exit", (status) => resolve(code ?? (status === 0 ? null : "exit")));
    } catch (error) {
      fail(error);
      resolve(code);
    }
  });
}
