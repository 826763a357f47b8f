// `npm run fuzz`: the long form of test/fuzz/fuzz.test.ts. Options: --seconds N (60), --cases N (no bound), --seed N (today's
// date), --threads N (the processors), --case N (only this one). Ends with 1 and how to replay a case that breaks a promise,
// hangs, or kills its thread. Plain JavaScript, because Node 20 runs no TypeScript; the rest is bundled into node_modules.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const HANG_SECONDS = 120;
const number = (text) => {
  if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
};
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    cases: { type: "string", default: String(2 ** 31 - 1) },
    seed: { type: "string", default: new Date().toISOString().slice(0, 10).replaceAll("-", "") },
    threads: { type: "string", default: String(availableParallelism()) },
    case: { type: "string" },
  },
});
const seed = number(values.seed);
const only = values.case === undefined ? null : number(values.case);
const threads = only === null ? number(values.threads) : 1;
const end = only === null ? number(values.cases) : only + 1;
const seconds = only === null ? number(values.seconds) : HANG_SECONDS;

// Two folders deep, as the modules that look for fixtures are.
const bundled = mkdtempSync(join(root, "node_modules/.hullcheck-fuzz-"));
const temporary = mkdtempSync(join(tmpdir(), "hullcheck-fuzz-"));
process.env.TMPDIR = temporary;

async function bundle() {
  const build = await rolldown({
    cwd: root,
    input: { worker: join(root, "test/fuzz/worker.ts") },
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
  });
  await build.write({ dir: bundled, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name].js" });
  await build.close();
}

const failures = new Map();
function fail(at, problem) {
  if (failures.has(at)) return;
  failures.set(at, problem);
  console.error(`fuzz: ${problem}\nfuzz: replay it with: npm run fuzz -- --seed ${seed} --case ${at}`);
}

/** One thread to its end; a case that hangs or kills it is noted, and the next thread goes on behind it. */
async function runThread(index, stopAt, counts) {
  let first = only ?? index;
  for (;;) {
    const state = new Int32Array(new SharedArrayBuffer(12));
    Atomics.store(state, 0, first);
    const workerData = { seed, first, stride: threads, end, state };
    const worker = new Worker(join(bundled, "worker.js"), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let last = first;
    let lastChange = performance.now();
    let why = null;
    const watch = setInterval(() => {
      const now = Atomics.load(state, 0);
      if (now !== last) [last, lastChange] = [now, performance.now()];
      if (performance.now() > stopAt) Atomics.store(state, 2, 1);
      if (performance.now() - lastChange > HANG_SECONDS * 1000) {
        why = `it hangs (more than ${HANG_SECONDS} s)`;
        void worker.terminate();
      }
    }, 200);
    const isDone = await new Promise((resolve) => {
      worker.on("message", (message) => (message.isDone ? resolve(true) : fail(message.number, message.problem)));
      worker.on("error", (error) => {
        why ??= `it kills its thread (${error.code ?? error.name})`;
      });
      worker.on("exit", () => resolve(false));
    });
    clearInterval(watch);
    counts[index] += Atomics.load(state, 1);
    await worker.terminate();
    if (isDone) return;
    const at = Atomics.load(state, 0);
    fail(at, why ?? "its thread ends in the middle of it");
    first = at + threads;
    if (first >= end || performance.now() > stopAt) return;
  }
}

try {
  await bundle();
  const start = performance.now();
  const before = process.cpuUsage();
  const counts = Array.from({ length: threads }, () => 0);
  await Promise.all(counts.map((_, index) => runThread(index, start + seconds * 1000, counts)));
  const { user, system } = process.cpuUsage(before);
  const took = (performance.now() - start) / 1000;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const left = readdirSync(temporary);
  if (left.length > 0) console.error(`fuzz: ${left.length} files are left behind in the folder for temporary files`);
  console.log(
    `fuzz: ${total} cases in ${took.toFixed(0)} s (${(total / took).toFixed(0)} a second, ${threads} threads; ` +
      `${(total / ((user + system) / 1e6)).toFixed(0)} a second of processor time), ` +
      `seed ${seed}: ${failures.size} of them break a promise`,
  );
  process.exitCode = failures.size > 0 || left.length > 0 ? 1 : 0;
} finally {
  rmSync(bundled, { recursive: true, force: true });
  rmSync(temporary, { recursive: true, force: true });
}
