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
  /** Carriers that are known where it stands. */
  readonly carriers: Carriers;
}

/** Where a variable of any name got a token from. */
export interface Carrier {
  readonly source: string;
  readonly steps: readonly Step[];
}

/** Variables that hold a token though their names do not say so. */
export type Carriers = ReadonlyMap<string, Carrier>;

/** No variables are known. */
export const NO_CARRIERS: Carriers = new Map();

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
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

function suspicionOf(given: GivenArgument): FromSource | null {
  const { argument, value, carriers } = given;
  const references = value === null ? [{ name: argument, shown: argument }] : value.references;
  for (const reference of references) {
    const carrier = carrierOf(reference, carriers);
    if (carrier !== null && (value !== null || carrier.steps.length > 0)) {
      return { kind: "source", source: carrier.source, steps: carrier.steps };
    }
  }
  return null;
}

type FromSource = Extract<PassSuspicion, { kind: "source" }>;

/** Judges one argument; `literals` are the tokens that stand in the file as they are. */
export function judgePass(given: GivenArgument, literals: readonly CallerLiteral[], secrets: Secrets): JudgedPass {
  const { argument, span, value, form, build } = given;
  const isNamed = isTokenName(argument);
  const text = value?.text ?? "";
  const standing = literals.find((literal) => overlaps(literal.span, span));
  const [decoded] = standing === undefined ? findTokens(text) : [];
  const token = standing?.token ?? (decoded === undefined ? null : secrets.facts(decoded));
  const from = suspicionOf(given);
  const isOpaque = isNamed && value !== null && !value.isComputed && isOpaqueSecret(text, argument);
  const isGiven = value === null || value.isComputed || isOpaque;
  const hidden = value !== null && (isOpaque || decoded !== undefined) ? [value.span] : [];
  if (isOpaque && token === null) secrets.hide(text);
  const suspicion: PassSuspicion | null =
    token !== null
      ? { kind: "value" }
      : isNamed && isGiven && (from === null || from.steps.length === 0)
        ? { kind: "name" }
        : from;
  const source = from?.source ?? null;
  const confidence = standing?.confidence ?? decoded?.confidence ?? (isOpaque ? "medium" : "high");
  const masked = isOpaque && token === null ? "*".repeat(text.length) : secrets.redact(text);
  return {
    pass: {
      argument,
      span,
      valueText: value === null ? null : masked,
      source,
      form,
      suspicion,
      token,
      confidence,
      build,
      receivers: [],
    },
    hidden,
  };
}
