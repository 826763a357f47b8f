/**
 * Shares members of an archive out to threads: the biggest first, one at a time each, this thread among them. The
 * answers depend on nothing but the members, so the report is the same however many threads there are.
 */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { FAMILIES } from "../token/family.ts";
import type { Secrets } from "../token/secrets.ts";
import type { Member } from "./member.ts";
import { readMemberAt, unreadMember, type MemberHost, type MemberJob, type MemberSettings } from "./member-at.ts";
import { createBoardMemory, jobBoard } from "./job-board.ts";
import { runMemberThread, type RawToken } from "./member-thread.ts";
import { SHARING } from "./sharing.ts";

/** Threads unless more are asked for: all together stay below 200 MB, and the search outruns most disks. */
const MAX_THREADS = 2;
/** This thread's number on the board. */
const HERE = 1;
/** Of a job that went from the board with a thread that was ended before it could sign. */
const NEVER_TAKEN = { why: "unreadable", detail: "the thread that was to search it ended early" } as const;
/** How often the bytes that other threads have read are told. */
const TICK_MS = 100;

/** What the jobs need beside their members. */
export interface JobRun extends MemberHost {
  readonly settings: MemberSettings;
  /** How many threads there may be, this one among them; undefined for as many as there are processors, within reason. */
  readonly maxThreads: number | undefined;
}

/** True below `ulimit -v`, which Linux alone tells: V8 ends the process where a thread does not get the addresses it asks for. */
function areAddressesFew(): boolean {
  try {
    return /^Max address space +\d/m.test(readFileSync("/proc/self/limits", "latin1"));
  } catch {
    return false;
  }
}

/** How many threads are worth it, for jobs of which the first is the biggest. */
function threadCount(jobs: readonly MemberJob[], maxThreads: number): number {
  const others = jobs.slice(1).reduce((sum, { weight }) => sum + weight, 0);
  return others < SHARING.minSharedBytes || areAddressesFew() ? 1 : Math.max(1, Math.min(maxThreads, jobs.length));
}

/** This side learns the tokens as if it had found them. */
function learn(secrets: Secrets, raw: readonly RawToken[]): void {
  for (const { value, family: id } of raw) {
    const family = FAMILIES.find((known) => known.id === id);
    if (family !== undefined)
      secrets.facts({ family, value, confidence: "high", encoding: [], start: 0, end: value.length });
  }
}

/** Reads all of them; the members come in the order of the jobs. */
export async function runMemberJobs(
  unsorted: readonly MemberJob[],
  run: JobRun,
  runThread: typeof runMemberThread = runMemberThread,
): Promise<Member[]> {
  const jobs = [...unsorted].sort((a, b) => b.weight - a.weight);
  const members = new Map<MemberJob, Member>();
  const shared = createBoardMemory(jobs.length);
  const board = jobBoard(shared);
  const tick = (): void => {
    if (run.isStopped()) board.stop();
    run.count(board.takeRead());
    run.progress(0);
  };
  const here = async (): Promise<void> => {
    for (let index = board.take(HERE); index !== null; index = board.take(HERE)) {
      const job = jobs[index];
      if (job !== undefined) members.set(job, await readMemberAt(job, run.settings, run));
    }
  };
  const elsewhere = async (taker: number): Promise<void> => {
    const code = await runThread({ settings: run.settings, jobs, shared, taker }, (index, member, raw) => {
      learn(run.secrets, raw);
      const job = jobs[index];
      if (job !== undefined) members.set(job, member);
    });
    // What it took and did not give. A thread that never came up took nothing: that costs time, and nothing else.
    for (const [index, job] of jobs.entries()) {
      if (board.takerOf(index) !== taker || members.has(job)) continue;
      const detail = `the thread that searched it ended early (${code ?? "exit"})`;
      members.set(job, unreadMember(job.head, { why: "unreadable", detail }));
    }
  };
  const others = threadCount(jobs, run.maxThreads ?? Math.min(availableParallelism(), MAX_THREADS)) - 1;
  const timer = others === 0 ? null : setInterval(tick, TICK_MS);
  const threads = Array.from({ length: others }, async (_, i) => elsewhere(HERE + 1 + i));
  try {
    await here();
  } catch (error) {
    board.stop();
    throw error;
  } finally {
    await Promise.all(threads);
    if (timer !== null) clearInterval(timer);
    tick();
  }
  return unsorted.map((job) => members.get(job) ?? unreadMember(job.head, NEVER_TAKEN));
}
