/**
 * Decides whether a build argument that is handed over carries a Hugging Face token: by its name, by a token that stands
 * in its value, or by what the value comes from. The only place where values turn into facts: raw ones end here.
 */

import type { Span } from "../dockerfile/mapped-text.ts";
import { isOpaqueSecret } from "../dockerfile/value.ts";
import { findTokens } from "../token/match.ts";
import { isTokenName } from "../token/name.ts";
import type { Secrets } from "../token/secrets.ts";
import type { Build, CallerLiteral, Pass, PassForm, PassSuspicion, Step } from "./facts.ts";
import type { Reference } from "./reference.ts";

/** A value as it is handed over. Holds raw text: keep it short-lived. */
export interface GivenValue {
  /** The text without quotes. */
  readonly text: string;
  readonly span: Span;
  readonly references: readonly Reference[];
  /** True when it is not, or not only, what stands here: something in it is replaced. */
  readonly isComputed: boolean;
}

/** A build argument as a reader of some format found it. */
export interface GivenArgument {
  readonly argument: string;
  readonly span: Span;
  /** Null when the value is taken from the environment. */
  readonly value: GivenValue | null;
  readonly form: PassForm;
  readonly build: Build;
  /** What of a token's its value comes from, going by what is known where it stands; null when that is nothing. */
  readonly from: Carrier | null;
}

/** Where a variable of any name got a token from. */
export interface Carrier {
  readonly source: string;
  readonly steps: readonly Step[];
}

/** Variables that hold a token though their names do not say so. */
export interface Carriers {
  readonly get: (name: string) => Carrier | null | undefined;
}

/** Carriers of an inner scope, where null says that a variable of the outer one is something else now. */
export function scopeWithin(own: ReadonlyMap<string, Carrier | null>, outer: Carriers): Carriers {
  return { get: (name) => (own.has(name) ? own.get(name) : outer.get(name)) };
}

/** What a variable or secret of this name carries; null when it is no token. */
export function carrierOf({ name, shown }: Reference, carriers: Carriers): Carrier | null {
  return isTokenName(name) ? { source: shown, steps: [] } : (carriers.get(name) ?? null);
}

/** The carrier that a variable of `name` becomes when it takes this value; null when the value is no token's. */
export function carried(name: string, value: GivenValue, carriers: Carriers): Carrier | null {
  for (const reference of value.references) {
    const carrier = carrierOf(reference, carriers);
    if (carrier === null) continue;
    const step = { span: value.span, text: `${name} takes the value of ${reference.shown} here` };
    return { source: carrier.source, steps: [...carrier.steps, step].slice(-MAX_STEPS) };
  }
  const [token] = findTokens(value.text);
  if (token === undefined) return null;
  return { source: name, steps: [{ span: value.span, text: `${name} is a token that stands here` }] };
}

const MAX_STEPS = 8;

/** A pass, and the stretches that no snippet may show. */
export interface JudgedPass {
  readonly pass: Pass;
  readonly hidden: readonly Span[];
  /** The literals that stand in it. */
  readonly literals: readonly CallerLiteral[];
}

/** What of a token's an argument takes its value from; a bare name takes it from the variable of that name. */
export function sourceOf(argument: string, value: GivenValue | null, carriers: Carriers): Carrier | null {
  const references = value === null ? [{ name: argument, shown: argument }] : value.references;
  for (const reference of references) {
    const carrier = carrierOf(reference, carriers);
    if (carrier !== null && (value !== null || carrier.steps.length > 0)) return carrier;
  }
  return null;
}

/** The literals that a stretch touches; both in the order of the file, and no two literals overlap. */
function literalsIn(span: Span, literals: readonly CallerLiteral[]): CallerLiteral[] {
  let low = 0;
  let high = literals.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((literals[middle]?.span.end ?? 0) <= span.start) low = middle + 1;
    else high = middle;
  }
  const found: CallerLiteral[] = [];
  for (let literal = literals[low]; literal !== undefined && literal.span.start < span.end; literal = literals[++low]) {
    found.push(literal);
  }
  return found;
}

/** Judges one argument; `literals` are the tokens that stand in the file as they are, in order. */
export function judgePass(given: GivenArgument, literals: readonly CallerLiteral[], secrets: Secrets): JudgedPass {
  const { argument, span, value, form, build, from } = given;
  const isNamed = secrets.isTokenName(argument);
  const text = value?.text ?? "";
  const standing = literalsIn(span, literals);
  const [first] = standing;
  const [decoded] = first === undefined ? findTokens(text) : [];
  const token = first?.token ?? (decoded === undefined ? null : secrets.facts(decoded));
  const isOpaque = token === null && isNamed && value !== null && !value.isComputed && isOpaqueSecret(text, argument);
  const isGiven = value === null || value.isComputed || isOpaque;
  const isSource = from !== null && (from.steps.length > 0 || !(isNamed && isGiven));
  const ownReason: PassSuspicion | null =
    token !== null ? { kind: "value" } : isNamed && isGiven ? { kind: "name" } : null;
  const suspicion: PassSuspicion | null =
    token === null && isSource ? { kind: "source", source: from.source, steps: from.steps } : ownReason;
  if (isOpaque) secrets.hide(text);
  return {
    pass: {
      argument,
      span,
      valueText: value === null ? null : isOpaque ? "*".repeat(text.length) : secrets.redact(text),
      source: from?.source ?? null,
      form,
      suspicion,
      token,
      confidence: first?.confidence ?? decoded?.confidence ?? (isOpaque ? "medium" : "high"),
      build,
      mayCarry: value === null || value.isComputed,
      receivers: [],
    },
    hidden: value !== null && (isOpaque || decoded !== undefined) ? [value.span] : [],
    literals: standing,
  };
}
