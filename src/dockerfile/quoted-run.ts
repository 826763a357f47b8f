/**
 * A RUN in the words of a fix: on one line, with its flags, and without a login. What would not be a command any more, or
 * is too long for a report, is not quoted.
 */

import type { Invocation } from "./invocation.ts";
import { optionValue, type FoundLogin } from "./login.ts";
import { toSource } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import type { RunRecord } from "./run-record.ts";
import { mountTarget, type Mount } from "./run-script.ts";
import { variablesOf } from "./shell-word.ts";
import { secretRun, type SecretForm } from "./secret-form.ts";
import { isTokenMount, secretId } from "./token-origin.ts";

const MAX_COMMAND_LENGTH = 160;
/** What is longer as it stands, with its indents, comes to more on one line; a long script is not read for it. */
const MAX_WRITTEN_LENGTH = 4096;
/** A member of a list of commands, with what keeps the list going when it fails. */
const BEFORE = /(?:^|&&|;)\s*$/;
const AFTER = /^\s*(?:\|\|\s*(?:true|:|exit(?:\s+\d+)?|echo(?:\s+(?:"[^"$`\\]*"|'[^']*'|[\w.-]+))+)\s*)?(?:&&|;|$)\s*/;
/** What the login leaves: a command that looks for it, or writes it by itself, does not do without. */
const TOKEN_FILE = /huggingface\/(?:stored_)?token|\bgit-credential/;
/** Programs that only say or ask something: none of them needs a token. */
const PRINTS = /^(?:echo|printf|:|true|test|\[|\[\[|set|exit)$/;

/** Programs that get things ready or clean up: they are for what needs the token, and none of them does. */
const SETS_UP = /^(?:export|local|shift|return|sleep|cd|mkdir|mktemp|rm|touch|chmod|chown)$/;
/** What a function runs that is given a command. */
const GIVEN = /^"?\$[@*]"?$/;

/** True for a command that no token is worth giving to. */
function isAside({ program, command }: Invocation): boolean {
  const [word] = command.words;
  if (program !== "" || word === undefined) return word === undefined || PRINTS.test(program) || SETS_UP.test(program);
  return GIVEN.test(command.script.text.slice(word.start, word.end));
}

/** True for a RUN in shell form whose commands stand in its own line. */
export function isQuotable({ instruction: { json, line } }: RunRecord): boolean {
  return json === null && line.heredocs.length === 0;
}

/** A command on one line, or null when it is too long or too odd to be shown in a fix. */
export function oneLine(text: string): string | null {
  if (text.length > MAX_WRITTEN_LENGTH) return null;
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line === "" || line.length > MAX_COMMAND_LENGTH ? null : line;
}

/** The offset in the joined text of a source offset. */
export function joinedOffset({ line }: Instruction, source: number): number | undefined {
  const segment = line.segments.findLast(({ src }) => src <= source);
  if (segment === undefined) return undefined;
  const at = segment.at + Math.min(source - segment.src, segment.length);
  return toSource(line, at) <= source ? at : undefined;
}

/** The command without the login and the operator behind or before it; null when the login is no plain member of a list. */
function withoutLogin(record: RunRecord, { invocation }: FoundLogin): string | null {
  const { instruction, script } = record;
  const { line, rest } = instruction;
  if (!isQuotable(record) || invocation === null || invocation.start > line.end) return null;
  if (rest.end - rest.start > MAX_WRITTEN_LENGTH) return null;
  const { command } = invocation;
  const isOwn = command.within === -1 && command.script === script.invocations[0]?.command.script;
  if (!isOwn || command.isConditional || invocation.code !== null) return null;
  const first = invocation.feeder ?? invocation;
  const [from, to] = [first.start, invocation.end].map((source) => joinedOffset(instruction, source));
  if (from === undefined || to === undefined || from < rest.start) return null;
  const before = line.text.slice(rest.start, from);
  const behind = line.text.slice(to, rest.end);
  const taken = AFTER.exec(behind);
  if (!BEFORE.test(before) || taken === null) return null;
  const after = behind.slice(taken[0].length);
  const left = after === "" ? before.replace(/\s*(?:&&|;)\s*$/, "") : before + after;
  const others = script.invocations.filter(({ start, end }) => start < first.start || end > invocation.end);
  return TOKEN_FILE.test(left) || others.every((other) => isAside(other)) ? null : oneLine(left);
}

/** The flags of a RUN but for one mount, as they stand, each with a blank behind it. */
export function flagsOf({ instruction, script }: RunRecord, without: Mount | null = null): string {
  const dropped = without === null ? -1 : script.mounts.indexOf(without);
  let at = -1;
  const kept = instruction.flags.filter(({ text }) => !text.startsWith("--mount=") || ++at !== dropped);
  return kept.map(({ text }) => `${text} `).join("");
}

/** The flag that a mount is, as it stands. */
function flagOf({ instruction, script }: RunRecord, mount: Mount): string {
  const mounts = instruction.flags.filter(({ text }) => text.startsWith("--mount="));
  return `${mounts[script.mounts.indexOf(mount)]?.text ?? ""} `;
}

/** True for a RUN that shows a value at most: no secret is worth mounting on it. */
export function isPrinting({ script }: RunRecord): boolean {
  const { invocations, foreign } = script;
  return foreign === null && invocations.length > 0 && invocations.every(({ program }) => PRINTS.test(program));
}

/** What stands behind RUN, on one line; null when no fix can quote it. */
export function wholeRun(record: RunRecord): string | null {
  const { line, rest } = record.instruction;
  const command = isQuotable(record) ? oneLine(line.text.slice(rest.start, rest.end)) : null;
  return command === null ? null : flagsOf(record) + command;
}

/** The same of a RUN without its login; null when no fix can quote that. */
export function quotedRun(record: RunRecord): string | null {
  const [first, ...others] = record.logins;
  if (first === undefined) return wholeRun(record);
  const command = others.length > 0 ? null : withoutLogin(record, first.login);
  return command === null ? null : flagsOf(record) + command;
}

/** The secret mount that a RUN's login takes its token from: the one that it names, else one that is a token's, else any. */
export function loginMount({ script, isTokenName }: RunRecord, { invocation }: FoundLogin): Mount | null {
  const mounts = script.mounts.filter(({ type }) => type === "secret");
  const first = invocation?.feeder ?? invocation;
  const text = first?.command.script.text.slice(first.command.start, invocation?.command.end) ?? "";
  return (
    mounts.find((mount) => isNamedIn(text, mount)) ??
    mounts.find((mount) => isTokenMount(mount, isTokenName)) ??
    mounts[0] ??
    null
  );
}

/** True when a text reads a mounted secret: by its file, or by its variable. */
function isNamedIn(text: string, mount: Mount): boolean {
  const target = mountTarget(mount);
  const name = mount.options.get("env");
  return (
    (target !== null && text.includes(target)) ||
    (name !== undefined && new RegExp(`\\$\\{?${name.replaceAll(/\W/g, "\\$&")}\\b`).test(text))
  );
}

/** The same secret as the variable HF_TOKEN, which needs no place and no owner. */
function asVariable({ type, options }: Mount, id: string): string {
  const others = [...options].filter(
    ([key]) => !/^(?:type|id|src|source|env|target|dst|destination|mode|uid|gid)$/.test(key),
  );
  const pairs = [["type", type], ["id", id], ...others, ["env", "HF_TOKEN"]];
  return `--mount=${pairs.map(([key, value]) => `${key}=${value}`).join(",")} `;
}

/** True when the programs of a RUN find HF_TOKEN in their environment, whatever becomes of the login. */
function isExported({ script }: RunRecord, { options }: Mount, login: Invocation | null): boolean {
  if (options.get("env") === "HF_TOKEN") return true;
  return script.invocations.some((invocation) => {
    const { program, assignments, command } = invocation;
    if (invocation === login || command.words.length === 0) return false;
    const isExport = program === "export" && command.words.some(({ value }) => value === "HF_TOKEN");
    return isExport || [...assignments, ...command.declarations].some(({ name }) => name === "HF_TOKEN");
  });
}

/** The RUN whose login took no secret: it gets one, named after the variable that the login was given. */
function withNewSecret(form: SecretForm, run: string, login: FoundLogin): string {
  const option = login.invocation === null ? null : optionValue(login.invocation.args, (name) => name === "--token");
  const id = (option === null ? undefined : variablesOf(option)[0]?.name) ?? "HF_TOKEN";
  const isNamed = id !== "HF_TOKEN" && new RegExp(`\\$\\{?${id}\\b`).test(run);
  return secretRun(form, { id, names: isNamed ? ["HF_TOKEN", id] : ["HF_TOKEN"] }, run);
}

/** The RUN that gives the token to the commands that a login was for. */
export function runWithoutLogin(record: RunRecord, login: FoundLogin, form: SecretForm): string {
  const left = withoutLogin(record, login);
  const command = left ?? "hf download <model>";
  const mount = loginMount(record, login);
  if (mount === null) return withNewSecret(form, (left === null ? "" : flagsOf(record)) + command, login);
  if (left !== null && isExported(record, mount, login.invocation)) return `RUN ${flagsOf(record)}${command}`;
  const target = mountTarget(mount);
  if (form === "file" && target !== null) {
    const flags = left === null ? flagOf(record, mount) : flagsOf(record);
    return `RUN ${flags}export HF_TOKEN="$(cat ${target})" && ${command}`;
  }
  // A command that reads the secret by itself keeps it where it is.
  const kept = isNamedIn(command, mount) ? null : mount;
  return `RUN ${asVariable(mount, secretId(mount))}${left === null ? "" : flagsOf(record, kept)}${command}`;
}
