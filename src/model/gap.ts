/** What was not read. A gap is never a pass. */

/** Every kind of gap, as policies name them. */
export const GAP_KINDS = [
  "missing",
  "unreadable",
  "not-utf-8",
  "binary",
  "empty",
  "too-large",
  "no-dockerfile",
  "parse-error",
  "no-image",
  "not-an-archive",
  "truncated",
  "corrupt",
  "missing-blob",
  "missing-layer",
  "digest-mismatch",
  "unsupported-compression",
  "encrypted",
  "foreign-layer",
  "unknown-media-type",
  "absent-platform",
  "undecoded",
  "limit",
  "rule-failed",
  "aborted",
] as const;

/** Every reason why something was not looked at; policies accept gaps by these names. */
export type GapKind = (typeof GAP_KINDS)[number];

/** One thing that was not read. */
export interface Gap {
  /** What was not read, in the user's words: a path, `app:1 layer 4`, `stdin`. */
  readonly at: string;
  readonly why: GapKind;
  /** One clear sentence: what is wrong and what to do. */
  readonly detail: string;
}
