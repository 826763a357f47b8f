#!/usr/bin/env node
// Starts the command line. Runs on old Node versions too, as far as it takes to say that they are too old.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`hullcheck needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  process.getBuiltinModule("node:module").enableCompileCache?.();
  const { run, stopOnSignals, systemIo } = await import("../dist/bundle/main.js");
  const io = systemIo();
  stopOnSignals(io, (code) => process.exit(code));
  process.exitCode = await run(process.argv.slice(2), io);
}
