/**
 * Which addresses and settings git keeps, with a token in them. Measured with git 2.39: `clone`, `remote add`,
 * `remote set-url`, `submodule add`, `push -u` and `config` write the address with its user part to the config of the
 * repository; `fetch`, `pull`, `push` and `ls-remote` leave nothing. With the helper `store`, whatever asks a server leaves
 * the address in ~/.git-credentials as well.
 */

import { NO_EFFECTS, type CommandEffects, type Values, type Written } from "./effects.ts";
import { normalPath } from "./home-path.ts";
import type { Invocation } from "./invocation.ts";
import { toSourceSpan } from "./mapped-text.ts";
import { operands, pathText } from "./shell-path.ts";
import { outline, type ShellWord } from "./shell-word.ts";

/** An address with something that is not known in its user part. */
const WITH_USER = /:\/\/[^/]*\0[^/]*@/;
const GLOBAL_OPTIONS = new Set(["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path"]);
const CLONE_OPTIONS = new Set(
  "-b --branch -o --origin -c --config --depth --reference --separate-git-dir -j --jobs -u --upload-pack --template --shallow-since --shallow-exclude --filter --server-option".split(
    " ",
  ),
);
const CONFIG_OPTIONS = new Set(["-f", "--file", "--type", "--default", "--blob"]);

/** The subcommand with its words, and the folder that `-C` names. */
interface GitCommand {
  readonly name: string;
  readonly words: readonly ShellWord[];
  readonly folder: string;
}

function gitCommand(args: readonly ShellWord[]): GitCommand {
  let folder = ".";
  let at = 0;
  for (; at < args.length; at++) {
    const value = args[at]?.value ?? null;
    if (value === null || !value.startsWith("-")) break;
    if (!GLOBAL_OPTIONS.has(value)) continue;
    at++;
    const next = args[at];
    if (value === "-C" && next !== undefined) folder = pathText(next) ?? folder;
  }
  return { name: args[at]?.value ?? "", words: args.slice(at + 1), folder };
}

/** No address is longer than this up to its user part. */
const MAX_ADDRESS = 2048;

/** True for an address with something that is not known in its user part. */
export function hasUser(word: ShellWord): boolean {
  return WITH_USER.test(outline(word).slice(0, MAX_ADDRESS));
}

/** The name of the folder that a clone makes. */
function cloneName(url: string): string {
  const path = url.replace(/[/]+$/, "").replace(/(?:\/\.git|\.git)$/, "");
  return path.slice(path.lastIndexOf("/") + 1).replaceAll("\0", "${…}");
}

/** Subcommands that ask the server of an address. */
const ASKS_SERVER = /^(?:clone|fetch|pull|push|ls-remote|submodule)$/;
const SETS_STORE = /\bcredential\.helper[=\s]+["']?store\b/;
/** Behind this nobody sets it. */
const MAX_SETTING = 65_536;

/** True when the script has told git, before this command or in it, to write down what it asks with. */
function isStored({ script, end }: Invocation["command"]): boolean {
  return SETS_STORE.test(script.text.slice(0, Math.min(end, MAX_SETTING)));
}

/** What git does with the values that it gets. */
export function gitEffects(invocation: Invocation, values: Values): CommandEffects {
  const { command, args } = invocation;
  const git = gitCommand(args);
  const { name, words } = git;
  const effects = subcommandEffects(command, git, values);
  const asked = ASKS_SERVER.test(name) ? words.find(hasUser) : undefined;
  const origins = asked === undefined ? [] : values.ofWord(asked, command.script);
  if (asked === undefined || origins.length === 0 || !isStored(command)) return effects;
  const stored: Written = {
    paths: [normalPath("~/.git-credentials", values.environment)],
    form: `git ${name}`,
    origins,
    kind: "url",
    span: toSourceSpan(command.script, asked.start, asked.end),
  };
  return { ...effects, writes: [...effects.writes, stored] };
}

function subcommandEffects(
  command: Invocation["command"],
  { name, words, folder }: GitCommand,
  values: Values,
): CommandEffects {
  const { environment } = values;
  const has = (...options: string[]): boolean => words.some(({ value }) => options.includes(value ?? ""));
  const inFolder = (path: string): string =>
    normalPath(folder === "." || /^[/~]/.test(path) ? path : `${folder}/${path}`, environment);
  const own = inFolder(".git/config");

  const written = (word: ShellWord, form: string, paths: readonly string[]): Written[] => {
    const origins = values.ofWord(word, command.script);
    const kind = hasUser(word) ? "url" : "file";
    const span = toSourceSpan(command.script, word.start, word.end);
    return origins.length === 0 ? [] : [{ paths, form, origins, kind, span }];
  };
  /** A word that is nothing but a variable is an address too, where git wants one. */
  const addresses = (form: string, paths: readonly string[], given: readonly ShellWord[] = words): Written[] =>
    given
      .filter((word) => hasUser(word) || /^\0$/.test(outline(word)))
      .flatMap((word) => written(word, form, paths).map((item) => ({ ...item, kind: "url" as const })));

  if (name === "clone") {
    const [url, target] = operands(words, CLONE_OPTIONS);
    if (url === undefined) return NO_EFFECTS;
    const isBare = has("--bare", "--mirror");
    const made =
      target === undefined ? `${cloneName(outline(url))}${isBare ? ".git" : ""}` : (pathText(target) ?? "${…}");
    const config = inFolder(`${made}/${isBare ? "config" : ".git/config"}`);
    // `git -c` is gone with the command; `git clone -c` stays.
    const settings = words.filter((_, i) => /^(?:-c|--config)$/.test(words[i - 1]?.value ?? ""));
    return {
      ...NO_EFFECTS,
      writes: [
        ...addresses("git clone", [config], [url]),
        ...settings.flatMap((word) => written(word, "git clone -c", [config])),
      ],
    };
  }
  if (name === "remote") {
    const [what = ""] = words.map(({ value }) => value ?? "");
    if (!/^(?:add|set-url)$/.test(what))
      return /^(?:remove|rm)$/.test(what) ? { ...NO_EFFECTS, clears: [own] } : NO_EFFECTS;
    const writes = addresses(`git remote ${what}`, [own]);
    return { ...NO_EFFECTS, writes, clears: writes.length === 0 && what === "set-url" ? [own] : [] };
  }
  if (name === "submodule" && has("add"))
    return { ...NO_EFFECTS, writes: addresses("git submodule add", [inFolder(".gitmodules"), own]) };
  if (name === "push" && has("-u", "--set-upstream")) return { ...NO_EFFECTS, writes: addresses("git push -u", [own]) };
  if (name === "credential" || name === "credential-store") {
    const origins = has("approve", "store") ? values.ofInput() : [];
    const paths = [normalPath("~/.git-credentials", environment)];
    return {
      ...NO_EFFECTS,
      writes: origins.length === 0 ? [] : [{ paths, form: `git ${name}`, origins, kind: "file", span: null }],
    };
  }
  if (name !== "config") return NO_EFFECTS;
  const at = words.findIndex(({ value }) => value === "-f" || value === "--file");
  const file = at === -1 ? null : pathText(words[at + 1] ?? { pieces: [], value: "", start: 0, end: 0 });
  const path =
    file !== null
      ? inFolder(file)
      : has("--global")
        ? normalPath("~/.gitconfig", environment)
        : has("--system")
          ? "/etc/gitconfig"
          : own;
  if (has("--unset", "--unset-all", "--remove-section", "unset")) return { ...NO_EFFECTS, clears: [path] };
  const given = operands(words, CONFIG_OPTIONS);
  return { ...NO_EFFECTS, writes: given.flatMap((word) => written(word, "git config", [path])).slice(0, 1) };
}
