// `npm start`: the gate on the example project and the image that was built from it. With arguments (`npm start -- lint
// path`) it runs them instead, with paths relative to the folder that npm was called in, and keeps their exit code.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const project = "fixtures/projects/model-server";
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
  console.log(`hullcheck gate ${project} --image ${image}\n`);
  const code = hullcheck(["gate", project, "--image", image], root);
  process.exitCode = code > 1 ? 2 : 0;
  console.log(
    `\nIn CI this ends with the exit code ${code}. Your own: npm start -- gate path/to/project --image app.tar,` +
      " npm start -- lint path/to/Dockerfile, or: docker save app | npm start --silent -- inspect -",
  );
}
