/**
 * Members shared out to threads: the report is the same however many there are, every token that a thread finds is
 * masked on this side, and a thread that fails is a gap. The threads are those of the sources where Node runs
 * TypeScript, and those of `dist` (which `npm test` builds) elsewhere.
 */

import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/image/limits.ts";
import type { MemberJob } from "../../src/image/member-at.ts";
import type * as MemberThread from "../../src/image/member-thread.ts";
import { inspectImage } from "../../src/inspect.ts";
import type * as Inspect from "../../src/inspect.ts";
import { removeFolders, tar, writeTemporary } from "../support/images.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

afterAll(removeFolders);

const runsTypeScript = Reflect.get(process.features, "typescript") === "strip";
const where = runsTypeScript ? "../../src/image/" : "../../dist/image/";
const extension = runsTypeScript ? "ts" : "js";
const { controlOf, CONTROL_BYTES, startMemberThread } = (await import(
  `${where}member-thread.${extension}`
)) as typeof MemberThread;
const { inspectImage: inspectBuilt } = (await import(`${where}../inspect.${extension}`)) as typeof Inspect;

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
      expect(JSON.stringify(await inspectBuilt(path, options))).toBe(alone);
    }
    for (let i = 0; i < 5; i++) expect(alone).not.toContain(fakeToken("user", i));
  }, 120_000);

  test("the bytes that were read are told", async () => {
    const path = await largeImage();
    const seen: number[] = [];
    await inspectBuilt(path, { jobs: 3, onProgress: ({ bytes }) => void seen.push(bytes) });
    const alone: number[] = [];
    await inspectBuilt(path, { jobs: 1, onProgress: ({ bytes }) => void alone.push(bytes) });
    expect(Math.abs((seen.at(-1) ?? 0) - (alone.at(-1) ?? 0))).toBeLessThan(200_000);
  }, 120_000);

  test("a stop is a gap, and ends them all", async () => {
    const path = await largeImage();
    for (const jobs of [1, 3]) {
      const outcome = await inspectBuilt(path, { jobs, signal: AbortSignal.abort() });
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

describe("a thread", () => {
  const settings = { limits: DEFAULT_LIMITS, checkDigests: true, simd: true };

  test("reads a member from its place, and says the raw tokens to this side alone", async () => {
    await withLayer(async (job, descriptor) => {
      const control = new SharedArrayBuffer(CONTROL_BYTES);
      const thread = startMemberThread({ settings: { ...settings, descriptor }, control });
      try {
        for (let again = 0; again < 2; again++) {
          const answer = await thread.run(job);
          if (answer.kind === "lost") throw new Error(answer.code);
          expect(answer.raw).toEqual([{ value: fakeToken("user", 1), family: "user" }]);
          expect(answer.member.stream?.hits).toMatchObject([{ path: "/a", byteOffset: 0, line: 1 }]);
          expect(answer.member.stream?.index.count()).toBe(1);
          expect(JSON.stringify(answer.member)).not.toContain(fakeToken("user", 1));
        }
        expect(Number(controlOf(control).read[0])).toBe(2 * job.head.size);
      } finally {
        await thread.close();
      }
    });
  }, 60_000);

  test("that is told to stop reads nothing", async () => {
    await withLayer(async (job, descriptor) => {
      const control = new SharedArrayBuffer(CONTROL_BYTES);
      controlOf(control).stop[0] = 1;
      const thread = startMemberThread({ settings: { ...settings, descriptor }, control });
      const answer = await thread.run(job);
      await thread.close();
      expect(answer).toMatchObject({ kind: "member", member: { stream: null, problems: [{ why: "aborted" }] } });
    });
  }, 60_000);

  test("that fails, or has ended, answers all the same", async () => {
    await withLayer(async (job) => {
      const thread = startMemberThread({
        settings: { ...settings, descriptor: 987_654 },
        control: new SharedArrayBuffer(CONTROL_BYTES),
      });
      expect(await thread.run(job)).toEqual({ kind: "lost", isStarted: true, code: "EBADF" });
      expect(await thread.run(job)).toEqual({ kind: "lost", isStarted: true, code: "EBADF" });
      await thread.close();
    });
    await withLayer(async (job, descriptor) => {
      const thread = startMemberThread({
        settings: { ...settings, descriptor },
        control: new SharedArrayBuffer(CONTROL_BYTES),
      });
      await thread.close();
      expect(await thread.run(job)).toMatchObject({ kind: "lost" });
    });
  }, 60_000);
});
