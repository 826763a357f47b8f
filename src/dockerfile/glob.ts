/**
 * Wildcards over paths, in the two dialects that a build has: Go's filepath.Match for the sources of COPY and ADD, and
 * moby/patternmatcher (v0.6.1) for .dockerignore, --exclude and --parents. Linear in pattern and path, whatever they
 * hold: no regular expression ever runs over a path. Knows no files.
 */

/** A compiled pattern. */
export interface Glob {
  /** True when the whole path matches; paths have forward slashes. */
  readonly test: (path: string) => boolean;
}

/** `match`: Go's filepath.Match; `ignore`: patternmatcher, where `**` crosses folders and letters after `\` mean classes. */
export type Dialect = "match" | "ignore";

type Test = (char: string) => boolean;

/** `char`: one character; `star`: any number but `/`; `rest`: any number; `folders`: nothing, or anything up to a `/`. */
type Op =
  | { readonly kind: "char"; readonly test: Test; readonly literal: string | null }
  | { readonly kind: "star" | "rest" | "folders" | "inside" };

const notSlash: Test = (char) => char !== "/";

function literal(text: string): Op[] {
  return Array.from(text, (char): Op => ({ kind: "char", test: (other) => other === char, literal: char }));
}

/** What Go's regular expressions make of a letter after a backslash; other letters and digits are an error there. */
const LETTER_ESCAPES: ReadonlyMap<string, Test> = new Map([
  ["d", (char) => /^[0-9]$/.test(char)],
  ["D", (char) => !/^[0-9]$/.test(char)],
  ["w", (char) => /^[0-9A-Za-z_]$/.test(char)],
  ["W", (char) => !/^[0-9A-Za-z_]$/.test(char)],
  ["s", (char) => /^[\t\n\f\r ]$/.test(char)],
  ["S", (char) => !/^[\t\n\f\r ]$/.test(char)],
  ...Object.entries({ a: "\u0007", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" }).map(
    ([name, meant]): [string, Test] => [name, (char) => char === meant],
  ),
]);

/** The class that opens at `at`, and the place after it; null when it is none. */
function readClass(chars: readonly string[], at: number, dialect: Dialect): { test: Test; end: number } | null {
  let next = at + 1;
  const isNegated = chars[next] === "^";
  if (isNegated) next++;
  const ranges: { low: number; high: number }[] = [];
  const bound = (): number | null => {
    let char = chars[next];
    if (char === undefined || char === "-" || char === "]") return null;
    if (char === "\\") char = chars[++next];
    next++;
    // A class that nothing closes is an error, also right after a character.
    return char === undefined || next >= chars.length ? null : (char.codePointAt(0) ?? null);
  };
  while (chars[next] !== "]" || ranges.length === 0) {
    const low = bound();
    if (low === null) return null;
    let high: number | null = low;
    if (chars[next] === "-") {
      next++;
      high = bound();
    }
    if (high === null || (high < low && dialect === "ignore")) return null;
    ranges.push({ low, high });
  }
  const test: Test = (char) => {
    const code = char.codePointAt(0) ?? 0;
    return ranges.some(({ low, high }) => low <= code && code <= high) !== isNegated;
  };
  return { test, end: next + 1 };
}

/** The operations of a pattern; null when it is none. */
function parse(pattern: string, dialect: Dialect): Op[] | null {
  const chars = Array.from(pattern);
  const ops: Op[] = [];
  for (let at = 0; at < chars.length;) {
    const char = chars[at] ?? "";
    if (char === "*" && dialect === "ignore" && chars[at + 1] === "*") {
      const isAtStart = at === 0;
      at += 2;
      const isFolder = chars[at] === "/";
      if (isFolder) at++;
      const rest = chars.slice(at);
      // patternmatcher takes a leading `**` before plain text for "ends with", with or without a slash between.
      const isSuffix = isAtStart && !isFolder && !rest.some((other) => /[*?[\]\\]/.test(other));
      if (rest.length === 0 || isSuffix) ops.push({ kind: "rest" });
      else ops.push({ kind: "folders" }, { kind: "inside" });
    } else if (char === "*") {
      ops.push({ kind: "star" });
      at++;
    } else if (char === "?") {
      ops.push({ kind: "char", test: notSlash, literal: null });
      at++;
    } else if (char === "[") {
      const found = readClass(chars, at, dialect);
      if (found === null) return null;
      ops.push({ kind: "char", test: found.test, literal: null });
      at = found.end;
    } else if (char === "\\") {
      const escaped = chars[at + 1];
      if (escaped === undefined) return null;
      at += 2;
      if (dialect === "match" || !/^[A-Za-z0-9]$/.test(escaped)) {
        ops.push(...literal(escaped));
        continue;
      }
      const test = LETTER_ESCAPES.get(escaped);
      if (test === undefined) return null;
      ops.push({ kind: "char", test, literal: null });
    } else {
      ops.push(...literal(char));
      at++;
    }
  }
  return ops;
}

function literalRun(ops: readonly Op[]): string {
  let text = "";
  for (const op of ops) {
    if (op.kind !== "char" || op.literal === null) break;
    text += op.literal;
  }
  return text;
}

/** Marks a place, and those after it that need no character. */
function enter(states: Uint8Array, ops: readonly Op[], at: number): void {
  let place = at;
  for (;;) {
    states[place] = 1;
    const kind = ops[place]?.kind;
    if (kind === "star" || kind === "rest") place++;
    else if (kind === "folders") {
      states[place + 1] = 1;
      place += 2;
    } else return;
  }
}

/** Walks all ways through the operations at once. */
function run(ops: readonly Op[], path: string): boolean {
  let now = new Uint8Array(ops.length + 1);
  let next = new Uint8Array(ops.length + 1);
  enter(now, ops, 0);
  for (const char of path) {
    next.fill(0);
    let isAlive = false;
    for (const [at, op] of ops.entries()) {
      if (now[at] !== 1) continue;
      if (op.kind === "char") {
        if (!op.test(char)) continue;
        enter(next, ops, at + 1);
      } else if (op.kind === "star") {
        if (char === "/") continue;
        enter(next, ops, at);
      } else if (op.kind === "rest") {
        enter(next, ops, at);
      } else if (op.kind === "inside") {
        next[at] = 1;
        if (char === "/") enter(next, ops, at + 1);
      } else continue;
      isAlive = true;
    }
    if (!isAlive) return false;
    [now, next] = [next, now];
  }
  return now[ops.length] === 1;
}

/** The pattern, ready to test paths; null when the dialect takes it for malformed, and the build would stop. */
export function compileGlob(pattern: string, dialect: Dialect): Glob | null {
  const ops = parse(pattern, dialect);
  if (ops === null) return null;
  const head = literalRun(ops);
  if (head === pattern) return { test: (path) => path === pattern };
  const tail = Array.from(literalRun([...ops].reverse()))
    .reverse()
    .join("");
  return { test: (path) => path.startsWith(head) && path.endsWith(tail) && run(ops, path) };
}

/** True when a source of COPY or ADD is a pattern: BuildKit then lists the folder, else it takes the path as it stands. */
export function hasWildcard(text: string): boolean {
  return /[*?[]/.test(text.replaceAll(/\\[\s\S]/g, ""));
}
