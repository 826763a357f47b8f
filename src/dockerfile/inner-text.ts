/** The script or program that a command carries in its words, or reads from text that stands in the script itself. */

import type { KnownWords } from "./known-words.ts";
import { toSourceSpan, type MappedText } from "./mapped-text.ts";
import { nestedScript, type ShellCommand, type ShellWord } from "./shell-word.ts";

/** A command whose output is read. */
interface Feeder {
  readonly program: string;
  readonly args: readonly ShellWord[];
  readonly command: ShellCommand;
  readonly feeder: Feeder | null;
}

/** True for the name of a shell whose language is read as shell. */
export function isShellName(program: string): boolean {
  return /^(?:ba|da|a|z|k|mk)?sh$/.test(program);
}

/** True for what starts the user's shell. */
export function switchesUser(program: string): boolean {
  return /^(?:su|runuser)$/.test(program);
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

/** The words in front of what the code gets as its arguments: up to a `-`, or to `-s` of a shell. */
function beforeArguments(args: readonly ShellWord[]): readonly ShellWord[] {
  const at = args.findIndex(({ value }) => /^-(?:[a-z]*s)?$/.test(value ?? ""));
  return at === -1 ? args : args.slice(0, at + 1);
}

/** What code gets as its arguments that stands in a command, or that it reads: `$1` of a shell, `sys.argv[1]`. */
export function codeArguments(program: string, args: readonly ShellWord[]): readonly ShellWord[] {
  const code = codeArgument(args);
  // Behind the code of a shell stands its name.
  if (code !== null) return args.slice(args.indexOf(code) + (isShellName(program) ? 2 : 1));
  const rest = args.slice(beforeArguments(args).length);
  return rest[0]?.value === "--" ? rest.slice(1) : rest;
}

/** True when an interpreter is given no file, so that it reads its program from standard input. */
function readsProgramFromStdin(args: readonly ShellWord[]): boolean {
  return beforeArguments(args).every(
    (word) => word.value !== null && word.value.startsWith("-") && !/^--(?:version|help)$|^-[hVm]/.test(word.value),
  );
}

/** What `echo`, `printf` or `cat` with a heredoc prints, as words of its script; null for any other command. */
function printed(feeder: Feeder): readonly ShellWord[] | null {
  if (feeder.program === "echo" || feeder.program === "printf") {
    const words = feeder.args.filter((word) => !/^-[neE]+$|^--$|^%[sb](?:\\n)?$/.test(word.value ?? ""));
    return words;
  }
  if (feeder.program === "cat" && feeder.args.length === 0 && feeder.command.input !== null) {
    return [feeder.command.input.word];
  }
  return null;
}

/** The text that a command writes, when that stands in the script: of `tee` with a heredoc, too. */
export function printedText(invocation: Feeder): MappedText | null {
  const { program, command } = invocation;
  const input = command.input?.word;
  const words = program === "tee" && input !== undefined ? [input] : printed(invocation);
  return words === null ? null : withLines(innerOf(words, command.script).text);
}

/** `printf 'a\\nb'` and `echo -e` write line ends for these two characters; two blanks keep every offset in place. */
function withLines(text: MappedText): MappedText {
  return { ...text, text: text.text.replaceAll("\\n", " \n") };
}

/** What an interpreter gets to read. */
interface Inner {
  readonly text: MappedText;
  /** True when the shell puts values into it before. */
  readonly isExpanded: boolean;
}

function innerOf(words: readonly ShellWord[], script: MappedText): Inner {
  return { text: nestedScript(words, script), isExpanded: words.some(({ value }) => value === null) };
}

/** More than anybody writes into a Dockerfile by hand. */
const MAX_ENCODED = 64 * 1024;

/** What `base64 -d` makes of text that stands in the script; null for anything else, and for what is no text. */
function decodedText(feeder: Feeder): MappedText | null {
  const { program, args, command } = feeder;
  if (program !== "base64" || !args.every(({ value }) => /^(?:-d|-D|--decode|-i|-di)$/.test(value ?? ""))) return null;
  const from = command.input === null ? feeder.feeder : feeder;
  const words = command.input === null ? (from === null ? null : printed(from)) : [command.input.word];
  const [first] = words ?? [];
  const encoded = (words ?? []).map(({ value }) => value ?? "").join("");
  if (from === null || first === undefined || args.length === 0 || encoded.length > MAX_ENCODED) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8").trimEnd();
  if (text === "" || /[^\P{C}\s]|\ufffd/u.test(text)) return null;
  const { start, end } = toSourceSpan(from.command.script, first.start, first.end);
  return { text, segments: [{ at: 0, src: start, length: text.length, srcLength: end - start }] };
}

/** The text an interpreter reads from its standard input, when that stands in the script. */
function stdinText(command: ShellCommand, feeder: Feeder | null): Inner | null {
  if (command.input !== null) return innerOf([command.input.word], command.script);
  if (feeder === null) return null;
  const decoded = decodedText(feeder);
  if (decoded !== null) return { text: decoded, isExpanded: false };
  const words = printed(feeder);
  if (words === null) return null;
  const { text, isExpanded } = innerOf(words, feeder.command.script);
  return { text: withLines(text), isExpanded };
}

/** What a `trap` runs when the shell ends; null for a trap of signals alone, which come to no RUN that ends well. */
function exitTrap(args: readonly ShellWord[]): ShellWord | null {
  const [text, ...signals] = args[0]?.value === "--" ? args.slice(1) : args;
  return signals.some(({ value }) => value === "EXIT" || value === "0") ? (text ?? null) : null;
}

/** The words of all exit traps of a script, the functions that they call among them. */
export function trappedWords(commands: readonly ShellCommand[]): ReadonlySet<string> {
  const traps = commands.filter(({ words: [first] }) => first?.value === "trap");
  return new Set(traps.flatMap(({ words }) => exitTrap(words.slice(1))?.value?.split(/[^\w-]+/) ?? []));
}

/** The text of a script or program that an invocation carries in its words or reads from the script's own text. */
export function innerText(
  program: string,
  args: readonly ShellWord[],
  command: ShellCommand,
  feeder: Feeder | null,
  { whole }: KnownWords,
): Inner | null {
  if (program === "eval") return innerOf(args.map(whole), command.script);
  if (program === "trap") {
    const text = exitTrap(args);
    return text === null ? null : innerOf([text], command.script);
  }
  const isSwitch = switchesUser(program);
  const word = isSwitch ? suArgument(args) : codeArgument(args);
  if (word !== null) return innerOf([whole(word)], command.script);
  return isSwitch || readsProgramFromStdin(args) ? stdinText(command, feeder) : null;
}
