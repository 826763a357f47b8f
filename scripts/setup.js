// Brings a fresh clone to where the other scripts can run: installs the locked dependencies when they are not there or
// not those of the lock file, and with --build compiles src to dist when a source is newer.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (result.status !== 0) {
    console.error(`setup: \`${command} ${args.join(" ")}\` failed`);
    process.exit(result.status ?? 1);
  }
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => modified(join(entry.parentPath, entry.name))),
  );
}

if (modified(join(root, "node_modules/.package-lock.json")) < modified(join(root, "package-lock.json"))) {
  console.error("setup: installing dependencies (npm ci)");
  run("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"]);
}
if (process.argv.includes("--build")) {
  const sources = Math.max(
    newest(join(root, "src")),
    modified(join(root, "tsconfig.json")),
    modified(join(root, "scripts/bundle.js")),
  );
  if (modified(join(root, "dist/bundle/main.cjs")) < sources) {
    console.error("setup: building (tsc, and a bundle of the command line)");
    // What sources that are gone had become would be packed with the rest.
    rmSync(join(root, "dist"), { recursive: true, force: true });
    run("node", [join("node_modules", "typescript", "bin", "tsc"), "-p", "."]);
    run("node", [join("scripts", "bundle.js")]);
  }
}
