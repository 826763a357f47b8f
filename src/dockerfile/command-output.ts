/**
 * Where what a command prints goes: to files, pipes and substitutions, by its own redirections, by those of groups and
 * shells around it, and by those of `exec`. Knows no programs.
 */

import type { Invocation } from "./invocation.ts";
import type { InvocationIndex } from "./invocation-index.ts";
import { toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";
import { outwards } from "./outwards.ts";
import { outline, type ShellRedirect, type Subshell } from "./shell-word.ts";
import { merged, type Origins } from "./token-origin.ts";

/** Where the program's words and redirections stand. */
export function spanOf({ command }: Invocation): Span {
  const ends = [...command.words, ...command.redirects].map(({ end }) => end);
  return toSourceSpan(command.script, command.start, Math.max(command.start + 1, ...ends.slice(-64)));
}

/** A file, or the descriptor that is meant in the end: -1 for a closed one. */
interface Landing {
  readonly file: ShellRedirect | null;
  readonly descriptor: number;
}

const OUTPUT = /^(?:>|>>|>\||&>|&>>|>&|<>)$/;

/** Where a descriptor leads by redirections, which hold from left to right. */
function landing(redirects: readonly ShellRedirect[], wanted: number): Landing {
  let descriptor = wanted;
  for (let i = redirects.length - 1; i >= 0; i--) {
    const file = redirects[i];
    if (file === undefined || !OUTPUT.test(file.operator)) continue;
    const text = outline(file.target);
    const isCopy = file.operator === ">&" && /^[\d-]+$/.test(text);
    // `&> f` and `>& f` are for both outputs.
    const isBoth = file.operator.includes("&") && !isCopy && file.descriptor === null;
    const own = file.descriptor ?? (file.operator === "<>" ? 0 : 1);
    if (isBoth ? descriptor !== 1 && descriptor !== 2 : own !== descriptor) continue;
    if (!isCopy) return { file, descriptor };
    descriptor = text === "-" ? -1 : Number.parseInt(text, 10);
  }
  return { file: null, descriptor };
}

/** What the flow does with what is printed into a file. */
type ToFile = (redirect: ShellRedirect, output: Origins, printer: Invocation, span: Span) => void;

/** Runs the commands of a `>(…)`, which have got something to read. */
type RunInside = (script: MappedText, at: number) => void;

/** What was printed so far. */
export interface Outputs {
  /** Sends what a command prints to where it goes. */
  readonly print: (invocation: Invocation, output: Origins, caller: Invocation | null) => void;
  /** What the command before this one in its pipeline printed. */
  readonly ofPipe: (reader: Invocation) => Origins;
  /** What the commands of a substitution printed. */
  readonly ofSubstitution: (script: MappedText, at: number) => Origins;
  /** What was printed into `>(…)`. */
  readonly intoSubstitution: (script: MappedText, at: number) => Origins;
  /** `exec > f`: from now on for the whole shell. */
  readonly redirectShell: (invocation: Invocation) => void;
}

/** Origins by script, and by a place or a number in it. */
function createBook<K>(): {
  readonly of: (script: MappedText, key: K) => Origins;
  readonly add: (script: MappedText, key: K, origins: Origins) => void;
} {
  const book = new Map<MappedText, Map<K, Origins>>();
  return {
    of: (script, key) => book.get(script)?.get(key) ?? [],
    add(script, key, origins) {
      const own = book.get(script) ?? new Map<K, Origins>();
      book.set(script, own.set(key, merged(own.get(key) ?? [], origins)));
    },
  };
}

/** True when a command runs in that subshell, or in one inside of it. */
function isInside({ command }: Invocation, subshell: Subshell | null): boolean {
  let at = command.subshell;
  while (at !== subshell && at !== null) at = at.outer;
  return at === subshell;
}

/** Redirections by `exec` that are remembered, the latest ones. */
const MAX_REDIRECTED = 64;

/** Nothing is printed yet. */
export function createOutputs(index: InvocationIndex, toFile: ToFile, runInside: RunInside): Outputs {
  const pipes = createBook<string>();
  const substitutions = createBook<number>();
  const fed = createBook<number>();
  const redirected: { readonly by: Invocation; readonly redirects: readonly ShellRedirect[] }[] = [];

  function ofShell(printer: Invocation): ShellRedirect[] {
    return redirected
      .filter(({ by }) => by.parent === printer.parent && isInside(printer, by.command.subshell))
      .flatMap(({ redirects }) => redirects);
  }

  function land(redirect: ShellRedirect, output: Origins, printer: Invocation, span: Span): void {
    const [first] = redirect.target.pieces;
    if (first?.kind !== "substitution") {
      toFile(redirect, output, printer, span);
      return;
    }
    if (output.length === 0) return;
    const { script } = printer.command;
    fed.add(script, first.start, output);
    runInside(script, first.start);
  }

  return {
    print(invocation, output, caller) {
      let descriptor = 1;
      for (const printer of outwards(invocation, caller)) {
        const { script, pipeline, pipeIndex, within, redirects, around: outer } = printer.command;
        let found = landing(redirects, descriptor);
        if (found.file !== null) {
          land(found.file, output, printer, spanOf(printer));
          return;
        }
        if (output.length === 0) return;
        if (found.descriptor === 1 && index.isPiped(printer)) {
          pipes.add(script, `${pipeline} ${pipeIndex}`, output);
          return;
        }
        for (let around = outer; around !== null && found.file === null; around = around.outer)
          found = landing(around.redirects, found.descriptor);
        if (found.file === null && found.descriptor === 1 && within !== -1) {
          substitutions.add(script, within, output);
          return;
        }
        if (found.file === null && redirected.length > 0) found = landing(ofShell(printer), found.descriptor);
        if (found.file !== null) {
          land(found.file, output, printer, toSourceSpan(script, found.file.start, found.file.end));
          return;
        }
        descriptor = found.descriptor;
      }
    },
    ofPipe: ({ command: { script, pipeline, pipeIndex } }) => pipes.of(script, `${pipeline} ${pipeIndex - 1}`),
    ofSubstitution: substitutions.of,
    intoSubstitution: fed.of,
    redirectShell(by) {
      redirected.push({ by, redirects: by.command.redirects });
      if (redirected.length > MAX_REDIRECTED) redirected.shift();
    },
  };
}
