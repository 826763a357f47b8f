/** Where a command of a script stands with its redirections, and which files its standard output goes to. */

import type { Invocation } from "./invocation.ts";
import { toSourceSpan, type Span } from "./mapped-text.ts";
import type { ShellRedirect } from "./shell-word.ts";

const OUTPUT = /^(?:>|>>|>\||&>|&>>|>&|<>)$/;

/** The files that a command's standard output goes to by these redirections; null when they leave it alone. */
export function outputFiles(redirects: readonly ShellRedirect[]): ShellRedirect[] | null {
  const found = redirects.filter(({ operator, descriptor }) => OUTPUT.test(operator) && (descriptor ?? 1) === 1);
  return found.length === 0 ? null : found.slice(-1);
}

/** Where the program's words and redirections stand. */
export function spanOf({ command }: Invocation): Span {
  const ends = [...command.words, ...command.redirects].map(({ end }) => end);
  return toSourceSpan(command.script, command.start, Math.max(command.start + 1, ...ends.slice(-64)));
}
