/**
 * Finds `--build-arg NAME=value` in text that is not read as a command line: variables that hold options, functions of
 * make, scripts of shells that are not parsed. Places are offsets in the text.
 */

/** A build argument in a text. */
export interface TextArgument {
  readonly argument: string;
  readonly start: number;
  readonly end: number;
  /** Null for a bare name. */
  readonly value: { readonly text: string; readonly start: number; readonly end: number } | null;
}

const FORM =
  /(?<![\w-])--build-arg(?:[ \t]*[,=][ \t]*|[ \t]+)(["']?)([A-Za-z_]\w*)(?:(=)((?:"[^"\n]*"|'[^'\n]*'|\$\{\{[^\n]*?\}\}|\$\([^()\n]*\)|\$\{[^{}\n]*\}|[^\s"'`,;)])*))?/g;
const SET =
  /(?<![\w-])--set(?:=|[ \t]+)(["']?)[\w*.-]+\.args\.([A-Za-z_]\w*)(=)((?:"[^"\n]*"|'[^'\n]*'|\$\{[^{}\n]*\}|[^\s"'`,;)])*)/g;
/** Mentions in a comment start nothing. */
const COMMENT = /(?:^|[\s;])(?:#|\/\/|REM\s|::).*$/i;

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

/** Every build argument that stands in a text, in order. */
export function argumentsInText(text: string): TextArgument[] {
  return [...text.matchAll(FORM), ...text.matchAll(SET)]
    .filter(({ index }) => !COMMENT.test(text.slice(text.lastIndexOf("\n", index) + 1, index)))
    .map((match): TextArgument => {
      const [whole, , argument = "", equals, written = ""] = match;
      const end = match.index + whole.length;
      const value = unquoted(written);
      const start = end - written.length;
      return { argument, start: match.index, end, value: equals === undefined ? null : { text: value, start, end } };
    })
    .toSorted((a, b) => a.start - b.start);
}
