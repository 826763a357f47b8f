/** What the fuzzer starts from, as plain values. */

import { fakeToken } from "../support/tokens.ts";
import type { SeedKind } from "./kinds.ts";

/** Something to change and read. */
export interface Seed {
  readonly kind: SeedKind;
  readonly name: string;
  readonly bytes: Buffer;
  /** Tokens that it may hold; none in a seed without any. */
  readonly tokens: readonly string[];
  /** Packed bytes with a token in them: as long as they are whole, nothing passes. */
  readonly carriers: readonly Buffer[];
  /** The files of the build context beside it, by path; null for none. */
  readonly files: Readonly<Record<string, string>> | null;
}

/** Seeds by what they are read as. */
export type Seeds = Readonly<Record<SeedKind, readonly Seed[]>>;

/** The tokens that seeds hold, and that are planted. */
export const TOKENS: readonly string[] = [1, 2, 3, 4, 5, 6].map((number) => fakeToken("user", number));

/** The token of most seeds. */
export const TOKEN: string = fakeToken("user", 1);
