/** The parity corpus, and what BuildKit made of it (see main.go beside this file). */

import { readFileSync } from "node:fs";

/** An instruction as BuildKit's parser reports it. */
export interface GoldenInstruction {
  readonly original: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly json: boolean;
  readonly values: readonly string[];
  readonly heredocs: readonly {
    readonly name: string;
    readonly expand: boolean;
    readonly chomp: boolean;
    readonly fd: number;
    readonly content: string;
    readonly stripped: string;
  }[];
  readonly trigger?: GoldenInstruction;
}

/** A Dockerfile as BuildKit's parser reports it: an error, or its instructions. */
export interface GoldenFile {
  readonly error?: string;
  readonly escape?: string;
  readonly instructions?: readonly GoldenInstruction[];
  /** Why the stage after the parser refuses the file. */
  readonly refused?: string;
}

/** A word as BuildKit's shell lexer expands it. */
export interface GoldenWord {
  readonly word: string;
  readonly escape: "\\" | "`";
  readonly quotes: boolean;
  readonly result: string | null;
  readonly error?: string;
}

/** Where the corpus lies. */
export const CORPUS: URL = new URL("../../../fixtures/parity/", import.meta.url);

function read(name: string, folder: URL): string {
  return readFileSync(new URL(name, folder), "utf8");
}

/** Every Dockerfile of the corpus with its golden result. */
export function goldenFiles(): { name: string; text: string; golden: GoldenFile }[] {
  const { files } = JSON.parse(read("golden.json", CORPUS)) as { files: Record<string, GoldenFile> };
  return Object.entries(files).map(([name, golden]) => ({ name, text: read(name, CORPUS), golden }));
}

/** Every word of the corpus with its golden result, and the variables that were set. */
export function goldenWords(): { env: Record<string, string>; words: readonly GoldenWord[] } {
  return JSON.parse(read("words.json", CORPUS)) as { env: Record<string, string>; words: readonly GoldenWord[] };
}
