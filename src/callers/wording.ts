/**
 * Reads a text with names in it as the parts that it is put together from: `$X` and `${X:-y}` of shells and compose,
 * `$(X)` of make and Azure, `${{ env.X || 'y' }}` of GitHub, `<< parameters.X >>` of CircleCI. Expands nothing.
 */

import { UNTOLD_PART, type Choice, type Named, type Wording } from "./known-value.ts";
import { printedPath } from "./project-folder.ts";
import type { Syntax } from "./reference.ts";

type Part = Wording[number];

/** Longer texts are no paths, and longer templates no names. */
const MAX_LENGTH = 4096;
const MAX_TEMPLATE = 500;
const NAME = /^[A-Za-z_]\w*/;
const MAKE_FUNCTION = /^([a-z]+)[ \t]+([\s\S]*)$/;
/** The folder of the Makefile itself. */
const MAKEFILE_FOLDER = /^[^$]*(?:\$\(\w+ [^$]*){0,4}\$\((?:last|first)word \$[({]MAKEFILE_LIST[)}]\)\)*$/;
const MAKE_NAME = /^[\w.-]+$/;
const WITH_DEFAULT = /^([A-Za-z_]\w*)(?:(:?[-=])([\s\S]*)|:?\?[\s\S]*)?$/;
const CIRCLE = /^<<[ \t]*([\w.-]+)[ \t]*>>/;
/** Words of an expression: quoted text, operators, everything else. */
const EXPRESSION_PART = /'(?:[^']|'')*'|\|\||&&|[^'|&]+|[|&']/g;
const PATH = /^[A-Za-z_][\w-]*(?:\.[\w-]+|\[\s*'[\w.-]+'\s*\])*$/;

function named(name: string, otherwise: Wording | null = null): Named {
  return { name, otherwise };
}

/** A name of an expression as it is looked up: `matrix['x']` is `matrix.x`, and capitals do not count. */
function pathName(path: string): string {
  return path.replaceAll(/\[\s*'([\w.-]+)'\s*\]/g, ".$1").toLowerCase();
}

/** `a || 'b'`, and `condition && 'a' || 'b'`, where nobody can tell the condition. */
function expressionPart(body: string): Part {
  const options: string[][] = [[""]];
  for (const [word] of body.matchAll(EXPRESSION_PART)) {
    const option = options.at(-1) ?? [];
    if (word === "||") options.push([""]);
    else if (word === "&&") option.push("");
    else option[option.length - 1] += word;
  }
  let rest: Part | null = null;
  for (const operands of options.toReversed()) {
    const last = (operands.at(-1) ?? "").trim();
    const otherwise: Wording | null = rest === null ? null : [rest];
    const isText = /^'(?:[^']|'')*'$/.test(last);
    const own: Part = isText
      ? last.slice(1, -1).replaceAll("''", "'")
      : PATH.test(last)
        ? named(pathName(last), otherwise)
        : UNTOLD_PART;
    const isSure: boolean = operands.length === 1 && own !== UNTOLD_PART;
    rest = isSure || otherwise === null ? own : ({ anyOf: [[own], otherwise] } satisfies Choice);
  }
  return rest ?? UNTOLD_PART;
}

/** A function's arguments, at the commas outside of brackets. */
function argumentsIn(text: string): string[] {
  const found = [""];
  let depth = 0;
  for (const char of text) {
    if (/[({]/.test(char)) depth++;
    if (/[)}]/.test(char)) depth--;
    if (char === "," && depth === 0) found.push("");
    else found[found.length - 1] += char;
  }
  return found.map((item) => item.trim());
}

/** What `$(…)` of make stands for; null for a function whose result nobody can tell. */
function makePart(body: string): Part | null {
  if (MAKE_NAME.test(body)) return named(body);
  if (MAKEFILE_FOLDER.test(body)) return ".";
  const [, name = "", rest = ""] = MAKE_FUNCTION.exec(body) ?? [];
  const wordings = argumentsIn(rest).map((text) => wordingOf(text, ["make"]));
  switch (name) {
    case "abspath":
    case "realpath":
    case "strip":
      return { anyOf: wordings };
    case "if":
      return { anyOf: wordings.slice(1) };
    case "or":
      return wordings.reduceRight<Part>((otherwise, wording) => {
        const [only] = wording;
        const isName = wording.length === 1 && typeof only === "object" && "name" in only;
        return isName ? named(only.name, [otherwise]) : wording.length === 0 ? otherwise : { anyOf: [wording] };
      }, UNTOLD_PART);
    case "shell":
      return { anyOf: [printedPath(`$(${rest})`, (path) => wordingOf(path, ["make"])) ?? [UNTOLD_PART]] };
    default:
      return null;
  }
}

/** What stands between the braces of `${…}`. */
function bracedPart(body: string, syntaxes: readonly Syntax[]): Part {
  const [, name, operator, word = ""] = WITH_DEFAULT.exec(body) ?? [];
  if (name === undefined) return UNTOLD_PART;
  return named(name, operator === undefined ? null : wordingOf(word, syntaxes));
}

/** The offset of the bracket that closes the one at `at`; null when none does within bounds. */
function closingAt(text: string, at: number): number | null {
  const open = text.charAt(at);
  const close = open === "(" ? ")" : "}";
  let depth = 0;
  for (let i = at; i < text.length && i < at + MAX_TEMPLATE; i++) {
    const char = text.charAt(i);
    if (char === open) depth++;
    else if (char === close && --depth === 0) return i;
  }
  return null;
}

/** The part that begins at a `$` or `<<`, with its length; null when it does not end. */
function partAt(text: string, at: number, syntaxes: readonly Syntax[]): { part: Part; length: number } | null {
  const next = text.charAt(at + 1);
  if (text.charAt(at) === "<") {
    const [whole = "<", path] = CIRCLE.exec(text.slice(at, at + MAX_TEMPLATE)) ?? [];
    return { part: path === undefined ? whole : named(pathName(path)), length: whole.length };
  }
  const end = text.startsWith("${{", at) ? "}}" : text.startsWith("$[[", at) ? "]]" : null;
  if (end !== null && syntaxes.includes("expression")) {
    const to = text.slice(0, at + MAX_TEMPLATE).indexOf(end, at);
    return to === -1 ? null : { part: expressionPart(text.slice(at + 3, to)), length: to + 2 - at };
  }
  const isDollar = syntaxes.includes("dollar");
  const isMake = syntaxes.includes("make");
  if (next === "$" && (isDollar || isMake)) return { part: "$", length: 2 };
  if ((next === "{" && (isDollar || isMake)) || (next === "(" && isMake)) {
    const to = closingAt(text, at + 1);
    if (to === null) return null;
    const body = text.slice(at + 2, to);
    const part = isMake ? (makePart(body) ?? bracedPart(body, syntaxes)) : bracedPart(body, syntaxes);
    return { part, length: to + 1 - at };
  }
  const name = isDollar ? NAME.exec(text.slice(at + 1, at + 1 + MAX_TEMPLATE))?.[0] : undefined;
  return name === undefined ? { part: UNTOLD_PART, length: 1 } : { part: named(name), length: name.length + 1 };
}

/** A text in the given ways of naming a value. */
export function wordingOf(text: string, syntaxes: readonly Syntax[]): Wording {
  if (!/\$|<</.test(text)) return [text];
  if (text.length > MAX_LENGTH) return [UNTOLD_PART];
  const sign = syntaxes.includes("expression") ? /\$|<</g : /\$/g;
  const parts: Part[] = [];
  let from = 0;
  for (let match = sign.exec(text); match !== null; match = sign.exec(text)) {
    const found = partAt(text, match.index, syntaxes);
    if (found === null) return [UNTOLD_PART];
    parts.push(text.slice(from, match.index), found.part);
    from = match.index + found.length;
    sign.lastIndex = from;
  }
  return [...parts, text.slice(from)].filter((part) => part !== "");
}
