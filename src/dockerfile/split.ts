/**
 * Splits a Dockerfile into logical lines, comments and directives exactly as BuildKit's parser does (moby/buildkit,
 * frontend/dockerfile/parser/parser.go), and says where it would refuse the file. Does not read inside an instruction
 * beyond what decides where the next one begins. Never throws; linear in the length of the text.
 */

import { splitCommand, type EscapeToken } from "./command.ts";
import { directiveAt, type Directive } from "./directive.ts";
import { heredocMarks, type HeredocMark, type HeredocMarks } from "./heredoc.ts";
import { jsonStrings } from "./json-form.ts";
import { mappedBuilder, verbatim, type MappedText, type Span } from "./mapped-text.ts";
import { skipSpaces } from "./space.ts";

/** A heredoc: its text is the body as BuildKit uses it (tabs dropped for `<<-`); `start` and `end` are the body's source offsets, without the closing line. */
export interface Heredoc extends MappedText, HeredocMark, Span {
  /** False when the file ends before the closing line; the body then runs to the file's end. */
  readonly isTerminated: boolean;
}

/** One instruction: its joined text without heredoc bodies, with segments into the source. `start` and `end` are source offsets from its first character to the end of its last line, heredocs and skipped comments included, line break not. */
export interface LogicalLine extends MappedText, Span {
  /** 1-based, as BuildKit reports them. */
  readonly startLine: number;
  readonly endLine: number;
  readonly heredocs: readonly Heredoc[];
}

/** A comment line from `#` to its end, as source offsets; also the lines of directives and those inside continuations. */
interface SourceComment extends Span {
  /** 1-based. */
  readonly line: number;
}

/** A reason for BuildKit to refuse the file, and where. */
export interface Problem {
  /** Offset in the source here, in the joined text in the modules that read inside an instruction. */
  readonly offset: number;
  readonly message: string;
}

/** A Dockerfile, taken apart. */
export interface SplitDockerfile {
  readonly lines: readonly LogicalLine[];
  readonly comments: readonly SourceComment[];
  readonly escape: EscapeToken;
  readonly directives: readonly Directive[];
  readonly problems: readonly Problem[];
}

/** A line of the file: `end` before its line break, `next` after it. */
interface PhysicalLine extends Span {
  readonly number: number;
  readonly next: number;
}

/** Go's scanner gives up on a line of this many bytes (bufio.MaxScanTokenSize). */
const MAX_LINE_BYTES = 64 * 1024;
/** Longer delimiters are not named in messages. */
const MAX_SHOWN_NAME = 40;
const HEREDOC_KEYWORDS: ReadonlySet<string> = new Set(["run", "copy", "add"]);

interface Reader {
  readonly text: string;
  /** The next line, or null at the end of the file. */
  readonly read: () => PhysicalLine | null;
  readonly problems: Problem[];
}

function readerOf(text: string): Reader {
  const problems: Problem[] = [];
  let at = 0;
  let number = 0;
  const read = (): PhysicalLine | null => {
    if (at >= text.length) return null;
    const isFirst = number === 0;
    const start = isFirst && text.startsWith("\u{feff}") ? at + 1 : at;
    const newline = text.indexOf("\n", at);
    const stop = newline === -1 ? text.length : newline;
    if ((stop - at) * 3 >= MAX_LINE_BYTES && Buffer.byteLength(text.slice(at, stop)) >= MAX_LINE_BYTES) {
      problems.push({ offset: start, message: `a line of ${MAX_LINE_BYTES} bytes or more` });
    }
    let end = stop;
    while (end > start && text.charAt(end - 1) === "\r") end--;
    at = newline === -1 ? text.length : newline + 1;
    number++;
    return { start, end, next: at, number };
  };
  return { text, read, problems };
}

/** Where the content of a line ends that is continued on the next one; null for a line that is not. */
function continuationAt(text: string, start: number, end: number, escape: EscapeToken): number | null {
  let at = end;
  while (at > start && (text.charAt(at - 1) === " " || text.charAt(at - 1) === "\t")) at--;
  const last = at - 1;
  if (last < start || text.charAt(last) !== escape) return null;
  return last > start && text.charAt(last - 1) === escape ? null : last;
}

/** The heredocs that an instruction opens: none unless it is a RUN, COPY or ADD, or one below a single ONBUILD, in shell form. */
function marksOf(text: string, escape: EscapeToken): HeredocMarks {
  const none: HeredocMarks = { marks: [], problem: null };
  if (!text.includes("<<")) return none;
  let command = splitCommand(text, 0, escape);
  if (command.keyword.toLowerCase() === "onbuild") command = splitCommand(text, command.rest.start, escape);
  if (!HEREDOC_KEYWORDS.has(command.keyword.toLowerCase())) return none;
  return jsonStrings(text, command.rest.start) === null ? heredocMarks(text) : none;
}

function skipTabs(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text.charAt(at) === "\t") at++;
  return at;
}

function heredocOf(mark: HeredocMark, body: MappedText, { start, end }: Span, isTerminated: boolean): Heredoc {
  const { name, expand, stripTabs, fd } = mark;
  const { text, segments } = body;
  return { name, expand, stripTabs, fd, text, segments, start, end, isTerminated };
}

function readHeredoc(
  { text, read }: Reader,
  mark: HeredocMark,
  start: number,
): { heredoc: Heredoc; last: PhysicalLine | null } {
  const built = mappedBuilder();
  let last: PhysicalLine | null = null;
  for (let line = read(); line !== null; line = read()) {
    last = line;
    const content = mark.stripTabs ? skipTabs(text, line.start, line.end) : line.start;
    if (line.end - content === mark.name.length && text.startsWith(mark.name, content)) {
      return { heredoc: heredocOf(mark, built.build(start), { start, end: line.start }, true), last };
    }
    built.add(text.slice(content, line.next), content);
  }
  return { heredoc: heredocOf(mark, built.build(start), { start, end: text.length }, false), last };
}

/** The joined text of an instruction that is continued after its first line (up to `firstCut`), and its last line. */
function joinLines(
  { text, read }: Reader,
  first: PhysicalLine,
  start: number,
  firstCut: number,
  escape: EscapeToken,
  comments: SourceComment[],
): { joined: MappedText; last: PhysicalLine } {
  const built = mappedBuilder();
  built.add(text.slice(start, firstCut), start);
  let last = first;
  for (let cut: number | null = firstCut; cut !== null;) {
    const line = read();
    if (line === null) break;
    last = line;
    const content = skipSpaces(text, line.start, line.end);
    if (text.charAt(content) === "#" && content < line.end) {
      comments.push({ start: content, end: line.end, line: line.number });
    } else if (content < line.end) {
      cut = continuationAt(text, line.start, line.end, escape);
      built.add(text.slice(line.start, cut ?? line.end), line.start);
    }
  }
  return { joined: built.build(start), last };
}

/** Reads the rest of the instruction whose first line is given: continuations and heredocs. */
function readInstruction(
  reader: Reader,
  first: PhysicalLine,
  start: number,
  escape: EscapeToken,
  comments: SourceComment[],
): LogicalLine {
  const { text } = reader;
  const cut = continuationAt(text, start, first.end, escape);
  const read =
    cut === null
      ? { joined: verbatim(text, start, first.end), last: first }
      : joinLines(reader, first, start, cut, escape, comments);
  const { joined } = read;
  let { last } = read;
  const { marks, problem } = marksOf(joined.text, escape);
  if (problem !== null) reader.problems.push({ offset: start, message: problem });
  const heredocs: Heredoc[] = [];
  for (const mark of marks) {
    const body = readHeredoc(reader, mark, last.next);
    heredocs.push(body.heredoc);
    last = body.last ?? last;
    if (!body.heredoc.isTerminated) {
      reader.problems.push({
        offset: start,
        message: `no line closes the heredoc${mark.name.length > MAX_SHOWN_NAME ? "" : ` ${mark.name}`}`,
      });
      break;
    }
  }
  const { text: joinedText, segments } = joined;
  const { end, number: endLine } = last;
  return { text: joinedText, segments, start, end, startLine: first.number, endLine, heredocs };
}

/** Takes a Dockerfile apart; `text` may start with a BOM. */
export function split(text: string): SplitDockerfile {
  const reader = readerOf(text);
  const lines: LogicalLine[] = [];
  const comments: SourceComment[] = [];
  const directives: Directive[] = [];
  let escape: EscapeToken = "\\";
  let mayBeDirective = true;
  for (let line = reader.read(); line !== null; line = reader.read()) {
    const start = skipSpaces(text, line.start, line.end);
    const directive: Directive | null = mayBeDirective ? directiveAt(text, start, line.end, line.number) : null;
    mayBeDirective = directive !== null;
    if (directive !== null) {
      if (directives.some(({ name }) => name === directive.name)) {
        reader.problems.push({ offset: start, message: `a second ${directive.name} directive` });
      } else if (directive.name === "escape") {
        if (directive.value === "\\" || directive.value === "`") escape = directive.value;
        else reader.problems.push({ offset: start, message: "an escape directive that is neither \\ nor `" });
      }
      directives.push(directive);
    }
    if (start >= line.end) continue;
    if (text.charAt(start) === "#") comments.push({ start, end: line.end, line: line.number });
    else lines.push(readInstruction(reader, line, start, escape, comments));
  }
  if (lines.length === 0) reader.problems.push({ offset: 0, message: "no instruction in the file" });
  return { lines, comments, escape, directives, problems: reader.problems };
}
