/**
 * Finds token-shaped strings that stand in a Dockerfile: in instructions, heredocs and comments, also where a
 * continuation, quotes or escapes cut them in two. Gives facts and places, never the token.
 */

import type { Confidence } from "../model/level.ts";
import type { TokenFacts } from "../model/finding.ts";
import { findTokens } from "../token/match.ts";
import type { Secrets } from "../token/secrets.ts";
import type { Literal } from "./facts.ts";
import type { Invocation } from "./invocation.ts";
import { toSourceSpan, type MappedText, type Span } from "./mapped-text.ts";
import type { Instruction } from "./parse.ts";
import type { ShellWord } from "./shell-word.ts";
import type { SplitDockerfile } from "./split.ts";
import type { Visited } from "./visit.ts";

/** A token and where it stands, as source offsets. */
export interface FoundToken {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  readonly span: Span;
}

/** The tokens in a text that is mapped to the source. */
function tokensIn(mapped: MappedText, secrets: Secrets): FoundToken[] {
  return findTokens(mapped.text).map((match) => ({
    token: secrets.facts(match),
    confidence: match.confidence,
    span: toSourceSpan(mapped, match.start, match.end),
  }));
}

/** The tokens in a text of its own, all of them placed at one stretch of the source. */
export function tokensAt(text: string, span: Span, secrets: Secrets): FoundToken[] {
  return findTokens(text).map((match) => ({ token: secrets.facts(match), confidence: match.confidence, span }));
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Shell words that only quoting makes a token, such as `hf_ab''cd`, and scripts in words that are decoded first. */
function hiddenInWords(invocations: readonly Invocation[], secrets: Secrets): FoundToken[] {
  const found: FoundToken[] = [];
  for (const { command, code } of invocations) {
    const { script, words, assignments, declarations } = command;
    const look = (word: ShellWord): void => {
      const { value, pieces, start, end } = word;
      // As the source has it, where it was searched already.
      if (value === null || (pieces.length === 1 && value.length === end - start)) return;
      found.push(...tokensAt(value, toSourceSpan(script, start, end), secrets));
    };
    for (const word of words) look(word);
    for (const { value } of assignments) look(value);
    for (const { value } of declarations) look(value);
    if (code !== null) found.push(...tokensIn(code.text, secrets));
  }
  return found;
}

/** A stretch of the source as it stands there. */
function asWritten(text: string, { start, end }: Span): MappedText {
  const length = end - start;
  return { text: text.slice(start, end), segments: [{ at: 0, src: start, length, srcLength: length }] };
}

/** Tokens at the end of a continued line, to which the letters of the next line are joined. */
function besideJoints(text: string, { line }: Instruction, comments: readonly Span[], secrets: Secrets): FoundToken[] {
  const span = toSourceSpan(line, 0, line.text.length);
  if (span.end - span.start === line.text.length) return [];
  return tokensIn(asWritten(text, span), secrets).filter(
    (found) => !comments.some((comment) => overlaps(comment, found.span)),
  );
}

/** Every token-shaped string of a file; raw tokens go into `secrets`. */
export function literalsOf(
  text: string,
  { comments }: SplitDockerfile,
  instructions: readonly Instruction[],
  { records, reached }: Visited,
  secrets: Secrets,
): Literal[] {
  const scripts = new Map(records.map((record) => [record.instruction, record.script]));
  const inInstructions = instructions.flatMap((instruction): Literal[] => {
    const own = instruction.trigger ?? instruction;
    const invocations = scripts.get(own)?.invocations ?? [];
    const reach = reached.get(own) ?? "source";
    const beside = besideJoints(text, instruction, comments, secrets);
    const contents = own.keyword === "RUN" ? [] : instruction.line.heredocs;
    return tokensOf(instruction, invocations, beside, secrets).map((found) => ({
      ...found,
      keyword: instruction.keyword,
      isFileContent: contents.some((heredoc) => overlaps(heredoc, found.span)),
      reach,
    }));
  });
  const inComments = comments.flatMap((comment): Literal[] =>
    tokensIn(asWritten(text, comment), secrets).map((found) => ({
      ...found,
      keyword: null,
      isFileContent: false,
      reach: "source",
    })),
  );
  return [...inInstructions, ...inComments];
}

/** All tokens of one instruction, each once: the exact place where the text shows it, the whole word where it does not. */
function tokensOf(
  instruction: Instruction,
  invocations: readonly Invocation[],
  beside: readonly FoundToken[],
  secrets: Secrets,
): FoundToken[] {
  const { line, json } = instruction;
  const candidates = tokensIn(line, secrets);
  for (const heredoc of line.heredocs) candidates.push(...tokensIn(heredoc, secrets));
  for (const { text, start, end } of json?.values ?? [])
    candidates.push(...tokensAt(text, toSourceSpan(line, start, end), secrets));
  candidates.push(...hiddenInWords(invocations, secrets), ...beside);
  if (candidates.length < 2) return candidates;
  const found: FoundToken[] = [];
  for (const candidate of candidates) {
    const isKnown = found.some(
      (other) => other.token.sha256 === candidate.token.sha256 && overlaps(other.span, candidate.span),
    );
    if (!isKnown) found.push(candidate);
  }
  return found;
}
