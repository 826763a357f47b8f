/** Runs a script as a CI service would: in a project's folder, with a `npx` that takes this package for the published one. */

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expectNoToken } from "../support/cli.ts";
import { plant } from "../support/tokens.ts";

const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** What came of a script. */
export interface ServiceRun {
  readonly code: number | null;
  readonly output: string;
  /** What `npx` was asked for, word by word. */
  readonly asked: readonly string[];
  /** Files below the project, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** The text of a file of the repository. */
export function repositoryText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The version that `package.json` states. */
export const VERSION: string = String(Reflect.get(Object(JSON.parse(repositoryText("package.json"))), "version"));

/** Runs `shell -c script` over files with `@@TOKEN:…@@` in them; no token may show in what comes out. */
export function runAsService(
  script: string,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  shell: "bash" | "sh" = "bash",
): ServiceRun {
  const folder = mkdtempSync(join(tmpdir(), "hullcheck-ci-"));
  try {
    const bin = join(folder, "bin");
    const project = join(folder, "project");
    mkdirSync(bin);
    const npx = join(bin, "npx");
    const log = join(folder, "asked");
    // Takes away `--yes hullcheck@version`.
    const words = `printf '%s\\n' "$@" > '${log}'; shift 2; exec '${process.execPath}' '${ROOT}/bin/hullcheck.js' "$@"`;
    writeFileSync(npx, `#!/bin/sh\n${words}\n`);
    chmodSync(npx, 0o755);
    const tokens: string[] = [];
    for (const [path, text] of Object.entries(files)) {
      const planted = plant(text);
      tokens.push(...planted.tokens);
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), planted.text);
    }
    const before = new Set(Object.keys(files));
    const run = spawnSync(shell, ["-c", script], {
      cwd: project,
      encoding: "utf8",
      env: { PATH: `${bin}:${process.env["PATH"] ?? ""}`, ...env },
    });
    const written = readdirSync(project, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !before.has(entry.name))
      .map(({ name }) => name);
    const made = Object.fromEntries(
      written.filter((name) => /\.\w+$/.test(name)).map((name) => [name, readFileSync(join(project, name), "utf8")]),
    );
    const output = run.stdout + run.stderr;
    expectNoToken([output, ...Object.values(made)].join("\n"), tokens);
    return { code: run.status, output, asked: readFileSync(log, "utf8").trimEnd().split("\n"), files: made };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
