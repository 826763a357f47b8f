// How fast `inspect` reads images, as ratios to ripgrep and gzip over the same files in one run, and how much memory it
// takes. Makes its own images: a tree of many small files like an installed Python, and one of few large ones like a
// model. Exported for run.js; `node test/bench/image.js` runs it alone. Asserts nothing.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = process.env.HULLCHECK_BENCH_DIST ?? join(HERE, "../../dist");
const RUNS = Number(process.env.HULLCHECK_BENCH_IMAGE_RUNS ?? 3);
const MEGABYTE = 1_000_000;

/** Runs in a process of its own, so that its memory is its own. */
const CHILD = `
const { inspectImage } = await import(process.argv[1]);
const { createReadStream, readFileSync } = await import("node:fs");
const source = process.argv[2];
const isStream = process.argv[3] === "stdin";
// Not maxRSS of getrusage: a forked process starts with its parent's.
const peak = () => 1024 * Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
const start = process.hrtime.bigint();
const outcome = await inspectImage(isStream ? "-" : source, isStream ? { stdin: createReadStream(source) } : {});
const ms = Number(process.hrtime.bigint() - start) / 1e6;
const { files, bytes } = outcome.subjects[0]?.coverage ?? {};
console.log(JSON.stringify({ ms, rss: peak(), findings: outcome.findings.length, gaps: outcome.gaps.length, files, bytes }));
`;

/** @param {readonly number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** A tar header. @param {string} name @param {number} size @param {string} type */
function header(name, size, type = "0") {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write("0000644\0", 100);
  block.write("0000000\x000000000\0", 108);
  block.write(`${size.toString(8).padStart(11, "0")}\x0000000000000\0`, 124);
  block.write("        ", 148);
  block.write(type, 156);
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** Writes parts of a tar to a file, many at once. @param {string} path */
function writer(path) {
  const file = openSync(path, "w");
  /** @type {Buffer[]} */
  let parts = [];
  let held = 0;
  const flush = () => {
    if (parts.length > 0) writeSync(file, Buffer.concat(parts));
    parts = [];
    held = 0;
  };
  return {
    /** @param {string} name @param {Buffer} content */
    add(name, content) {
      parts.push(header(name, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512));
      held += content.length;
      if (held > 8 * MEGABYTE || parts.length > 3000) flush();
    },
    end() {
      parts.push(Buffer.alloc(1024));
      flush();
      closeSync(file);
    },
  };
}

/** Real files of this machine's node_modules, so that the bytes are like those of a real image. @param {number} most */
function realFiles(most) {
  /** @type {Buffer[]} */
  const files = [];
  const folder = join(HERE, "../../node_modules");
  let total = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || statSync(path).size > 2 * MEGABYTE) continue;
    const bytes = readFileSync(path);
    files.push(bytes);
    total += bytes.length;
    if (total > most) break;
  }
  return files;
}

/** A layer of many small files. @param {string} path @param {number} count @param {readonly Buffer[]} files @param {number} most */
function manySmall(path, count, files, most = Number.POSITIVE_INFINITY) {
  const tar = writer(path);
  for (let i = 0; i < count; i++) {
    const content = files[i % files.length] ?? Buffer.alloc(0);
    tar.add(
      `usr/lib/python3/site-packages/package${i % 97}/module${i}.py`,
      content.length > most ? content.subarray(0, most) : content,
    );
  }
  tar.end();
}

/** A layer of few large files. @param {string} path @param {number} megabytes */
function fewLarge(path, megabytes) {
  const tar = writer(path);
  const shard = randomBytes(64 * MEGABYTE);
  for (let i = 0; i < megabytes / 64; i++) tar.add(`models/model-${i}.safetensors`, shard);
  tar.end();
}

/** A docker archive around layers that are files already. @param {string} path @param {readonly string[]} layers */
function archive(path, layers) {
  const file = openSync(path, "w");
  const ids = layers.map((layer) => createHash("sha256").update(layer).digest("hex"));
  /** @param {string} name @param {Buffer} content */
  const put = (name, content) => {
    writeSync(file, header(name, content.length));
    writeSync(file, content);
    writeSync(file, Buffer.alloc((512 - (content.length % 512)) % 512));
  };
  for (const [i, layer] of layers.entries()) {
    const { size } = statSync(layer);
    writeSync(file, header(`blobs/sha256/${ids[i]}`, size));
    const source = openSync(layer, "r");
    const size64 = 64 * MEGABYTE;
    for (let at = 0; at < size; at += size64) {
      const bytes = Buffer.alloc(Math.min(size64, size - at));
      readFully(source, bytes, at);
      writeSync(file, bytes);
    }
    closeSync(source);
    writeSync(file, Buffer.alloc((512 - (size % 512)) % 512));
  }
  const config = {
    os: "linux",
    architecture: "amd64",
    config: {},
    rootfs: { type: "layers", diff_ids: ids.map((id) => `sha256:${id}`) },
  };
  put("config.json", Buffer.from(JSON.stringify(config)));
  put(
    "manifest.json",
    Buffer.from(
      JSON.stringify([{ Config: "config.json", RepoTags: ["bench:1"], Layers: ids.map((id) => `blobs/sha256/${id}`) }]),
    ),
  );
  writeSync(file, Buffer.alloc(1024));
  closeSync(file);
}

/** @param {number} file @param {Buffer} bytes @param {number} at */
function readFully(file, bytes, at) {
  for (let got = 0; got < bytes.length;) got += readSync(file, bytes, got, bytes.length - got, at + got);
}

/** @param {string} command @param {readonly string[]} args @returns {number} milliseconds */
function timedCommand(command, args) {
  const start = performance.now();
  const result = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (result.error !== undefined || (result.status ?? 2) > 1) throw new Error(`${command} failed`);
  return performance.now() - start;
}

/** @param {string} source @param {string} mode */
function inspected(source, mode = "path") {
  const result = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", CHILD, pathToFileURL(join(DIST, "index.js")).href, source, mode],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  return JSON.parse(result.stdout);
}

/** @param {string} name @param {string} value @param {string} target */
function line(name, value, target) {
  console.log(`  ${name.padEnd(52)}${value.padStart(12)}   ${target}`);
}

/** Compares an inspection with a peer, run by run. @param {string} title @param {string} image @param {() => number} peer @param {string} target @param {string} mode */
function compare(title, image, peer, target, mode = "path") {
  peer();
  const runs = Array.from({ length: RUNS }, () => ({ peerMs: peer(), own: inspected(image, mode) }));
  const own = median(runs.map((run) => run.own.ms));
  const peerMs = median(runs.map((run) => run.peerMs));
  const rss = Math.max(...runs.map((run) => run.own.rss));
  const { files = 0, bytes = 0, findings, gaps } = runs[0]?.own ?? {};
  line(title, `${(own / peerMs).toFixed(2)} x`, `${target}; ${own.toFixed(0)} against ${peerMs.toFixed(0)} ms`);
  line(
    "",
    `${Math.round(rss / MEGABYTE)} MB`,
    `at most 150; ${files} files, ${Math.round(bytes / MEGABYTE)} MB, ${findings} findings, ${gaps} gaps`,
  );
}

/** Builds the images and prints the table. */
export function benchImages() {
  const folder = mkdtempSync(join(tmpdir(), "hullcheck-bench-image-"));
  try {
    const at = (/** @type {string} */ name) => join(folder, name);
    const files = realFiles(150 * MEGABYTE);
    const plain = "hf_[A-Za-z0-9]{34}";
    const rg = (/** @type {string} */ path) => () => timedCommand("rg", ["-a", "-c", plain, path]);
    console.log(`inspect (Node ${process.version}, medians of ${RUNS})`);
    manySmall(at("small.layer"), 50_000, files);
    archive(at("small.tar"), [at("small.layer")]);
    compare("docker save, 50,000 real files, over rg -a -c", at("small.tar"), rg(at("small.tar")), "at most 2");
    compare("the same from standard input", at("small.tar"), rg(at("small.tar")), "at most 2", "stdin");
    rmSync(at("small.tar"));
    fewLarge(at("large.layer"), 1024);
    archive(at("large.tar"), [at("large.layer")]);
    compare("docker save, 1 GB in files of 64 MB, over rg -a -c", at("large.tar"), rg(at("large.tar")), "at most 2");
    rmSync(at("large.tar"));
    rmSync(at("large.layer"));
    manySmall(at("entries.layer"), 500_000, files, 600);
    archive(at("entries.tar"), [at("entries.layer")]);
    rmSync(at("entries.layer"));
    compare("a layer of 500,000 files, over rg -a -c", at("entries.tar"), rg(at("entries.tar")), "at most 2");
    rmSync(at("entries.tar"));
    spawnSync("gzip", ["-1", "-k", at("small.layer")]);
    archive(at("gzip.tar"), [at("small.layer.gz")]);
    compare(
      "a gzip layer, over gzip -dc",
      at("gzip.tar"),
      () => timedCommand("gzip", ["-dc", at("small.layer.gz")]),
      "at most 0.5",
    );
    compare(
      "the same from standard input",
      at("gzip.tar"),
      () => timedCommand("gzip", ["-dc", at("small.layer.gz")]),
      "at most 0.5",
      "stdin",
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) benchImages();
