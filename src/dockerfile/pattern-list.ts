/**
 * Lists of patterns with exceptions (`!`), as moby/patternmatcher judges them on the way down a tree: .dockerignore,
 * `--exclude`, `--parents`. Works on paths alone. `@balena/dockerignore` is not used: it takes `+ ( ) | { }` in a
 * pattern for a regular expression (and throws), tests only some of the parent folders, and backtracks without bound.
 */

import { posix } from "node:path";
import { compileGlob, type Glob } from "./glob.ts";

interface Pattern {
  /** Clean, without the `!`. */
  readonly text: string;
  readonly glob: Glob;
  readonly isException: boolean;
}

/** Patterns in their order: of all that match, the last one decides. */
export interface PatternList {
  readonly patterns: readonly Pattern[];
  readonly hasExceptions: boolean;
}

/** Which patterns a folder matched: what its entries inherit. Null for the root. */
export type FolderMatch = readonly boolean[] | null;

/** The white space that Go trims. */
const BLANKS = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
const AROUND = new RegExp(`^${BLANKS}|${BLANKS}$`, "gu");

function trim(text: string): string {
  return text.replaceAll(AROUND, "");
}

/** The shortest spelling of a path, as Go's filepath.Clean gives it. */
export function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

/** The patterns of an ignore file (moby/patternmatcher, ignorefile): comments and blank lines gone, slashes made plain. */
export function readIgnoreFile(text: string): string[] {
  return text
    .replace(/^\u{feff}/u, "")
    .split(/\r?\n/)
    .flatMap((line): string[] => {
      const pattern = line.startsWith("#") ? "" : trim(line);
      if (pattern === "") return [];
      const isException = pattern.startsWith("!");
      const bare = isException ? trim(pattern.slice(1)) : pattern;
      const clean = bare === "" ? "" : cleanPath(bare).replace(/^\/(?=.)/, "");
      return [`${isException ? "!" : ""}${clean}`];
    });
}

/** The list, or the first pattern that BuildKit refuses: then the build stops. */
export function compilePatterns(texts: readonly string[]): PatternList | { readonly malformed: string } {
  const patterns: Pattern[] = [];
  for (const text of texts) {
    const whole = trim(text);
    if (whole === "") continue;
    const clean = cleanPath(whole);
    const isException = clean.startsWith("!");
    const bare = isException ? clean.slice(1) : clean;
    const glob = compileGlob(bare, "ignore");
    if (glob === null || bare === "") return { malformed: text };
    patterns.push({ text: bare, glob, isException });
  }
  return { patterns, hasExceptions: patterns.some(({ isException }) => isException) };
}

/** Whether the list matches an entry of a folder, and what the entry hands down when it is a folder itself. */
export function matchEntry(
  { patterns }: PatternList,
  path: string,
  parent: FolderMatch,
): { readonly isMatched: boolean; readonly handedDown: readonly boolean[] } {
  let isMatched = false;
  const handedDown = patterns.map(({ glob, isException }, i) => {
    // A pattern that would change nothing here is not tried, and so not handed down either: BuildKit does the same.
    const isHit = parent?.[i] === true || (isException === isMatched && glob.test(path));
    if (isHit) isMatched = !isException;
    return isHit;
  });
  return { isMatched, handedDown };
}

/** The part of a pattern before a final `/*` or `/**`. */
function withoutTail(text: string): string {
  return text.replace(/\/\*\*$/, "").replace(/\/\*$/, "");
}

/** True when an exception may match something below a folder that the list matches. */
export function canReinclude({ patterns }: PatternList, folder: string): boolean {
  const exceptions = patterns.filter(({ isException }) => isException).map(({ text }) => withoutTail(text));
  return exceptions.some((text) => /[*[\]?^\\]/.test(text) || `${text}/`.startsWith(`${folder}/`));
}
