/**
 * What Python code on a command line or in a heredoc does with Hugging Face tokens. There is no Python parser: comments
 * and strings are blanked out first, then a few calls are looked for.
 */

/** A call found in code; offsets count in the code. */
export interface PythonCall {
  readonly name: string;
  /** The text between the parentheses, strings included; what follows the opening one when nothing closes it. */
  readonly args: string;
  readonly start: number;
  readonly end: number;
}

const STRING_OR_COMMENT =
  /#[^\n]*|(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\[\s\S]|[^"\\\n])*(?:"|$)|'(?:\\[\s\S]|[^'\\\n])*(?:'|$))/g;

/** The code with the insides of strings and comments as blanks of the same length. */
export function withoutStrings(code: string): string {
  return code.replaceAll(STRING_OR_COMMENT, (text) => text.replaceAll(/[^\n"']/g, " "));
}

function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    const char = code.charAt(i);
    if (char === "(" || char === "[" || char === "{") depth++;
    else if (char === ")" || char === "]" || char === "}") depth--;
    if (depth === 0) return i;
  }
  return code.length;
}

/** The names under which a module of huggingface_hub or its parts can be called in this code. */
function aliases(code: string): readonly string[] {
  return [...code.matchAll(/\bhuggingface_hub(?:\.\w+)*\s+as\s+(\w+)/g)].flatMap((match) => match[1] ?? []);
}

/** `from huggingface_hub import login as hf_login` and the plain form. */
function importedAs(code: string, name: string): readonly string[] {
  const found: string[] = [];
  for (const match of code.matchAll(/\bfrom\s+huggingface_hub(?:\.\w+)*\s+import\s+(\([^)]*\)|[^\n;]*)/g)) {
    const list = (match[1] ?? "").replaceAll(/[()]/g, "");
    if (list.trim() === "*") found.push(name);
    for (const item of list.split(",")) {
      const [, original, alias] = /^\s*(\w+)(?:\s+as\s+(\w+))?\s*$/.exec(item) ?? [];
      if (original === name) found.push(alias ?? name);
    }
  }
  return found;
}

/** A dotted name as Python lets it be written: blanks around dots, `()` where it stands. */
function pattern(name: string): string {
  return name.replaceAll("()", "\\(\\s*\\)").replaceAll(".", "\\s*\\.\\s*");
}

/** The calls of these functions of huggingface_hub, in order. */
export function hubCalls(code: string, names: readonly string[]): PythonCall[] {
  if (!code.includes("huggingface_hub") && !code.includes("HfFolder") && !code.includes("HfApi")) return [];
  const clean = withoutStrings(code);
  const modules = ["huggingface_hub", ...aliases(clean)].join("|");
  const calls: PythonCall[] = [];
  for (const name of names) {
    const head = /^\w+/.exec(name)?.[0] ?? name;
    if (!clean.includes(head)) continue;
    const imported = importedAs(clean, head).map((alias) => alias + name.slice(head.length));
    const bare = head === name ? imported : [name, ...imported];
    const dotted = `(?:(?:${modules})(?:\\.\\w+)*\\.)`;
    const forms = [`${dotted}${pattern(name)}`, ...bare.map(pattern)].join("|");
    for (const match of clean.matchAll(new RegExp(`(?<![\\w.])(?:${forms})\\s*\\(`, "g"))) {
      const open = match.index + match[0].length - 1;
      const close = closing(clean, open);
      calls.push({
        name,
        args: code.slice(open + 1, close).trim(),
        start: match.index,
        end: Math.min(code.length, close + 1),
      });
    }
  }
  return calls.toSorted((a, b) => a.start - b.start);
}

/** The environment variables that a stretch of Python code reads. */
export function environmentReads(
  code: string,
): { readonly name: string; readonly start: number; readonly end: number }[] {
  const reads = /(?:environ(?:\.get)?\s*[[(]|getenv\s*\()\s*(?:"(\w+)"|'(\w+)')/g;
  return [...code.matchAll(reads)].map((match) => ({
    name: match[1] ?? match[2] ?? "",
    start: match.index,
    end: match.index + match[0].length,
  }));
}
