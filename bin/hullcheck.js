#!/usr/bin/env node
// Starts the command line. Runs on old Node versions too, as far as it takes to say that they are too old.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`hullcheck needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  process.getBuiltinModule("node:module").enableCompileCache?.();
  const main = await import("../dist/bundle/main.js").catch((error) => {
    // Node's own exit code for this is 1, which would read as a verdict.
    process.stderr.write(`hullcheck: not built, or not installed in full (${error.code}); in a clone: npm run build\n`);
    process.exitCode = 2;
    return null;
  });
  if (main !== null) {
    const io = main.systemIo();
    main.stopOnSignals(io, (code) => process.exit(code));
    process.exitCode = await main.run(process.argv.slice(2), io);
  }
}
