// Joins the command line into a few files that load fast: dist/bundle, beside what tsc wrote for the library. Readable, with
// source maps. Why CommonJS, why these files, and what it brings: docs/performance.md and docs/architecture.md, Decisions.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "dist/bundle");

// Packages that every run needs. The others stay where npm puts them, and are loaded when something wants them.
const INLINED = ["commander", "unbash"];

// What a run of these commands loads in any case. It becomes one file for each, and `start`, which holds what both need.
const ANY = ["cli/program.ts", "cli/report-error.ts", "gate/apply-policy.ts", "report/text.ts"];
const LOADED = {
  lint: [...ANY, "cli/commands/lint.ts", "sweep/lint-paths.ts"],
  inspect: [...ANY, "cli/commands/inspect.ts", "inspect.ts", "image/tar-archive.ts"],
};

// Those of Node's own modules that take milliseconds to load, and that most runs never call.
const HEAVY = /^(?:child_process|crypto|fs\/promises|http|https|net|stream|timers\/promises|tls|zlib)$/;

function importedBy(entries, graph) {
  const found = new Set();
  const next = entries.map((entry) => join(root, "src", entry));
  for (let id = next.pop(); id !== undefined; id = next.pop()) {
    if (!found.has(id)) next.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
    found.add(id);
  }
  return found;
}

let loaded = null;
function fileOf(id, graph) {
  loaded ??= Object.entries(LOADED).map(([name, entries]) => ({ name, ids: importedBy(entries, graph) }));
  const names = loaded.filter(({ ids }) => ids.has(id)).map(({ name }) => name);
  // What `--version` needs stays with the entry.
  if (id.endsWith("version.ts") || names.length === 0) return null;
  return names.length === 1 ? names[0] : "start";
}

// Heavy modules are asked for when something of theirs is named. Lines stay lines, so source maps stay true.
function askLate(code) {
  const request = /^(\s*(?:let|const) (\w+) = )require\("node:([\w/]+)"\);$/gm;
  return code.replace(request, (line, start, name, id) => {
    if (!HEAVY.test(id) || code.includes(`__toESM(${name}`)) return line;
    return `${start}new Proxy({}, { get: (held, name) => (held.module ??= require("node:${id}"))[name] });`;
  });
}

// `charset` leaves comments as they are, and one character beyond ASCII doubles what a file takes in memory, and its time.
function onlyAscii(code) {
  return code.replace(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function licenceOf(name) {
  const at = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n\n${readFileSync(join(at, "LICENSE"), "utf8").trim()}\n`;
}

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  // A thread's module is named in the text of the one that starts it, so it keeps its name and lies beside it.
  input: { main: join(root, "src/cli/main.ts"), "member-worker": join(root, "src/image/member-worker.ts") },
  platform: "node",
  external: (id) => !id.startsWith(".") && !id.startsWith("/") && !INLINED.includes(id),
  preserveEntrySignatures: "allow-extension",
  checks: { ineffectiveDynamicImport: false },
});
const { output } = await bundle.write({
  dir: folder,
  format: "cjs",
  sourcemap: true,
  charset: "ascii",
  externalLiveBindings: false,
  // bin/compile-cache.js cannot do it.
  dynamicImportInCjs: false,
  entryFileNames: "[name].cjs",
  chunkFileNames: "[name].cjs",
  codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: fileOf, debugName: "commands" }] },
});
await bundle.close();
// The bundler's own few functions are a file that all others ask for. They cost less at the end of `main`.
const runtime = readFileSync(join(folder, "rolldown-runtime.cjs"), "utf8");
rmSync(join(folder, "rolldown-runtime.cjs"));
function withoutRuntime(code, isMain) {
  const itself = code.replace('require("./rolldown-runtime.cjs")', 'require("./main.cjs")');
  return isMain ? itself.replace("//# sourceMappingURL", (found) => `${runtime}\n${found}`) : itself;
}
for (const { type, fileName } of output) {
  const path = join(folder, fileName);
  if (type !== "chunk" || fileName.startsWith("rolldown-runtime")) continue;
  const code = withoutRuntime(readFileSync(path, "utf8"), fileName === "main.cjs");
  writeFileSync(path, onlyAscii(askLate(code)));
}
const notice = "Packages whose code stands in the files of this folder, as package.json names them:\n\n";
writeFileSync(join(folder, "THIRD-PARTY.txt"), notice + INLINED.map(licenceOf).join("\n---\n\n"));
