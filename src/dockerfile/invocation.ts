/**
 * Everything that a RUN, CMD or ENTRYPOINT starts: the programs behind wrappers, inside `sh -c`, `eval`, traps, pipes
 * into a shell and heredocs, and the Python code that is handed to an interpreter on the spot. Bounded in depth.
 */

import { nestedScript, outline, type ShellAssignment, type ShellCommand, type ShellWord } from "./shell-word.ts";
import { readShell } from "./shell.ts";
import type { ShellProblem } from "./shell-syntax.ts";
import { toSource, toSourceSpan, type MappedText } from "./mapped-text.ts";
import { basename, peel } from "./wrappers.ts";

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
/** These start the user's shell. */
const SWITCHES_USER = /^(?:su|runuser)$/;
const SHELLS = /^(?:ba|da|a|z|k|mk)?sh$/;
const PYTHONS = /^(?:i?python(?:\d(?:\.\d+)?)?|pypy3?)$/;

/** True for a shell whose language is read as shell; others (PowerShell, cmd) are searched as text. */
export function isShell(program: string): boolean {
  return SHELLS.test(basename(program));
}

/** True for a Python interpreter. */
export function isPython(program: string): boolean {
  return PYTHONS.test(basename(program));
}

/** The word after the option that hands over code: `-c`, also bundled as in `-lc` or `-exc`. */
function codeArgument(args: readonly ShellWord[]): ShellWord | null {
  for (let i = 0; i < args.length; i++) {
    const value = args[i]?.value ?? null;
    if (value === null) return null;
    if (/^-[A-Za-z]*c$/.test(value)) return args[i + 1] ?? null;
    if (/^[-+]o$/.test(value) || value === "-W" || value === "-X") i++;
    else if (!/^[-+]/.test(value)) return null;
  }
  return null;
}

/** `su [-] [user] -c CODE`: the option may stand behind the user. */
function suArgument(args: readonly ShellWord[]): ShellWord | null {
  const at = args.findIndex((word) => word.value === "-c" || word.value === "--command");
  return at === -1 ? null : (args[at + 1] ?? null);
}

/** True when an interpreter is given no file, so that it reads its program from standard input. */
function readsProgramFromStdin(args: readonly ShellWord[]): boolean {
  return args.every(
    (word) => word.value !== null && word.value.startsWith("-") && !/^--(?:version|help)$|^-[hVm]/.test(word.value),
  );
}

/** What `echo`, `printf` or `cat` with a heredoc prints, as words of its script; null for any other command. */
function printed(feeder: Invocation): readonly ShellWord[] | null {
  if (feeder.program === "echo" || feeder.program === "printf") {
    const words = feeder.args.filter((word) => !/^-[neE]+$|^--$|^%[sb](?:\\n)?$/.test(word.value ?? ""));
    return words;
  }
  if (feeder.program === "cat" && feeder.args.length === 0 && feeder.command.input !== null) {
    return [feeder.command.input.word];
  }
  return null;
}

/** What an interpreter gets to read. */
type Inner = Pick<ProgramCode, "text" | "isExpanded">;

function innerOf(words: readonly ShellWord[], script: MappedText): Inner {
  return { text: nestedScript(words, script), isExpanded: words.some(({ value }) => value === null) };
}

/** The text an interpreter reads from its standard input, when that stands in the script. */
function stdinText(command: ShellCommand, feeder: Invocation | null): Inner | null {
  if (command.input !== null) return innerOf([command.input.word], command.script);
  const words = feeder === null ? null : printed(feeder);
  if (words === null || feeder === null) return null;
  const { text, isExpanded } = innerOf(words, feeder.command.script);
  // `printf 'a\nb'` and `echo -e` write line ends for these two characters; two blanks keep every offset in place.
  return { text: { ...text, text: text.text.replaceAll("\\n", " \n") }, isExpanded };
}

/** What a `trap` runs when the shell ends; null for a trap of signals alone, which come to no RUN that ends well. */
function exitTrap(args: readonly ShellWord[]): ShellWord | null {
  const [text, ...signals] = args[0]?.value === "--" ? args.slice(1) : args;
  return signals.some(({ value }) => value === "EXIT" || value === "0") ? (text ?? null) : null;
}

/** The words of all exit traps of a script, the functions that they call among them. */
function trappedWords(commands: readonly ShellCommand[]): ReadonlySet<string> {
  const traps = commands.filter(({ words: [first] }) => first?.value === "trap");
  return new Set(traps.flatMap(({ words }) => exitTrap(words.slice(1))?.value?.split(/[^\w-]+/) ?? []));
}

/** The text of a script or program that an invocation carries in its words or reads from the script's own text. */
function innerText(
  program: string,
  args: readonly ShellWord[],
  command: ShellCommand,
  feeder: Invocation | null,
): Inner | null {
  if (program === "eval") return innerOf(args, command.script);
  if (program === "trap") {
    const text = exitTrap(args);
    return text === null ? null : innerOf([text], command.script);
  }
  const isSwitch = SWITCHES_USER.test(program);
  const word = isSwitch ? suArgument(args) : codeArgument(args);
  if (word !== null) return innerOf([word], command.script);
  return isSwitch || readsProgramFromStdin(args) ? stdinText(command, feeder) : null;
}

function takesScript(program: string): boolean {
  return isShell(program) || program === "eval" || program === "trap" || SWITCHES_USER.test(program);
}

interface Found {
  readonly invocations: Invocation[];
  readonly problems: ShellProblem[];
}

interface Level {
  readonly depth: number;
  readonly shell: string;
  readonly isDeferred: boolean;
  readonly parent: Invocation | null;
}

/** Adds what one command starts: itself, and what the script in its words starts. */
function startCommand(command: ShellCommand, feeder: Invocation | null, level: Level, found: Found): Invocation {
  const { script } = command;
  const { words, assignments } = peel(command.words);
  const [first, ...args] = words;
  const name = first === undefined ? "" : (first.value ?? outline(first));
  const program = name.includes("\0") && !/\/[\w.-]+$/.test(name) ? "" : basename(name);
  const from = command.words[0]?.start ?? command.start;
  const to = command.words.at(-1)?.end ?? command.end;
  const isCode = isPython(program);
  const inner = isCode || takesScript(program) ? innerText(program, args, command, feeder) : null;
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
  // The latest command at each place of the pipeline that is read.
  const byPipe = new Map<number, Invocation[]>();
  for (const command of read.commands) {
    const { pipeline, pipeIndex, inFunction, branch } = command;
    const places = byPipe.get(pipeline) ?? [];
    // In a function every command stands in a branch; in no other one, it is run whenever the function is.
    const isTrapped = inFunction !== null && trapped.has(inFunction) && branch?.outer === null;
    const own = isTrapped ? { ...level, isDeferred: true } : level;
    places[pipeIndex] = startCommand(command, places[pipeIndex - 1] ?? null, own, found);
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
  startCommand(command, null, { depth: 0, shell: "", isDeferred: false, parent: null }, found);
  return found;
}
