/**
 * Reads one command line that builds an image: which arguments it hands over, with which Dockerfiles, context and target.
 * Knows the options of docker, buildx, podman, buildah, nerdctl and kaniko; runs nothing.
 */

import type { Invocation } from "../dockerfile/invocation.ts";
import { outline, wordAfter, type ShellWord } from "../dockerfile/shell-word.ts";
import { buildsBySettings } from "./bake-set.ts";
import { isArchive } from "./dockerfile-in-text.ts";
import type { Build, NamedBuild, PassForm } from "./facts.ts";
import { namedBuilds, passBuilds, stagesOf } from "./known-build.ts";
import { OPAQUE } from "./opaque-text.ts";

/** `NAME=value` on a command line; `value` is null for a bare name. */
export interface PassedWord {
  readonly argument: string;
  readonly value: ShellWord | null;
  readonly form: "option" | "set";
  /** The target of `--set`, which may be a pattern; null for what is handed to the build itself. */
  readonly part: string | null;
  /** First and last word of it, with the option in front. */
  readonly first: ShellWord;
  readonly last: ShellWord;
}

/** What a command line hands over to which build. */
export interface BuildCommand {
  readonly passed: readonly PassedWord[];
  /** One for every Dockerfile that it certainly builds by; podman takes several. */
  readonly builds: readonly NamedBuild[];
  /** The builds that the arguments are handed to: several where a variable may have several values. */
  readonly passedTo: readonly Build[];
  /** True when it reads its Dockerfile, or a whole context, as its standard input. */
  readonly isFromStdin: boolean;
  /** The stages that are built, null for the last one. */
  readonly targets: readonly (string | null)[];
}

/** The texts that a word may come to, as far as the file says. */
export type WordTexts = (word: ShellWord) => readonly string[];

/** These print or search their words; a `--build-arg` among them starts nothing. */
const PRINTERS =
  /^(?:echo|printf|cat|grep|egrep|fgrep|rg|sed|awk|gawk|perl|test|\[|\[\[|log|logger|info|warn|error|die|usage|say|read|comm|diff|tee|git|curl|wget)$/;
const VALUE_OPTIONS = new Set(
  "-t --tag -f --file --target --build-arg --secret --ssh --platform --cache-from --cache-to --output -o --label --network --net --progress --builder --iidfile --metadata-file --add-host --allow --annotation --attest --build-context --cgroup-parent --provenance --sbom --shm-size --ulimit --no-cache-filter --call --memory -m --memory-swap --cpu-shares -c --cpu-period --cpu-quota --cpuset-cpus --cpuset-mems --isolation --security-opt --format --authfile --creds --volume -v --device --from --manifest --registry --image -r -g --resource-group --dockerfile --context --destination -d --set -p --project-name --profile --env-file --config -H --host --log-level --root --storage-driver --url --connection".split(
    " ",
  ),
);
/** `--option=value` and `--option value`, by the option's name. */
const FILE_OPTIONS = new Set(["-f", "--file", "--dockerfile"]);
/** A program with its first words that builds an image by the file of `-f`; a program without a name is a variable. */
const BUILDS =
  /^(?:docker|podman|nerdctl|finch|img|depot|minikube|buildah|buildx|docker-buildx|az acr|) (?:(?:image|builder|buildx) )?(?:build|b|bud|build-using-dockerfile)(?: |$)/;
/** A program with its first words that builds what a bake file says. */
const BAKES = /^(?:docker|depot|docker-buildx|buildx|)(?: bake| buildx bake|(?<=buildx) f| buildx f)(?: |$)/;
/** Files of `-f` that other programs than builders take. */
const OTHER_FILE = /\.(?:ya?ml|hcl|json|toml|mk)$|(?:^|\/)(?:GNUm|m|M)akefile[^/]*$/;
/** Files of other kinds, of which a program takes its builds. */
const OTHER_FORMAT = /\.(?:ya?ml|hcl|json|toml)$/;
const ARGUMENT_OPTIONS = new Set(["--build-arg", "--secret-build-arg"]);
const SET_FORM = /^[^=]*\.args\.([A-Za-z_]\w*)(?:\+?=|$)/;
const NAME = /^([A-Za-z_][\w.-]*)(=|$)/;
/** How a Dockerfile is called that the builder reads from its standard input. */
const STDIN = /^(?:-|\/dev\/stdin)$/;
const SUBCOMMANDS =
  /^(?:build|buildx|builder|image|b|bud|build-using-dockerfile|bake|compose|acr|builds|submit|deploy|push|up)$/;

function argumentOf(word: ShellWord, first: ShellWord, form: "option" | "set"): PassedWord | null {
  const text = outline(word);
  const [match, argument = "", equals = ""] = (form === "set" ? SET_FORM : NAME).exec(text) ?? [];
  if (match === undefined) return null;
  const isSet = form === "set";
  const hasValue = isSet ? match.endsWith("=") : equals === "=";
  const part = isSet ? text.slice(0, text.indexOf(".args.")) : null;
  return { argument, value: hasValue ? wordAfter(word, match.length) : null, form, part, first, last: word };
}

/** The option's name and the word of its value, which may be a part of the same word. */
function optionAt(
  args: readonly ShellWord[],
  i: number,
): { name: string; value: ShellWord | null; length: number } | null {
  const word = args[i];
  if (word === undefined) return null;
  const text = outline(word);
  const joined = /^(--[a-z][\w-]*)=|^(-f)=?(?=.)/.exec(text);
  const joinedName = joined?.[1] ?? joined?.[2];
  if (joined !== null && joinedName !== undefined)
    return { name: joinedName, value: wordAfter(word, joined[0].length), length: 1 };
  if (!/^--?[A-Za-z]/.test(text)) return null;
  if (text === "-qf") return { name: "-f", value: args[i + 1] ?? null, length: 2 };
  if (!VALUE_OPTIONS.has(text) && !ARGUMENT_OPTIONS.has(text)) return { name: text, value: null, length: 1 };
  return { name: text, value: args[i + 1] ?? null, length: 2 };
}

/** The file that a command reads as its standard input, by a redirection or from `cat`; null when it is none, or not known. */
function inputOf({ command, feeder }: Invocation): ShellWord | null {
  const redirect = command.redirects.findLast(
    ({ operator, descriptor }) => operator === "<" && (descriptor ?? 0) === 0,
  );
  if (redirect !== undefined || command.input !== null) return redirect?.target ?? null;
  if (feeder?.program !== "cat") return null;
  const files = feeder.args.filter(({ value }) => value === null || !/^-./.test(value));
  const [file] = files;
  if (file === undefined || file.value === "-") return inputOf(feeder);
  return files.length === 1 ? file : null;
}

/** True when `-f` behind these words names a Dockerfile. */
function isBuild(program: string, words: readonly ShellWord[], file: string): boolean {
  const name = OPAQUE.test(program) ? "" : program;
  if (name === "" && OTHER_FILE.test(file)) return false;
  return BUILDS.test(commandLine(name, words));
}

/** The program with the words that say what it does. */
function commandLine(name: string, words: readonly ShellWord[]): string {
  return [name, ...words.slice(0, 3).map(outline)].join(" ");
}

/** What a `--build-arg` is an option of, by the command as it is written up to it. */
export function optionForm(written: string): PassForm {
  const [program = ""] = written.split(/\s-/, 1);
  if (/kaniko/.test(written) || /(?:^|\/)executor\b|\bacr\s+build\b/.test(program)) return "option-without-secrets";
  if (/compose/i.test(program)) return "compose-option";
  return /(?:^|[\s/])(?:podman|buildah)\b/.test(program) ? "podman-option" : "option";
}

/** The Dockerfiles that `--set` gives to the targets of bake. */
function buildsOfBake(
  program: string,
  words: readonly ShellWord[],
  settings: readonly string[],
  folder: string,
): NamedBuild[] {
  const isBake = settings.length > 0 && BAKES.test(commandLine(OPAQUE.test(program) ? "" : program, words));
  return isBake ? buildsBySettings(settings, folder) : [];
}

/** The Dockerfiles that a builder may read as its standard input; none when that may be a context, or is not known. */
function dockerfilesFromStdin(invocation: Invocation, isContext: boolean, known: WordTexts): readonly string[] {
  const file = inputOf(invocation);
  return file === null ? [] : known(file).filter((text) => !isContext || !isArchive(text));
}

/**
 * The command that an invocation is, when it hands over build arguments or names a Dockerfile; null for any other.
 * @param texts what words with variables may come to
 */
export function buildCommandOf(invocation: Invocation, folder: string, texts: WordTexts): BuildCommand | null {
  const { program, args } = invocation;
  if (PRINTERS.test(program)) return null;
  const known: WordTexts = (word) => (word.value !== null && !OPAQUE.test(word.value) ? [word.value] : texts(word));
  const passed: PassedWord[] = [];
  const operands: ShellWord[] = [];
  const words: ShellWord[] = [];
  const dockerfiles: string[] = [];
  const settings: string[] = [];
  let file: ShellWord | null = null;
  let target: ShellWord | null = null;
  let context: ShellWord | null = null;
  let provenanceMax = false;
  for (let i = 0; i < args.length;) {
    const word = args[i];
    if (word === undefined) break;
    const option = optionAt(args, i);
    if (option === null) {
      words.push(word);
      if (!SUBCOMMANDS.test(word.value ?? "")) operands.push(word);
      i++;
      continue;
    }
    const { name, value, length } = option;
    i += length;
    if (value === null) continue;
    const text = outline(value);
    if (ARGUMENT_OPTIONS.has(name)) passed.push(...nonNull(argumentOf(value, word, "option")));
    else if (name === "--opt" && text.startsWith("build-arg:")) {
      passed.push(...nonNull(argumentOf(wordAfter(value, "build-arg:".length), word, "option")));
    } else if (name === "--set") {
      passed.push(...nonNull(argumentOf(value, word, "set")));
      settings.push(...known(value));
    } else if (FILE_OPTIONS.has(name)) {
      file = value;
      const isNamed = (path: string): boolean => name === "--dockerfile" || isBuild(program, words, path);
      dockerfiles.push(...known(value).filter((path) => !STDIN.test(path) && isNamed(path)));
    } else if (name === "--target") target = value;
    else if (name === "--context") context = value;
    if ((name === "--provenance" || name === "--attest") && /(?:^|,)mode=max(?:,|$)/.test(text)) provenanceMax = true;
  }
  const isFromStdin = STDIN.test(file?.value ?? "");
  const place = context ?? operands.at(-1) ?? null;
  const contexts = place === null ? null : known(place).map((text) => text.replace(/^dir:\/\//, ""));
  const isContext = file === null && context === null && place?.value === "-";
  const isStdin = (isContext || isFromStdin) && isBuild(program, words, "");
  const piped = isStdin ? dockerfilesFromStdin(invocation, isContext, known) : [];
  const isOther = file === null || OTHER_FORMAT.test(file.value ?? "");
  const said = isOther || file === null ? null : known(file);
  const targets = target === null ? null : known(target);
  const passedTo = passBuilds(
    isStdin
      ? { dockerfiles: piped, contexts: isContext ? [] : contexts, targets }
      : { dockerfiles: said, contexts, targets },
    null,
    { folder, provenanceMax, part: null },
  );
  const builds = [
    ...namedBuilds({ dockerfiles, contexts }, folder),
    ...namedBuilds({ dockerfiles: piped, contexts: null }, folder),
    ...buildsOfBake(program, words, settings, folder),
  ];
  if (passed.length === 0 && builds.length === 0 && !isStdin) return null;
  return { passed, builds, passedTo, isFromStdin: isStdin, targets: stagesOf(targets) };
}

function nonNull<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}
