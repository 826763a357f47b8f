/**
 * What a RUN (or a CMD, ENTRYPOINT) runs: its script in shell or JSON form, with heredocs, under the stage's SHELL, and
 * the mounts that lie over the file system while it runs. Reads the instruction; judges nothing.
 */

import { isPython, isShell, startedBy, startedByCommand, type Invocation } from "./invocation.ts";
import {
  mappedBuilder,
  toSource,
  toSourceSpan,
  type MappedBuilder,
  type MappedText,
  type Span,
} from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import { OUTSIDE, shellCommand, wordOf, type ShellCommand } from "./shell-word.ts";
import type { ShellProblem } from "./shell-syntax.ts";
import type { Heredoc } from "./split.ts";
import { splitWords } from "./words.ts";
import { basename } from "./wrappers.ts";

/** A `--mount`; keys in lower case. */
export interface Mount {
  readonly type: string;
  readonly options: ReadonlyMap<string, string>;
  /** Source offsets of the flag. */
  readonly span: Span;
}

/** What is run, as far as it can be read. */
export interface RunScript {
  readonly invocations: readonly Invocation[];
  readonly mounts: readonly Mount[];
  /** Text of a language that is not read as shell (PowerShell, another interpreter's heredoc), for a search as text. */
  readonly foreign: MappedText | null;
  readonly problems: readonly ShellProblem[];
}

/** A stretch of mapped text, still mapped to the source. */
export function sliceOf(mapped: MappedText, start: number, end: number): MappedText {
  const built = mappedBuilder();
  for (const segment of mapped.segments) {
    const from = Math.max(start, segment.at);
    const to = Math.min(end, segment.at + segment.length);
    if (from >= to) continue;
    const isVerbatim = segment.length === segment.srcLength;
    const src = isVerbatim ? segment.src + from - segment.at : segment.src;
    built.add(mapped.text.slice(from, to), src, isVerbatim ? to - from : segment.srcLength);
  }
  return built.build(toSource(mapped, start));
}

/** The script of a shell form with the bodies of its heredocs behind it, as the shell gets to see it. */
function withHeredocs(script: MappedText, heredocs: readonly Heredoc[]): MappedText {
  if (heredocs.length === 0) return script;
  const built = mappedBuilder();
  const append = (part: MappedText): void => {
    for (const { at, src, length, srcLength } of part.segments)
      built.add(part.text.slice(at, at + length), src, srcLength);
  };
  append(script);
  for (const heredoc of heredocs) {
    built.add("\n", heredoc.start, 0);
    append(sliceOf(heredoc, 0, heredoc.text.replace(/\n$/, "").length));
    built.add(`\n${heredoc.name}\n`, heredoc.end, 0);
  }
  return built.build(toSource(script, 0));
}

/** Appends text that is mapped to the joined text of a line, so that it maps to the source. */
function addThrough(built: MappedBuilder, { text, segments }: MappedText, line: MappedText): void {
  for (const { at, src, length, srcLength } of segments) {
    if (length === srcLength) {
      const part = sliceOf(line, src, src + length);
      for (const each of part.segments)
        built.add(part.text.slice(each.at, each.at + each.length), each.src, each.srcLength);
    } else {
      const { start, end } = toSourceSpan(line, src, src + srcLength);
      built.add(text.slice(at, at + length), start, end - start);
    }
  }
}

/** The words of a JSON form as one command, which no shell expands; its script is the decoded strings. */
function commandOf({ line, json }: Instruction): ShellCommand {
  const built = mappedBuilder();
  const words = (json?.values ?? []).map((value) => {
    if (built.length() > 0) built.add(" ", toSource(line, value.start), 0);
    const start = built.length() + 1;
    built.add('"', toSource(line, value.start));
    addThrough(built, value, line);
    const end = built.length();
    built.add('"', toSource(line, value.end - 1));
    return wordOf([{ kind: "text", text: value.text, isQuoted: true, start, end }], start - 1, end + 1);
  });
  return shellCommand(built.build(toSource(line, 0)), { start: 0, end: built.length() }, { words }, OUTSIDE);
}

/** The mounts of a RUN; a comma inside quotes is not known to BuildKit's CSV reader in any use seen, so commas split. */
export function mountsOf(instruction: Instruction): Mount[] {
  return instruction.flags.flatMap((flag) => {
    if (!flag.text.startsWith("--mount=")) return [];
    const pairs = flag.text
      .slice("--mount=".length)
      .split(",")
      .map((field): [string, string] => {
        const at = field.indexOf("=");
        const [key, value] = at === -1 ? [field, ""] : [field.slice(0, at), field.slice(at + 1)];
        return [key.trim().toLowerCase(), value];
      });
    const options = new Map(pairs);
    const span = toSourceSpan(instruction.line, flag.start, flag.end);
    return [{ type: (options.get("type") ?? "bind").toLowerCase(), options, span }];
  });
}

/** Where a mount lies in the file system; null when it lies nowhere (a secret as variable only). */
export function mountTarget(mount: Mount): string | null {
  const target = mount.options.get("target") ?? mount.options.get("dst") ?? mount.options.get("destination");
  if (target !== undefined) return target;
  if (mount.type !== "secret" || mount.options.has("env")) return null;
  const id = mount.options.get("id") ?? mount.options.get("source") ?? mount.options.get("src");
  return id === undefined ? null : `/run/secrets/${id}`;
}

/** True when a RUN is nothing but one heredoc, whose body BuildKit then runs as the script; a second one makes it a shell's. */
function isHeredocAlone(text: string): boolean {
  const name = /^\d*<<-?([^<]+)$/.exec(text)?.[1];
  return name !== undefined && splitWords(name, 0, "\\").length === 1;
}

const SHEBANG = /^#!\s*(\S+)(?:[ \t]+(\S+))?/;

/** The interpreter that a script's first line names; `sh` without one. */
function interpreterOf(script: string): string {
  const [, path, argument] = SHEBANG.exec(script) ?? [];
  if (path === undefined) return "sh";
  return basename(path) === "env" ? basename((argument ?? "sh").replace(/^-S/, "")) : basename(path);
}

function pythonInvocation(instruction: Instruction, code: MappedText): Invocation {
  const command = commandOf(instruction);
  const start = toSource(code, 0);
  const base = {
    program: "python",
    args: [],
    assignments: [],
    command,
    shell: "",
    isDeferred: false,
    feeder: null,
    parent: null,
  };
  const end = toSource(code, code.text.trimEnd().length);
  return { ...base, start, end, code: { language: "python", text: code, isExpanded: false } };
}

/** What an instruction runs; `shell` is the stage's SHELL (`["/bin/sh", "-c"]` unless it says otherwise). */
export function readRun(instruction: Instruction, shell: readonly string[]): RunScript {
  const mounts = mountsOf(instruction);
  const { line, rest, json } = instruction;
  if (json !== null && json.problem === null) {
    const { invocations, problems } = startedByCommand(commandOf(instruction));
    return { invocations, mounts, foreign: null, problems };
  }
  const text = sliceOf(line, rest.start, rest.end);
  const [body] = line.heredocs;
  const isAlone = body !== undefined && isHeredocAlone(text.text);
  const script = isAlone ? body : withHeredocs(text, line.heredocs);
  const [program = "sh"] = shell;
  const interpreter = isAlone && script.text.startsWith("#!") ? interpreterOf(script.text) : basename(program);
  if (isPython(interpreter)) {
    return { invocations: [pythonInvocation(instruction, script)], mounts, foreign: null, problems: [] };
  }
  if (!isShell(interpreter)) return { invocations: [], mounts, foreign: script, problems: [] };
  const { invocations, problems } = startedBy(script, interpreter);
  return { invocations, mounts, foreign: null, problems };
}
