// `npm run bench`: prints what a user waits for, as ratios in one run, so that a slow machine slows both sides alike.
// HULLCHECK_BENCH_NODES names further Node binaries, separated like PATH. Medians of interleaved runs; asserts nothing.
// Plain JavaScript over dist, because Node 20 runs no TypeScript.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lintDockerfile } from "../../dist/index.js";
import { manyDockerfiles, longDockerfile } from "./dockerfiles.js";
import { benchImages } from "./image.js";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "../../bin/hullcheck.js");
const COLD_RUNS = Number.parseInt(process.env.HULLCHECK_BENCH_RUNS ?? "25", 10);
const nodes = [process.execPath, ...(process.env.HULLCHECK_BENCH_NODES ?? "").split(delimiter).filter(Boolean)];

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** @param {() => unknown} action @returns {number} milliseconds */
function timed(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/** @param {string} name @param {string} value @param {string} target */
function line(name, value, target) {
  console.log(`  ${name.padEnd(44)}${value.padStart(12)}   ${target}`);
}

/** Cold starts over an empty `node -e 0` of the same binary. @param {string} node @param {string} folder */
function coldStarts(node, folder) {
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  const isOld = version.startsWith("v20.");
  const lint = [BIN, "lint", "Dockerfile"];
  const cases = { empty: ["-e", "0"], version: [BIN, "--version"], first: lint, lint };
  /** @type {Record<string, number[]>} */
  const times = { empty: [], version: [], first: [], lint: [] };
  for (let run = -1; run < COLD_RUNS; run++) {
    for (const [name, args] of Object.entries(cases)) {
      const env = name === "first" ? { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" } : process.env;
      const ms = timed(() => spawnSync(node, args, { cwd: folder, env, stdio: "ignore" }));
      if (run >= 0) times[name]?.push(ms);
    }
  }
  const empty = times.empty ?? [];
  console.log(
    `cold start, Node ${version} (\`node -e 0\`: ${median(empty).toFixed(1)} ms); medians, and the fastest runs`,
  );
  const ratio = (/** @type {readonly number[]} */ values) =>
    `${(median(values) / median(empty)).toFixed(2)} x, ${(Math.min(...values) / Math.min(...empty)).toFixed(2)}`;
  line("--version", ratio(times.version ?? []), `at most ${isOld ? 1.3 : 1.6}`);
  line("lint Dockerfile", ratio(times.lint ?? []), `at most ${isOld ? 1.6 : 2.2}`);
  line("the same with nothing compiled before", ratio(times.first ?? []), "");
}

function inProcess() {
  const files = manyDockerfiles(300);
  const pass = () => {
    for (const { path, text } of files) lintDockerfile(text, { path });
  };
  pass();
  const perSecond = () => (files.length * 1000) / median(Array.from({ length: 9 }, () => timed(pass)));
  const first = perSecond();
  const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
  console.log(
    `in process (${files.length} different Dockerfiles, ${Math.round(bytes / files.length)} characters each)`,
  );
  line("Dockerfiles a second, the first passes", first.toFixed(0), "V8 still compiles");
  line("Dockerfiles a second, then", perSecond().toFixed(0), "at least 1500");
}

function growth() {
  const small = longDockerfile(10_000);
  const large = longDockerfile(20_000);
  for (let i = 0; i < 3; i++) lintDockerfile(small);
  const times = Array.from({ length: 5 }, () => [
    timed(() => lintDockerfile(small)),
    timed(() => lintDockerfile(large)),
  ]);
  const smallMs = median(times.map(([ms]) => ms ?? 0));
  const largeMs = median(times.map(([, ms]) => ms ?? 0));
  console.log("growth (one file of 20,000 instructions over one of 10,000)");
  line(
    "time",
    `${(largeMs / smallMs).toFixed(1)} x`,
    `2 is linear; ${smallMs.toFixed(0)} and ${largeMs.toFixed(0)} ms`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "hullcheck-bench-"));
try {
  writeFileSync(join(folder, "Dockerfile"), manyDockerfiles(1)[0]?.text ?? "");
  for (const node of nodes) coldStarts(node, folder);
  inProcess();
  growth();
  benchImages();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
