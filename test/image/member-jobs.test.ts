/**
 * Members shared out to threads: the report is the same however many there are, every token that a thread finds is
 * masked on this side, and a thread that fails is a gap.
 */

import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/image/limits.ts";
import type { MemberJob } from "../../src/image/member-at.ts";
import { createBoardMemory, jobBoard } from "../../src/image/job-board.ts";
import { runMemberJobs } from "../../src/image/member-jobs.ts";
import { runMemberThread } from "../../src/image/member-thread.ts";
import { createStreamScanner } from "../../src/image/scan/stream-scan.ts";
import { Secrets } from "../../src/token/secrets.ts";
import { inspectImage } from "../../src/inspect.ts";
import { removeFolders, tar, writeTemporary } from "../support/images.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

afterAll(removeFolders);

/** An image with layers that are worth several threads. */
async function largeImage(): Promise<string> {
  const layers = await Promise.all(
    [0, 1, 2, 3, 4].map(async (i) => {
      const noise = randomBytes(2_500_000 + i * 100_000);
      const bytes = await tar([
        { name: `noise${i}`, content: noise },
        { name: `dir/file${i}`, content: `\n${fakeToken("user", i)}` },
        { name: `dir/.wh.file${i - 1}`, content: "" },
        { name: "root/.cache/huggingface/token", content: fakeToken("oauth", 9) },
      ]);
      return i === 3 ? { bytes } : { bytes, compress: (whole: Buffer) => gzipSync(whole, { level: 1 }) };
    }),
  );
  return writeTemporary(await archiveOf(layers));
}

describe("however many threads there are", () => {
  test("the report is the same, to the byte", async () => {
    const path = await largeImage();
    const alone = JSON.stringify(await inspectImage(path, { jobs: 1 }));
    expect(alone).toContain("/dir/file4");
    for (const options of [{ jobs: 3 }, { jobs: 16 }, { jobs: 3, simd: false }, { jobs: 1, simd: false }, {}]) {
      expect(JSON.stringify(await inspectImage(path, options))).toBe(alone);
    }
    const descriptor = openSync(path, "r");
    const fromDescriptor = JSON.stringify(await inspectImage("-", { jobs: 3, stdin: descriptor }));
    closeSync(descriptor);
    expect(fromDescriptor.replaceAll('"-"', JSON.stringify(path))).toBe(alone);
    for (let i = 0; i < 5; i++) expect(alone).not.toContain(fakeToken("user", i));
  }, 120_000);

  test("the bytes that were read are told", async () => {
    const path = await largeImage();
    const seen: number[] = [];
    await inspectImage(path, { jobs: 3, onProgress: ({ bytes }) => void seen.push(bytes) });
    const alone: number[] = [];
    await inspectImage(path, { jobs: 1, onProgress: ({ bytes }) => void alone.push(bytes) });
    expect(Math.abs((seen.at(-1) ?? 0) - (alone.at(-1) ?? 0))).toBeLessThan(200_000);
  }, 120_000);

  test("a stop is a gap, and ends them all", async () => {
    const path = await largeImage();
    for (const jobs of [1, 3]) {
      const outcome = await inspectImage(path, { jobs, signal: AbortSignal.abort() });
      expect(gaps(outcome)).toContain(`aborted ${path}`);
    }
  }, 60_000);
});

async function withLayer<T>(use: (job: MemberJob, descriptor: number) => Promise<T>): Promise<T> {
  const layer = await tar([{ name: "a", content: fakeToken("user", 1) }]);
  const path = await writeTemporary(Buffer.concat([Buffer.alloc(1024), layer]));
  const descriptor = openSync(path, "r");
  const head = { name: "layer", type: "file", size: layer.length, link: "" } as const;
  try {
    return await use({ head, offset: 1024, weight: 1 }, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const settings = { limits: DEFAULT_LIMITS, checkDigests: true, simd: true };

describe("a thread", () => {
  test("takes the members that nobody has taken, and says the raw tokens to this side alone", async () => {
    await withLayer(async (job, descriptor) => {
      const shared = createBoardMemory(3);
      const board = jobBoard(shared);
      expect(board.take(7)).toBe(0);
      const data = { settings: { ...settings, descriptor }, jobs: [job, job, job], shared, taker: 2 };
      const given: number[] = [];
      const code = await runMemberThread(data, (index, member, raw) => {
        given.push(index);
        expect(raw).toEqual([{ value: fakeToken("user", 1), family: "user" }]);
        expect(member.stream?.hits).toMatchObject([{ path: "/a", byteOffset: 0, line: 1 }]);
        expect(member.stream?.index.count()).toBe(1);
        expect(JSON.stringify(member)).not.toContain(fakeToken("user", 1));
      });
      expect(code).toBe(null);
      expect(given).toEqual([1, 2]);
      expect([0, 1, 2].map(board.takerOf)).toEqual([7, 2, 2]);
      expect(board.takeRead()).toBe(2 * job.head.size);
    });
  }, 60_000);

  test("that is told to stop reads nothing", async () => {
    await withLayer(async (job, descriptor) => {
      const shared = createBoardMemory(1);
      jobBoard(shared).stop();
      const members: unknown[] = [];
      const data = { settings: { ...settings, descriptor }, jobs: [job], shared, taker: 2 };
      expect(await runMemberThread(data, (_, member) => void members.push(member))).toBe(null);
      expect(members).toMatchObject([{ stream: null, problems: [{ why: "aborted" }] }]);
    });
  }, 60_000);

  test("that fails says its code, and the board whose job it was", async () => {
    await withLayer(async (job) => {
      const shared = createBoardMemory(2);
      const data = { settings: { ...settings, descriptor: 987_654 }, jobs: [job, job], shared, taker: 2 };
      expect(await runMemberThread(data, () => expect.unreachable())).toBe("EBADF");
      expect([0, 1].map(jobBoard(shared).takerOf)).toEqual([2, 0]);
    });
  }, 60_000);
});

/** Reads 40 members, each worth a thread, with threads that end as `end` does; the names, and what was not read. */
async function read(end: typeof runMemberThread): Promise<{ names: string[]; unread: string[] }> {
  return withLayer(async (job, descriptor) => {
    const jobs = Array.from({ length: 40 }, (_, i) => ({
      ...job,
      head: { ...job.head, name: `${i}` },
      weight: 1e8 + i,
    }));
    const host = { scanner: createStreamScanner(), isStopped: () => false, progress: () => {}, count: () => {} };
    const run = { ...host, secrets: new Secrets(), maxThreads: 3, settings: { ...settings, descriptor } };
    const members = await runMemberJobs(jobs, run, end);
    const problems = members.flatMap((member) => member.problems);
    expect(members.filter(({ stream }) => stream === null)).toHaveLength(problems.length);
    return { names: members.map(({ name }) => name), unread: problems.map(({ detail }) => detail) };
  });
}

describe("all of them", () => {
  const all = Array.from({ length: 40 }, (_, i) => `${i}`);

  test("a job that a thread took and did not give is a gap, and no other is", async () => {
    const ended = await read(async ({ shared, taker }) => {
      jobBoard(shared).take(taker);
      return Promise.resolve("ERR_WORKER_OUT_OF_MEMORY");
    });
    const detail = "the thread that searched it ended early (ERR_WORKER_OUT_OF_MEMORY)";
    expect(ended).toEqual({ names: all, unread: [detail, detail] });
  });

  test("a job that went from the board with a thread that did not sign for it is a gap at its own place", async () => {
    const ended = await read(async ({ shared }) => {
      // What `take` does first.
      Atomics.add(new Int32Array(shared, 8, 2), 1, 1);
      return Promise.resolve(null);
    });
    const detail = "the thread that was to search it ended early";
    expect(ended).toEqual({ names: all, unread: [detail, detail] });
  });

  test("a thread that does not come up costs nothing", async () => {
    expect(await read(async () => Promise.resolve("ERR_WORKER_INIT_FAILED"))).toEqual({ names: all, unread: [] });
  });
});
