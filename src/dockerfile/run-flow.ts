/**
 * Follows values through one RUN, command by command: assignments, pipes, here-strings, substitutions, functions, groups
 * and nested shells, to the files that they are written to. Says where values go, not which of them are tokens.
 */

import { createOutputs, spanOf } from "./command-output.ts";
import { commandEffects } from "./command-effects.ts";
import type { CommandEffects, Values } from "./effects.ts";
import { createFlowFiles } from "./flow-files.ts";
import { normalPath } from "./home-path.ts";
import { codeArguments } from "./inner-text.ts";
import { isShell, type Invocation } from "./invocation.ts";
import type { FileWrite, FlowSetting, RunFlow } from "./flow-setting.ts";
import { indexInvocations } from "./invocation-index.ts";
import { mayRemove, removes } from "./login.ts";
import { toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";
import { outwards } from "./outwards.ts";
import { ENVIRONMENT_FILE, pathText, STANDARD_INPUT } from "./shell-path.ts";
import {
  outline,
  variablesOf,
  type ShellBranch,
  type ShellRedirect,
  type ShellSurrounding,
  type ShellWord,
} from "./shell-word.ts";
import { carried, fromToken, merged, type Origins } from "./token-origin.ts";
import { secretValues } from "./secret-values.ts";
import { createShellVariables, type NamedValue } from "./shell-variables.ts";
import { isSurelyAfter } from "./surely-after.ts";
import { originsOfWord } from "./word-origins.ts";

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
  const variables = createShellVariables();
  const files = createFlowFiles();
  /** What a file or a text may set that was sourced. */
  let sourced: Origins = [];
  const secrets = secretValues(setting.mounts, environmentOf(null), isTokenName);
  const index = indexInvocations(invocations);
  const outputs = createOutputs(index, toFile, runInside);
  let parameters: readonly Origins[] = [];
  let caller: Invocation | null = null;
  const calls = new Set<string>();

  function ofName(given: string): Origins {
    const name = variables.meant(given);
    if (/^[1-9]$/.test(name)) return parameters[Number(name) - 1] ?? [];
    if (name === "@" || name === "*") return merged(...parameters);
    const own = variables.of(name);
    const known = own ?? secrets.ofName(name) ?? setting.ofName(name);
    if (known.length > 0 || own !== null || !isTokenName(name)) return known;
    return sourced.map((origin) => ({ ...origin, isToken: true }));
  }

  function ofFile(path: string, reader: Invocation): Origins {
    if (STANDARD_INPUT.test(path)) return inputOf(reader);
    if (ENVIRONMENT_FILE.test(path)) return merged(...environmentFor(reader, false).map(({ origins }) => origins));
    return files.of(path) ?? secrets.ofFile(path) ?? setting.ofFile(path);
  }

  /** What a program finds in its environment, tokens first; with `isAll`, what the shell itself knows. */
  function environmentFor(invocation: Invocation, isAll: boolean): NamedValue[] {
    const { script } = invocation.command;
    const outer = [...setting.names()].map((name) => ({ name, origins: setting.ofName(name) }));
    const own = invocation.assignments.map(({ name, value }) => ({ name, origins: ofWord(value, script) }));
    const named = variables.visible([...outer, ...secrets.named], own, isAll);
    const isToken = named.map(({ name }) => isTokenName(name));
    return [...named.filter((_, i) => isToken[i]), ...named.filter((_, i) => isToken[i] !== true)];
  }

  function ofWord(word: Pick<ShellWord, "pieces">, script: MappedText): Origins {
    return originsOfWord(word, script, {
      ofName,
      textsOf: variables.textsOf,
      isTokenName,
      ofSubstitution: (at) => {
        runInside(script, at);
        return outputs.ofSubstitution(script, at);
      },
    });
  }

  function runInside(script: MappedText, at: number): void {
    for (const inner of index.inSubstitution(script, at)) run(inner);
  }

  /** What a command reads from its standard input. */
  function inputOf(invocation: Invocation): Origins {
    for (const reader of outwards(invocation, caller)) {
      const { script, pipeIndex, within, around: outer } = reader.command;
      const own = inputHere(reader.command, script, reader);
      if (own !== null) return own;
      if (pipeIndex > 0) return outputs.ofPipe(reader);
      for (let around = outer; around !== null; around = around.outer) {
        const read = inputHere(around, script, reader);
        if (read !== null) return read;
      }
      if (within !== -1) return outputs.intoSubstitution(script, within);
    }
    return [];
  }

  function inputHere(
    { input, redirects }: Pick<ShellSurrounding, "input" | "redirects">,
    script: MappedText,
    reader: Invocation,
  ): Origins | null {
    if (input !== null) return ofWord(input.word, script);
    const from = redirects.findLast(({ operator }) => operator === "<");
    if (from === undefined) return null;
    const path = normalPath(pathText(from.target) ?? "", environmentOf(reader));
    return merged(ofWord(from.target, script), STANDARD_INPUT.test(path) ? [] : ofFile(path, reader));
  }

  function write(invocation: Invocation, written: Omit<FileWrite, "invocation">): void {
    if (written.origins.length === 0) return;
    writes.push({ invocation, ...written });
    files.write(written.paths, written.origins);
  }

  function toFile({ target, operator }: ShellRedirect, origins: Origins, invocation: Invocation, span: Span): void {
    const text = pathText(target) ?? outline(target).replaceAll("\0", "${…}");
    const path = normalPath(text, environmentOf(invocation));
    const form = invocation.program === "" ? "a redirection" : invocation.program;
    if (origins.length > 0) write(invocation, { span, paths: [path], form, origins, kind: "file" });
    else if (!operator.endsWith(">>") && files.has(path)) clears.push({ invocation, path });
  }

  function assign(invocation: Invocation): void {
    const { command, program, args } = invocation;
    const { script } = command;
    const own = command.words.length === 0 ? command.assignments : invocation.assignments;
    const isMaybe = command.branch !== null && command.inFunction === null;
    const isReference = args[0]?.value === "-n";
    const give = (name: string, origins: Origins, isKept: boolean = isMaybe, texts: readonly string[] = []): void =>
      variables.set(name, { origins: isKept ? merged(ofName(name), origins) : origins, texts, isMaybe: isKept });
    for (const { name, value, elements, isAdded, start, end } of [...own, ...command.declarations]) {
      if (isReference && value.value !== null) {
        variables.refer(name, value.value);
        continue;
      }
      const step = { span: toSourceSpan(script, start, end), text: `${name} gets the value here` };
      const found = carried(ofWord(value, script), step);
      const isComputed = value.pieces.some((piece) => piece.kind === "substitution");
      const byName = isComputed && found.length === 0 && isTokenName(name) ? [fromToken(name, [step])] : found;
      const origins = isTokenName(name) ? byName.map((origin) => ({ ...origin, isToken: true })) : byName;
      const texts = (elements ?? [value]).flatMap((word) => word.value ?? []);
      give(name, origins, isMaybe || isAdded, texts);
      if (program === "export" || args[0]?.value === "-x") variables.export(name);
    }
    if (program === "export") for (const { value } of args) if (value !== null) variables.export(value);
    if (program === "set" && args.some(({ value }) => /^-[a-z]*a|^allexport$/.test(value ?? "")))
      variables.export(null);
    if (program === "." || program === "source") {
      const [file] = args;
      const path = file === undefined ? null : pathText(file);
      if (path !== null) sourced = merged(sourced, ofFile(normalPath(path, environmentOf(invocation)), invocation));
    }
    // `export $(cat .env | xargs)`, `eval "$(cat .env)"`, `. <(cat .env)`
    if (/^(?:export|declare|eval|source|\.)$/.test(program)) {
      for (const word of args)
        if (word.pieces[0]?.kind === "substitution") sourced = merged(sourced, ofWord(word, script));
    }
    if (program === "printf" && args[0]?.value === "-v")
      give(args[1]?.value ?? "", merged(...args.slice(2).map((word) => ofWord(word, script))));
    // `: "${X:=Y}"`
    for (const { name, operator, operand } of program === ":" ? args.flatMap(variablesOf) : [])
      if (/^:?=$/.test(operator)) give(name, ofWord({ pieces: operand }, script), true);
    if (program === "set" && args.some(({ value }) => value === "--"))
      parameters = args.slice(args.findIndex(({ value }) => value === "--") + 1).map((word) => ofWord(word, script));
    if (program === "unset") for (const { value } of args) give(value ?? "", []);
    if (program === "read" || program === "mapfile" || program === "readarray") {
      const origins = inputOf(invocation);
      const step = { span: { start: invocation.start, end: invocation.end }, text: "it is read here" };
      for (const { value } of args) if (value !== null && !value.startsWith("-")) give(value, carried(origins, step));
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
      ofFile: (path) => ofFile(path, invocation),
      ofName,
      ofInput: () => inputOf(invocation),
      textsOf: ({ value, pieces: [first] }) =>
        value !== null ? [value] : first?.kind === "variable" ? variables.textsOf(first.name) : [],
      template: setting.templates.get(invocation) ?? null,
      exported: () => environmentFor(invocation, false),
      all: () => environmentFor(invocation, true),
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
    outputs.print(invocation, isRead ? inputOf(invocation) : effects.output, caller);
    if (invocation.program === "exec" && invocation.args.length === 0) outputs.redirectShell(invocation);
    const step = { span: { start: invocation.start, end: invocation.end }, text: "the login stores the token here" };
    for (const path of setting.stored.get(invocation) ?? [])
      files.write([path], [fromToken("the stored token", [step])]);
    const outer = parameters;
    const own = isShell(invocation.program) ? codeArguments(invocation.program, invocation.args) : [];
    const given = setting.parameters.get(invocation) ?? (own.length > 0 ? own : undefined);
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
