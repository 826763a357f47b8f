// Loads the files of a command with what V8 compiled of them in an earlier run: compiling is more than half of a
// start. A file that is kept begins with the source it was made of, and counts only when that is the source of now, to the
// byte; V8 refuses what another version of it made, but takes a damaged one as it is, so that stands there twice. Kept in the
// package's own folder and nowhere else: whoever can write there can change the program itself. Where nobody can, everything
// works as it does without.
"use strict";

const fs = require("node:fs");
const { createRequire, Module } = require("node:module");
const path = require("node:path");
const { Script } = require("node:vm");

const BUNDLE = path.join(__dirname, "../dist/bundle");
const KEPT = path.join(__dirname, "../.compiled", `node-${process.version}-${process.arch}`);

const requireThere = createRequire(path.join(BUNDLE, "main.cjs"));

/** What `scripts/bundle.js` makes for every run of these. Each keeps its own, since each compiles other parts. */
const FILES = {
  lint: ["main", "start", "lint"],
  inspect: ["main", "start", "inspect"],
  gate: ["main", "start", "lint", "inspect"],
};

/** What is only compared goes through this: fresh memory costs more than reading does. */
const PIECE = 65_536;

/** True when a file goes on with these bytes. */
function goesOnWith(bytes, file, piece) {
  for (let at = 0; at < bytes.length;) {
    const count = fs.readSync(file, piece, 0, Math.min(PIECE, bytes.length - at), null);
    if (count === 0 || piece.compare(bytes, at, at + count, 0, count) !== 0) return false;
    at += count;
  }
  return true;
}

/** What V8 compiled of a source; undefined where it was made of another source, or is damaged. */
function compiledOf(source, kept) {
  let file = null;
  try {
    file = fs.openSync(kept);
    const size = (fs.fstatSync(file).size - source.length) / 2;
    const piece = Buffer.allocUnsafeSlow(PIECE);
    if (!Number.isInteger(size) || !goesOnWith(source, file, piece)) return undefined;
    const data = Buffer.allocUnsafeSlow(size);
    return fs.readSync(file, data, 0, size, null) === size && goesOnWith(data, file, piece) ? data : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== null) fs.closeSync(file);
  }
}

/** Runs a file as `require` does, which then finds it loaded; the file itself finds by name those that were before. */
function load(name, before, kept) {
  const filename = path.join(BUNDLE, `${name}.cjs`);
  const source = fs.readFileSync(filename);
  const cachedData = compiledOf(source, kept);
  // The bundle is ASCII, and has no `import()`, which a script of this kind could not do.
  const script = new Script(Module.wrap(source.latin1Slice()), { filename, cachedData });
  const module = new Module(filename, null);
  module.filename = filename;
  require.cache[filename] = module;
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, (id) => before.get(id) ?? requireThere(id), module, filename, BUNDLE);
  module.loaded = true;
  before.set(`./${name}.cjs`, module.exports);
  return { kept, source, script, isNew: script.cachedDataRejected !== false };
}

function discard(file) {
  try {
    fs.rmSync(file);
  } catch {
    // It was never made.
  }
}

function save({ kept, source, script }) {
  const partial = `${kept}.${process.pid}`;
  try {
    fs.mkdirSync(KEPT, { recursive: true });
    const file = fs.openSync(partial, "wx");
    try {
      const data = script.createCachedData();
      for (const part of [source, data, data]) fs.writeFileSync(file, part);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(partial, kept);
  } catch {
    // Read-only, or full: the next run compiles again.
    discard(partial);
  }
}

/** Loads what a command needs; gives the front door, and what keeps the compiled form, to be called after a run. */
exports.loadCompiled = function loadCompiled(command) {
  // Coverage and source maps want what Node compiles itself.
  const { NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env;
  const isOff = NODE_DISABLE_COMPILE_CACHE === "1" || NODE_V8_COVERAGE !== undefined || process.sourceMapsEnabled;
  if (isOff || !Object.hasOwn(FILES, command)) return { main: requireThere("./main.cjs"), keepCompiled: () => {} };
  const before = new Map();
  const loaded = FILES[command].map((name) => load(name, before, path.join(KEPT, `${command}-${name}`)));
  const fresh = loaded.filter(({ isNew }) => isNew);
  return { main: before.get("./main.cjs"), keepCompiled: () => fresh.forEach(save) };
};
