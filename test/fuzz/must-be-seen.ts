/** Says whether changed bytes still hold a token that nobody may overlook. Knows nothing of what was made of them. */

import { gunzipSync, constants } from "node:zlib";
import { findTokens } from "../../src/token/match.ts";
import type { Seed } from "./seeds.ts";

/** What stands beside a token is looked at: letters glued to it make it something else. */
const AROUND = 400;

function standsPlain(bytes: Buffer, token: string): boolean {
  for (let at = bytes.indexOf(token); at !== -1; at = bytes.indexOf(token, at + 1)) {
    const from = Math.max(0, at - AROUND);
    const text = bytes.toString("latin1", from, at + token.length + AROUND);
    const start = at - from;
    if (
      findTokens(text).some((match) => match.encoding.length === 0 && match.start === start && match.value === token)
    ) {
      return true;
    }
  }
  return false;
}

/** As much as unpacks, with another program's eyes. */
function unpacked(bytes: Buffer): Buffer | null {
  if (bytes.length < 18 || bytes.readUInt16BE(0) !== 0x1f8b) return null;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 1 << 26 });
  } catch {
    return null;
  }
}

const BLOCK = 512;

/** Where the contents of a tar begin, for whoever walks it from header to header, up to what no longer is one. */
function contentStarts(bytes: Buffer): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = Buffer.from(bytes.subarray(at, at + BLOCK));
    const field = (from: number, to: number): number =>
      Number.parseInt(header.toString("latin1", from, to).replaceAll("\0", " ").trim() || "0", 8);
    const [size, stated] = [field(124, 136), field(148, 156)];
    header.fill(0x20, 148, 156);
    if (!(size >= 0) || header.reduce((sum, byte) => sum + byte, 0) !== stated) break;
    starts.push(at + BLOCK);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return starts;
}

/** True when one of the tokens stands in an image's bytes as it is, or in packed bytes that are a member's content. */
function isInImage(bytes: Buffer, tokens: readonly string[], carriers: readonly Buffer[]): boolean {
  if (tokens.some((token) => standsPlain(bytes, token))) return true;
  if (!carriers.some((carrier) => bytes.includes(carrier))) return false;
  const starts = contentStarts(bytes);
  return carriers.some((carrier) => starts.some((start) => startsWith(bytes.subarray(start), carrier)));
}

/** True when one of the tokens is still there for whoever reads the bytes as what the seed is. */
export function mustBeSeen(seed: Seed, others: readonly Seed[], bytes: Buffer, tokens: readonly string[]): boolean {
  switch (seed.kind) {
    case "image": {
      const carriers = [seed, ...others].flatMap((one) => (one.kind === "image" ? one.carriers : []));
      const inner = unpacked(bytes);
      return isInImage(bytes, tokens, carriers) || (inner !== null && isInImage(inner, tokens, carriers));
    }
    case "nested":
      // Content is told by how it begins, so only what begins with all of it is still this content.
      return (
        tokens.some((token) => standsPlain(bytes, token)) || seed.carriers.some((whole) => startsWith(bytes, whole))
      );
    case "dockerfile":
      return tokens.some((token) => standsPlain(Buffer.from(bytes.toString("utf8"), "latin1"), token));
    default:
      // A token in a comment of a calling file, or in a config, is in no image.
      return false;
  }
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}

/** True when the text shows this form of a token, and not because the input holds it glued to something else. */
export function isToken(text: string, form: string): boolean {
  const matches = findTokens(text);
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    if (!matches.some(({ start, end }) => start <= at && end >= at + form.length)) return false;
  }
  return true;
}
