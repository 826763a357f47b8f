/**
 * Parser directives (`# escape=…`, `# syntax=…`, `# check=…`) at the top of a Dockerfile, by BuildKit's rules
 * (moby/buildkit, frontend/dockerfile/parser/directives.go). Reads one line at a time; acts on none.
 */

import { skipSpaces } from "./space.ts";

/** The directives that BuildKit knows. */
type DirectiveName = "syntax" | "escape" | "check";

/** A directive as its line states it. */
export interface Directive {
  readonly name: DirectiveName;
  readonly value: string;
  /** Source offsets from `#` to the end of the line. */
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
}

const KNOWN: readonly DirectiveName[] = ["syntax", "escape", "check"];
const FORM = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*([^\n]+?)[\t\n\f\r ]*$/;

/** The directive that stands on a line (`start` after its indentation, `end` before its line break), or null. */
export function directiveAt(text: string, start: number, end: number, line: number): Directive | null {
  if (text.charAt(start) !== "#" || start >= end) return null;
  const match = FORM.exec(text.slice(skipSpaces(text, start + 1, end), end));
  const key = match?.[1]?.toLowerCase();
  const name = KNOWN.find((known) => known === key);
  if (name === undefined || match?.[2] === undefined) return null;
  return { name, value: match[2], start, end, line };
}
