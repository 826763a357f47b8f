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

/** The answer of Hugging Face to `--verify`. */
export interface Verification {
  readonly state: "live" | "invalid" | "unknown";
  /** `read`, `write`, `fineGrained`, …; null unless live. */
  readonly role: string | null;
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
