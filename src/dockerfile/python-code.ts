/**
 * What Python code on a command line or in a heredoc does with Hugging Face tokens. There is no Python parser: comments
 * and strings are blanked out first, then a few calls are looked for.
 */

/** A stretch of code, by offsets. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A call found in code; offsets count in the code. */
export interface PythonCall extends Stretch {
  readonly name: string;
  /** The text between the parentheses, strings included; what follows the opening one when nothing closes it. */
  readonly args: string;
  /** Where the parentheses open. */
  readonly open: number;
}

const STRING_OR_COMMENT =
  /#[^\n]*|(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\[\s\S]|[^"\\\n])*(?:"|$)|'(?:\\[\s\S]|[^'\\\n])*(?:'|$))/g;

/** The code with the insides of strings and comments as blanks of the same length. */
export function withoutStrings(code: string): string {
  return code.replaceAll(STRING_OR_COMMENT, (text) => text.replaceAll(/[^\n"']/g, " "));
}

/** The same, but for what stands in the braces of an f-string. */
function withoutStringText(code: string): string {
  return code.replaceAll(STRING_OR_COMMENT, (text, at: number) => {
    const isFormat = !text.startsWith("#") && /f[rR]?$/i.test(code.slice(Math.max(0, at - 2), at));
    if (!isFormat) return text.replaceAll(/[^\n"']/g, " ");
    return text.replaceAll(/\{\{|\{[^{}]*\}|[^\n]/g, (part) => (/^\{[^{]/.test(part) ? part : " ".repeat(part.length)));
  });
}

/** Where the bracket at an offset closes. */
export function closing(code: string, open: number): number {
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
        open,
        end: Math.min(code.length, close + 1),
      });
    }
  }
  return calls.toSorted((a, b) => a.start - b.start);
}

/** Where a call's first argument stands; null when there is none, or when it is given by its name. */
export function firstArgument(code: string, { open, end }: PythonCall): Stretch | null {
  const clean = withoutStrings(code.slice(open + 1, end));
  let depth = 0;
  let length = 0;
  for (; length < clean.length && depth >= 0; length++) {
    const char = clean.charAt(length);
    if (char === "," && depth === 0) break;
    if ("([{".includes(char)) depth++;
    else if (")]}".includes(char)) depth--;
  }
  return /^\s*(?:\w+\s*=(?!=)|\)?$)/.test(clean.slice(0, length)) ? null : { start: open + 1, end: open + 1 + length };
}

/** Functions of os and subprocess that start a program. */
const STARTERS =
  /(?<![\w.])(?:(?:os|subprocess|sp)\s*\.\s*)?(?:system|popen|Popen|run|call|check_call|check_output|getoutput)\s*\(/g;

/** A command line that stands in code is shorter. */
const MAX_START = 1000;

/** The calls that start a program, with its words in `args`: `run(["hf", "auth", "login"])`, `system("hf auth login")`. */
export function startedPrograms(code: string): PythonCall[] {
  if (!/\bos\b|\bsubprocess\b/.test(code)) return [];
  const clean = withoutStrings(code);
  return [...clean.matchAll(STARTERS)].map(({ index, 0: head }) => {
    const open = index + head.length - 1;
    const close = open + closing(clean.slice(open, open + MAX_START), 0);
    const words = code.slice(open + 1, close).replaceAll(/\b[fr]{1,2}(?=["'])|shlex\.split\(/gi, "");
    const args = words.replaceAll(/["'[\](),\s]+/g, " ").trim();
    return { name: head.slice(0, -1).trim(), args, start: index, open, end: Math.min(code.length, close + 1) };
  });
}

/** The code with stretches of it, in their order, as blanks. */
function blanked(code: string, stretches: readonly Stretch[]): string {
  let text = "";
  let at = 0;
  for (const { start, end } of stretches) {
    text += code.slice(at, start) + " ".repeat(end - start);
    at = end;
  }
  return text + code.slice(at);
}

/** Calls whose result holds what they are given, in whole or in part; that of any other is something else. */
const PASSING = new Set(
  "str repr bytes bytearray format join replace encode decode strip lstrip rstrip removeprefix removesuffix split dict list tuple sorted copy deepcopy cast dump dumps safe_dump load loads safe_load b64encode urlsafe_b64encode standard_b64encode encodebytes quote quote_plus dedent render substitute safe_substitute expandvars StringIO BytesIO open Path PosixPath read_text write writelines write_text write_bytes print append extend update setdefault if elif while in not and or return yield await else lambda".split(
    " ",
  ),
);
/** What only asks about a value, or leaves a few characters of it: `A if TOKEN else B`, `TOKEN is not None`, `TOKEN[:4]`. */
const ASKING =
  /(?<![\w.])[\w.]+(?:\.(?:startswith|endswith)\([^()\n]*\)|\[(?::[1-8]|-[1-8]:)\])|\bif\b[^\n]{0,200}?\belse\b|(?<![\w.])[\w.]+(?:\([^()\n]*\)|\[[^\]\n]*\])?\s+is\s+(?:not\s+)?None\b/g;

/** An expression as far as its value is made of what it names, the rest as blanks of the same length. */
export interface CarriedText {
  /** With its strings. */
  readonly text: string;
  /** Without them, but for what stands in the braces of f-strings. */
  readonly code: string;
}

/**
 * Leaves of an expression what its value is made of: no condition, and no argument of a call that gives back something
 * else (`requests.get(url, headers=…)`, `len(token)`).
 * @param own functions of the code itself, which may give back what they are given
 */
export function carriedText(expression: string, own: ReadonlySet<string>): CarriedText {
  const bare = withoutStringText(expression);
  const asked = [...bare.matchAll(ASKING)].map(({ index, 0: match }) => ({ start: index, end: index + match.length }));
  const code = blanked(bare, asked);
  const given: Stretch[] = [];
  const call = /([A-Za-z_]\w*)\s*\(/g;
  for (let match = call.exec(code); match !== null; match = call.exec(code)) {
    const [, name = ""] = match;
    if (PASSING.has(name) || own.has(name)) continue;
    const end = closing(code, call.lastIndex - 1);
    given.push({ start: call.lastIndex, end });
    call.lastIndex = end;
  }
  return { text: blanked(blanked(expression, asked), given), code: blanked(code, given) };
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
