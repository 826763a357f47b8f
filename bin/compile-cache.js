// Loads the large files of a command with what V8 compiled of them in an earlier run: compiling is more than half of a
// start. A file that is kept begins with the source it was made of, and counts only when that is the source of now, to the
// byte; V8 refuses what another version of it made, but takes a damaged one as it is, so that stands there twice. Kept in the package's own folder and nowhere else: whoever can write
// there can change the program itself. Where nobody can, everything works as it does without.
"use strict";

const fs = require("node:fs");
const { createRequire, Module } = require("node:module");
const path = require("node:path");
const { Script } = require("node:vm");

const BUNDLE = path.join(__dirname, "../dist/bundle");
const KEPT = path.join(__dirname, "../.compiled", `node-${process.version}-${process.arch}`);

/** What `scripts/bundle.js` makes large. Each command keeps its own, since each compiles other parts of `start`. */
const FILES = { lint: ["start", "lint"], inspect: ["start", "inspect"], gate: ["start", "lint", "inspect"] };

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return null;
  }
}

/** What V8 compiled of a source; undefined where it was made of another source, or is damaged. */
function compiledOf(source, kept) {
  const bytes = read(kept);
  if (bytes === null || !bytes.subarray(0, source.length).equals(source)) return undefined;
  const both = bytes.subarray(source.length);
  const data = both.subarray(0, both.length / 2);
  return data.equals(both.subarray(data.length)) ? data : undefined;
}

/** Runs a file as `require` does, which then finds it loaded. */
function load(filename, kept) {
  const source = fs.readFileSync(filename);
  const cachedData = compiledOf(source, kept);
  // The bundle is ASCII, and has no `import()`, which a script of this kind could not do.
  const script = new Script(Module.wrap(source.latin1Slice()), { filename, cachedData });
  const module = new Module(filename, null);
  module.filename = filename;
  require.cache[filename] = module;
  const run = script.runInThisContext();
  run.call(module.exports, module.exports, createRequire(filename), module, filename, BUNDLE);
  module.loaded = true;
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

/** Loads what a command needs, and gives what keeps the compiled form of it, to be called after a run. */
exports.loadCompiled = function loadCompiled(command) {
  // Coverage and source maps want what Node compiles itself.
  const { NODE_DISABLE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env;
  const isOff = NODE_DISABLE_COMPILE_CACHE === "1" || NODE_V8_COVERAGE !== undefined || process.sourceMapsEnabled;
  if (isOff || !Object.hasOwn(FILES, command)) return () => {};
  const loaded = FILES[command].map((name) =>
    load(path.join(BUNDLE, `${name}.cjs`), path.join(KEPT, `${command}-${name}`)),
  );
  const fresh = loaded.filter(({ isNew }) => isNew);
  return () => fresh.forEach(save);
};
