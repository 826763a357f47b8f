/**
 * Which variables a command prints with their names, one a line: `env`, `set`, `export -p`, and what filters leave of that.
 * A line is known by its name, so that `grep -v TOKEN` is known to take it out. Decides nothing about values.
 */

import type { Invocation } from "./invocation.ts";
import { operands } from "./shell-path.ts";
import type { NamedValue } from "./shell-variables.ts";
import type { ShellWord } from "./shell-word.ts";
import { basename } from "./wrappers.ts";

/** The variables that a command can see. */
interface Seen {
  /** What programs find in their environment. */
  readonly exported: () => readonly NamedValue[];
  /** What the shell itself knows. */
  readonly all: () => readonly NamedValue[];
}

/** The names that `env -i`, `env -u NAME` and sudo keep from a command and from the shell around it; null for all. */
function withheld(invocation: Invocation): ReadonlySet<string> | null {
  const names = new Set<string>();
  for (let at: Invocation | null = invocation; at !== null; at = at.parent) {
    const own = withheldBy(at);
    if (own === null) return null;
    for (const name of own) names.add(name);
  }
  return names;
}

function withheldBy({ command }: Invocation): ReadonlySet<string> | null {
  const names = new Set<string>();
  const words = command.words.map(({ value }) => value ?? "");
  if (words[0] === "sudo" && !words.some((word) => /^(?:-[A-Za-z]*E|--preserve-env)/.test(word))) return null;
  for (let i = words.findIndex((word) => basename(word) === "env") + 1; i > 0 && i < words.length; i++) {
    const word = words[i] ?? "";
    if (/^(?:-i|-|--ignore-environment)$/.test(word)) return null;
    if (word === "-u" || word === "--unset") names.add(words[++i] ?? "");
    else if (/^-u\w|^--unset=/.test(word)) names.add(word.replace(/^-u|^--unset=/, ""));
    else if (!/^-|=|^env$/.test(word)) break;
  }
  return names;
}

/** What a command prints of the variables by itself; null for one that does not print them. */
function dumped(invocation: Invocation, { exported, all }: Seen): readonly NamedValue[] | null {
  const { program, args } = invocation;
  if (program === "set") return args.length === 0 ? all() : null;
  if (/^(?:export|declare|typeset)$/.test(program)) {
    const options = args.filter(({ value }) => /^-[xp]+$/.test(value ?? ""));
    const names = args.filter((word) => !options.includes(word)).map(({ value }) => value ?? "");
    if (names.length > 0) {
      const isPrinted = options.some(({ value }) => value?.includes("p"));
      return isPrinted ? all().filter(({ name }) => names.includes(name)) : null;
    }
    return program === "export" || options.some(({ value }) => value?.includes("x")) ? exported() : all();
  }
  const isOption = ({ value }: ShellWord, i: number): boolean =>
    /^-|=/.test(value ?? "") || args[i - 1]?.value === "-u";
  const isBare = program === "env" ? args.every(isOption) : program === "printenv" && operands(args).length === 0;
  if (!isBare) return null;
  const names = withheld(invocation);
  return names === null ? [] : exported().filter(({ name }) => !names.has(name));
}

/** Longer patterns, and those with more repeats, are not worth the time. */
const MAX_PATTERN = 200;
const MAX_REPEATS = 3;

/** A pattern of grep or sed; null when it is too odd to be judged. */
function patternOf(text: string, isBasic: boolean, flags: string): RegExp | null {
  // In a basic pattern these mean themselves, and with a backslash what they mean elsewhere.
  const source = isBasic
    ? text.replaceAll(/\\?[|()+?{}]/g, (sign) => (sign.length === 2 ? sign.slice(1) : `\\${sign}`))
    : text;
  const repeats = source.match(/[*+{]/g) ?? [];
  if (source.length > MAX_PATTERN || repeats.length > MAX_REPEATS || /\)[*+?{]/.test(source)) return null;
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

/** What a line looks like, as far as tokens look alike. */
function lineOf({ name }: NamedValue): string {
  return `${name}=hf_${"aB".repeat(17)}`;
}

/** What grep lets through. */
function grepped(args: readonly ShellWord[], lines: readonly NamedValue[]): readonly NamedValue[] {
  const options = args.flatMap(({ value }) => (/^-[a-zA-Z]+$/.test(value ?? "") ? [value ?? ""] : [])).join("");
  const has = (short: RegExp, long: string): boolean => short.test(options) || args.some(({ value }) => value === long);
  const given = args.filter((_, i) => /^-[a-zA-Z]*e$|^--regexp$/.test(args[i - 1]?.value ?? ""));
  const patterns = given.length > 0 ? given : operands(args).slice(0, 1);
  const flags = has(/i/, "--ignore-case") ? "i" : "";
  const isBasic = !has(/[EP]/, "--extended-regexp");
  const isFixed = has(/F/, "--fixed-strings");
  const read = patterns.map(({ value }) => {
    if (value === null) return null;
    return patternOf(isFixed ? value.replaceAll(/[.*+?^$()|{}[\]\\]/g, "\\$&") : value, isBasic && !isFixed, flags);
  });
  if (read.length === 0 || read.includes(null) || /[fwx]/.test(options)) return lines;
  // What matches is all that is printed.
  if (/o/.test(options))
    return lines.filter((line) => read.some((pattern) => pattern?.exec(lineOf(line))?.[0].includes("hf_")));
  const isMatched = (line: NamedValue): boolean => read.some((pattern) => pattern?.test(lineOf(line)));
  if (has(/v/, "--invert-match")) return lines.filter((line) => !isMatched(line));
  return lines.filter(isMatched);
}

/** What `sed '/NAME/d'` and `sed -n '/NAME/p'` let through; null for any other program of sed. */
function edited(args: readonly ShellWord[], lines: readonly NamedValue[]): readonly NamedValue[] | null {
  const text = operands(args)[0]?.value ?? "";
  if (/^s(.)=\.\*\1/.test(text)) return [];
  const [, pattern, command] = /^\/([^/]*)\/([dp])$/.exec(text) ?? [];
  if (pattern === undefined) return null;
  const read = patternOf(pattern, !args.some(({ value }) => /^-[rE]$/.test(value ?? "")), "");
  if (read === null) return null;
  return lines.filter((line) => read.test(lineOf(line)) === (command === "p"));
}

/** What is left of lines by a filter; null for a program that is no filter of lines. */
function filteredLines({ program, args }: Invocation, lines: readonly NamedValue[]): readonly NamedValue[] | null {
  const text = args.map(({ value }) => value ?? "").join(" ");
  switch (program) {
    case "sort":
    case "uniq":
      return operands(args).length === 0 && !/-o|--output/.test(text) ? lines : null;
    case "grep":
    case "egrep":
      return /(?:^| )-[a-zA-Z]*[qcLl]/.test(text) ? null : grepped(args, lines);
    case "sed":
      return edited(args, lines);
    case "cut":
      return /^-d ?=? -f ?1$|^-f ?1 -d ?=$|^-d= -f1$/.test(text) ? [] : null;
    case "awk":
      return /^-F ?= \{ ?print \$1;? ?\}$/.test(text) ? [] : null;
    default:
      return null;
  }
}

/** The variables that a command prints by their names; null when what it prints is something else. */
export function printedVariables(invocation: Invocation, seen: Seen): readonly NamedValue[] | null {
  const filters: Invocation[] = [];
  for (let at: Invocation | null = invocation; at !== null && filters.length < MAX_FILTERS; at = at.feeder) {
    let lines = dumped(at, seen);
    if (lines !== null) {
      for (const filter of filters.toReversed()) {
        lines = lines === null ? null : filteredLines(filter, lines);
      }
      return lines;
    }
    if (!FILTER.test(at.program)) return null;
    filters.push(at);
  }
  return null;
}

/** Filters in a row. */
const MAX_FILTERS = 16;
/** Programs that may pass lines on as they are. */
const FILTER = /^(?:sort|uniq|e?grep|sed|cut|awk)$/;
