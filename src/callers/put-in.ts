/**
 * Tells which values that are put into a Dockerfile before the build reads it are a token's: by the shell into a heredoc, by
 * compose into `dockerfile_inline`. Pure.
 */

import type { Span } from "../dockerfile/mapped-text.ts";
import type { Build } from "./facts.ts";
import { carrierOf, type Carriers, type GivenArgument } from "./judge-pass.ts";
import type { Reference } from "./reference.ts";

/** A name whose value is put into a text, at its place in the file. */
export interface PutIn {
  readonly reference: Reference;
  readonly span: Span;
}

const ELSEWHERE: Build = {
  dockerfile: null,
  context: null,
  target: null,
  folder: "",
  provenanceMax: false,
  part: null,
};

/** True in a comment, which no build writes down. */
function isInComment(source: string, { start }: Span): boolean {
  return /^[ \t]*#/.test(source.slice(source.lastIndexOf("\n", start - 1) + 1, start));
}

/** The values of a token among those that are put into one Dockerfile, each at its first place. */
export function putInto(putIn: readonly PutIn[], source: string, carriers: Carriers): GivenArgument[] {
  const found = new Map<string, GivenArgument>();
  for (const { reference, span } of putIn) {
    const from = carrierOf(reference, carriers);
    if (from === null || found.has(reference.shown) || isInComment(source, span)) continue;
    const text = source.slice(span.start, span.end);
    const value = { text, span, references: [reference], isComputed: true };
    found.set(reference.shown, { argument: reference.name, span, value, form: "typed", build: ELSEWHERE, from });
  }
  return [...found.values()];
}
