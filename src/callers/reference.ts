/**
 * Finds what a value takes in by name: `$X` and `${X:-y}` of shells and compose, `${{ secrets.X }}` of CI systems, `$(X)`
 * of make. Names only: nothing is expanded, and a value that cannot show (`${X:+yes}`, a comparison) is left out.
 */

/** Which ways of naming a value a text knows. */
export type Syntax = "dollar" | "expression" | "make";

/** Something that a value takes in. */
export interface Reference {
  /** The last part of the name: `HF_TOKEN`. */
  readonly name: string;
  /** The name as a reader knows it: `secrets.HF_TOKEN`. */
  readonly shown: string;
}

/** A stretch of a text that another program than the shell replaces; offsets in the text, end exclusive. */
export interface Template {
  readonly start: number;
  readonly end: number;
}

const DOLLAR = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?\+)?)/g;
const MAKE = /\$(?:\$|\(([\w.-]+)\)|\{([\w.-]+)\})/g;
const EXPRESSION = /\$\{\{[^\n]{0,500}?\}\}|\$\[\[[^\n]{0,200}?\]\]|<<[ \t]{0,20}[\w.-]{1,100}[ \t]{0,20}>>/g;
const COMPARED = /[\w.'[\]-]+\s*[!=]=\s*(?:'[^']*'|[\w.]+)/g;
const PATH = /(?<![\w.'-])([A-Za-z_][\w-]*)((?:\.[\w-]+|\[\s*'[^'\n]*'\s*\])+)/g;

function inExpression(text: string): Reference[] {
  const body = text.replaceAll(COMPARED, (found) => " ".repeat(found.length));
  return [...body.matchAll(PATH)].map(([, root = "", rest = ""]) => {
    const parts = [...rest.matchAll(/\.([\w-]+)|\[\s*'([^'\n]*)'\s*\]/g)].map(
      ([, dotted, quoted]) => dotted ?? quoted ?? "",
    );
    const name = parts.at(-1) ?? "";
    return { name, shown: [root, ...parts].join(".") };
  });
}

/** What a text takes in, in the given ways, in order of the ways. */
export function referencesIn(text: string, syntaxes: readonly Syntax[]): Reference[] {
  const found: Reference[] = [];
  let rest = text;
  if (syntaxes.includes("expression") && /\$\{\{|\$\[\[|<</.test(text)) {
    for (const [expression] of text.matchAll(EXPRESSION)) found.push(...inExpression(expression));
    rest = text.replaceAll(EXPRESSION, " ");
  }
  if (syntaxes.includes("make")) {
    for (const [, round, curly] of rest.matchAll(MAKE)) {
      const name = round ?? curly;
      if (name !== undefined) found.push({ name, shown: name });
    }
  }
  if (syntaxes.includes("dollar")) {
    for (const [, bare, braced, hiding] of rest.matchAll(DOLLAR)) {
      const name = bare ?? braced;
      if (name !== undefined && hiding === undefined) found.push({ name, shown: name });
    }
  }
  return found;
}

/** The templates of CI systems in a text. */
export function expressionsIn(text: string): Template[] {
  return [...text.matchAll(EXPRESSION)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

/** True when something in the text is replaced before the value is there. */
export function hasReference(text: string, syntaxes: readonly Syntax[]): boolean {
  const patterns: Readonly<Record<Syntax, RegExp>> = {
    dollar: /\$[A-Za-z_{(]|`/,
    expression: /\$\{\{|\$\[\[|<<\s*[\w.-]+\s*>>/,
    make: /\$[({]/,
  };
  return syntaxes.some((syntax) => patterns[syntax].test(text));
}
