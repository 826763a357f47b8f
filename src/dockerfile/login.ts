/**
 * Finds logins to Hugging Face among the programs that a script starts, in every form that stores the token, and says
 * which files each leaves behind once the script has ended. Does not ask where the token comes from.
 */

import { findDeletes } from "./find-deletes.ts";
import { covers, deletes, normalPath, tokenFiles, type Environment } from "./home-path.ts";
import { isPython, type Invocation } from "./invocation.ts";
import { toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";
import { hubCalls, startedPrograms } from "./python-code.ts";
import { mountTarget, type Mount, type RunScript } from "./run-script.ts";
import { pathText } from "./shell-path.ts";
import type { ShellWord } from "./shell-word.ts";
import { isSurelyAfter } from "./surely-after.ts";

/** A login before anyone asked about its stage. */
export interface FoundLogin {
  /** As a person says it: `huggingface-cli login`, `huggingface_hub.login()`. */
  readonly form: string;
  /** Source offsets of the command or the call. */
  readonly span: Span;
  readonly invocation: Invocation | null;
  /** False for a prompt that nothing answers. */
  readonly hasToken: boolean;
  /** The files it writes, as normal paths. */
  readonly files: readonly string[];
}

/** Tells what a program of a script finds in its environment; null for the script itself. */
type EnvironmentOf = (invocation: Invocation | null) => Environment;

const CLIENTS = /^(?:huggingface-cli|hf|hfrs)$/;
const CLIENT_MODULE = /^huggingface_hub(?:\.commands\.huggingface_cli|\.cli(?:\.hf)?)?$/;
const GIT_CREDENTIALS = "~/.git-credentials";
const PYTHON_LOGINS = ["login", "interpreter_login", "notebook_login", "HfFolder.save_token", "HfFolder().save_token"];

/** The client and its arguments, also for `python -m huggingface_hub.…`; null for any other program. */
export function hubClient(
  invocation: Invocation,
): { readonly name: string; readonly args: readonly ShellWord[] } | null {
  if (CLIENTS.test(invocation.program)) return { name: invocation.program, args: invocation.args };
  const isModule = /^(?:-m|--module)$/.test(invocation.program);
  if (!isModule && !isPython(invocation.program)) return null;
  const at = isModule ? 0 : invocation.args.findIndex((word) => word.value === "-m") + 1;
  const module = at === 0 && !isModule ? null : (invocation.args[at]?.value ?? null);
  if (module === null || !CLIENT_MODULE.test(module)) return null;
  return { name: `python -m ${module}`, args: invocation.args.slice(at + 1) };
}

/** The subcommand: the words before the first option, such as `auth login`. */
export function subcommand(args: readonly ShellWord[]): string {
  const words: string[] = [];
  for (const word of args) {
    if (word.value === null) break;
    if (!word.value.startsWith("-")) words.push(word.value);
    else if (words.length > 0) break;
  }
  return words.join(" ");
}

/** True for a client's login in either spelling, with nothing behind it but options. */
export function isLogin(invocation: Invocation): boolean {
  const client = hubClient(invocation);
  return client !== null && /^(?:auth )?login$/.test(subcommand(client.args));
}

/** The value of an option in its two spellings, as a word; null when none is given whose name, with its `-`, is asked for. */
export function optionValue(args: readonly ShellWord[], isNamed: (name: string) => boolean): ShellWord | null {
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    const first = word?.pieces[0];
    if (word === undefined || first?.kind !== "text" || !(word.value ?? first.text).startsWith("-")) continue;
    const [name = "", value] = first.text.split("=", 2);
    if (!isNamed(name)) continue;
    if (value !== undefined) return word;
    if (word.value === name) return args[i + 1] ?? null;
  }
  return null;
}

function hasInput({ command, feeder }: Invocation): boolean {
  return feeder !== null || command.input !== null || command.redirects.some(({ operator }) => operator === "<");
}

function clientLogin(invocation: Invocation, environmentOf: EnvironmentOf): FoundLogin | null {
  const client = hubClient(invocation);
  if (client === null) return null;
  const what = /^(?:login|auth login|auth switch)(?= |$)/.exec(subcommand(client.args))?.[0];
  if (what === undefined || client.args.some((word) => word.value === "--help" || word.value === "-h")) return null;
  const token = optionValue(client.args, (name) => name === "--token");
  const hasToken = what === "auth switch" || (token !== null && token.value !== "") || hasInput(invocation);
  const files = [...tokenFiles(environmentOf(invocation))];
  if (client.args.some((word) => word.value === "--add-to-git-credential")) files.push(GIT_CREDENTIALS);
  return { form: `${client.name} ${what}`, span: invocation, invocation, hasToken, files };
}

/** True unless the call is given nothing that could be a token: `login()`, `login(add_to_git_credential=True)`. */
function passesToken(args: string): boolean {
  return args
    .split(",")
    .map((argument) => argument.trim())
    .some(
      (argument) => /^token\s*=(?!\s*None\b)/.test(argument) || (argument !== "" && !/^\w+\s*=[^=]/.test(argument)),
    );
}

function pythonLogins(code: MappedText, invocation: Invocation, environmentOf: EnvironmentOf): FoundLogin[] {
  const lastLogout = hubCalls(code.text, ["logout"]).at(-1)?.start ?? -1;
  return hubCalls(code.text, PYTHON_LOGINS).map((call) => {
    const [token, stored] = tokenFiles(environmentOf(invocation));
    const isSave = call.name.endsWith("save_token");
    const files = isSave ? [token] : [token, stored];
    if (/add_to_git_credential\s*=\s*True/.test(call.args)) files.push(GIT_CREDENTIALS);
    return {
      form: isSave ? "HfFolder.save_token()" : `huggingface_hub.${call.name}()`,
      span: toSourceSpan(code, call.start, call.end),
      invocation,
      hasToken: passesToken(call.args),
      files: call.start < lastLogout ? [] : files,
    };
  });
}

/** Clients that Python code starts for a login. */
function pythonClients(code: MappedText, invocation: Invocation, environmentOf: EnvironmentOf): FoundLogin[] {
  return startedPrograms(code.text).flatMap(({ args, start, end }): FoundLogin[] => {
    const [, client, login] = /^(?:[\w./-]*\/)?(huggingface-cli|hf) ((?:auth )?login)\b/.exec(args) ?? [];
    if (client === undefined || login === undefined || / (?:-h|--help)\b/.test(args)) return [];
    const hasToken = /--token|\binput=/.test(args);
    const files = [...tokenFiles(environmentOf(invocation))];
    if (args.includes("--add-to-git-credential")) files.push(GIT_CREDENTIALS);
    return [{ form: `${client} ${login}`, span: toSourceSpan(code, start, end), invocation, hasToken, files }];
  });
}

/** Logins in text of a language that is not read: the spellings of the command line alone. */
function foreignLogins(text: MappedText, environment: Environment): FoundLogin[] {
  const form = /(?<![\w./"'-])(huggingface-cli(?:\.exe)?|hf(?:\.exe)?\s+auth)\s+(login)\b[^\n;|&]*/g;
  return [...text.text.matchAll(form)].map((match) => ({
    form: `${match[1] ?? ""} ${match[2] ?? ""}`.replaceAll(/\s+/g, " "),
    span: toSourceSpan(text, match.index, match.index + match[0].trimEnd().length),
    invocation: null,
    hasToken: /--token/.test(match[0]),
    files: [...tokenFiles(environment)],
  }));
}

/** Every login that a script runs; `environmentOf` tells what a program of it finds in its environment. */
export function findLogins(script: RunScript, environmentOf: EnvironmentOf): FoundLogin[] {
  const found: FoundLogin[] = [];
  for (const invocation of script.invocations) {
    const client = clientLogin(invocation, environmentOf);
    if (client !== null) found.push(client);
    const { code } = invocation;
    if (code === null) continue;
    found.push(...pythonLogins(code.text, invocation, environmentOf));
    found.push(...pythonClients(code.text, invocation, environmentOf));
  }
  if (script.foreign !== null) found.push(...foreignLogins(script.foreign, environmentOf(null)));
  return found;
}

/** True for a program that can delete a file at all; a quick look before the paths are compared. */
export function mayRemove({ program, args, code, command, feeder }: Invocation): boolean {
  if (/^(?:rm|unlink|shred|find|true|:)?$/.test(program)) {
    return args.length > 0 || command.redirects.length > 0 || feeder !== null;
  }
  return (code?.text.text.includes("logout") ?? false) || args.some((word) => word.value === "logout");
}

/** Debian's and Alpine's `sh` know no `{a,b}`. */
const WITHOUT_BRACES = /^(?:|sh|dash|ash)$/;

/** True when the invocation deletes or empties `file`. */
export function removes(invocation: Invocation, file: string, environment: Environment): boolean {
  const client = hubClient(invocation);
  const isClients = /(?:^|\/)(?:token|stored_tokens|\.git-credentials)$/.test(file);
  if (client !== null) return isClients && /^(?:auth )?logout$/.test(subcommand(client.args));
  if (isClients && invocation.code !== null && hubCalls(invocation.code.text.text, ["logout"]).length > 0) return true;
  const { program, args, command, feeder } = invocation;
  const isPlain = WITHOUT_BRACES.test(invocation.shell);
  const paths = args.flatMap((word) => {
    const path = pathText(word);
    return path === null || (isPlain && /\{[^{}]*,/.test(path)) ? [] : [path];
  });
  const options = paths.filter((path) => path.startsWith("-"));
  if (program === "rm" || program === "unlink" || (program === "shred" && options.some((option) => /u/.test(option)))) {
    const isRecursive = program === "rm" && options.some((option) => /^-\w*[rR]|^--recursive$/.test(option));
    if (feeder?.program === "find") return findDeletes(feeder.args, file, environment, { isRecursive });
    return paths.some((path) => !path.startsWith("-") && deletes(path, file, isRecursive, environment));
  }
  if (program === "find") return findDeletes(args, file, environment);
  if (program !== "" && program !== ":" && program !== "true") return false;
  return (
    command.words.length <= 1 &&
    command.redirects.some(({ operator, target }) => {
      return /^>\|?$/.test(operator) && deletes(pathText(target) ?? "", file, false, environment);
    })
  );
}

const EPHEMERAL_MOUNTS = new Set(["cache", "tmpfs", "bind", "secret"]);

/** True when `file` never reaches the layer: it lies on a mount, or on a file system of the kernel's. */
export function isEphemeral(file: string, mounts: readonly Mount[], environment: Environment): boolean {
  if (/^\/(?:dev|proc|sys)\//.test(normalPath(file, environment))) return true;
  return mounts.some((mount) => {
    const target = EPHEMERAL_MOUNTS.has(mount.type) ? mountTarget(mount) : null;
    return target !== null && covers(target, file, environment);
  });
}

/** Nobody writes this many logins and clean-ups into one RUN; what is not compared counts as left. */
const MAX_COMPARISONS = 1_000_000;

/** Each login of a script, with its files that are still there when the script has ended. */
export function leftFiles(
  logins: readonly FoundLogin[],
  script: RunScript,
  environmentOf: EnvironmentOf,
): { readonly login: FoundLogin; readonly leaves: string[] }[] {
  if (logins.length === 0) return [];
  const position = new Map(script.invocations.map((invocation, i) => [invocation, i]));
  const allRemoving = script.invocations.filter(mayRemove);
  const removing = logins.length * allRemoving.length > MAX_COMPARISONS ? [] : allRemoving;
  return logins.map((login) => {
    const { invocation } = login;
    const at = invocation === null ? -1 : (position.get(invocation) ?? -1);
    const after = removing.filter(
      (other) => other.isDeferred || ((position.get(other) ?? -1) > at && isSurelyAfter(other, invocation)),
    );
    const own = environmentOf(invocation);
    const leaves = login.files.filter(
      (file) =>
        !isEphemeral(file, script.mounts, own) &&
        !after.some((other) => removes(other, file, environmentFor(other, own, environmentOf))),
    );
    return { login, leaves };
  });
}

/** What a clean-up finds: the home that the login had, and its own folder. */
function environmentFor(other: Invocation, login: Environment, environmentOf: EnvironmentOf): Environment {
  const own = environmentOf(other);
  return (name) => (name === "PWD" ? own(name) : login(name));
}
