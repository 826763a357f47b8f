// Joins the command line into a few files that load fast: dist/bundle, beside what tsc wrote for the library. Readable, with
// source maps; packages stay where npm puts them. Why, and what it brings: docs/performance.md.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "dist/bundle");

// An `import` of one of Node's own modules touches all that it exports, and so loads streams for `node:fs` and web
// cryptography for `node:crypto`. Asking for the module itself does not. Lines stay lines, so source maps stay true.
function askForBuiltins(code) {
  const importLine = /^import \{([^}]*)\} from "(node:[\w/]+)";$/gm;
  return code.replace(importLine, (_, names, id) => {
    return `const {${names.replaceAll(" as ", ": ")}} = process.getBuiltinModule("${id}");`;
  });
}

rmSync(folder, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  // A thread's module is named in the text of the one that starts it, so it keeps its name and lies beside it.
  input: { main: join(root, "src/cli/main.ts"), "member-worker": join(root, "src/image/member-worker.ts") },
  platform: "node",
  external: (id) => !id.startsWith(".") && !id.startsWith("/"),
});
const { output } = await bundle.write({
  dir: folder,
  format: "esm",
  sourcemap: true,
  entryFileNames: "[name].js",
  chunkFileNames: "[name].js",
});
await bundle.close();
for (const { type, fileName } of output) {
  const path = join(folder, fileName);
  if (type === "chunk") writeFileSync(path, askForBuiltins(readFileSync(path, "utf8")));
}
