/**
 * Splits HCL (the native syntax that docker-bake.hcl is written in) into tokens with places: comments, strings with
 * templates, heredocs. Own code, since no kept package gives places without a native build. Knows no grammar above tokens.
 */

/** A token; offsets in the file, end exclusive. */
export interface HclToken {
  readonly kind: "name" | "string" | "heredoc" | "number" | "mark" | "newline";
  /** The name or mark as it stands; for strings what is between the quotes, as written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Stretches of `${…}` in a string or heredoc, without the braces. */
  readonly templates: readonly { readonly start: number; readonly end: number }[];
}

/** Something that is no HCL, at an offset of the file. */
export interface HclProblem {
  readonly offset: number;
  readonly message: string;
}

const SPACE = /[ \t\r\u{feff}]+/uy;
const COMMENT = /(?:#|\/\/)[^\n]*|\/\*[\s\S]*?\*\//y;
const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEREDOC = /<<(-?)([\p{L}_][\p{L}\p{N}_-]*)\r?\n/uy;
const MARK = /==|!=|<=|>=|=>|&&|\|\||\.\.\.|[{}[\]()=:,.?!<>+\-*/%&|]/y;
const MAX_DEPTH = 64;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The offset after the brace that closes a template; null when none does before `to`. */
function templateEnd(text: string, from: number, to: number, depth: number): number | null {
  let open = 1;
  for (let at = from; at < to; at++) {
    const char = text.charAt(at);
    if (char === '"') {
      const inner = depth < MAX_DEPTH ? quotedEnd(text, at + 1, to, [], depth + 1) : null;
      if (inner === null) return null;
      at = inner - 1;
    } else if (char === "{") open++;
    else if (char === "}" && --open === 0) return at + 1;
  }
  return null;
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The template that begins at `at`: `${…}` or `%{…}`; null when none does. `end` is null when it does not end. */
function templateAt(text: string, at: number, to: number, depth: number): { readonly end: number | null } | null {
  const char = text.charAt(at);
  if ((char !== "$" && char !== "%") || text.charAt(at + 1) !== "{") return null;
  return { end: templateEnd(text, at + 2, to, depth) };
}

/** The offset after the closing quote of a string whose text starts at `from`; null when the string does not end. */
function quotedEnd(text: string, from: number, to: number, templates: Stretch[], depth: number): number | null {
  for (let at = from; at < to; at++) {
    const char = text.charAt(at);
    if (char === '"') return at + 1;
    if (char === "\n") return null;
    if (char === "\\") at++;
    else if (text.startsWith("$${", at) || text.startsWith("%%{", at)) at += 2;
    else {
      const template = templateAt(text, at, to, depth);
      if (template === null) continue;
      if (template.end === null) return null;
      templates.push({ start: at + 2, end: template.end - 1 });
      at = template.end - 1;
    }
  }
  return null;
}

/** The templates in the body of a heredoc. */
function templatesIn(text: string, from: number, to: number): Stretch[] {
  const templates: Stretch[] = [];
  for (let at = text.indexOf("{", from); at !== -1 && at < to; at = text.indexOf("{", at + 1)) {
    const template = templateAt(text, at - 1, to, 0);
    if (template?.end === null || template === null || text.charAt(at - 2) === text.charAt(at - 1)) continue;
    templates.push({ start: at + 1, end: template.end - 1 });
    at = template.end - 1;
  }
  return templates;
}

/** The body of a heredoc and the offset after its end mark; null when it has none. */
function heredocAt(
  text: string,
  name: string,
  from: number,
): { readonly bodyEnd: number; readonly end: number } | null {
  for (let at = from; at <= text.length;) {
    const found = text.indexOf("\n", at);
    const end = found === -1 ? text.length : found;
    if (text.slice(at, end).trim() === name) return { bodyEnd: at, end };
    if (found === -1) return null;
    at = found + 1;
  }
  return null;
}

/** Every token of the stretch from `from` to `to`; ends at the first thing that is no HCL, with a problem. */
export function hclTokens(
  text: string,
  from: number = 0,
  to: number = text.length,
): { readonly tokens: readonly HclToken[]; readonly problems: readonly HclProblem[] } {
  const tokens: HclToken[] = [];
  const add = (kind: HclToken["kind"], start: number, end: number, templates: readonly Stretch[] = []): void => {
    const inset = kind === "string" ? 1 : 0;
    tokens.push({ kind, text: text.slice(start + inset, end - inset), start, end, templates });
  };
  for (let at = from; at < to;) {
    const skipped = match(SPACE, text, at) ?? match(COMMENT, text, at);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    const char = text.charAt(at);
    if (char === "\n") {
      add("newline", at, at + 1);
      at++;
      continue;
    }
    if (char === '"') {
      const templates: Stretch[] = [];
      const end = quotedEnd(text, at + 1, to, templates, 0);
      if (end === null) return { tokens, problems: [{ offset: at, message: "a string does not end" }] };
      add("string", at, end, templates);
      at = end;
      continue;
    }
    const heredoc = match(HEREDOC, text, at);
    if (heredoc !== null) {
      const start = at + heredoc[0].length;
      const body = heredocAt(text, heredoc[2] ?? "", start);
      if (body === null) return { tokens, problems: [{ offset: at, message: "a heredoc does not end" }] };
      const templates = templatesIn(text, start, body.bodyEnd);
      tokens.push({ kind: "heredoc", text: text.slice(start, body.bodyEnd), start: at, end: body.end, templates });
      at = body.end;
      continue;
    }
    const name = match(NAME, text, at);
    const number = name ?? match(NUMBER, text, at);
    const mark = number ?? match(MARK, text, at);
    if (mark === null) return { tokens, problems: [{ offset: at, message: "this is no HCL" }] };
    const end = Math.min(to, at + mark[0].length);
    add(name !== null ? "name" : number !== null ? "number" : "mark", at, end);
    at = end;
  }
  return { tokens, problems: [] };
}
