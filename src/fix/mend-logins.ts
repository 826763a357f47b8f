/**
 * Takes logins out of RUNs and gives the token to the commands that needed the login, in the same RUN and in later ones.
 * Only a login by the command line, in a plain list of commands, whose token is a variable or a file. Pure.
 */

import type { Invocation } from "../dockerfile/invocation.ts";
import { hubClient, isLogin, optionValue } from "../dockerfile/login.ts";
import { toSource, toSourceSpan } from "../dockerfile/mapped-text.ts";
import { mountTarget } from "../dockerfile/run-script.ts";
import type { RunRecord } from "../dockerfile/run-record.ts";
import { wordAfter, type ShellWord } from "../dockerfile/shell-word.ts";
import { lineageOf } from "../dockerfile/stages.ts";
import type { Finding } from "../model/finding.ts";
import {
  findingsAt,
  holdsComment,
  wholeText,
  type DockerfileReading,
  type PlacedInstruction,
} from "./dockerfile-reading.ts";
import { deletedLines, deletion, insertion, type Edit } from "./edit.ts";
import { granted, type Grant } from "./secret-mount.ts";
import { isHarmless, isReader, readingOf } from "./token-reader.ts";

/** Where a login's token comes from. */
interface LoginToken {
  /** As it is written, for `HF_TOKEN=…` before a command. */
  readonly written: string;
  /** The variable that it is; null for a file. */
  readonly variable: string | null;
  /** The id of the secret whose file it is; null for anything else. */
  readonly secret: string | null;
}

/** Names that the hub's own library reads. */
const READ_BY_CLIENTS = new Set(["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]);
/** Anything that looks for what the login leaves, and releases of the library that do not read HF_TOKEN. */
const NEEDS_FILES =
  /huggingface\/(?:stored_)?token|\.huggingface\b|git-credential|huggingface[_-]hub(?:\[[^\]]*\])?[=~<]=?\s*0\.1?\d(?:\.|\b)|\blogout\b|auth (?:list|switch)/;
/** These hand no variables on. */
const DROPS_VARIABLES = /^(?:sudo|doas|su|runuser)$/;
const BEFORE = /(?:^|&&|;)\s*$/;
const AFTER = /^\s*(?:\|\|\s*(?:true|:)\s*)?(?:&&|;|$)\s*/;

function tokenOf(login: Invocation, run: RunRecord, text: string): LoginToken | null {
  const client = hubClient(login);
  const option = client === null ? null : optionValue(client.args, (name) => name === "--token");
  if (option === null) return null;
  const word: ShellWord = option.pieces[0]?.kind === "text" ? wordAfter(option, "--token=".length) : option;
  const [piece, ...others] = word.pieces;
  if (piece === undefined || others.length > 0 || piece.kind === "text") return null;
  const { script } = login.command;
  const span = toSourceSpan(script, piece.start, piece.end);
  const inner = text.slice(span.start, span.end);
  if (inner.includes("\n")) return null;
  const written = `"${inner}"`;
  if (piece.kind === "variable") {
    return piece.operator === "" && /^\w+$/.test(piece.name) ? { written, variable: piece.name, secret: null } : null;
  }
  const path = /^\$\(\s*cat\s+(\/[\w./-]+)\s*\)$/.exec(inner)?.[1];
  const mount = run.script.mounts.find((item) => item.type === "secret" && mountTarget(item) === path);
  const id = mount?.options.get("id");
  return path === undefined || id === undefined ? null : { written, variable: null, secret: id };
}

/** The edit that takes the command out of its list; null when it is no plain member of one. */
function withoutCommand(reading: DockerfileReading, run: RunRecord, login: Invocation): Edit | null {
  const { command } = login;
  const { line } = run.instruction;
  const script = command.script.text;
  const before = script.slice(0, command.start);
  const behind = AFTER.exec(script.slice(command.end));
  if (!BEFORE.test(before) || behind === null) return null;
  const next = command.end + behind[0].length;
  const isLast = next >= script.trimEnd().length;
  const head = before.replace(/\s*(?:&&|;)\s*$/, "");
  if (isLast && head.trim() === "") {
    return holdsComment(reading, line.start, line.end) ? null : deletedLines(reading.text, line.start, line.end - 1);
  }
  const start = toSource(command.script, isLast ? head.length : command.start);
  const end = isLast ? toSourceSpan(command.script, 0, script.trimEnd().length).end : toSource(command.script, next);
  return holdsComment(reading, start, end) ? null : deletion(start, end);
}

/** True when the program finds the variable in its environment without our doing. */
function isExported({ visible, run }: PlacedInstruction, name: string): boolean {
  const isMounted = run?.script.mounts.some(({ type, options }) => type === "secret" && options.get("env") === name);
  const isSet = run?.script.invocations.some(({ command }) => command.assignments.some((item) => item.name === name));
  return isMounted === true || (visible.has(name) && isSet !== true);
}

/** `HF_TOKEN=…` before each command of the same RUN that needed the login; null when one of them cannot have it. */
function prefixed(placed: PlacedInstruction, run: RunRecord, login: Invocation, token: LoginToken): Edit[] | null {
  const { variable, written } = token;
  const isThere = variable !== null && READ_BY_CLIENTS.has(variable) && isExported(placed, variable);
  const { script } = login.command;
  const later = run.script.invocations.slice(run.script.invocations.indexOf(login) + 1);
  const edits: Edit[] = [];
  for (const invocation of later) {
    const { command, assignments } = invocation;
    if (command.script !== script || isHarmless(invocation) || command.start < login.command.end) continue;
    if (command.within !== -1 || DROPS_VARIABLES.test(command.words[0]?.value ?? "sudo")) return null;
    const client = hubClient(invocation);
    const hasOwn = client !== null && optionValue(client.args, (name) => name === "--token") !== null;
    const isSet = assignments.some(({ name }) => READ_BY_CLIENTS.has(name));
    if (!isThere && !hasOwn && !isSet) edits.push(insertion(toSource(script, command.start), `HF_TOKEN=${written} `));
  }
  return edits;
}

/** True for a RUN that starts one program, and gives it the secret's file. */
function readsByItself({ script, instruction }: RunRecord, id: string | null): boolean {
  const mount = script.mounts.find(({ type, options }) => type === "secret" && options.get("id") === id);
  const target = mount === undefined ? null : mountTarget(mount);
  const programs = script.invocations.filter((item) => !isHarmless(item));
  return target !== null && programs.length === 1 && wholeText(instruction).includes(target);
}

/** What later RUNs need that found the token where the login left it; null when they cannot have it. */
function grantsFor(later: readonly PlacedInstruction[], token: LoginToken): Grant[] | null {
  const grants: Grant[] = [];
  for (const placed of later) {
    const { run, visible } = placed;
    const others = run?.script.invocations.some((item) => !isHarmless(item) && !isLogin(item)) === true;
    if (run === null || (!others && run.script.foreign === null)) continue;
    const isThere = [...READ_BY_CLIENTS].some((name) => visible.has(name) || readingOf(run, name) === "no");
    if (isThere || readsByItself(run, token.secret)) continue;
    if (token.secret === null || placed.instruction.isTrigger) return null;
    grants.push({ run, id: token.secret, name: "HF_TOKEN" });
  }
  return grants;
}

/** A login that can go: what changes in its RUN, and what later RUNs need in its place. */
interface RemovedLogin {
  readonly run: RunRecord;
  readonly edits: readonly Edit[];
  readonly grants: readonly Grant[];
}

/** What becomes of the login of one RUN; null when it has to stay. */
function mendLogin(reading: DockerfileReading, placed: PlacedInstruction): RemovedLogin | null {
  const { run, stage, instruction } = placed;
  const [only, ...others] = run?.logins ?? [];
  const login = only?.login.invocation ?? null;
  if (run === null || stage === null || login === null || others.length > 0 || instruction.isTrigger) return null;
  if (instruction.json !== null || instruction.line.heredocs.length > 0 || run.script.foreign !== null) return null;
  const { command } = login;
  // A login within `bash -c "…"` stands in another script than the RUN's own, which is that of its first command.
  const isOwn = command.within === -1 && command.script === run.script.invocations[0]?.command.script;
  const isPlain = isLogin(login) && isOwn && !command.isConditional;
  if (
    !isPlain ||
    login.feeder !== null ||
    command.input !== null ||
    login.args.some(({ value }) => value === "--add-to-git-credential")
  )
    return null;
  const token = tokenOf(login, run, reading.text);
  const removed = token === null ? null : withoutCommand(reading, run, login);
  if (token === null || removed === null) return null;
  const prefixes = prefixed(placed, run, login, token);
  const at = reading.placed.indexOf(placed);
  const later = reading.placed.filter(
    (other, i) =>
      i > at &&
      other.run !== null &&
      other.stage !== null &&
      lineageOf(reading.stages, other.stage.index).includes(stage.index),
  );
  const after = run.script.invocations.slice(run.script.invocations.indexOf(login) + 1);
  const isNeeded = [...after, ...later.flatMap((other) => other.run?.script.invocations ?? [])].some(isReader);
  // A login that no RUN is known to need is there for the container, and what that needs is not known here.
  if (!isNeeded) return null;
  const grants = grantsFor(later, token);
  if (prefixes === null || grants === null || granted(reading, grants) === null) return null;
  return { run, edits: [removed, ...prefixes], grants };
}

/**
 * The edits for the logins of a Dockerfile that can be taken out. One that changes a RUN which another one has changed
 * waits: mend what comes of it again.
 */
export function mendLogins(reading: DockerfileReading, findings: readonly Finding[]): readonly Edit[] {
  if (reading.placed.some(({ instruction }) => NEEDS_FILES.test(wholeText(instruction)))) return [];
  const found = findingsAt(reading, findings, ["login-in-build"]);
  const touched = new Set<RunRecord>();
  const mended: RemovedLogin[] = [];
  for (const placed of reading.placed) {
    const [only] = placed.run?.logins ?? [];
    if (only === undefined || found.get(only.login.span.start) !== "open") continue;
    const removed = mendLogin(reading, placed);
    const runs = removed === null ? [] : [removed.run, ...removed.grants.map(({ run }) => run)];
    if (removed === null || runs.some((run) => touched.has(run))) continue;
    for (const run of runs) touched.add(run);
    mended.push(removed);
  }
  const given = granted(
    reading,
    mended.flatMap(({ grants }) => grants),
  );
  return given === null ? [] : [...given, ...mended.flatMap(({ edits }) => edits)];
}
