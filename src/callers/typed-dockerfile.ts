/**
 * Finds the Dockerfile that a script types itself and hands to a build: a heredoc or a text that the builder reads as its
 * standard input. What the shell expands in it is left as it stands. Reads no Dockerfile.
 */

import type { Invocation } from "../dockerfile/invocation.ts";
import { mappedBuilder, toSource, toSourceSpan, type MappedText } from "../dockerfile/mapped-text.ts";
import { nestedScript, outline, type ShellInput } from "../dockerfile/shell-word.ts";
import { OPAQUE } from "./opaque-text.ts";

/** What a backslash hides from the shell in a heredoc; before a line end it joins two lines. */
const ESCAPED = /[$`\\\n]/;
const FROM = /^[ \t]*FROM[ \t]/im;
/** Words of echo and printf that are not printed. */
const FORMAT = /^-[neE]+$|^--$|^%[sb](?:\\n)?$/;

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

/** What a heredoc or a here-string holds; null for a here-string that the shell puts together. */
function inputText(input: ShellInput, script: MappedText): MappedText | null {
  const isHeredoc = /\n/.test(script.text.slice(input.word.end - 1, input.word.end));
  if (isHeredoc || input.isVerbatim) return bodyOf(input, script);
  return input.word.value === null ? null : nestedScript([input.word], script);
}

/** What `echo` or `printf` prints, but for what the shell expands. */
function printedText({ program, args, command }: Invocation): MappedText | null {
  if (program !== "echo" && program !== "printf") return null;
  const words = args.filter(({ value }) => !FORMAT.test(value ?? ""));
  if (program === "printf" && words.some((word) => outline(word).includes("%"))) return null;
  const { text, segments } = nestedScript(words, command.script);
  // Two blanks keep every offset in place.
  return { text: text.replaceAll("\\n", " \n"), segments };
}

/** What an invocation reads as its standard input, when the script holds it. */
function inputOf({ command, feeder }: Invocation): MappedText | null {
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
 */
export function typedDockerfile(invocation: Invocation, source: string): MappedText | null {
  const found = inputOf(invocation);
  if (found === null || !FROM.test(found.text)) return null;
  if (!OPAQUE.test(found.text)) return found;
  const chars = found.text.split("").map((char, at) => (OPAQUE.test(char) ? source.charAt(toSource(found, at)) : char));
  return { text: chars.join(""), segments: found.segments };
}
