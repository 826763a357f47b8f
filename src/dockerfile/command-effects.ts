/**
 * What one command of a script does with values that may be tokens: which files it writes, and what it prints. Knows
 * programs; the way of a value between commands is `run-flow.ts`'s business.
 */

import { NO_EFFECTS, type CommandEffects, type Values, type Written } from "./effects.ts";
import { gitEffects, hasUser } from "./git-effects.ts";
import { isTokenFile, normalPath, type Environment } from "./home-path.ts";
import { codeArguments } from "./inner-text.ts";
import type { Invocation } from "./invocation.ts";
import { hubClient, subcommand } from "./login.ts";
import { toSourceSpan, type MappedText } from "./mapped-text.ts";
import { printedVariables } from "./printed-variables.ts";
import { pythonEffects } from "./python-write.ts";
import { operands, pathText } from "./shell-path.ts";
import { outline, type ShellWord } from "./shell-word.ts";
import { fromToken, merged, type Origins } from "./token-origin.ts";

/** These print their words. */
const PRINTERS = /^(?:echo|printf)$/;
/** These print what they read, more or less; a digest or a count of it is no token. */
const FILTERS =
  /^(?:cat|head|tail|tac|nl|sort|uniq|base64|base32|tr|cut|rev|xxd|od|hexdump|fold|fmt|paste|strings|iconv|dos2unix|column|expand|envsubst|tee|sponge|grep|sed|awk|gawk|mawk|jq|yq|perl|pv|gzip|openssl|xargs)$/;
/** Of these, the program text in their words is printed too. */
const EDITORS = /^(?:sed|awk|gawk|mawk|jq|yq|perl)$/;
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
  const { program, args } = invocation;
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
    const known = values.ofFile(normalPath(path, values.environment));
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

/** A program in awk, perl, jq or yq may also name variables of its environment: `ENVIRON["X"]`, `$ENV{X}`, `env.X`, `strenv(X)`. */
function programText(word: ShellWord, values: Values, script: MappedText): Origins {
  const named = [
    ...(word.value ?? "").matchAll(
      /\bENVIRON\["(\w+)"\]|\$ENV\{["']?(\w+)|(?:\$ENV|\benv)\.(\w+)|\b(?:str)?env\((\w+)\)/g,
    ),
  ];
  const origins = named.map(([, ...names]) => values.ofName(names.find((name) => name !== undefined) ?? ""));
  return merged(values.ofWord(word, script), ...origins);
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
    const inText = [...(command.input?.word.value ?? "").matchAll(/\$\{?(\w+)/g)].map(([, name = ""]) => name);
    return { ...NO_EFFECTS, output: merged(values.ofInput(), ...[...named, ...inText].map(values.ofName)) };
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
  const inFiles = pathsOf(words, environment).map((path) => values.ofFile(path));
  // `<(…)` is a file with what the commands in it print.
  const computed = words.filter(({ pieces }) => pieces.some(({ kind }) => kind === "substitution"));
  const inWords = computed.map((word) => values.ofWord(word, command.script));
  return { ...NO_EFFECTS, output: merged(texts, values.ofInput(), ...inFiles, ...inWords) };
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

interface ConfigWriter {
  readonly words: RegExp;
  readonly path: string;
}

/** Commands that keep what they are given in a file of their own. */
const CONFIG_WRITERS: ReadonlyMap<string, ConfigWriter> = new Map([
  ["pip", { words: /^config .*\bset\b/, path: "~/.config/pip/pip.conf" }],
  ["pip3", { words: /^config .*\bset\b/, path: "~/.config/pip/pip.conf" }],
  ["npm", { words: /^(?:config )?set\b/, path: "~/.npmrc" }],
  ["pnpm", { words: /^config set\b/, path: "~/.npmrc" }],
  ["yarn", { words: /^config set\b/, path: "~/.yarnrc" }],
  ["conda", { words: /^config\b/, path: "~/.condarc" }],
  ["poetry", { words: /^config (?:http-basic|pypi-token|repositories)/, path: "~/.config/pypoetry/auth.toml" }],
  // Of comfy-cli: `--set-hf-api-token` stays in its config (comfy_cli/config_manager.py).
  ["comfy", { words: /\bmodel download\b/, path: "~/.config/comfy-cli/config.ini" }],
  ["dotenv", { words: /\bset\b/, path: ".env" }],
  ["rclone", { words: /^config (?:create|update|password)\b/, path: "~/.config/rclone/rclone.conf" }],
  ["docker", { words: /^login\b/, path: "~/.docker/config.json" }],
]);

/** `pip install -e git+https://…` keeps its clone; without `-e`, pip takes the user part out of what it records (PEP 610). */
function editable({ program, args, command }: Invocation, values: Values): Written[] {
  return args.flatMap((word, i): Written[] => {
    const text = outline(word);
    if (!/^(?:-e|--editable)$/.test(args[i - 1]?.value ?? "") || !text.startsWith("git+") || !hasUser(word)) return [];
    const name = /#egg=([\w.-]+)/.exec(text)?.[1] ?? /([^/]*?)(?:\.git)?(?:@[^/]*)?(?:#.*)?$/.exec(text)?.[1] ?? "${…}";
    const span = toSourceSpan(command.script, word.start, word.end);
    const paths = [normalPath(`src/${name.replaceAll("\0", "${…}")}/.git/config`, values.environment)];
    return [{ paths, form: `${program} install -e`, origins: values.ofWord(word, command.script), kind: "url", span }];
  });
}

function configured(invocation: Invocation, values: Values): CommandEffects {
  const { program, args, command } = invocation;
  if (/^(?:pip3?|uv)$/.test(program) && args.some(({ value }) => value === "install")) {
    return { ...NO_EFFECTS, writes: editable(invocation, values).filter(({ origins }) => origins.length > 0) };
  }
  const known = CONFIG_WRITERS.get(program);
  if (known === undefined || !known.words.test(args.map(({ value }) => value ?? "").join(" "))) return NO_EFFECTS;
  const given = args.map((word) => {
    const isStdin = word.value === "--password-stdin";
    return { word, origins: isStdin ? values.ofInput() : values.ofWord(word, command.script) };
  });
  const writes = given
    .filter(({ origins }) => origins.length > 0)
    .map(({ word, origins }): Written => {
      const kind = hasUser(word) ? "url" : "file";
      const path = normalPath(known.path, values.environment);
      return { paths: [path], form: `${program} ${args[0]?.value ?? ""}`, origins, kind, span: null };
    });
  return { ...NO_EFFECTS, writes };
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
  return configured(invocation, values);
}
