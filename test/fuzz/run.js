// `npm run fuzz`: the long form of test/fuzz/fuzz.test.ts. Options: --cases N (so many, however long that takes), --seconds N
// (as many as that takes; 60 without --cases), --seed N (today's date), --threads N (the processors), --case N (only this
// one). A case is the same for the same seed and number, whatever thread it falls to. Ends with 1 and how to replay a case
// that breaks a promise, hangs, or kills its thread. Plain JavaScript, because Node 20 runs no TypeScript; the rest is
// bundled into node_modules.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const HANG_SECONDS = 120;
const MAX_CASES = 2 ** 31 - 1024;
const number = (text) => {
  if (!/^\d+$/.test(text)) throw new Error(`not a number: ${text}`);
  return Number(text);
};
const { values } = parseArgs({
  options: {
    seconds: { type: "string" },
    cases: { type: "string" },
    seed: { type: "string", default: new Date().toISOString().slice(0, 10).replaceAll("-", "") },
    threads: { type: "string", default: String(availableParallelism()) },
    case: { type: "string" },
  },
});
const seed = number(values.seed);
const only = values.case === undefined ? null : number(values.case);
const threads = only === null ? number(values.threads) : 1;
const first = only ?? 0;
const end = only === null ? Math.min(MAX_CASES, number(values.cases ?? String(MAX_CASES))) : only + 1;
const isBounded = only !== null || values.cases !== undefined;
const seconds = number(values.seconds ?? (isBounded ? "604800" : "60"));

// Two folders deep, as the modules that look for fixtures are.
const bundled = mkdtempSync(join(root, "node_modules/.hullcheck-fuzz-"));
const temporary = mkdtempSync(join(tmpdir(), "hullcheck-fuzz-"));
process.env.TMPDIR = temporary;

async function bundle() {
  const build = await rolldown({
    cwd: root,
    input: { worker: join(root, "test/fuzz/worker.ts"), kinds: join(root, "test/fuzz/kinds.ts") },
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

/** One thread to its end; a case that hangs or kills it is noted, and another thread goes on behind it. */
async function runThread(shared, stopAt) {
  for (;;) {
    const current = new Int32Array(new SharedArrayBuffer(4));
    Atomics.store(current, 0, -1);
    const worker = new Worker(join(bundled, "worker.js"), {
      workerData: { seed, end, shared, current },
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let last = -1;
    let lastChange = performance.now();
    let why = null;
    const watch = setInterval(() => {
      const now = Atomics.load(current, 0);
      if (now !== last) [last, lastChange] = [now, performance.now()];
      if (performance.now() > stopAt) Atomics.store(shared, 1, 1);
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
    await worker.terminate();
    if (isDone) return;
    const at = Atomics.load(current, 0);
    if (at === -1) throw new Error(why ?? "a thread ends before its first case");
    fail(at, why ?? "its thread ends in the middle of it");
  }
}

try {
  await bundle();
  const { KINDS } = await import(pathToFileURL(join(bundled, "kinds.js")).href);
  const shared = new Int32Array(new SharedArrayBuffer(4 * (2 + KINDS.length)));
  Atomics.store(shared, 0, first);
  const start = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: threads }, () => runThread(shared, start + seconds * 1000)));
  const { user, system } = process.cpuUsage(before);
  const took = (performance.now() - start) / 1000;
  const counts = KINDS.map((kind, i) => [kind, Atomics.load(shared, 2 + i)]);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const left = readdirSync(temporary);
  if (left.length > 0) console.error(`fuzz: ${left.length} files are left behind in the folder for temporary files`);
  console.log(`fuzz: ${counts.map(([kind, count]) => `${count} ${kind}`).join(", ")}`);
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
