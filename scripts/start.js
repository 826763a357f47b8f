// `npm start`: shows hullcheck at work on the example project. With arguments (`npm start -- lint path`) it runs them
// instead, with paths relative to the folder that npm was called in, and keeps their exit code.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const example = "fixtures/projects/model-server/Dockerfile";
const image = "fixtures/images/model-server.tar";

function hullcheck(args, cwd) {
  const result = spawnSync(process.execPath, [join(root, "bin/hullcheck.js"), ...args], { cwd, stdio: "inherit" });
  if (result.error !== undefined) throw result.error;
  return result.status ?? 2;
}

const args = process.argv.slice(2);
if (args.length > 0) {
  process.exitCode = hullcheck(args, process.env.INIT_CWD ?? process.cwd());
} else {
  console.log(`hullcheck lint ${example}: where would this build leave the Hugging Face token?\n`);
  const lint = hullcheck(["lint", example], root);
  console.log(`\nhullcheck inspect ${image}: where did it leave it, in the image that was built and saved?\n`);
  const inspect = hullcheck(["inspect", image], root);
  process.exitCode = Math.max(lint, inspect) > 1 ? 2 : 0;
  console.log(
    `\nAs gates in CI these end with the exit codes ${lint} and ${inspect}. Your own: npm start -- lint path/to/Dockerfile,` +
      " or: docker save app | npm start --silent -- inspect -",
  );
}
