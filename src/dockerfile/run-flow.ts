/**
 * Follows values through one RUN, command by command: assignments, pipes, here-strings, substitutions, functions, groups
 * and nested shells, to the files that they are written to. Says where values go, not which of them are tokens.
 */

import { outputFiles, spanOf } from "./command-output.ts";
import { commandEffects, type CommandEffects, type Values } from "./command-effects.ts";
import { createFlowFiles } from "./flow-files.ts";
import { normalPath, type Environment } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import { indexInvocations } from "./invocation-index.ts";
import { mayRemove, removes } from "./login.ts";
import { toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";
import type { Mount } from "./run-script.ts";
import { outwards } from "./outwards.ts";
import { pathText } from "./shell-path.ts";
import { outline, type ShellBranch, type ShellRedirect, type ShellSurrounding, type ShellWord } from "./shell-word.ts";
import { carried, fromToken, merged, type Origins } from "./token-origin.ts";
import type { TokenNames } from "../token/name.ts";
import { secretValues } from "./secret-values.ts";
import { isSurelyAfter } from "./surely-after.ts";
import { originsOfWord } from "./word-origins.ts";

/** A file that a RUN writes something to that may be a token. */
export interface FileWrite {
  readonly invocation: Invocation;
  readonly span: Span;
  /** Normal paths: the likeliest first, and what it may be instead. */
  readonly paths: readonly string[];
  readonly form: string;
  readonly origins: Origins;
  readonly kind: "file" | "url";
}

/** What a RUN does with values that may be tokens. */
export interface RunFlow {
  readonly writes: readonly FileWrite[];
  /** Files that are overwritten, reset or moved away, as normal paths. */
  readonly clears: readonly { readonly invocation: Invocation; readonly path: string }[];
  /** Everything that was run, in the order of running. */
  readonly order: readonly Invocation[];
  /** Bodies of functions that are called for sure. */
  readonly called: ReadonlySet<ShellBranch>;
}

/** What a RUN finds when it starts. */
export interface FlowSetting {
  readonly mounts: readonly Mount[];
  readonly isTokenName: TokenNames;
  readonly environmentOf: (invocation: Invocation | null) => Environment;
  /** The value of an ARG or ENV. */
  readonly ofName: (name: string) => Origins;
  /** All ARG and ENV that it can see. */
  readonly ofAll: () => Origins;
  /** The files in which logins of this RUN store the token, as normal paths. */
  readonly stored: ReadonlyMap<Invocation, readonly string[]>;
  /** The arguments of scripts on disk, by the command that starts them. */
  readonly parameters: ReadonlyMap<Invocation, readonly ShellWord[]>;
  /** What earlier layers of the stage left in a file, by a normal path. */
  readonly ofFile: (path: string) => Origins;
}

/** Commands of a function that is called again. */
const MAX_REPEATED = 100;
/** A function may be called in a loop by hand; past this, its calls say nothing new. */
const MAX_CALLS = 64;

/** Follows values through what a RUN starts. */
export function followRun(invocations: readonly Invocation[], setting: FlowSetting): RunFlow {
  const { environmentOf, isTokenName } = setting;
  const writes: FileWrite[] = [];
  const clears: { invocation: Invocation; path: string }[] = [];
  const order: Invocation[] = [];
  const called = new Set<ShellBranch>();
  const done = new Set<Invocation>();
  const variables = new Map<string, Origins>();
  const files = createFlowFiles();
  /** What a file or a text may set that was sourced. */
  let sourced: Origins = [];
  const secrets = secretValues(setting.mounts, environmentOf(null), isTokenName);
  const pipes = new Map<MappedText, Map<string, Origins>>();
  const outputs = new Map<MappedText, Map<number, Origins>>();
  const index = indexInvocations(invocations);
  let parameters: readonly Origins[] = [];
  let caller: Invocation | null = null;
  const calls = new Set<string>();

  function ofName(name: string): Origins {
    if (/^[1-9]$/.test(name)) return parameters[Number(name) - 1] ?? [];
    if (name === "@" || name === "*") return merged(...parameters);
    const known = variables.get(name) ?? secrets.ofName(name) ?? setting.ofName(name);
    if (known.length > 0 || variables.has(name) || !isTokenName(name)) return known;
    return sourced.map((origin) => ({ ...origin, isToken: true }));
  }

  function ofFile(path: string): Origins {
    return files.of(path) ?? secrets.ofFile(path) ?? setting.ofFile(path);
  }

  function ofWord(word: ShellWord, script: MappedText): Origins {
    return originsOfWord(word, script, {
      ofName,
      isTokenName,
      ofSubstitution: (at) => {
        for (const inner of index.inSubstitution(script, at)) run(inner);
        return outputs.get(script)?.get(at) ?? [];
      },
    });
  }

  /** What a command reads from its standard input. */
  function inputOf(invocation: Invocation): Origins {
    for (const reader of outwards(invocation, caller)) {
      const { script, pipeline, pipeIndex, around: outer } = reader.command;
      const own = inputHere(reader.command, script, environmentOf(reader));
      if (own !== null) return own;
      if (pipeIndex > 0) return pipes.get(script)?.get(`${pipeline} ${pipeIndex - 1}`) ?? [];
      for (let around = outer; around !== null; around = around.outer) {
        const read = inputHere(around, script, environmentOf(reader));
        if (read !== null) return read;
      }
    }
    return [];
  }

  function inputHere(
    { input, redirects }: Pick<ShellSurrounding, "input" | "redirects">,
    script: MappedText,
    environment: Environment,
  ): Origins | null {
    if (input !== null) return ofWord(input.word, script);
    const from = redirects.findLast(({ operator }) => operator === "<");
    if (from === undefined) return null;
    return merged(ofWord(from.target, script), ofFile(normalPath(pathText(from.target) ?? "", environment)));
  }

  function write(invocation: Invocation, written: Omit<FileWrite, "invocation">): void {
    if (written.origins.length === 0) return;
    writes.push({ invocation, ...written });
    files.write(written.paths, written.origins);
  }

  function redirected(
    redirects: readonly ShellRedirect[],
    output: Origins,
    invocation: Invocation,
    span: Span | null,
  ): boolean {
    const targets = outputFiles(redirects);
    for (const { target, operator } of targets ?? []) {
      const environment = environmentOf(invocation);
      const text = pathText(target) ?? outline(target).replaceAll("\0", "${…}");
      const path = normalPath(text, environment);
      if (operator.startsWith(">&") && /^[\d-]+$/.test(text)) continue;
      if (output.length > 0) {
        const shown = invocation.program === "" ? "a redirection" : invocation.program;
        write(invocation, {
          span: span ?? spanOf(invocation),
          paths: [path],
          form: shown,
          origins: output,
          kind: "file",
        });
      } else if (!operator.endsWith(">>") && files.has(path)) clears.push({ invocation, path });
    }
    return targets !== null;
  }

  /** Sends what a command prints to where it goes. */
  function print(invocation: Invocation, output: Origins, span: Span | null = null): void {
    for (const printer of outwards(invocation, caller)) {
      const { script, pipeline, pipeIndex, within, redirects, around: outer } = printer.command;
      if (redirected(redirects, output, printer, printer === invocation ? span : spanOf(printer))) return;
      if (output.length === 0) return;
      if (index.isPiped(printer)) {
        const own = pipes.get(script) ?? new Map<string, Origins>();
        const key = `${pipeline} ${pipeIndex}`;
        pipes.set(script, own.set(key, merged(own.get(key) ?? [], output)));
        return;
      }
      for (let around = outer; around !== null; around = around.outer) {
        const [first] = outputFiles(around.redirects) ?? [];
        if (first === undefined) continue;
        redirected(around.redirects, output, printer, toSourceSpan(script, first.start, first.end));
        return;
      }
      if (within !== -1) {
        const own = outputs.get(script) ?? new Map<number, Origins>();
        outputs.set(script, own.set(within, merged(own.get(within) ?? [], output)));
        return;
      }
    }
  }

  function assign(invocation: Invocation): void {
    const { command, program, args } = invocation;
    const { script } = command;
    const own = command.words.length === 0 ? command.assignments : invocation.assignments;
    for (const { name, value, start, end } of [...own, ...command.declarations]) {
      const step = { span: toSourceSpan(script, start, end), text: `${name} gets the value here` };
      const found = carried(ofWord(value, script), step);
      const isComputed = value.pieces.some((piece) => piece.kind === "substitution");
      const byName = isComputed && found.length === 0 && isTokenName(name) ? [fromToken(name, [step])] : found;
      variables.set(name, isTokenName(name) ? byName.map((origin) => ({ ...origin, isToken: true })) : byName);
    }
    if (program === "." || program === "source") {
      const [file] = args;
      const path = file === undefined ? null : pathText(file);
      if (path !== null) sourced = merged(sourced, ofFile(normalPath(path, environmentOf(invocation))));
    }
    // `export $(cat .env | xargs)`, `eval "$(cat .env)"`, `. <(cat .env)`
    if (/^(?:export|declare|eval|source|\.)$/.test(program)) {
      for (const word of args)
        if (word.pieces[0]?.kind === "substitution") sourced = merged(sourced, ofWord(word, script));
    }
    if (program === "unset") for (const { value } of args) variables.set(value ?? "", []);
    if (program === "read" || program === "mapfile" || program === "readarray") {
      const origins = inputOf(invocation);
      const step = { span: { start: invocation.start, end: invocation.end }, text: "it is read here" };
      for (const { value } of args)
        if (value !== null && !value.startsWith("-")) variables.set(value, carried(origins, step));
    }
  }

  function call(invocation: Invocation, body: readonly Invocation[]): void {
    const { branch: around, script } = invocation.command;
    for (const { command } of around === null ? body : []) {
      if (command.branch !== null && command.branch.outer === null) called.add(command.branch);
    }
    const given = invocation.args.map((word) => ofWord(word, script));
    // A call with values at the same places does nothing new, but does it again.
    const key = `${invocation.program} ${given.map(({ length }) => length).join(" ")}`;
    if (caller !== null || calls.has(key) || calls.size > MAX_CALLS) {
      if (caller === null) order.push(...body.slice(0, MAX_REPEATED));
      return;
    }
    calls.add(key);
    const outer = parameters;
    parameters = given;
    caller = invocation;
    for (const inner of body) {
      done.delete(inner);
      run(inner);
    }
    parameters = outer;
    caller = null;
  }

  function run(invocation: Invocation): void {
    if (done.has(invocation)) return;
    done.add(invocation);
    const { command } = invocation;
    assign(invocation);
    order.push(invocation);
    const body = index.functionOf(invocation.program);
    if (body !== undefined && !body.includes(invocation)) call(invocation, body);
    const values: Values = {
      ofWord,
      ofFile,
      ofName,
      ofInput: () => inputOf(invocation),
      ofAll: () => merged(...variables.values(), secrets.all, setting.ofAll()),
      environment: environmentOf(invocation),
    };
    const effects: CommandEffects = commandEffects(invocation, values);
    for (const { span, ...written } of effects.writes)
      write(invocation, { ...written, span: span ?? spanOf(invocation) });
    for (const path of effects.clears) if (files.has(path)) clears.push({ invocation, path });
    if (mayRemove(invocation) && !invocation.isDeferred && isSurelyAfter(invocation, null, called)) {
      files.remove((path) => removes(invocation, path, environmentOf(invocation)));
    }
    // `$(< file)` prints the file.
    const isRead = command.words.length === 0 && command.assignments.length === 0 && command.within !== -1;
    print(invocation, isRead ? inputOf(invocation) : effects.output);
    const step = { span: { start: invocation.start, end: invocation.end }, text: "the login stores the token here" };
    for (const path of setting.stored.get(invocation) ?? [])
      files.write([path], [fromToken("the stored token", [step])]);
    const outer = parameters;
    const given = setting.parameters.get(invocation);
    if (given !== undefined) parameters = given.map((word) => ofWord(word, command.script));
    for (const child of index.childrenOf(invocation)) run(child);
    parameters = outer;
  }

  for (const invocation of invocations) {
    if (invocation.command.inFunction === null && invocation.parent === null && invocation.command.within === -1)
      run(invocation);
  }
  for (const invocation of invocations) run(invocation);
  return { writes, clears, order, called };
}
