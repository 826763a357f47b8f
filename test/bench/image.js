// How fast `inspect` reads images and how much memory it takes: the table of the targets, each as a ratio to a peer over
// the same files in the same run (medians of interleaved runs), then how time and memory grow, then other scanners.
// Exported for run.js; `node test/bench/image.js` runs it alone. Asserts nothing.
// HULLCHECK_BENCH_IMAGE_RUNS sets the runs, HULLCHECK_BENCH_SCALE below 1 makes smaller images.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as zlib from "node:zlib";
import { archive, fewLarge, gitPack, manyPacked, manySmall, MEGABYTE, planted, realFiles } from "./image-files.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = process.env.HULLCHECK_BENCH_DIST ?? join(HERE, "../../dist");
const RUNS = Number(process.env.HULLCHECK_BENCH_IMAGE_RUNS ?? 3);
const SCALE = Number(process.env.HULLCHECK_BENCH_SCALE ?? 1);
const MAX_RSS = 200;
const PLAIN = "hf_[A-Za-z0-9]{34}";

/** Runs in a process of its own, so that its memory is its own. */
const CHILD = `
const { inspectImage } = await import(process.argv[1]);
const { fstatSync, readFileSync } = await import("node:fs");
const [, , source, jobs] = process.argv;
// Not maxRSS of getrusage: a forked process starts with its parent's.
const peak = () => 1024 * Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
const start = process.hrtime.bigint();
const stdin = source === "-" ? { stdin: fstatSync(0).isFile() ? 0 : process.stdin } : {};
const outcome = await inspectImage(source, { ...stdin, ...(jobs === "" ? {} : { jobs: Number(jobs) }) });
const ms = Number(process.hrtime.bigint() - start) / 1e6;
const hashes = outcome.findings.flatMap(({ token }) => token?.sha256 ?? []);
console.log(JSON.stringify({ ms, rss: peak(), hashes, gaps: outcome.gaps.length }));
`;

/** What gunzips each file of a layer once, and does nothing else. */
const INFLATE = `
const { readFileSync } = await import("node:fs");
const { gunzipSync } = await import("node:zlib");
const bytes = readFileSync(process.argv[1]);
const start = process.hrtime.bigint();
for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0;) {
  const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8);
  gunzipSync(bytes.subarray(at + 512, at + 512 + size));
  at += 512 + Math.ceil(size / 512) * 512;
}
console.log(Number(process.hrtime.bigint() - start) / 1e6);
`;

/** What inflates each object of a repository's pack once, by the places in its index, and puts no delta together. */
const INFLATE_OBJECTS = `
const { execFileSync } = await import("node:child_process");
const { readdirSync, readFileSync } = await import("node:fs");
const { inflateSync } = await import("node:zlib");
const folder = process.argv[1] + "/.git/objects/pack/";
const name = readdirSync(folder).find((file) => file.endsWith(".idx"));
const index = execFileSync("git", ["show-index"], { input: readFileSync(folder + name), encoding: "utf8", maxBuffer: 2 ** 28 });
const places = index.trim().split("\\n").map((line) => Number.parseInt(line, 10)).sort((a, b) => a - b);
const pack = readFileSync(folder + name.replace(/idx$/, "pack"));
const [OFFSET_DELTA, ID_DELTA, ID_BYTES] = [6, 7, 20];
const start = process.hrtime.bigint();
for (const [i, place] of places.entries()) {
  const type = (pack[place] >> 4) & 7;
  let at = place;
  while (pack[at++] > 127);
  if (type === OFFSET_DELTA) while (pack[at++] > 127);
  if (type === ID_DELTA) at += ID_BYTES;
  inflateSync(pack.subarray(at, places[i + 1] ?? pack.length - ID_BYTES));
}
console.log(Number(process.hrtime.bigint() - start) / 1e6);
`;

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** @param {string} command @param {readonly string[]} args @returns {number} milliseconds */
function timedCommand(command, args) {
  const start = performance.now();
  const result = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (result.error !== undefined || (result.status ?? 2) > 1) throw new Error(`${command} failed`);
  return performance.now() - start;
}

const ripgrep = (/** @type {string} */ path) => () => timedCommand("rg", ["-a", "-c", PLAIN, path]);
const each = (/** @type {string} */ command, /** @type {readonly string[]} */ paths) => () =>
  paths.reduce((sum, path) => sum + timedCommand(command, ["-dc", path]), 0);

const objects = (/** @type {string} */ folder) => () =>
  timedCommand("git", ["-C", folder, "cat-file", "--batch", "--batch-all-objects", "--unordered"]);

/** @param {string} code @param {readonly string[]} args */
function node(code, args) {
  return [process.execPath, "--input-type=module", "-e", code, ...args];
}

/** From a pipe to a pipe: what no reader of one can do better than. @param {string} path */
const catted = (path) => () => timedCommand("sh", ["-c", 'cat "$0" | cat', path]);

/** How the bytes come: from the file of that name, or through a shell that has it as `$0`. */
const PIPED = 'cat "$0" | "$@"';
const FED = '"$@" < "$0"';

/** @param {string} path @param {{ jobs?: number, by?: string }} how */
function inspected(path, { jobs, by } = {}) {
  const dist = pathToFileURL(join(DIST, "index.js")).href;
  const command = node(CHILD, [dist, by === undefined ? path : "-", String(jobs ?? "")]);
  const [program = "", ...args] = by === undefined ? command : ["sh", "-c", by, path, ...command];
  const { stdout } = spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(stdout);
}

/** @param {string} title @param {string} value @param {string} target @param {string} more */
function line(title, value, target, more) {
  console.log(`  ${title.padEnd(46)}${value.padStart(9)}  ${target.padEnd(8)}${more}`);
}

/** Compares with a peer, run by run. @param {string} title @param {number} target @param {() => number} peer @param {() => { ms: number, rss: number, gaps: number }} own */
function compare(title, target, peer, own) {
  peer();
  const runs = Array.from({ length: RUNS }, () => ({ peerMs: peer(), ...own() }));
  const ownMs = median(runs.map(({ ms }) => ms));
  const peerMs = median(runs.map((run) => run.peerMs));
  const rss = Math.max(...runs.map((run) => run.rss)) / MEGABYTE;
  const ratio = ownMs / peerMs;
  const isMet = ratio <= target && rss <= MAX_RSS && runs.every(({ gaps }) => gaps === 0);
  const more = `${ownMs.toFixed(0)} against ${peerMs.toFixed(0)} ms; ${Math.round(rss)} MB`;
  line(title, `${ratio.toFixed(2)} x`, `<= ${target}`, `${more}; ${isMet ? "met" : "not met"}`);
}

/** @param {string} title @param {string} path @param {{ jobs?: number, by?: string }} how */
function grows(title, path, how = {}) {
  const runs = Array.from({ length: RUNS }, () => inspected(path, how));
  const rss = Math.max(...runs.map((run) => run.rss)) / MEGABYTE;
  line(title, `${median(runs.map(({ ms }) => ms)).toFixed(0)} ms`, "", `${Math.round(rss)} MB`);
}

/** @param {string} title @param {number} ms @param {readonly { name: string }[]} found @param {number} all */
function recall(title, ms, found, all) {
  const names = found.map(({ name }) => name).join(", ");
  line(title, `${ms.toFixed(0)} ms`, `${found.length} of ${all}`, names);
}

/** @param {string} token */
function hashOf(token) {
  return createHash("sha256").update(token).digest("hex");
}

/** Other scanners over the same image, and which of the tokens in it each found. @param {string} path @param {readonly { name: string, token: string }[]} tokens */
function compareScanners(path, tokens) {
  console.log("other scanners over one image with a token in each wrapping: time, recall");
  const own = inspected(path);
  const found = tokens.filter(({ token }) => own.hashes.includes(hashOf(token)));
  recall("hullcheck", own.ms, found, tokens.length);
  for (const [program, args] of SCANNERS) {
    const start = performance.now();
    const { error, stdout } = spawnSync(program, [...args, path], { encoding: "utf8", maxBuffer: 1 << 28 });
    if (error === undefined)
      recall(
        program,
        performance.now() - start,
        tokens.filter(({ token }) => stdout.includes(token)),
        tokens.length,
      );
    else line(program, "absent", "", "not on the PATH");
  }
}

/** Scanners that print what they find, and how they are asked to look into archives and to ask nobody. @type {readonly (readonly [string, readonly string[]])[]} */
const SCANNERS = [
  ["kingfisher", ["scan", "--no-validate", "--no-update-check", "--format", "jsonl"]],
  ["gitleaks", ["dir", "--no-banner", "--max-archive-depth", "6", "--report-format", "json", "--report-path", "-"]],
  ["betterleaks", ["dir", "--no-banner", "--report-format", "json", "--report-path", "-"]],
];

/** Builds the images, a few at a time, and prints the tables. */
export function benchImages() {
  const folder = mkdtempSync(join(tmpdir(), "hullcheck-bench-image-"));
  const at = (/** @type {string} */ name) => join(folder, name);
  const drop = (/** @type {string[]} */ ...names) => names.forEach((name) => rmSync(at(name), { force: true }));
  const five = [0, 1, 2, 3, 4];
  try {
    const files = realFiles(150 * MEGABYTE);
    console.log(`inspect (Node ${process.version}, ${availableParallelism()} processors, medians of ${RUNS})`);
    fewLarge(at("large.layer"), 1024 * SCALE);
    archive(at("large.tar"), [at("large.layer")]);
    compare("1 GB, one layer, over rg", 1.5, ripgrep(at("large.tar")), () => inspected(at("large.tar")));
    drop("large.layer");
    for (const i of five) fewLarge(at(`large${i}`), 256 * SCALE);
    archive(
      at("large5.tar"),
      five.map((i) => at(`large${i}`)),
    );
    drop(...five.map((i) => `large${i}`));
    compare("1.3 GB, five layers, over rg", 1, ripgrep(at("large5.tar")), () => inspected(at("large5.tar")));
    manySmall(at("small.layer"), 50_000 * SCALE, files);
    archive(at("small.tar"), [at("small.layer")]);
    compare("50,000 real files, over rg", 2, ripgrep(at("small.tar")), () => inspected(at("small.tar")));
    const byPath = (/** @type {string} */ name) => () => inspected(at(name)).ms;
    const through = (/** @type {string} */ name, /** @type {string} */ by) => () => inspected(at(name), { by });
    compare("the same from a pipe, over by path", 1.2, byPath("small.tar"), through("small.tar", PIPED));
    compare("1 GB from a pipe, over by path", 1.2, byPath("large.tar"), through("large.tar", PIPED));
    compare("1 GB from a pipe, over `cat | cat`", 1.2, catted(at("large.tar")), through("large.tar", PIPED));
    compare("1 GB at standard input, over by path", 1.2, byPath("large.tar"), through("large.tar", FED));
    manySmall(at("entries.layer"), 500_000 * SCALE, files, 600);
    archive(at("entries.tar"), [at("entries.layer")]);
    compare("500,000 small files, over rg", 2, ripgrep(at("entries.tar")), () => inspected(at("entries.tar")));
    compare("the same as a root filesystem, over rg", 2, ripgrep(at("entries.layer")), () =>
      inspected(at("entries.layer")),
    );
    for (const i of five) manySmall(at(`small${i}`), (12_000 + i * 100) * SCALE, files);
    for (const [program, suffix, one, all] of PACKERS) {
      if (suffix === "zst" && !("createZstdDecompress" in zlib)) {
        line("zstd layers", "absent", "", "this Node has no decoder of its own (22.15 and later have)");
        continue;
      }
      const fast = suffix === "gz" ? ["-1"] : ["-q"];
      const layers = five.map((i) => at(`small${i}.${suffix}`));
      for (const name of ["small.layer", ...five.map((i) => `small${i}`)])
        spawnSync(program, [...fast, "-k", "-f", at(name)]);
      archive(at("one.tar"), [at(`small.layer.${suffix}`)]);
      archive(at("five.tar"), layers);
      const title = (/** @type {string} */ count) => `${count} ${program} layer${count === "one" ? "" : "s"}, over -dc`;
      compare(title("one"), one, each(program, [at(`small.layer.${suffix}`)]), () => inspected(at("one.tar")));
      compare(title("five"), all, each(program, layers), () => inspected(at("five.tar")));
      if (suffix === "gz") for (const jobs of [1, 2, 3]) grows(`  five, ${jobs} threads`, at("five.tar"), { jobs });
      drop("one.tar", "five.tar", `small.layer.${suffix}`, ...five.map((i) => `small${i}.${suffix}`));
    }
    drop(...five.map((i) => `small${i}`));
    manyPacked(at("packed.layer"), 8000 * SCALE, files);
    archive(at("packed.tar"), [at("packed.layer")]);
    const inflating = (/** @type {string} */ code, /** @type {string} */ name) => () => {
      const [program = "", ...args] = node(code, [at(name)]);
      return Number(spawnSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).stdout);
    };
    compare("a layer of gzip files, over inflating each", 1.3, inflating(INFLATE, "packed.layer"), () =>
      inspected(at("packed.tar")),
    );
    gitPack(at("pack.layer"), at("repository"), 8000 * SCALE, files);
    archive(at("pack.tar"), [at("pack.layer")]);
    compare("a git pack, over inflating each object", 1.3, inflating(INFLATE_OBJECTS, "repository"), () =>
      inspected(at("pack.tar")),
    );
    compare("a git pack, over git reading every object", 1.3, objects(at("repository")), () =>
      inspected(at("pack.tar")),
    );
    console.log("how time and memory grow");
    grows("1 GB", at("large.tar"));
    fewLarge(at("quarter.layer"), 256 * SCALE);
    archive(at("quarter.tar"), [at("quarter.layer")]);
    grows("0.25 GB", at("quarter.tar"));
    for (const jobs of [1, 2, 3]) grows(`1.3 GB in five layers, ${jobs} threads`, at("large5.tar"), { jobs });
    grows("500,000 entries", at("entries.tar"));
    manySmall(at("fewer.layer"), 50_000 * SCALE, files, 600);
    archive(at("fewer.tar"), [at("fewer.layer")]);
    grows("50,000 entries", at("fewer.tar"));
    const tokens = planted(at("planted.layer"), files);
    archive(at("planted.tar"), [at("planted.layer")]);
    compareScanners(at("planted.tar"), tokens);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Program, suffix, and the targets for one layer and for five. @type {readonly (readonly [string, string, number, number])[]} */
const PACKERS = [
  ["gzip", "gz", 0.55, 0.4],
  ["zstd", "zst", 2.2, 1.3],
];

if (process.argv[1] === fileURLToPath(import.meta.url)) benchImages();
