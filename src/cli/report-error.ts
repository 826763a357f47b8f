/** Says what went wrong in one line on standard error, without stack, token or control character. */

import { errorCode, HullcheckError } from "../model/errors.ts";
import { visible } from "../report/escape.ts";
import { Secrets } from "../token/secrets.ts";
import type { Io } from "./io.ts";

function isClosedPipe(error: unknown): boolean {
  return errorCode(error) === "EPIPE";
}

/** Writes a line for a person to standard error; one that is closed or full is no reason to fail. */
export function say(io: Io, text: string): void {
  const line = `hullcheck: ${visible(new Secrets().redact(text))}\n`;
  try {
    io.stderr.write(line);
  } catch {
    // The verdict stands, and there is nowhere left to complain.
  }
}

/** What a failed write means to the user; `file` is null for standard output. */
export function outputError(what: string, file: string | null, error: unknown): HullcheckError {
  const code = errorCode(error) ?? "unknown error";
  const where = file === null ? "standard output" : `'${file}'`;
  const hint = code === "ENOENT" ? "make its folder first" : "check that it can be written";
  return new HullcheckError("output", `${what} could not be written to ${where} (${code})`, { hint, cause: error });
}

/**
 * Writes data to standard output; a reader that has seen enough (`| head -1`) is no error.
 * @throws HullcheckError when it cannot be written
 */
export function print(io: Io, text: string, what: string = "the output"): void {
  try {
    io.stdout.write(text);
  } catch (error) {
    if (!isClosedPipe(error)) throw outputError(what, null, error);
  }
}

function shownLine(line: string): string {
  return line.split("\t").map(visible).join("\t");
}

/** Writes a diff to standard output: on a terminal no line can move the cursor; a pipe gets it as it is, for `patch`. */
export function printDiff(io: Io, diff: string): void {
  print(io, io.stdout.isTerminal ? diff.split("\n").map(shownLine).join("\n") : diff);
}

/** Says an error in one line: ours as they are, of any other only the kind, for its message may quote input. */
export function reportError(error: unknown, io: Io): void {
  if (error instanceof HullcheckError) {
    say(io, error.hint === null ? error.message : `${error.message}; ${error.hint}`);
    return;
  }
  if (error instanceof Error && "syscall" in error && error.syscall === "uv_cwd") {
    say(io, "the working folder is not there any more; change into one that is there");
    return;
  }
  const code = errorCode(error);
  const name = error instanceof Error ? error.name : typeof error;
  say(io, `internal error (${code === null ? name : `${name} ${code}`}); please report it with the command you ran`);
}
