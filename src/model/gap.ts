/** What was not read. A gap is never a pass. */

/** Every kind of gap. */
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

/** Every reason why something was not looked at. */
export type GapKind = (typeof GAP_KINDS)[number];

/** Gaps that say something of the run and nothing of what was to be read: no policy can know what they hide. */
const OF_THE_RUN: ReadonlySet<GapKind> = new Set(["rule-failed", "aborted"]);
/** The kinds that a policy can accept. */
export const ACCEPTABLE_GAPS: readonly GapKind[] = GAP_KINDS.filter((kind) => !OF_THE_RUN.has(kind));

/** One thing that was not read. */
export interface Gap {
  /** What was not read, in the user's words: a path, `app:1 layer 4`, `stdin`. */
  readonly at: string;
  readonly why: GapKind;
  /** One clear sentence: what is wrong and what to do. */
  readonly detail: string;
}
