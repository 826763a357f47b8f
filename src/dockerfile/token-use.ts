/**
 * Finds where a script uses the value of a variable as a Hugging Face token, so that a variable without a telling name is
 * known for what it carries. Looks at names, options, hosts and calls; decides no level.
 */

import type { TokenNames } from "../token/name.ts";
import { toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";
import type { Invocation, ProgramCode } from "./invocation.ts";
import { hubClient, isLogin, optionValue } from "./login.ts";
import { environmentReads, firstArgument, hubCalls, type Stretch } from "./python-code.ts";
import { outline, variablesOf, type ShellAssignment, type ShellPiece, type ShellWord } from "./shell-word.ts";

/** A variable of the environment whose value a script uses as a token. */
export interface TokenUse {
  readonly name: string;
  /** Source offsets of the expansion. */
  readonly span: Span;
  /** What it is used for, as half a sentence. */
  readonly text: string;
}

/** Of any program; so are all whose name is a token's: `--hf-token`, `--set-hf-api-token`. */
const TOKEN_OPTION = "-hft";
/** Of curl, wget and aria2. */
const PASSWORD_OPTION = /^(?:-u|--(?:user|oauth2-bearer|password|http-password|http-passwd))(?:=|$)/;
/** Of wget the user's name alone, of curl with the password. */
const USER_OPTION = "--user";
const HUB_HOST = /(?:^|\/\/|@)(?:[\w-]+\.)*(?:huggingface\.co|hf\.co)(?:[/:?#]|$)/;
const HUB_USER = /:\/\/([^/\s@]*)@(?:[\w-]+\.)*(?:huggingface\.co|hf\.co)(?:[/:?#]|$)/;
/** No address is longer than this up to its host. */
const MAX_ADDRESS = 2048;
const HUB_LIBRARY = /huggingface_hub|transformers|diffusers|\bdatasets\b|sentence_transformers|peft|HfApi|HfFolder/;
/** Calls whose first argument is a token; all others take it by its name. */
const TOKEN_FIRST = ["login", "HfFolder.save_token", "HfFolder().save_token", "whoami"];
/** An argument or a variable, with what it is given. Bounded, so that a long word costs no more than its length. */
const GIVEN = /(?<!\w)(\w{0,40}token\w{0,40})\s*=(?!=)\s*[^,;)\n]*/gi;
/** Names under which the hub's libraries take a token; `eos_token` and the like are a tokenizer's. */
const TOKEN_ARGUMENT = /^(?:(?:use_auth|auth|access|api|hub|push_to_hub)_)?token$/i;

function usesIn(word: Pick<ShellWord, "pieces">, script: MappedText, text: string): TokenUse[] {
  return variablesOf(word).map(({ name, start, end }) => ({ name, span: toSourceSpan(script, start, end), text }));
}

function assignmentUses(
  assignments: readonly ShellAssignment[],
  script: MappedText,
  isTokenName: TokenNames,
): TokenUse[] {
  return assignments
    .filter(({ name }) => isTokenName(name))
    .flatMap(({ name, value }) => usesIn(value, script, `becomes ${name} here`));
}

/** Where the password stands in a word's outline: in the hub's address, in a header, in or behind an option; null for none. */
function passwordIn(text: string, before: string): Span | null {
  const user = HUB_USER.exec(text.slice(0, MAX_ADDRESS));
  if (user !== null) {
    const start = user.index + "://".length;
    const end = start + (user[1] ?? "").length;
    return { start: Math.max(start, text.slice(0, end).indexOf(":", start) + 1), end };
  }
  if (/authorization:|^\0?bearer /i.test(text)) return { start: 0, end: text.length };
  const own = PASSWORD_OPTION.exec(text)?.[0];
  const option = own ?? PASSWORD_OPTION.exec(before)?.[0];
  const colon = text.indexOf(":");
  if (option === undefined || (option.startsWith(USER_OPTION) && colon === -1)) return null;
  return { start: Math.max(own?.length ?? 0, colon + 1), end: text.length };
}

/** The pieces of a word between two offsets of its outline. */
function piecesBetween({ pieces }: ShellWord, { start, end }: Span): ShellPiece[] {
  let at = 0;
  return pieces.filter((piece) => {
    const from = at;
    at += piece.kind === "text" ? piece.text.length : 1;
    return at > start && from < end;
  });
}

/** What carries credentials to the hub's host: the password of an address, of an option, or in an Authorization header. */
function hostUses({ args, command }: Invocation): TokenUse[] {
  if (!args.some((word) => HUB_HOST.test(outline(word)))) return [];
  return args.flatMap((word, i) => {
    const password = passwordIn(outline(word), args[i - 1]?.value ?? "");
    if (password === null) return [];
    return usesIn({ pieces: piecesBetween(word, password) }, command.script, "is sent to Hugging Face here");
  });
}

/** Where code hands a token over. */
function tokenStretches(code: string, isTokenName: TokenNames): Stretch[] {
  const given = [...code.matchAll(GIVEN)].filter(([, name = ""]) => TOKEN_ARGUMENT.test(name) || isTokenName(name));
  return [
    ...hubCalls(code, TOKEN_FIRST).flatMap((call) => firstArgument(code, call) ?? []),
    ...given.map(({ index, 0: match }) => ({ start: index, end: index + match.length })),
  ];
}

function codeUses({ text: code, isExpanded }: ProgramCode, isTokenName: TokenNames): TokenUse[] {
  if (!HUB_LIBRARY.test(code.text)) return [];
  const text = "is used as a token here";
  return tokenStretches(code.text, isTokenName).flatMap(({ start, end }) => {
    const part = code.text.slice(start, end);
    const expansions = [...(isExpanded ? part : "").matchAll(/\$\{?(\w+)\}?/g)].map((match) => ({
      name: match[1] ?? "",
      start: match.index,
      end: match.index + match[0].length,
    }));
    return [...environmentReads(part), ...expansions].map((read) => ({
      name: read.name,
      span: toSourceSpan(code, start + read.start, start + read.end),
      text,
    }));
  });
}

function addUses(found: TokenUse[], invocation: Invocation, isTokenName: TokenNames): void {
  const { command, args, feeder, code } = invocation;
  const { script, input } = command;
  found.push(...assignmentUses(invocation.assignments, script, isTokenName));
  found.push(...assignmentUses(command.declarations, script, isTokenName));
  const client = hubClient(invocation);
  const option = optionValue(args, (name) => {
    return name === TOKEN_OPTION || (name === "--token" && client !== null) || isTokenName(name);
  });
  if (option !== null) found.push(...usesIn(option, script, "is given as a token here"));
  found.push(...hostUses(invocation));
  if (isLogin(invocation)) {
    if (feeder !== null)
      for (const word of feeder.args) found.push(...usesIn(word, feeder.command.script, "is piped into a login here"));
    if (input !== null) found.push(...usesIn(input.word, script, "is read by a login here"));
  }
  if (code !== null) found.push(...codeUses(code, isTokenName));
}

/** Which variables each variable of the script is made from, by its assignments. */
function carriersOf(invocations: readonly Invocation[]): Map<string, Set<string>> {
  const carriers = new Map<string, Set<string>>();
  for (const { command } of invocations) {
    // An assignment before a command is that command's alone.
    const own = command.words.length === 0 ? command.assignments : [];
    for (const { name, value } of [...own, ...command.declarations]) {
      const from = carriers.get(name) ?? new Set();
      for (const variable of variablesOf(value)) from.add(variable.name);
      carriers.set(name, from);
    }
  }
  return carriers;
}

/** Every use of a variable as a token, also of variables that only pass their value on to the one that is used. */
export function tokenUses(invocations: readonly Invocation[], isTokenName: TokenNames): TokenUse[] {
  const uses: TokenUse[] = [];
  for (const invocation of invocations) addUses(uses, invocation, isTokenName);
  if (uses.length === 0) return uses;
  const carriers = carriersOf(invocations);
  return uses.flatMap((use) => {
    const names = new Set([use.name]);
    for (const name of names) for (const from of carriers.get(name) ?? []) names.add(from);
    return [...names].map((name) => ({ ...use, name }));
  });
}
