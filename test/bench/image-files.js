// Images for the benchmark: a tree of many small files like an installed Python, few large files like a model, a layer
// of archives. Written to files, since they are larger than memory should be.
import { createHash, randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));
export const MEGABYTE = 1_000_000;

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
export function realFiles(most) {
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
export function manySmall(path, count, files, most = Number.POSITIVE_INFINITY) {
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
export function fewLarge(path, megabytes) {
  const tar = writer(path);
  const shard = randomBytes(64 * MEGABYTE);
  for (let i = 0; i < megabytes / 64; i++) tar.add(`models/model-${i}.safetensors`, shard);
  tar.end();
}

/** A docker archive around layers that are files already. @param {string} path @param {readonly string[]} layers */
export function archive(path, layers) {
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

/** A layer of gzip files, as datasets and caches are kept. @param {string} path @param {number} count @param {readonly Buffer[]} files */
export function manyPacked(path, count, files) {
  const tar = writer(path);
  for (let i = 0; i < count; i++) {
    const content = files[i % files.length] ?? Buffer.alloc(0);
    if (content.length > 0) tar.add(`srv/data/part${i}.gz`, gzipSync(content, { level: 1 }));
  }
  tar.end();
}

/** A layer with a git repository of files, all in one pack; returns the repository's folder. @param {string} path @param {string} folder @param {number} count @param {readonly Buffer[]} files */
export function gitPack(path, folder, count, files) {
  /** @param {string[]} args */
  const git = (...args) => execFileSync("git", ["-C", folder, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  mkdirSync(folder);
  git("init", "-q");
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `file${i}`), files[i % files.length] ?? "");
  git("add", ".");
  git("-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-qm", "all of them");
  git("repack", "-adfq");
  const tar = writer(path);
  const packs = join(folder, ".git/objects/pack");
  for (const name of readdirSync(packs))
    tar.add(`srv/repository/.git/objects/pack/${name}`, readFileSync(join(packs, name)));
  tar.end();
}

/** A token that is none: its letters are drawn when it is made. */
function madeUp() {
  const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
  return `hf_${[...randomBytes(34)].map((byte) => letters[byte % letters.length]).join("")}`;
}

/** A layer with a token in each of several wrappings, among real files; returns the tokens. @param {string} path @param {readonly Buffer[]} files */
export function planted(path, files) {
  const wraps = {
    plain: (/** @type {string} */ token) => Buffer.from(`HF_TOKEN=${token}\n`),
    bare: (/** @type {string} */ token) => Buffer.from(token),
    json: (/** @type {string} */ token) => Buffer.from(JSON.stringify({ a: `x\n${token}` })),
    base64: (/** @type {string} */ token) => Buffer.from(Buffer.from(`user:${token}`).toString("base64")),
    gzip: (/** @type {string} */ token) => gzipSync(`token = "${token}"\n`),
    utf16: (/** @type {string} */ token) => Buffer.from(`token ${token} `, "utf16le"),
    binary: (/** @type {string} */ token) =>
      Buffer.concat([randomBytes(5000), Buffer.from(`\0${token}\0`), randomBytes(5000)]),
  };
  const tar = writer(path);
  const tokens = Object.entries(wraps).map(([name, wrap], i) => {
    const token = madeUp();
    for (let k = 0; k < 200; k++)
      tar.add(`usr/lib/p${i}/m${k}.py`, files[(i * 200 + k) % files.length] ?? Buffer.alloc(0));
    tar.add(`home/app/${name}`, wrap(token));
    return { name, token };
  });
  tar.end();
  return tokens;
}
