/**
 * Searches one file for tokens: plain, in base64 and in UTF-16, in bounded pieces, whatever its size. Opens nothing but
 * regular files, and unpacks nothing: an archive or a git object is searched as the bytes it is.
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { FileContent, FileToken } from "../dockerfile/build-context.ts";
import { createTokenWindow, type TokenWindow } from "../image/scan/token-window.ts";
import type { TokenMatch } from "../token/match.ts";
import type { Secrets } from "../token/secrets.ts";
import { accessGap } from "./read-text.ts";

/** Distinct tokens of one file that are remembered: more is a list of samples, and says no more. */
const MAX_FILE_TOKENS = 1000;
/** A file with a NUL in its first bytes has no lines to speak of, as git decides it. */
const SNIFFED_BYTES = 8000;
/** Beyond this a file is data, and a line number no help. */
const MAX_COUNTED_BYTES = 64 * 1024 * 1024;
/** Up to so many bytes of all files together the slow search is done before the fast one is compiled. */
const FEW_BYTES = 262_144;
const COUNTING_BYTES = 65_536;
const LINE_FEED = 0x0a;

/** A search that reads no more than `maxBytes` of a file; `bytes` is how many it read. */
export interface FileSearch {
  readonly search: (path: string, maxBytes: number) => { readonly content: FileContent; readonly bytes: number };
}

/** What most files are; one value for all of them. */
const CLEAN: FileContent = { isBlank: false, tokens: [], problem: null };
const BLANK: FileContent = { isBlank: true, tokens: [], problem: null };

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** The 1-based lines of ascending offsets in an open file; null for all of them in a file without lines. */
function linesAt(descriptor: number, offsets: readonly number[]): (number | null)[] {
  const buffer = Buffer.alloc(COUNTING_BYTES);
  const lines: (number | null)[] = [];
  let line = 1;
  for (let position = 0; lines.length < offsets.length && position < MAX_COUNTED_BYTES;) {
    const count = readSync(descriptor, buffer, 0, buffer.length, position);
    if (count === 0 || (position === 0 && buffer.subarray(0, Math.min(count, SNIFFED_BYTES)).includes(0))) break;
    for (let i = 0; i < count; i++) {
      while (offsets[lines.length] === position + i) lines.push(line);
      if (buffer[i] === LINE_FEED) line++;
    }
    position += count;
  }
  return offsets.map((_, i) => lines[i] ?? null);
}

/** The tokens of a file by their raw value, and what else a scan tells of it. */
interface Scanned {
  readonly tokens: ReadonlyMap<string, { readonly match: TokenMatch; readonly from: number }>;
  readonly bytes: number;
  readonly isBlank: boolean;
  readonly isCut: boolean;
}

/** Moves the window over an open file. */
function scan(descriptor: number, size: number, window: TokenWindow, maxBytes: number): Scanned {
  const tokens = new Map<string, { match: TokenMatch; from: number }>();
  let bytes = 0;
  let isAllBlank = true;
  let isCut = false;
  const client = {
    partAt: () => ({ from: 0, to: Number.POSITIVE_INFINITY }),
    found: (match: TokenMatch, from: number) => {
      if (tokens.size <= MAX_FILE_TOKENS && !tokens.has(match.value)) tokens.set(match.value, { match, from });
    },
  };
  window.reset();
  // A file may grow meanwhile; one whose size is not known in advance is read to its end.
  while (bytes === 0 || bytes !== size) {
    const space = window.space();
    const count = readSync(descriptor, space, 0, space.length, null);
    isCut = count > 0 && bytes + count > maxBytes;
    if (count === 0 || isCut) break;
    bytes += count;
    isAllBlank &&= isBlank(space.subarray(0, count));
    window.commit(count, false, client);
    window.shift();
  }
  window.commit(0, true, client);
  return { tokens, bytes, isBlank: isAllBlank && !isCut, isCut };
}

/** A search with a buffer for all files, made when the first one is searched. Raw tokens go into `secrets` and nowhere else. */
export function createFileSearch(secrets: Secrets): FileSearch {
  let slow: TokenWindow | null = null;
  let fast: TokenWindow | null = null;
  let total = 0;

  function contentOf(descriptor: number, size: number, maxBytes: number): { content: FileContent; bytes: number } {
    total += size;
    const window = total <= FEW_BYTES ? (slow ??= createTokenWindow({ simd: false })) : (fast ??= createTokenWindow());
    const scanned = scan(descriptor, size, window, maxBytes);
    const { bytes, isCut } = scanned;
    if (scanned.tokens.size === 0 && !isCut) return { content: scanned.isBlank ? BLANK : CLEAN, bytes };
    const places = [...scanned.tokens.values()].slice(0, MAX_FILE_TOKENS).toSorted((a, b) => a.from - b.from);
    const lines = linesAt(
      descriptor,
      places.map(({ from }) => from),
    );
    const tokens = places.map(({ match, from }, i): FileToken => {
      return { token: secrets.facts(match), confidence: match.confidence, byteOffset: from, line: lines[i] ?? null };
    });
    const detail = isCut
      ? "it is too large to be searched in full; leave it out of the build context, or look at it by hand"
      : `it holds more than ${MAX_FILE_TOKENS} tokens, and no more were told; leave it out of the build context`;
    const problem = isCut || scanned.tokens.size > MAX_FILE_TOKENS ? ({ why: "limit", detail } as const) : null;
    return { content: { isBlank: scanned.isBlank, tokens, problem }, bytes };
  }

  function search(path: string, maxBytes: number): { content: FileContent; bytes: number } {
    let descriptor: number | null = null;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const stats = fstatSync(descriptor);
      return stats.isFile() ? contentOf(descriptor, stats.size, maxBytes) : { content: BLANK, bytes: 0 };
    } catch (error) {
      return { content: { isBlank: false, tokens: [], problem: accessGap(error) }, bytes: 0 };
    } finally {
      if (descriptor !== null) closeSync(descriptor);
    }
  }

  return { search };
}
