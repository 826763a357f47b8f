/** What a search of a stream gives: tokens at places, files worth reading, and what was seen. Plain values. */

import type { Confidence } from "../model/level.ts";
import type { TokenFacts } from "../model/finding.ts";
import type { EntryIndex } from "./entry-index.ts";
import type { EntryType } from "./tar-walk.ts";
import type { Problem } from "./problem.ts";

/** In which part of a tar a token stands. */
export type HitPart =
  /** The content of an entry, or of a stream that is no tar. */
  | "content"
  | "name"
  | "link"
  /** A value of a PAX header, such as an extended attribute. */
  | "pax"
  /** Between entries, after the end of the archive, or where headers are damaged. */
  | "gap";

/** Where in a stream a token stands. */
export interface Place {
  readonly part: HitPart;
  /** Absolute path of the entry; empty for a stream that is no tar, and for places outside of entries. */
  readonly path: string;
  /** Names below the entry, outermost first, of what it holds unpacked; empty for its own bytes. */
  readonly within: readonly string[];
  /** The entry's number in its tar. */
  readonly ordinal: number;
  /** 0-based offset in the innermost content, for `gap` in the stream; null when it has none. */
  readonly byteOffset: number | null;
  readonly line: number | null;
}

/** A token at one place. Holds no raw token. */
export interface Hit extends Place {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
}

/** A small file that says something by where it is, whatever its content. */
export interface CapturedFile {
  readonly path: string;
  readonly ordinal: number;
  readonly type: EntryType;
  readonly size: number;
  /** The content as Latin-1, at most `MAX_CAPTURED_BYTES` of it. Raw: may hold secrets, never leaves the engine. */
  readonly content: string;
}

/** Everything that one stream (a layer, a blob) gave. */
export interface StreamFacts {
  /** False for a stream that is searched as mere bytes. */
  readonly isTar: boolean;
  /** Compressions that were unwrapped, outermost first. */
  readonly encodings: readonly string[];
  readonly hits: readonly Hit[];
  readonly captured: readonly CapturedFile[];
  readonly index: EntryIndex;
  /** Entries with content. */
  readonly files: number;
  /** Unpacked bytes that were searched. */
  readonly bytes: number;
  readonly problems: readonly Problem[];
  /** Things that were searched as bytes but not understood, counted by kind. */
  readonly undecoded: Readonly<Record<string, number>>;
  /** SHA-256 of the unpacked bytes; null unless asked for. */
  readonly diffId: string | null;
}

/** How much of a captured file is kept. */
export const MAX_CAPTURED_BYTES = 65_536;
