/**
 * The byte strings that betray a token, plain or wrapped: what a search runs over everything, before anything is
 * decoded. A needle says where the token's prefix would begin and how to read around it.
 */

import { PREFIXES } from "./family.ts";

/** How the bytes around a needle are to be read. */
export type NeedleEncoding = "plain" | "base64" | "utf-16le";

/** One string to search for. */
export interface Needle {
  /** The characters, each one byte (Latin-1). */
  readonly text: string;
  readonly encoding: NeedleEncoding;
  /** Base64 only: how many characters of the first group stand before the needle, 0 to 3. */
  readonly groupOffset: number;
}

/**
 * The characters of the base64 text that do not depend on what stands before and after `prefix`, when `phase` bytes
 * of a group of three come before it.
 */
function base64Core(prefix: string, phase: number): { text: string; groupOffset: number } {
  const encoded = Buffer.from("\0".repeat(phase) + prefix, "latin1").toString("base64");
  const from = Math.ceil((phase * 8) / 6);
  const to = Math.floor(((phase + prefix.length) * 8) / 6);
  return { text: encoded.slice(from, to), groupOffset: from % 4 };
}

/** Every needle, the plain ones first. */
export const NEEDLES: readonly Needle[] = [
  ...PREFIXES.map((text): Needle => ({ text, encoding: "plain", groupOffset: 0 })),
  ...PREFIXES.flatMap((prefix) =>
    [0, 1, 2].map((phase): Needle => ({ ...base64Core(prefix, phase), encoding: "base64" })),
  ),
  ...PREFIXES.map((prefix): Needle => ({
    text: prefix.replaceAll(/./g, "$&\0"),
    encoding: "utf-16le",
    groupOffset: 0,
  })),
];
