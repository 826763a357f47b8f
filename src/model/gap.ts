/** What was not read. A gap is never a pass. */

/** Every reason why something was not looked at; policies accept gaps by these names. */
export type GapKind =
  | "missing"
  | "unreadable"
  | "not-utf-8"
  | "binary"
  | "empty"
  | "too-large"
  | "no-dockerfile"
  | "parse-error"
  | "no-image"
  | "not-an-archive"
  | "truncated"
  | "corrupt"
  | "missing-blob"
  | "missing-layer"
  | "digest-mismatch"
  | "unsupported-compression"
  | "encrypted"
  | "foreign-layer"
  | "unknown-media-type"
  | "absent-platform"
  | "undecoded"
  | "limit"
  | "rule-failed"
  | "aborted";

/** Complete by its type: a new kind that is missing here does not compile. */
const KINDS: Readonly<Record<GapKind, true>> = {
  missing: true,
  unreadable: true,
  "not-utf-8": true,
  binary: true,
  empty: true,
  "too-large": true,
  "no-dockerfile": true,
  "parse-error": true,
  "no-image": true,
  "not-an-archive": true,
  truncated: true,
  corrupt: true,
  "missing-blob": true,
  "missing-layer": true,
  "digest-mismatch": true,
  "unsupported-compression": true,
  encrypted: true,
  "foreign-layer": true,
  "unknown-media-type": true,
  "absent-platform": true,
  undecoded: true,
  limit: true,
  "rule-failed": true,
  aborted: true,
};

/** Every kind of gap, as policies name them. */
export const GAP_KINDS: readonly string[] = Object.keys(KINDS);

/** True for the name of a kind of gap. */
export function isGapKind(name: string): name is GapKind {
  return Object.hasOwn(KINDS, name);
}

/** One thing that was not read. */
export interface Gap {
  /** What was not read, in the user's words: a path, `app:1 layer 4`, `stdin`. */
  readonly at: string;
  readonly why: GapKind;
  /** One clear sentence: what is wrong and what to do. */
  readonly detail: string;
}
