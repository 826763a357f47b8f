/**
 * Runs the real tools that write archives, for tests that must not trust our own idea of a format. On the machine of CI
 * they are installed and have to be there; elsewhere a test that wants a missing one says so and is skipped.
 */

import { execFileSync } from "node:child_process";

function canRun(tool: string): boolean {
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** True when tests with this tool have to be left out. */
export function isMissing(tool: string): boolean {
  return process.env["HULLCHECK_TEST_ENGINE"] !== "required" && !canRun(tool);
}

/** Runs a tool in a folder and returns what it writes to standard output. Settings of the user do not count. */
export function run(tool: string, args: readonly string[], cwd: string, input: string | Buffer = ""): Buffer {
  const env = {
    PATH: process.env["PATH"],
    HOME: cwd,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.org",
    GIT_AUTHOR_DATE: "2026-01-01T00:00:00Z",
    GIT_COMMITTER_DATE: "2026-01-01T00:00:00Z",
  };
  return execFileSync(tool, args, { cwd, env, input, stdio: ["pipe", "pipe", "pipe"], maxBuffer: 1 << 28 });
}

/** Runs a program in Python, which is given its arguments as `sys.argv[1:]`. */
export function python(program: string, args: readonly string[], cwd: string): Buffer {
  return run("python3", ["-c", program, ...args], cwd);
}
