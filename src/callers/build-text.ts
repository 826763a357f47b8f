/**
 * Finds `--build-arg NAME=value` in text that is not read as a command line: variables that hold options, functions of
 * make, scripts of shells that are not parsed. Places are offsets in the text.
 */

/** A build argument in a text. */
export interface TextArgument {
  readonly argument: string;
  readonly start: number;
  readonly end: number;
  /** Null for a bare name; `names` are those of the code that puts the value together. */
  readonly value: {
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly names: readonly string[];
  } | null;
}

const FORM =
  /(?<![\w-])--build-arg(?:[ \t]*[,=][ \t]*|[ \t]+)(["']?)([A-Za-z_]\w*)(?:(=)((?:"[^"\n]*"|'[^'\n]*'|\$\{\{[^\n]*?\}\}|\$\([^()\n]*\)|\$\{[^{}\n]*\}|[^\s"'`,;)])*))?/g;
const SET =
  /(?<![\w-])--set(?:=|[ \t]+)(["']?)[\w*.-]+\.args\.([A-Za-z_]\w*)(=)((?:"[^"\n]*"|'[^'\n]*'|\$\{[^{}\n]*\}|[^\s"'`,;)])*)/g;
/** Two members of a list in code: `"--build-arg", f"NAME={x}"`, `"--build-arg", "NAME=" + x`. */
const LIST =
  /(?<![\w-])--build-arg["'`]\s{0,200},\s{0,200}[fr]{0,2}(["'`])([A-Za-z_]\w*)(?:(=)((?:(?!\1)[^\n\\]){0,2000}))?\1([ \t]{0,20}[+%.][^,\]\n]{0,200})?/g;
/** Mentions behind this start nothing. */
const COMMENT = /(?:^|[\s;])(?:#|\/\/|REM\s|::)/i;

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text;
}

/** Tells for ascending offsets whether a comment of their line begins before them; each line is looked through once. */
function commentFinder(text: string): (offset: number) => boolean {
  let lineEnd = -1;
  let commentAt = Infinity;
  return (offset) => {
    if (offset >= lineEnd) {
      const start = text.lastIndexOf("\n", offset) + 1;
      const end = text.indexOf("\n", offset);
      lineEnd = end === -1 ? text.length : end;
      const found = COMMENT.exec(text.slice(start, lineEnd));
      commentAt = found === null ? Infinity : start + found.index;
    }
    return commentAt < offset;
  };
}

function ofList(match: RegExpExecArray): TextArgument {
  const [whole, quote = "", argument = "", equals, written = "", code = ""] = match;
  const end = match.index + whole.length - code.length;
  const until = end - quote.length;
  const inBraces = [...written.matchAll(/\{[^{}]*\}/g)].join(" ");
  const names = [...`${inBraces} ${code}`.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name);
  const value = { text: written, start: until - written.length, end: until, names };
  return { argument, start: match.index, end, value: equals === undefined ? null : value };
}

/** Every build argument that stands in a text, in order. */
export function argumentsInText(text: string): TextArgument[] {
  const matches = (form: RegExp): RegExpExecArray[] => {
    const isInComment = commentFinder(text);
    return [...text.matchAll(form)].filter(({ index }) => !isInComment(index));
  };
  const inLists = matches(LIST).map(ofList);
  const others = [...matches(FORM), ...matches(SET)].map((match): TextArgument => {
    const [whole, quote = "", argument = "", equals, written = ""] = match;
    const until = match.index + whole.length;
    const value = unquoted(written);
    const start = until - written.length;
    const end = quote !== "" && text.startsWith(quote, until) ? until + 1 : until;
    return {
      argument,
      start: match.index,
      end,
      value: equals === undefined ? null : { text: value, start, end: until, names: [] },
    };
  });
  return [...inLists, ...others].toSorted((a, b) => a.start - b.start);
}
