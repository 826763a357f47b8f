/** What a rule found, before and after it is put into a report. Holds no raw token, ever. */

import type { Confidence, Level } from "./level.ts";
import type { Location } from "./location.ts";

/** What may be shown of a token of a known family. */
export interface TokenFacts {
  /** Id of the family, such as `user` or `oauth-refresh`. */
  readonly family: string;
  /** The family's prefix, an ellipsis and the last 4 characters. */
  readonly preview: string;
  /** SHA-256 of the token, 64 hex digits; a user compares it with `printf %s "$HF_TOKEN" | sha256sum`. */
  readonly sha256: string;
  /** How it was wrapped where it was found, outermost first; empty for plain text. */
  readonly encoding: readonly string[];
  /** Why this token is public on purpose; null for any other. */
  readonly known: string | null;
  /** What Hugging Face said of it; null when nobody asked. */
  readonly verification: Verification | null;
}

/** An organisation that a token's owner is in. */
export interface Membership {
  readonly name: string;
  /** `admin`, `write`, `contributor`, `read`, …; null when the answer does not say. */
  readonly role: string | null;
}

/** The answer of Hugging Face to `--verify`. Of a person it holds nothing but the organisations. */
export interface Verification {
  readonly state: "live" | "invalid" | "unknown";
  /** Why nobody knows; null for a known state. */
  readonly reason: string | null;
  /** `read`, `write`, `fineGrained`, …; null unless live. */
  readonly role: string | null;
  /** What the owner called the token; null unless live and named. */
  readonly name: string | null;
  /** What a fine-grained token may do and where, such as `repo.write on model acme/bert`. */
  readonly scopes: readonly string[];
  readonly organizations: readonly Membership[];
  /** What to do about this token, beside mending the leak; null for an unknown state. */
  readonly advice: string | null;
  /** The command that ends the token, with a placeholder for it; null unless live. */
  readonly revoke: string | null;
}

/** Scopes that end in `write` and only let a token call a model. */
const CALLS_ONLY = /^inference\.(?:serverless|endpoints\.infer)\.write\b/;

/** True for a scope, such as `repo.write on model acme/bert`, that lets a token change something. */
export function isWritingScope(scope: string): boolean {
  return /^\S*(?:write|admin|manage)/.test(scope) && !CALLS_ONLY.test(scope);
}

/** True for a live token that can change something, by its role or by a scope. */
export function canWrite(verification: Verification | null): boolean {
  if (verification === null || verification.state !== "live" || verification.role === null) return false;
  return (
    !/^(?:read|fineGrained)$/.test(verification.role) || verification.scopes.some((scope) => isWritingScope(scope))
  );
}

/** Why a finding does not count. It is shown and counted all the same. */
export interface Suppression {
  readonly by: "comment" | "baseline" | "policy";
  readonly reason: string;
}

/** One leak at one place. */
export interface Finding {
  readonly rule: string;
  readonly level: Level;
  readonly confidence: Confidence;
  /** One sentence: what leaks and who can read it. */
  readonly message: string;
  /** 64 hex digits, stable over rebuilds and moved lines. */
  readonly fingerprint: string;
  readonly suppressed: Suppression | null;
  /** Null when the value has no known shape, or is not there to be seen (a build argument, a login). */
  readonly token: TokenFacts | null;
  /** One sentence or a replacement for the very lines. */
  readonly fix: string | null;
  /** Names of the images that were inspected beside the project and show this very leak; empty for any other finding. */
  readonly confirmedBy: readonly string[];
  /** The primary place first, then the related ones in order; never empty. */
  readonly locations: readonly Location[];
}

/** A finding as a rule returns it: not yet redacted, without fingerprint, suppression or its rule's name. */
export interface Draft {
  readonly level: Level;
  readonly confidence: Confidence;
  readonly message: string;
  readonly token: TokenFacts | null;
  readonly fix: string | null;
  readonly locations: readonly Location[];
  /**
   * What makes this finding the same one after lines moved or the image was rebuilt (a variable, a masked
   * instruction, a path), beside rule, file and token. Holds no token, line or layer number.
   */
  readonly identity: readonly string[];
}
