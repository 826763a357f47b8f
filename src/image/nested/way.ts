/** How a search came down to what it searches: names, decodings, and the place of a text. Plain values. */

import type { TextPlace } from "../scan/tap.ts";

/** The way down to some content. */
export interface Way {
  /** Members, outermost first. */
  readonly within: () => readonly string[];
  /** How the text was decoded that all of this comes from, outermost first. */
  readonly encodings: readonly string[];
  /** Where the text stands, for what has no places but those of a text; null for members. */
  readonly place: TextPlace | null;
  /** True for a stretch of a file or member that begins at `place`. */
  readonly isStretch: boolean;
}

/** Some bytes or lines further on. */
export function behind({ byteOffset, line }: TextPlace, bytes: number, lines: number): TextPlace {
  return { byteOffset: byteOffset === null ? null : byteOffset + bytes, line: line === null ? null : line + lines };
}
