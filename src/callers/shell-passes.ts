/**
 * Reads a shell script of a caller: which builds its commands start, with which arguments, and which of its variables
 * come to hold a token. What another program replaces before the shell sees it (`${{ … }}`, `$(X)` of make) stays opaque to the shell.
 */

import { posix } from "node:path";
import { startedBy, type Invocation, type Started } from "../dockerfile/invocation.ts";
import { mappedBuilder, toSource, toSourceSpan, type MappedText, type Span } from "../dockerfile/mapped-text.ts";
import {
  isPutIn,
  variablesOf,
  type ShellAssignment,
  type ShellCommand,
  type ShellWord,
} from "../dockerfile/shell-word.ts";
import { isTokenName } from "../token/name.ts";
import { buildsBySettings } from "./bake-set.ts";
import { buildCommandOf, optionForm, type WordTexts } from "./build-command.ts";
import { argumentsInText } from "./build-text.ts";
import { dockerfilesInText, namesDockerfile, settingsInText } from "./dockerfile-in-text.ts";
import type { Build, InlineDockerfile, NamedBuild } from "./facts.ts";
import { putInto } from "./put-in.ts";
import { typedDockerfile } from "./typed-dockerfile.ts";
import {
  carried,
  scopeWithin,
  sourceOf,
  type Carrier,
  type Carriers,
  type GivenArgument,
  type GivenValue,
} from "./judge-pass.ts";
import { expressionsIn, hasReference, referencesIn, type Reference, type Syntax, type Template } from "./reference.ts";
import { namedBuilds } from "./known-build.ts";
import { valuesOf, type KnownValues, type Values } from "./known-value.ts";
import { masked, OPAQUE } from "./opaque-text.ts";
import { eachWithValues } from "./shell-values.ts";
import { wordingOf } from "./wording.ts";
import { isTooMuch, TOO_MUCH } from "./yaml-passes.ts";

/** True for a script that may hand over build arguments, or name a Dockerfile; of any other it does not matter whether a shell can read it. */
export function mentionsBuild(script: string): boolean {
  return /build-arg|--set\b/.test(script) || namesDockerfile(script);
}

/** What a script is read with. */
export interface ScriptSetting {
  /** The whole file, to quote words as they are written. */
  readonly source: string;
  /** How values are named beside the shell's own way. */
  readonly syntaxes: readonly Syntax[];
  /** Variables that hold a token before the script starts. */
  readonly carriers: Carriers;
  /** Names that have a value before the script starts. */
  readonly values: KnownValues;
  /** The folder that it starts in. */
  readonly folder: string;
  /** Stretches of the script that make replaces. */
  readonly templates?: readonly Template[];
}

/** What a script hands over, which Dockerfiles it names or types, and what of it the shell would refuse, at offsets of the source. */
export interface ScriptPasses {
  readonly builds: readonly NamedBuild[];
  readonly given: readonly GivenArgument[];
  readonly inlineDockerfiles: readonly InlineDockerfile[];
  readonly problems: readonly { readonly offset: number; readonly message: string }[];
}

const UNKNOWN: Omit<Build, "folder"> = {
  dockerfile: null,
  context: null,
  target: null,
  provenanceMax: false,
  part: null,
};
/** A token that a command prints: the client's own command, or its file. */
const TOKEN_COMMAND = /\bhf\s+auth\s+token\b|\bhuggingface\/(?:stored_)?tokens?\b/;

/** Names in the commands of a `$(…)` that say that it prints a token. */
function inSubstitution(text: string): Reference[] {
  const name = text.split(/[^\w]+/).find((word) => isTokenName(word));
  if (name !== undefined) return [{ name, shown: name }];
  return TOKEN_COMMAND.test(text) ? [{ name: "HF_TOKEN", shown: "the token of this machine" }] : [];
}

function spanIn(command: ShellCommand, from: { readonly start: number }, to: { readonly end: number }): Span {
  return toSourceSpan(command.script, from.start, to.end);
}

function valueOf(word: ShellWord, command: ShellCommand, { source, syntaxes }: ScriptSetting): GivenValue {
  const span = spanIn(command, word, word);
  const written = source.slice(span.start, span.end);
  const own = variablesOf(word).map(({ name }): Reference => ({ name, shown: name }));
  const inner = word.pieces.flatMap((piece) => {
    if (piece.kind !== "substitution") return [];
    const at = spanIn(command, piece, piece);
    return inSubstitution(source.slice(at.start, at.end));
  });
  const text = word.pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
  return {
    text: OPAQUE.test(text) ? written : text,
    span,
    references: [...own, ...referencesIn(written, syntaxes), ...inner],
    isComputed: word.value === null || OPAQUE.test(text),
  };
}

/** A stretch of mapped text as a text of its own. */
function sliceOf(script: MappedText, start: number, end: number): MappedText {
  const built = mappedBuilder();
  for (let at = start; at < end; at++) {
    const place = toSourceSpan(script, at, at + 1);
    built.add(script.text.charAt(at), place.start, place.end - place.start);
  }
  return built.build(toSource(script, start));
}

/** Build arguments in text that no shell is known to read as a command line. */
export function passesInText(script: MappedText, setting: ScriptSetting): GivenArgument[] {
  const syntaxes: readonly Syntax[] = ["dollar", ...setting.syntaxes];
  return argumentsInText(script.text).map(({ argument, start, end, value }): GivenArgument => {
    const given: GivenValue | null =
      value === null
        ? null
        : {
            text: value.text,
            span: toSourceSpan(script, value.start, value.end),
            references: [
              ...referencesIn(value.text, syntaxes),
              ...value.names.map((name): Reference => ({ name, shown: name })),
            ],
            isComputed: value.names.length > 0 || hasReference(value.text, syntaxes),
          };
    const build: Build = { ...UNKNOWN, folder: setting.folder };
    const span = toSourceSpan(script, start, end);
    const from = sourceOf(argument, given, setting.carriers);
    return { argument, span, value: given, form: "option", build, from };
  });
}

/** What stands in text that no shell is known to read. */
export function readAsText(script: MappedText, setting: ScriptSetting): ScriptPasses {
  return {
    given: passesInText(script, setting),
    builds: buildsInText(script, setting),
    inlineDockerfiles: [],
    problems: [],
  };
}

/** Names as PowerShell, cmd and lists of words have them. */
const TEXT_NAME = /\$\{\{[^{}]{0,200}\}\}|\$(?:env:)?(\w+)|\$\{(?:env:)?(\w+)\}|%(\w+)%/gi;

/** A text with the values of names that have one. */
function withValues(text: string, values: KnownValues): string {
  return text.replaceAll(TEXT_NAME, (whole: string, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 3).find((item) => item !== undefined);
    const [only, ...others] =
      name === undefined ? valuesOf(wordingOf(whole, ["expression"]), values) : values.get(name);
    return others.length === 0 ? (only ?? whole) : whole;
  });
}

function buildsInText(script: MappedText, { folder, values }: ScriptSetting): NamedBuild[] {
  const text = withValues(script.text, values);
  return [
    ...namedBuilds({ dockerfiles: dockerfilesInText(text), contexts: null }, folder),
    ...settingsInText(text).flatMap((settings) => buildsBySettings(settings, folder)),
  ];
}

/** What an assignment makes of its variable, and the build arguments that its text holds for a later command. */
function assign(
  item: ShellAssignment,
  command: ShellCommand,
  setting: ScriptSetting,
  own: Map<string, Carrier | null>,
): GivenArgument[] {
  own.set(item.name, carried(item.name, valueOf(item.value, command, setting), setting.carriers));
  const { start, end } = item.value;
  if (!command.script.text.slice(start, end).includes("--build-arg")) return [];
  return passesInText(sliceOf(command.script, start, end), setting);
}

function fromCommand(invocation: Invocation, setting: ScriptSetting, texts: WordTexts): Omit<ScriptPasses, "problems"> {
  const found = buildCommandOf(invocation, setting.folder, texts);
  if (found === null) return { given: [], builds: [], inlineDockerfiles: [] };
  const { command } = invocation;
  // What a variable holds is found where it is assigned.
  const typedHere = found.passed.filter(({ first }) => !isPutIn(first));
  const passes = typedHere.flatMap(({ argument, value, form, part, first, last }) => {
    const given = value === null ? null : valueOf(value, command, setting);
    const span = spanIn(command, first, last);
    const from = sourceOf(argument, given, setting.carriers);
    const passedTo = part === null ? found.passedTo : [{ ...UNKNOWN, part, folder: setting.folder }];
    const written = setting.source.slice(invocation.start, span.start);
    const ownForm = form === "option" ? optionForm(written) : form;
    return passedTo.map((build): GivenArgument => ({ argument, span, value: given, form: ownForm, build, from }));
  });
  const typed = found.isFromStdin ? typedDockerfile(invocation, setting.source, setting.syntaxes) : null;
  if (typed === null) return { given: passes, builds: found.builds, inlineDockerfiles: [] };
  const { text, putIn } = typed;
  const inline: InlineDockerfile = { text, span: toSourceSpan(text, 0, text.text.length), targets: found.targets };
  const inside = putInto(putIn, setting.source, setting.carriers);
  return { given: [...passes, ...inside], builds: found.builds, inlineDockerfiles: [inline] };
}

/** What scripts start, while somebody holds them: the jobs of a matrix read one script many times. */
const READ = new WeakMap<MappedText, Started>();

function startedOnce(script: MappedText, templates: readonly Template[]): Started {
  const started = READ.get(script) ?? startedBy(masked(script, templates));
  READ.set(script, started);
  return started;
}

/** Reads a script; one that the shell would refuse is searched as text as well. */
export function passesIn(script: MappedText, outer: ScriptSetting): ScriptPasses {
  const templates = outer.templates ?? (outer.syntaxes.includes("expression") ? expressionsIn(script.text) : []);
  const { invocations, problems } = startedOnce(script, templates);
  const own = new Map<string, Carrier | null>();
  const setting: ScriptSetting = { ...outer, carriers: scopeWithin(own, outer.carriers) };
  const given: GivenArgument[] = [];
  const builds: NamedBuild[] = [];
  const inlineDockerfiles: InlineDockerfile[] = [];
  const seen = new Set<ShellCommand>();
  let { folder } = outer;
  const scope = {
    outer: outer.values,
    templateValues: (number: number): Values => {
      const { start, end } = templates[number] ?? { start: 0, end: 0 };
      return valuesOf(wordingOf(script.text.slice(start, end), outer.syntaxes), outer.values);
    },
    hasMacros: outer.syntaxes.includes("make"),
  };
  eachWithValues(invocations, scope, (invocation, valuesIn) => {
    const { command, assignments } = invocation;
    if (isTooMuch({ given, builds })) return;
    if (!seen.has(command)) {
      seen.add(command);
      for (const item of [...assignments, ...command.declarations]) given.push(...assign(item, command, setting, own));
    }
    const texts: WordTexts = (word) => valuesIn(word).filter((value) => value !== null);
    const found = fromCommand(invocation, setting, texts);
    given.push(...found.given);
    builds.push(...found.builds);
    inlineDockerfiles.push(...found.inlineDockerfiles);
    // Whether a subshell ended in between is not told apart: what is not there is not looked for.
    if (folder !== outer.folder) builds.push(...found.builds.map((build) => ({ ...build, folder })));
    const [place] = invocation.program === "cd" ? invocation.args : [];
    const [to = null, ...others] = place === undefined ? [] : texts(place);
    if (to !== null && others.length === 0 && !/^[-/~]/.test(to)) folder = posix.join(folder, to);
  });
  const excess = isTooMuch({ given, builds }) ? [{ offset: toSource(script, 0), message: TOO_MUCH }] : [];
  for (const { start, end } of templates) {
    if (!script.text.slice(start, end).includes("--build-arg")) continue;
    given.push(...passesInText(sliceOf(script, start, end), setting));
  }
  if (problems.length > 0) {
    const starts = new Set(given.map(({ span }) => span.start));
    given.push(...passesInText(script, setting).filter(({ span }) => !starts.has(span.start)));
    builds.push(...buildsInText(script, setting));
  }
  return { given, builds, inlineDockerfiles, problems: [...problems, ...excess] };
}
