/**
 * Finds the scripts that a RUN starts (`RUN ./setup.sh`, `bash x.sh`, `python dl.py`), on disk in the build context and in
 * the Dockerfile itself, and reads them as part of the RUN. A script that is not there, or is in another language, is not
 * known: it is silent. One that is there and is not read is said.
 */

import { TOO_LARGE, type BuildContext } from "./build-context.ts";
import { destinationOf, placeOf, targetOf } from "./copy-destination.ts";
import { contextSources, type CopyRecord } from "./copy-record.ts";
import type { StartedScript } from "./facts.ts";
import { normalPath, relativeTo, type Environment } from "./home-path.ts";
import { isPython, isShell, startedBy, type Invocation } from "./invocation.ts";
import { toSourceSpan, verbatim, type MappedText } from "./mapped-text.ts";
import { cleanPath } from "./pattern-list.ts";
import { environmentsOf, recordOf, type RunRecord } from "./run-record.ts";
import { mountTarget } from "./run-script.ts";
import { pathText } from "./shell-path.ts";
import type { ShellWord } from "./shell-word.ts";
import { sourceText } from "./source-text.ts";
import { lineageOf, type Stage } from "./stages.ts";
import { typedScripts } from "./typed-script.ts";
import { basename } from "./wrappers.ts";

/** Scripts that start one another: deeper is not read. */
const MAX_DEPTH = 8;
/** Characters of scripts that are read for one Dockerfile. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** A text that was looked for. */
type Found = MappedText | typeof TOO_LARGE | null;

/** What is started, and with which arguments. */
interface Start {
  readonly path: string;
  readonly args: readonly ShellWord[];
  readonly language: "shell" | "python" | "by its first line";
}

/** The script that a command starts; null when it starts none. */
function startOf({ program, args, command, code }: Invocation): Start | null {
  if (code !== null || program === "") return null;
  const isInterpreter = isShell(program) || isPython(program);
  if (isInterpreter || program === "source" || program === ".") {
    const at = args.findIndex(({ value }) => value === null || !/^[-+]/.test(value));
    const word = args[at];
    const isCode = args.slice(0, Math.max(0, at)).some(({ value }) => /^-[a-zA-Z]*[cm]$/.test(value ?? ""));
    const path = word === undefined || isCode ? null : pathText(word);
    return path === null ? null : { path, args: args.slice(at + 1), language: isPython(program) ? "python" : "shell" };
  }
  const word = command.words.find(({ value }) => value !== null && value.includes("/") && basename(value) === program);
  return word?.value === undefined || word.value === null
    ? null
    : { path: word.value, args, language: "by its first line" };
}

/** The file in which `envsubst` puts variables; null for any other command, and for a text that stands in it. */
function templateOf({ program, command, feeder }: Invocation): string | null {
  if (program !== "envsubst" || command.input !== null) return null;
  const from = command.redirects.findLast(({ operator }) => operator === "<")?.target;
  const word = from ?? (feeder?.program === "cat" ? feeder.args[0] : undefined);
  return word === undefined ? null : pathText(word);
}

/** True for a command of whose files one has to be read. */
function isToBeRead(invocation: Invocation): boolean {
  return startOf(invocation) !== null || templateOf(invocation) !== null;
}

/** The file of the context that lies at a path of the image, by the mounts of the RUN and by what was copied before. */
function contextFile(
  path: string,
  { script, environment }: RunRecord,
  copies: readonly CopyRecord[],
  context: BuildContext,
): string | null {
  const isFile = (candidate: string): string | null => {
    const resolved = context.resolve(cleanPath(`/${candidate}`).slice(1));
    return resolved !== null && context.kindAt(resolved) === "file" ? resolved : null;
  };
  for (const mount of script.mounts) {
    const target = mount.type === "bind" && !mount.options.has("from") ? mountTarget(mount) : null;
    if (target === null) continue;
    const below = relativeTo(normalPath(target, environment), path);
    const source = mount.options.get("source") ?? mount.options.get("src") ?? "";
    if (below !== null) return isFile(`${source}/${below}`);
  }
  for (const copy of copies) {
    for (const { text } of contextSources(copy)) {
      const name = basename(path);
      if (destinationOf(copy, basename(text), copy.words.length > 2).paths.includes(path)) {
        const itself = isFile(text);
        if (itself !== null) return itself;
      }
      const below = relativeTo(normalPath(targetOf(copy), placeOf(copy)), path);
      if (below === null || below === "") continue;
      const source = /[*?[]/.test(text) ? `${text.slice(0, text.lastIndexOf("/") + 1)}${name}` : `${text}/${below}`;
      const found = isFile(source);
      if (found !== null) return found;
    }
  }
  return null;
}

/** What a script starts, as children of the command that starts it, and what is wrong with its text. */
interface Inside {
  readonly children: readonly Invocation[];
  readonly problem: string | null;
}

/** What the text of a script starts; null for another language. */
function insideOf(text: MappedText, language: Start["language"], starter: Invocation): Inside | null {
  const first = /^#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(text.text);
  const named =
    first === null ? null : basename(basename(first[1] ?? "") === "env" ? (first[2] ?? "") : (first[1] ?? ""));
  const interpreter = language === "python" ? "python" : language === "shell" ? "sh" : (named ?? "sh");
  if (isPython(interpreter)) {
    const { start, end } = toSourceSpan(text, 0, text.text.trimEnd().length);
    const code = { language: "python" as const, text, isExpanded: false };
    const children = [
      { ...starter, program: "python", args: [], assignments: [], start, end, parent: starter, feeder: null, code },
    ];
    return { children, problem: null };
  }
  if (!isShell(interpreter)) return null;
  const shell = named !== null && isShell(named) ? named : "sh";
  const { invocations, problems } = startedBy(text, shell);
  const children = invocations.map((invocation) =>
    invocation.parent === null ? { ...invocation, parent: starter } : invocation,
  );
  return { children, problem: problems[0]?.message ?? null };
}

/** The RUNs with what the scripts that they start do, and those scripts. */
export interface WithScripts {
  readonly records: readonly RunRecord[];
  readonly scripts: readonly StartedScript[];
  /** The arguments of each script, by the command that starts it. */
  readonly parameters: ReadonlyMap<Invocation, readonly ShellWord[]>;
  /** The texts in which `envsubst` puts variables. */
  readonly templates: ReadonlyMap<Invocation, string>;
  /** What RUNs start that is not read to its end. */
  readonly unread: readonly UnreadScript[];
}

/** A script that is there, and is not read to its end. */
export interface UnreadScript {
  /** Where the RUN stands that starts it, as an offset of the Dockerfile. */
  readonly offset: number;
  /** As the command names it. */
  readonly name: string;
  /** What is wrong with its text; null when there is too much to be read. */
  readonly problem: string | null;
}

/**
 * Reads the scripts that RUNs start.
 * @param end the first offset behind the Dockerfile's text
 */
export function withScripts(
  records: readonly RunRecord[],
  copies: readonly CopyRecord[],
  context: BuildContext | null,
  end: number,
  stages: readonly Stage[],
): WithScripts {
  const scripts: StartedScript[] = [];
  const parameters = new Map<Invocation, readonly ShellWord[]>();
  const templates = new Map<Invocation, string>();
  const typed = typedScripts(records, copies);
  const unread: UnreadScript[] = [];
  if (context === null && typed.length === 0) return { records, scripts, parameters, templates, unread };
  let next = end + 1;
  const limit = next + MAX_CHARACTERS;
  let typedLength = 0;

  /** Copies into the stage before an offset, the last one first. */
  function copiesBefore(stage: number, at: number): CopyRecord[] {
    const lineage = new Set(lineageOf(stages, stage));
    return copies.filter((copy) => lineage.has(copy.stage) && copy.instruction.line.start < at).toReversed();
  }

  /** The text of a file that the Dockerfile writes before an offset. */
  function typedAt(path: string, stage: number, at: number): Found {
    if (typed.length === 0) return null;
    const lineage = lineageOf(stages, stage);
    const file = typed.findLast((one) => one.at < at && one.paths.includes(path) && lineage.includes(one.stage));
    if (file === undefined) return null;
    if (typedLength > MAX_CHARACTERS) return TOO_LARGE;
    const text = file.text();
    typedLength += text?.text.length ?? 0;
    return text;
  }

  /** The text of a file of the context, behind all that was read before. */
  function onDisk(path: string, record: RunRecord, before: readonly CopyRecord[]): Found {
    if (context === null) return null;
    const file = contextFile(path, record, before, context);
    const text = file === null ? null : context.folder.scriptText(file);
    if (file === null || text === null) return null;
    if (text === TOO_LARGE || next + text.length > limit) return TOO_LARGE;
    const start = next;
    const { shown } = context.folder;
    next += text.length + 1;
    scripts.push({ start, shown: shown === "." ? file : `${shown}/${file}`, source: sourceText(text) });
    if (text.length === 0) return verbatim("", 0, 0);
    return { text, segments: [{ at: 0, src: start, length: text.length, srcLength: text.length }] };
  }

  /** `chain`: the scripts that are read around these commands, by their paths. */
  function expanded(
    invocations: readonly Invocation[],
    record: RunRecord,
    environmentOf: (invocation: Invocation) => Environment,
    before: readonly CopyRecord[],
    chain: readonly string[],
  ): Invocation[] {
    return invocations.flatMap((invocation): Invocation[] => {
      const template = templateOf(invocation);
      const start = template === null ? startOf(invocation) : null;
      const name = template ?? start?.path;
      if (name === undefined) return [invocation];
      const path = normalPath(name, environmentOf(invocation));
      // What starts itself again is read already.
      if (chain.includes(path)) return [invocation];
      const found = typedAt(path, record.stage, invocation.start) ?? onDisk(path, record, before);
      if (found === null) return [invocation];
      if (found === TOO_LARGE || chain.length >= MAX_DEPTH) {
        unread.push({ offset: record.instruction.line.start, name, problem: null });
        return [invocation];
      }
      if (start === null) {
        templates.set(invocation, found.text);
        return [invocation];
      }
      const inside = insideOf(found, start.language, invocation);
      if (inside === null) return [invocation];
      const { children, problem } = inside;
      if (problem !== null) unread.push({ offset: record.instruction.line.start, name, problem });
      parameters.set(invocation, start.args);
      const here = environmentOf(invocation);
      return [invocation, ...expanded(children, record, environmentsOf(children, here), before, [...chain, path])];
    });
  }

  const read = records.map((record): RunRecord => {
    if (!record.script.invocations.some(isToBeRead)) return record;
    const before = context === null ? [] : copiesBefore(record.stage, record.instruction.line.start);
    const invocations = expanded(record.script.invocations, record, record.environmentOf, before, []);
    if (invocations.length === record.script.invocations.length) return record;
    return recordOf({ ...record, script: { ...record.script, invocations } }, record.home);
  });
  return { records: read, scripts, parameters, templates, unread };
}
