/**
 * What one command of a script does with values that may be tokens: which files it writes, and what it prints. Knows
 * programs; the way of a value between commands is `run-flow.ts`'s business.
 */

import { configEffects } from "./config-effects.ts";
import { NO_EFFECTS, type CommandEffects, type Values } from "./effects.ts";
import { gitEffects } from "./git-effects.ts";
import { isTokenFile, normalPath, type Environment } from "./home-path.ts";
import { codeArguments } from "./inner-text.ts";
import type { Invocation } from "./invocation.ts";
import { hubClient, subcommand } from "./login.ts";
import type { MappedText } from "./mapped-text.ts";
import { oneLinerEffects } from "./one-liner.ts";
import { printedVariables } from "./printed-variables.ts";
import { pythonEffects } from "./python-write.ts";
import { operands, pathText } from "./shell-path.ts";
import { outline, wordAfter, type ShellWord } from "./shell-word.ts";
import { fromToken, merged, type Origins } from "./token-origin.ts";

/** These print their words. */
const PRINTERS = /^(?:echo|printf)$/;
/** These print what they read, more or less; a digest or a count of it is no token. */
const FILTERS =
  /^(?:cat|head|tail|tac|nl|sort|uniq|base64|base32|tr|cut|rev|xxd|od|hexdump|fold|fmt|paste|strings|iconv|dos2unix|column|expand|envsubst|tee|sponge|grep|sed|awk|gawk|mawk|jq|yq|perl|pv|gzip|zstd|xz|bzip2|openssl|xargs)$/;
/** Of these, the program text in their words is printed too. */
const EDITORS = /^(?:sed|awk|gawk|mawk|jq|yq|perl)$/;
const AWK = /^[gm]?awk$/;
const EMPTY: ShellWord = { pieces: [], value: "", start: 0, end: 0 };
const IN_PLACE = /^-(?:[a-zA-Z]*i(?:\.\w+)?|-in-?place(?:=.*)?)$/;
const COPIERS = /^(?:cp|mv|ln|install|rsync)$/;
const COPY_OPTIONS = new Set([
  "-m",
  "--mode",
  "-o",
  "--owner",
  "-g",
  "--group",
  "-S",
  "--suffix",
  "-t",
  "--target-directory",
]);
const FOLDER =
  /(?:^|\/)\.{0,2}$|^(?:~|\/(?:app|bin|etc|home|opt|root|run|srv|tmp|usr|var|workspace)(?:\/(?:bin|lib|local|tmp|share|src))?)$/;

function pathsOf(words: readonly ShellWord[], environment: Environment): string[] {
  return words.flatMap((word) => {
    const path = pathText(word);
    return path === null ? [] : [normalPath(path, environment)];
  });
}

/** Where a file of this name ends up when it is copied to `target`, which may be a folder. */
function destinations(target: string, name: string, isFolder: boolean, environment: Environment): string[] {
  const path = normalPath(target, environment);
  const inside = normalPath(`${path}/${name}`, environment);
  return isFolder || FOLDER.test(target) || FOLDER.test(path) ? [inside] : [path, inside];
}

function copied(invocation: Invocation, values: Values): CommandEffects {
  const { program, args, command } = invocation;
  const named = args.findIndex(({ value }) => value === "-t" || value === "--target-directory");
  const rest = operands(args, COPY_OPTIONS);
  const target = named === -1 ? rest.at(-1) : args[named + 1];
  const sources = named === -1 ? rest.slice(0, -1) : rest;
  // A symbolic link leads nowhere once the secret is gone.
  const isLink = program === "ln" && args.some(({ value }) => /^-[a-zA-Z]*s|^--symbolic$/.test(value ?? ""));
  if (target === undefined || isLink) return NO_EFFECTS;
  const to = pathText(target) ?? outline(target).replaceAll("\0", "${…}");
  // Whatever is put where clients look for the token is one, wherever it comes from.
  const isToken = isTokenFile(normalPath(to, values.environment), values.environment);
  const found = sources.flatMap((word) => {
    const path = pathText(word) ?? "${…}";
    // `<(…)` is a file with what the commands in it print.
    const isComputed = word.pieces[0]?.kind === "substitution";
    const known = isComputed
      ? values.ofWord(word, command.script)
      : values.ofFile(normalPath(path, values.environment));
    const origins = known.length === 0 && isToken && path !== "/dev/null" ? [fromToken("a token file", [])] : known;
    return origins.length === 0 ? [] : [{ path, origins }];
  });
  const isFolder = named !== -1 || sources.length > 1;
  return {
    output: [],
    writes: found.map(({ path, origins }) => {
      const name = path.slice(path.lastIndexOf("/") + 1);
      const paths = destinations(to, name, isFolder, values.environment);
      return { paths, form: program, origins, kind: "file", span: null };
    }),
    clears: program === "mv" ? found.map(({ path }) => normalPath(path, values.environment)) : [],
  };
}

/** All variables in a program of jq: `env` and `$ENV`, with no name behind. */
const WHOLE_ENVIRONMENT = /(?<![\w.$"])(?:env|\$ENV)\b(?!\s*[.[(|:]|"|\w)/;

/** A program in awk, perl, jq or yq may also name variables of its environment: `ENVIRON["X"]`, `$ENV{X}`, `env.X`, `strenv(X)`. */
function programText(word: ShellWord, values: Values, script: MappedText): Origins {
  const named = [
    ...(word.value ?? "").matchAll(
      /\bENVIRON\["(\w+)"\]|\$ENV\{["']?(\w+)|(?:\$ENV|\benv)\.(\w+)|\b(?:str)?env\((\w+)\)/g,
    ),
  ];
  const origins = named.map(([, ...names]) => values.ofName(names.find((name) => name !== undefined) ?? ""));
  return merged(values.ofWord(shownBySed(word), script), ...origins);
}

/** Of `s/A/B/` only what is put in: a token in its place is taken out. */
function shownBySed(word: ShellWord): ShellWord {
  const text = outline(word);
  const [, sign = ""] = /^s([/|#,@!:%])/.exec(text) ?? [];
  const parts = text.split(sign);
  return sign === "" || parts.length !== 4 ? word : wordAfter(word, 2 + (parts[1]?.length ?? 0));
}

/** Commands that leave a few characters of a line: `cut -c1-4`, `head -c 4`. */
const FEW = /^(?:cut -c ?(?:1?-)?[1-8]|(?:head|tail) (?:-c ?|--bytes=)[1-8])$/;

/** Options by which a filter names the file that it writes to instead of printing. */
const OUTPUT_OPTION: ReadonlyMap<string, RegExp> = new Map([
  ["sort", /^(?:-o|--output)(?:=|$)/],
  ["iconv", /^(?:-o|--output)(?:=|$)/],
  ["openssl", /^-out$/],
]);

/** The file that a filter writes to by an option; null for one that prints. */
function outputFile({ program, args }: Invocation, { environment }: Values): string | null {
  const option = OUTPUT_OPTION.get(program);
  const at = option === undefined ? -1 : args.findIndex((word) => option.test(outline(word)));
  const text = outline(args[at] ?? EMPTY);
  const path = text.includes("=") ? text.slice(text.indexOf("=") + 1) : pathText(args[at + 1] ?? EMPTY);
  return at === -1 ? null : normalPath(path ?? "${…}", environment);
}

/** The file of `awk '{ print > "file" }'`. */
function printedInto(args: readonly ShellWord[], environment: Environment): string | null {
  const path = args.map(({ value }) => /\bprintf?\b[^;}\n>]*>>?\s*"([^"]+)"/.exec(value ?? "")?.[1]).find(Boolean);
  return path === undefined ? null : normalPath(path, environment);
}

function filtered(invocation: Invocation, values: Values): CommandEffects {
  const { program, args, command } = invocation;
  const { environment } = values;
  const words = operands(args);
  const isEditor = EDITORS.test(program);
  const texts = isEditor ? merged(...args.map((word) => programText(word, values, command.script))) : [];
  if (program === "grep" && args.some(({ value }) => /^-[a-zA-Z]*[qcl]/.test(value ?? ""))) return NO_EFFECTS;
  if (isEditor && args.some(({ value }) => IN_PLACE.test(value ?? ""))) {
    const last = words.at(-1);
    const paths = last === undefined ? [] : pathsOf([last], environment);
    if (texts.length === 0) return { ...NO_EFFECTS, clears: program === "sed" ? paths : [] };
    return { ...NO_EFFECTS, writes: [{ paths, form: program, origins: texts, kind: "file", span: null }] };
  }
  if (program === "envsubst") {
    const named = args.flatMap(({ value }) => [...(value ?? "").matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name));
    const text = command.input?.word.value ?? values.template ?? "";
    const inText = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name));
    // Names in its words are all that it puts in.
    const shown = named.length === 0 ? [...inText] : named.filter((name) => text === "" || inText.has(name));
    return { ...NO_EFFECTS, output: merged(values.ofInput(), ...shown.map(values.ofName)) };
  }
  if (program === "tee" || program === "sponge") {
    const origins = values.ofInput();
    const writes = words.map((word) => ({
      paths: pathsOf([word], environment),
      form: program,
      origins,
      kind: "file" as const,
      span: null,
    }));
    return { output: program === "tee" ? origins : [], writes: origins.length === 0 ? [] : writes, clears: [] };
  }
  if (FEW.test([program, ...args.map(({ value }) => value)].join(" "))) return NO_EFFECTS;
  const inFiles = pathsOf(words, environment).map((path) => values.ofFile(path));
  // `<(…)` is a file with what the commands in it print.
  const computed = words.filter(({ pieces }) => pieces.some(({ kind }) => kind === "substitution"));
  const inWords = computed.map((word) => values.ofWord(word, command.script));
  const isDump = program === "jq" && args.some(({ value }) => WHOLE_ENVIRONMENT.test(value ?? ""));
  const all = isDump ? values.exported().map((each) => each.origins) : [];
  const output = merged(texts, values.ofInput(), ...inFiles, ...inWords, ...all);
  const named = outputFile(invocation, values) ?? (AWK.test(program) ? printedInto(args, environment) : null);
  if (named === null) return { ...NO_EFFECTS, output };
  return { ...NO_EFFECTS, writes: [{ paths: [named], form: program, origins: output, kind: "file", span: null }] };
}

/** `tar cf A B…` and `zip A B…`. */
function packed({ program, args }: Invocation, values: Values): CommandEffects {
  const words = operands(args);
  const isTar = program === "tar";
  const [first] = args;
  const dashes = isTar && (first?.value ?? "").startsWith("-");
  if (isTar && !/^-?[a-zA-Z]*c/.test(first?.value ?? "")) return NO_EFFECTS;
  const [target, ...sources] = isTar && !dashes ? words.slice(1) : words;
  const origins = merged(...pathsOf(sources, values.environment).map((path) => values.ofFile(path)));
  const paths = target === undefined ? [] : pathsOf([target], values.environment);
  return { ...NO_EFFECTS, writes: [{ paths, form: program, origins, kind: "file", span: null }] };
}

/** `dd if=A of=B`. */
function dumped({ args }: Invocation, values: Values): CommandEffects {
  const operand = (name: string): string | null => {
    const word = args.find((item) => outline(item).startsWith(`${name}=`));
    return word === undefined ? null : normalPath((pathText(word) ?? "").slice(name.length + 1), values.environment);
  };
  const from = operand("if");
  const to = operand("of");
  const origins = from === null ? values.ofInput() : values.ofFile(from);
  if (to === null) return { ...NO_EFFECTS, output: origins };
  return { ...NO_EFFECTS, writes: [{ paths: [to], form: "dd", origins, kind: "file", span: null }] };
}

/** For code that stands in a command: `$1` is what stands behind the code. */
function withArguments({ program, args, command }: Invocation, values: Values): Values {
  const own = codeArguments(program, args);
  if (own.length === 0) return values;
  const ofName = (name: string): Origins => {
    const word = /^\d$/.test(name) ? own[Number(name) - 1] : undefined;
    return word === undefined ? values.ofName(name) : values.ofWord(word, command.script);
  };
  return { ...values, ofName };
}

/** What a command does with the values that it gets; a command that is not known does nothing with them. */
export function commandEffects(invocation: Invocation, values: Values): CommandEffects {
  const { program, args, command, code } = invocation;
  const client = hubClient(invocation);
  if (client !== null) {
    const printsToken = /^auth token\b/.test(subcommand(client.args));
    const step = { span: { start: invocation.start, end: invocation.end }, text: "the client prints the token here" };
    return printsToken ? { ...NO_EFFECTS, output: [fromToken("the stored token", [step])] } : NO_EFFECTS;
  }
  if (code !== null) return pythonEffects(code, withArguments(invocation, values));
  if (PRINTERS.test(program)) {
    const isFed = command.words.some(({ value }) => value === "xargs");
    const words = merged(...args.map((word) => values.ofWord(word, command.script)));
    return { ...NO_EFFECTS, output: isFed ? merged(words, values.ofInput()) : words };
  }
  if (program === "git") return gitEffects(invocation, values);
  const printed = printedVariables(invocation, values);
  if (printed !== null) return { ...NO_EFFECTS, output: merged(...printed.map(({ origins }) => origins)) };
  if (COPIERS.test(program)) return copied(invocation, values);
  if (FILTERS.test(program)) return filtered(invocation, values);
  if (program === "tar" || program === "zip") return packed(invocation, values);
  if (program === "dd") return dumped(invocation, values);
  if (program === "printenv") {
    return { ...NO_EFFECTS, output: merged(...args.flatMap((word) => values.textsOf(word).map(values.ofName))) };
  }
  return oneLinerEffects(invocation, values) ?? configEffects(invocation, values);
}
