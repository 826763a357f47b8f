/**
 * Runs the command line in process over a temporary project, as a person would see it, and makes sure of the first
 * promise in every single run: no planted token, in whatever wrapping, in any output or written file.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { run } from "../../src/cli/main.ts";
import type { Io, Output } from "../../src/cli/io.ts";
import { disguises } from "./disguises.ts";
import { plant } from "./tokens.ts";

/** What a run gets beside its arguments. */
export interface CliOptions {
  /** The project's files by path; `@@TOKEN:user@@` in a text, or in a path, stands for a fake token. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Standard input. */
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** True when standard output is a terminal. */
  readonly isTerminal?: boolean;
  /** The date; a fixed one unless given. */
  readonly today?: string;
  /** Called with the project's folder before the run. */
  readonly prepare?: (folder: string) => void;
  /** Called with it after the run. */
  readonly after?: (folder: string) => void;
  /** Replaces standard output's writing, to make it fail. */
  readonly writeStdout?: (text: string) => void;
}

/** What came of a run. */
export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Files that were written or changed, by path. */
  readonly written: Readonly<Record<string, string>>;
}

/** Fails when a text shows any of the tokens, plain or wrapped. */
export function expectNoToken(text: string, tokens: readonly string[]): void {
  for (const token of tokens) {
    for (const disguise of disguises(token)) {
      expect(text.includes(disguise), "a planted token shows in an output").toBe(false);
    }
  }
}

function filesBelow(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "latin1")];
    }),
  );
}

function recorder(isTerminal: boolean, write?: (text: string) => void): Output & { readonly chunks: string[] } {
  const chunks: string[] = [];
  return { chunks, isTerminal, write: write ?? ((text) => void chunks.push(text)) };
}

/** Runs `hullcheck` with these arguments in a fresh folder that holds the given files. */
export async function hullcheck(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const folder = mkdtempSync(join(tmpdir(), "hullcheck-cli-"));
  const tokens = new Set<string>();
  const planted = (text: string): string => {
    const result = plant(text);
    for (const token of result.tokens) tokens.add(token);
    return result.text;
  };
  try {
    for (const [path, content] of Object.entries(options.files ?? {})) {
      const target = join(folder, planted(path));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, typeof content === "string" ? planted(content) : content);
    }
    options.prepare?.(folder);
    const before = filesBelow(folder);
    const input = options.stdin ?? "";
    const stdout = recorder(options.isTerminal ?? false, options.writeStdout);
    const stderr = recorder(false);
    const io: Io = {
      stdin: async function* () {
        yield typeof input === "string" ? planted(input) : input;
      },
      stdout,
      stderr,
      env: options.env ?? {},
      cwd: () => folder,
      today: () => options.today ?? "2026-11-24",
    };
    const code = await run(argv.map(planted), io);
    options.after?.(folder);
    const written = Object.fromEntries([...filesBelow(folder)].filter(([path, text]) => before.get(path) !== text));
    const result = { code, stdout: stdout.chunks.join(""), stderr: stderr.chunks.join(""), written };
    expectNoToken([result.stdout, result.stderr, ...Object.entries(written).flat()].join("\n"), [...tokens]);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
