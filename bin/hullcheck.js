#!/usr/bin/env node
// Starts the command line. Runs on old Node versions too, as far as it takes to say that they are too old; so it is
// CommonJS (package.json beside it), and uses nothing new outside of `start`.
"use strict";

/** What ended without a verdict. Node's own codes for that are 1, which would read as one, and 0. */
const NO_VERDICT = 2;

function broken(error) {
  const what = "not built, or not installed in full";
  process.stderr.write(`hullcheck: ${what} (${error.code || error.name}); in a clone: npm run build\n`);
  process.exitCode = NO_VERDICT;
}

async function start() {
  process.exitCode = NO_VERDICT;
  const argv = process.argv.slice(2);
  const { loadCompiled } = require("./compile-cache.js");
  const { main, keepCompiled } = loadCompiled(argv[0]);
  const io = main.systemIo();
  main.stopOnSignals(io, (code) => process.exit(code));
  process.exitCode = await main.run(argv, io);
  // A help text, or a mistake in the options, compiles little of what the next run needs.
  if (process.exitCode !== NO_VERDICT && !argv.includes("--help") && !argv.includes("-h")) keepCompiled();
  // All is written, and awaited. An end that comes by itself takes the heap apart first, for milliseconds.
  process.exit();
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`hullcheck needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = NO_VERDICT;
} else {
  start().catch(broken);
}
