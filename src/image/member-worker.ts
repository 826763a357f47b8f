/** What runs in a thread of its own: takes jobs from the board until none is left. Prints nothing. */

import { parentPort, workerData } from "node:worker_threads";
import { Secrets } from "../token/secrets.ts";
import { jobBoard } from "./job-board.ts";
import { readMemberAt, type MemberJob } from "./member-at.ts";
import type { RawToken, SentMember, ThreadData } from "./member-thread.ts";
import { createStreamScanner } from "./scan/stream-scan.ts";

function isThreadData(value: unknown): value is ThreadData {
  return typeof value === "object" && value !== null && "settings" in value && "shared" in value;
}

const started: unknown = workerData;
if (!isThreadData(started)) throw new TypeError("this module is started by member-thread.ts");
const { settings, jobs, shared, taker } = started;
const board = jobBoard(shared);
const scanner = createStreamScanner({ simd: settings.simd });

/** Reads one member, and remembers every token for the other side. */
async function answer(index: number, job: MemberJob): Promise<SentMember> {
  const secrets = new Secrets();
  const raw = new Map<string, RawToken>();
  const facts = secrets.facts.bind(secrets);
  secrets.facts = (match) => {
    raw.set(match.value, { value: match.value, family: match.family.id });
    return facts(match);
  };
  const { stream, ...member } = await readMemberAt(job, settings, {
    scanner,
    secrets,
    isStopped: board.isStopped,
    progress: () => {},
    count: board.addRead,
  });
  const sent = { job: index, raw: [...raw.values()] };
  if (stream === null) return { ...sent, member: { ...member, stream }, index: new Float64Array() };
  const { index: entries, ...facet } = stream;
  return { ...sent, member: { ...member, stream: facet }, index: entries.packed() };
}

async function work(): Promise<void> {
  for (let index = board.take(taker); index !== null; index = board.take(taker)) {
    const job = jobs[index];
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    if (job !== undefined) parentPort?.postMessage(await answer(index, job));
  }
}

// What it throws ends the thread, and the other side is told.
void work();
