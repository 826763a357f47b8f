/**
 * Finds the Dockerfile that a script types itself and hands to a build: a heredoc or a text that the builder reads as its
 * standard input, and the names whose values are put into it before. Such a name is left as it stands. Reads no Dockerfile.
 */

import type { Invocation } from "../dockerfile/invocation.ts";
import { mappedBuilder, toSource, toSourceSpan, type MappedText } from "../dockerfile/mapped-text.ts";
import { nestedScript, outline, variablesOf, type ShellInput, type ShellWord } from "../dockerfile/shell-word.ts";
import { OPAQUE } from "./opaque-text.ts";
import type { PutIn } from "./put-in.ts";
import { referencesIn, type Syntax } from "./reference.ts";

/** A Dockerfile that a script types. */
export interface TypedDockerfile {
  readonly text: MappedText;
  readonly putIn: readonly PutIn[];
}

/** A text that is typed, and the words of the script that the shell makes it of; none where it changes nothing. */
interface Typed {
  readonly text: MappedText;
  readonly words: readonly ShellWord[];
  readonly script: MappedText;
}

/** What a backslash hides from the shell in a heredoc; before a line end it joins two lines. */
const ESCAPED = /[$`\\\n]/;
const FROM = /^[ \t]*FROM[ \t]/im;
/** Words of echo and printf that are not printed. */
const FORMAT = /^-[neE]+$|^--$|^%[sb](?:\\n)?$/;
/** Stretches that are replaced before the shell sees them. */
const HIDDEN = /([\u{e000}-\u{f8ff}])\1*/gu;

/** The body of a heredoc as its reader gets it, but for what the shell expands. */
function bodyOf({ word, isVerbatim }: ShellInput, script: MappedText): MappedText {
  const built = mappedBuilder();
  for (let at = word.start; at < word.end; at++) {
    const next = script.text.charAt(at + 1);
    const isEscape = !isVerbatim && script.text.charAt(at) === "\\" && ESCAPED.test(next);
    const { start, end } = toSourceSpan(script, at, at + (isEscape ? 2 : 1));
    if (!isEscape) built.add(script.text.charAt(at), start, end - start);
    else if (next !== "\n") built.add(next, start, end - start);
    if (isEscape) at++;
  }
  return built.build(toSource(script, word.start));
}

/** What a heredoc or a here-string holds. */
function inputText(input: ShellInput, script: MappedText): Typed {
  const { word, isVerbatim } = input;
  const isHeredoc = script.text.charAt(word.end - 1) === "\n";
  const text = isHeredoc || isVerbatim ? bodyOf(input, script) : nestedScript([word], script);
  return { text, words: isVerbatim ? [] : [word], script };
}

/** What `echo` or `printf` prints. */
function printedText({ program, args, command: { script } }: Invocation): Typed | null {
  if (program !== "echo" && program !== "printf") return null;
  const words = args.filter(({ value }) => !FORMAT.test(value ?? ""));
  if (program === "printf" && words.some((word) => outline(word).includes("%"))) return null;
  const { text, segments } = nestedScript(words, script);
  // Two blanks keep every offset in place.
  return { text: { text: text.replaceAll("\\n", " \n"), segments }, words, script };
}

/** What an invocation reads as its standard input, when the script holds it. */
function inputOf({ command, feeder }: Invocation): Typed | null {
  const { input, redirects, script } = command;
  if (redirects.some(({ operator, descriptor }) => operator === "<" && (descriptor ?? 0) === 0)) return null;
  const isCat = feeder?.program === "cat" && feeder.args.every(({ value }) => value === "-");
  const fed = feeder === null ? null : isCat ? inputOf(feeder) : printedText(feeder);
  return input === null ? fed : inputText(input, script);
}

/**
 * The Dockerfile that an invocation reads as its standard input, when the script holds it; null when it does not, and when
 * the shell makes all of it.
 * @param source the whole file, in which stands what is hidden from the shell
 * @param syntaxes how that names its values
 */
export function typedDockerfile(
  invocation: Invocation,
  source: string,
  syntaxes: readonly Syntax[],
): TypedDockerfile | null {
  const found = inputOf(invocation);
  if (found === null || !FROM.test(found.text.text)) return null;
  const { text, words, script } = found;
  const putIn = words.flatMap(variablesOf).map(({ name, start, end }): PutIn => {
    return { reference: { name, shown: name }, span: toSourceSpan(script, start, end) };
  });
  if (!OPAQUE.test(text.text)) return { text, putIn };
  for (const { index, 0: run } of text.text.matchAll(HIDDEN)) {
    const span = toSourceSpan(text, index, index + run.length);
    const references = referencesIn(source.slice(span.start, span.end), syntaxes);
    putIn.push(...references.map((reference): PutIn => ({ reference, span })));
  }
  // A value that nobody knows, and that no rule takes for one.
  return { text: { ...text, text: text.text.replaceAll(HIDDEN, (run) => "x".repeat(run.length)) }, putIn };
}
