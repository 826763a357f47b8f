/**
 * Reads a Makefile: its recipes as the shell gets them (`$$X` is the shell's `$X`, `$(X)` is make's), and the variables
 * that hold build options or a token. Reads the lines, runs no make.
 */

import { mappedBuilder, type MappedText } from "../dockerfile/mapped-text.ts";
import { carried, scopeWithin, type Carrier, type Carriers, type GivenArgument } from "./judge-pass.ts";
import { hasReference, referencesIn, type Syntax, type Template } from "./reference.ts";
import type { InlineDockerfile, NamedBuild } from "./facts.ts";
import { lazyValues, NOTHING_KNOWN, type KnownValues } from "./known-value.ts";
import { PROJECT_FOLDER } from "./project-folder.ts";
import { mentionsBuild, passesIn, passesInText, type ScriptSetting } from "./shell-passes.ts";
import { wordingOf } from "./wording.ts";
import type { Reading } from "./yaml-passes.ts";

const SYNTAXES: readonly Syntax[] = ["make"];
const ASSIGNMENT = /^[ \t]*(?:override[ \t]+|export[ \t]+|private[ \t]+)*([\w.-]+)[ \t]*(::?:?|\?|\+|!)?=[ \t]*/;
const TARGET_ASSIGNMENT = /^[^\t#=][^#=]*?:[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*([:?+]?)=[ \t]*/;

/** A logical line: continued lines are one, `end` is before the last line feed. */
interface Line {
  readonly start: number;
  readonly end: number;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf("\n", start);
    while (end > 0 && /(?:^|[^\\])(?:\\\\)*\\\r?$/.test(text.slice(Math.max(start, end - 8), end)))
      end = text.indexOf("\n", end + 1);
    if (end === -1) end = text.length;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** Where a `$(…)` or `${…}` of make ends; `at` is the offset of its bracket. */
function referenceEnd(text: string, at: number, end: number): number {
  const open = text.charAt(at);
  const close = open === "(" ? ")" : "}";
  let depth = 0;
  for (let i = at; i < end; i++) {
    const char = text.charAt(i);
    if (char === open) depth++;
    else if (char === close && --depth === 0) return i + 1;
  }
  return end;
}

/** A stretch of a recipe as the shell gets it, and the places in it that make replaces. */
function recipeOf(text: string, { start, end }: Line, prefix: string): { script: MappedText; templates: Template[] } {
  const built = mappedBuilder();
  const templates: Template[] = [];
  const first = text.startsWith(prefix, start) ? start + prefix.length : start;
  let at = first + (/^[ \t@+-]*/.exec(text.slice(first, end))?.[0].length ?? 0);
  while (at < end) {
    if (text.charAt(at - 1) === "\n" && text.startsWith(prefix, at)) at += prefix.length;
    const next = text.charAt(at + 1);
    if (text.charAt(at) !== "$" || at + 1 >= end) {
      built.add(text.charAt(at), at);
      at++;
    } else if (next === "$") {
      built.add("$", at, 2);
      at += 2;
    } else {
      const to = next === "(" || next === "{" ? referenceEnd(text, at + 1, end) : at + 2;
      templates.push({ start: built.length(), end: built.length() + to - at });
      built.add(text.slice(at, to), at);
      at = to;
    }
  }
  return { script: built.build(start), templates };
}

/** What a variable's value makes of it, and the build options in it. */
function readVariable(
  text: string,
  name: string,
  from: number,
  end: number,
  own: Map<string, Carrier>,
  outer: Carriers,
): GivenArgument[] {
  const value = text.slice(from, end).trimEnd();
  const span = { start: from, end: from + value.length };
  const references = referencesIn(value, ["make", "dollar"]);
  const carrier = carried(
    name,
    { text: value, span, references, isComputed: hasReference(value, ["make"]) },
    scopeWithin(own, outer),
  );
  if (carrier !== null) own.set(name, carrier);
  if (!value.includes("--build-arg")) return [];
  const built = mappedBuilder();
  built.add(value, from);
  return passesInText(built.build(from), {
    source: text,
    syntaxes: SYNTAXES,
    carriers: scopeWithin(new Map(own), outer),
    values: NOTHING_KNOWN,
    folder: "",
  });
}

/**
 * What the file gives its variables, wherever: a recipe sees them all. One that a command computes, or that is added to,
 * has no value that is known.
 */
function valuesIn(text: string, lines: readonly Line[]): KnownValues {
  const said = new Map<string, string[]>();
  for (const { start, end } of lines) {
    const line = text.slice(start, end);
    const [match, name = "", operator = ""] = ASSIGNMENT.exec(line) ?? TARGET_ASSIGNMENT.exec(line) ?? [];
    if (line.startsWith("\t") || match === undefined) continue;
    const value = /[!+]/.test(operator) ? COMPUTED : (line.slice(match.length).split(/(?<!\\)#/, 1)[0] ?? "");
    const known = said.get(name) ?? [];
    said.set(name, known);
    known.push(value.replaceAll(/\\\r?\n\s*/g, " ").trim());
  }
  return lazyValues(said, (value) => wordingOf(value, SYNTAXES), PROJECT_FOLDER);
}
const COMPUTED = "$(shell)";

/** Reads the text of a Makefile. */
export function readMakefile(text: string, outer: Carriers): Reading {
  const lines = linesOf(text);
  const values = valuesIn(text, lines);
  const given: GivenArgument[] = [];
  const builds: NamedBuild[] = [];
  const inlineDockerfiles: InlineDockerfile[] = [];
  const problems: { offset: number; message: string }[] = [];
  const own = new Map<string, Carrier>();
  const known = scopeWithin(own, outer);
  let isOneShell = false;
  /** What a line of a recipe starts with. */
  let prefix = "\t";
  let block: Line[] = [];

  const flush = (): void => {
    const parts = isOneShell ? joined(block) : block;
    for (const part of parts) {
      const { script, templates } = recipeOf(text, part, prefix);
      if (!mentionsBuild(script.text)) continue;
      const setting: ScriptSetting = {
        source: text,
        syntaxes: SYNTAXES,
        carriers: known,
        values,
        folder: "",
        templates,
      };
      const read = passesIn(script, setting);
      given.push(...read.given);
      builds.push(...read.builds);
      inlineDockerfiles.push(...read.inlineDockerfiles);
      problems.push(...read.problems);
    }
    block = [];
  };

  for (const line of lines) {
    const written = text.slice(line.start, line.end);
    if (written.startsWith(prefix)) {
      if (!/^\s*[@-]*\s*#/.test(written.slice(prefix.length))) block.push(line);
      continue;
    }
    if (written.trim() === "" || /^\s*#/.test(written)) continue;
    flush();
    if (written.startsWith(".ONESHELL")) isOneShell = true;
    const [, mark] = /^\.RECIPEPREFIX[ \t]*[:?]*=[ \t]*(.?)/u.exec(written) ?? [];
    if (mark !== undefined) prefix = mark === "" ? "\t" : mark;
    const match = ASSIGNMENT.exec(written) ?? TARGET_ASSIGNMENT.exec(written);
    if (match?.[1] !== undefined)
      given.push(...readVariable(text, match[1], line.start + match[0].length, line.end, own, outer));
    else if (/^[^#=]*;/.test(written)) block.push({ start: line.start + written.indexOf(";") + 1, end: line.end });
  }
  flush();
  return { given, builds, inlineDockerfiles, problems };
}

/** The lines of a recipe that one shell runs. */
function joined(lines: readonly Line[]): Line[] {
  const first = lines[0];
  const last = lines.at(-1);
  return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end }];
}
