/**
 * Everything that a RUN, CMD or ENTRYPOINT starts: the programs behind wrappers, inside `sh -c`, `eval`, traps, pipes
 * into a shell and heredocs, and the Python code that is handed to an interpreter on the spot. Bounded in depth.
 */

import { innerText, isShellName, switchesUser, trappedWords } from "./inner-text.ts";
import { outline, type ShellAssignment, type ShellCommand, type ShellWord } from "./shell-word.ts";
import { createKnownWords, type KnownWords } from "./known-words.ts";
import { passingFunctions } from "./passing-functions.ts";
import { readShell } from "./shell.ts";
import type { ShellProblem } from "./shell-syntax.ts";
import { toSource, toSourceSpan, type MappedText } from "./mapped-text.ts";
import { basename, type Peeled } from "./wrappers.ts";

/** Text of a program in another language. */
export interface ProgramCode {
  readonly language: "python";
  readonly text: MappedText;
  /** True when the shell puts values into it before the program reads it; else a `$X` in it is text. */
  readonly isExpanded: boolean;
}

/** A program that is started. */
export interface Invocation {
  /** The program's name without its folder; empty for a command of assignments only, or one that cannot be known. */
  readonly program: string;
  readonly args: readonly ShellWord[];
  /** Variables set for this program alone. */
  readonly assignments: readonly ShellAssignment[];
  readonly command: ShellCommand;
  /** Source offsets of the command with its wrappers, without redirections behind it. */
  readonly start: number;
  readonly end: number;
  /** The shell that reads the command, as a name; empty where none does (JSON form). */
  readonly shell: string;
  /** True inside a `trap`: it runs when the script ends. */
  readonly isDeferred: boolean;
  /** The command before it in the same pipeline, whose output it reads. */
  readonly feeder: Invocation | null;
  /** The shell (or `eval`, `su`) that is given its script; null for what stands in the script itself. */
  readonly parent: Invocation | null;
  /** What it runs in another language. */
  readonly code: ProgramCode | null;
}

/** What a script starts, in order, and what could not be read. */
export interface Started {
  readonly invocations: readonly Invocation[];
  /** Problems at offsets of the source. */
  readonly problems: readonly ShellProblem[];
}

const MAX_DEPTH = 4;
const PYTHONS = /^(?:i?python(?:\d(?:\.\d+)?)?|pypy3?)$/;

/** True for a shell whose language is read as shell; others (PowerShell, cmd) are searched as text. */
export function isShell(program: string): boolean {
  return isShellName(basename(program));
}

/** True for a Python interpreter. */
export function isPython(program: string): boolean {
  return PYTHONS.test(basename(program));
}

function takesScript(program: string): boolean {
  return isShell(program) || program === "eval" || program === "trap" || switchesUser(program);
}

interface Found {
  readonly invocations: Invocation[];
  readonly problems: ShellProblem[];
}

/** How a script is started. */
interface Level {
  readonly depth: number;
  readonly shell: string;
  readonly isDeferred: boolean;
  readonly parent: Invocation | null;
}

/** What a script has set and defined for its commands. */
interface Setting {
  readonly known: KnownWords;
  readonly passing: ReadonlyMap<string, number>;
}

/** The program of `$(command -v hf)` and `$(which hf)`. */
function searchedProgram({ pieces: [first, second] }: ShellWord, { text }: MappedText): string | null {
  if (first?.kind !== "substitution" || second !== undefined) return null;
  const search = /^(?:\$\(|`)\s*(?:which|command\s+-v|type\s+-p)\s+([\w./-]+)\s*(?:\)|`)$/;
  return search.exec(text.slice(first.start, first.end))?.[1] ?? null;
}

/** Adds what one command starts: itself, and what the script in its words starts. */
function startCommand(
  command: ShellCommand,
  feeder: Invocation | null,
  level: Level,
  found: Found,
  { known, passing }: Setting,
): Invocation {
  const peeled = known.peel(command.words);
  const invocation = start(command, peeled, feeder, level, found, known);
  known.note(command);
  const before = passing.get(invocation.program);
  // `retry 3 hf auth login` starts the function, which starts what it is given.
  if (before === undefined || invocation.args.length <= before) return invocation;
  const { words, assignments } = known.peel(invocation.args.slice(before));
  return start(command, { words, assignments: [...peeled.assignments, ...assignments] }, feeder, level, found, known);
}

function start(
  command: ShellCommand,
  { words, assignments }: Peeled,
  feeder: Invocation | null,
  level: Level,
  found: Found,
  known: KnownWords,
): Invocation {
  const { script } = command;
  const [first, ...args] = words;
  const name = first === undefined ? "" : (first.value ?? searchedProgram(first, script) ?? outline(first));
  const program = name.includes("\0") && !/\/[\w.-]+$/.test(name) ? "" : basename(name);
  const from = command.words[0]?.start ?? command.start;
  const to = command.words.at(-1)?.end ?? command.end;
  const isCode = isPython(program);
  const inner = isCode || takesScript(program) ? innerText(program, args, command, feeder, known) : null;
  const code = inner !== null && isCode ? { language: "python" as const, ...inner } : null;
  const { shell, isDeferred, parent } = level;
  const invocation: Invocation = {
    program,
    args,
    assignments: assignments.length === 0 ? command.assignments : [...command.assignments, ...assignments],
    command,
    start: toSource(script, from),
    end: toSourceSpan(script, from, to).end,
    shell,
    isDeferred,
    feeder,
    parent,
    code,
  };
  found.invocations.push(invocation);
  if (inner !== null && code === null) {
    const inside = {
      depth: level.depth + 1,
      shell: isShell(program) ? program : shell,
      isDeferred: isDeferred || program === "trap",
      parent: invocation,
    };
    if (level.depth < MAX_DEPTH) startScript(inner.text, inside, found);
    else found.problems.push({ offset: invocation.start, message: "shells are nested too deep to follow" });
  }
  return invocation;
}

function startScript(script: MappedText, level: Level, found: Found): void {
  const read = readShell(script);
  found.problems.push(...read.problems.map(({ offset, message }) => ({ offset: toSource(script, offset), message })));
  const trapped = trappedWords(read.commands);
  const setting = { known: createKnownWords(), passing: passingFunctions(read.commands) };
  // The latest command at each place of the pipeline that is read.
  const byPipe = new Map<number, Invocation[]>();
  for (const command of read.commands) {
    const { pipeline, pipeIndex, inFunction, branch } = command;
    const places = byPipe.get(pipeline) ?? [];
    // In a function every command stands in a branch; in no other one, it is run whenever the function is.
    const isTrapped = inFunction !== null && trapped.has(inFunction) && branch?.outer === null;
    const own = isTrapped ? { ...level, isDeferred: true } : level;
    places[pipeIndex] = startCommand(command, places[pipeIndex - 1] ?? null, own, found, setting);
    byPipe.set(pipeline, places);
  }
}

/** Everything that a script starts which `shell` reads. */
export function startedBy(script: MappedText, shell: string = "sh"): Started {
  const found: Found = { invocations: [], problems: [] };
  startScript(script, { depth: 0, shell, isDeferred: false, parent: null }, found);
  return found;
}

/** Everything that one command starts, which no shell has read: an instruction in JSON form. */
export function startedByCommand(command: ShellCommand): Started {
  const found: Found = { invocations: [], problems: [] };
  const setting = { known: createKnownWords(), passing: new Map<string, number>() };
  startCommand(command, null, { depth: 0, shell: "", isDeferred: false, parent: null }, found, setting);
  return found;
}
