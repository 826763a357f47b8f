/**
 * Shares members of an archive out to threads: the biggest first, one at a time each, this thread among them. The
 * answers depend on nothing but the members, so the report is the same however many threads there are.
 */

import { availableParallelism } from "node:os";
import { FAMILIES } from "../token/family.ts";
import type { Secrets } from "../token/secrets.ts";
import type { Member } from "./member.ts";
import { readMemberAt, unreadMember, type MemberHost, type MemberJob, type MemberSettings } from "./member-at.ts";
import { CONTROL_BYTES, controlOf, startMemberThread, type RawToken } from "./member-thread.ts";
import { SHARING } from "./sharing.ts";

/** Threads unless more are asked for: all together stay below 200 MB, and the search outruns most disks. */
const MAX_THREADS = 2;
/** How often the bytes that other threads have read are told. */
const TICK_MS = 100;

/** What the jobs need beside their members. */
export interface JobRun extends MemberHost {
  readonly settings: MemberSettings;
  /** How many threads there may be, this one among them; undefined for as many as there are processors, within reason. */
  readonly maxThreads: number | undefined;
}

/** How many threads are worth it. */
function threadCount(jobs: readonly MemberJob[], maxThreads: number): number {
  const weights = jobs.map(({ weight }) => weight).sort((a, b) => b - a);
  const others = weights.slice(1).reduce((sum, weight) => sum + weight, 0);
  return others < SHARING.minSharedBytes ? 1 : Math.max(1, Math.min(maxThreads, jobs.length));
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
export async function runMemberJobs(jobs: readonly MemberJob[], run: JobRun): Promise<Member[]> {
  const queue = [...jobs].sort((a, b) => b.weight - a.weight);
  const members = new Map<MemberJob, Member>();
  const control = new SharedArrayBuffer(CONTROL_BYTES);
  const { stop, read } = controlOf(control);
  const tick = (): void => {
    if (run.isStopped()) Atomics.store(stop, 0, 1);
    run.count(Number(Atomics.exchange(read, 0, 0n)));
    run.progress(0);
  };
  const here = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift())
      members.set(job, await readMemberAt(job, run.settings, run));
  };
  const elsewhere = async (): Promise<void> => {
    const thread = startMemberThread({ settings: run.settings, control });
    try {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const answer = await thread.run(job);
        if (answer.kind === "member") {
          learn(run.secrets, answer.raw);
          members.set(job, answer.member);
        } else if (answer.isStarted) {
          const detail = `the thread that searched it ended early (${answer.code})`;
          members.set(job, unreadMember(job.head, { why: "unreadable", detail }));
          return;
        } else {
          // A machine that gives no more threads loses time, and nothing else.
          queue.unshift(job);
          return;
        }
      }
    } finally {
      await thread.close();
    }
  };
  const others = threadCount(jobs, run.maxThreads ?? Math.min(availableParallelism(), MAX_THREADS)) - 1;
  const timer = others === 0 ? null : setInterval(tick, TICK_MS);
  try {
    await Promise.all([here(), ...Array.from({ length: others }, elsewhere)]);
    await here();
  } finally {
    if (timer !== null) clearInterval(timer);
    tick();
  }
  return jobs.flatMap((job) => members.get(job) ?? []);
}
