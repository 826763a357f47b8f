/** Says whether changed bytes still hold a token that nobody may overlook. Knows nothing of what was made of them. */

import { gunzipSync, constants } from "node:zlib";
import { parseDocument } from "yaml";
import { findTokens } from "../../src/token/match.ts";
import type { Seed } from "./seed.ts";
import { tarMembers } from "./tar-members.ts";
import { SECRET_FILE } from "./text-seeds.ts";

/** What stands beside a token is looked at: letters glued to it make it something else. */
const AROUND = 400;

/** `cuts`: where something ends, so that what goes on behind is no token to anyone who reads the one or the other. */
function standsPlain(bytes: Buffer, token: string, cuts: readonly number[]): boolean {
  for (let at = bytes.indexOf(token); at !== -1; at = bytes.indexOf(token, at + 1)) {
    if (cuts.some((cut) => cut > at && cut < at + token.length)) continue;
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

const standsIn = (bytes: Buffer, tokens: readonly string[], cuts: readonly number[] = []): boolean =>
  tokens.some((token) => standsPlain(bytes, token, cuts));

/** Where the headers and contents of members begin and end, and those of the members of tars in them. */
function borders(bytes: Buffer, depth = 1): readonly number[] {
  return tarMembers(bytes).flatMap(({ header, from, size }) => {
    const inner = depth === 0 || size === 0 ? [] : borders(bytes.subarray(from, from + size), depth - 1);
    return [header, from, from + size, ...inner.map((end) => from + end)];
  });
}

const MAX_UNPACKED = 1 << 26;

/** True for what a gzip reader has to take for gzip: RFC 1952, without the flags that it reserves. */
function isGzip(bytes: Buffer): boolean {
  return bytes.length >= 18 && bytes.readUIntBE(0, 3) === 0x1f8b08 && ((bytes[3] ?? 0) & 0xe0) === 0;
}

/** As much as unpacks, with another program's eyes. */
function unpacked(bytes: Buffer): Buffer | null {
  if (!isGzip(bytes)) return null;
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED });
  } catch {
    return null;
  }
}

/** True for gzip that is cut or damaged: what is in it, nobody can tell. */
function isBrokenGzip(bytes: Buffer): boolean {
  if (!isGzip(bytes)) return false;
  try {
    gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
    return false;
  } catch {
    return true;
  }
}

/** Whole contents of the members in front. */
function contentsOf(bytes: Buffer): readonly Buffer[] {
  return tarMembers(bytes).flatMap(({ from, size }) =>
    from + size <= bytes.length ? [bytes.subarray(from, from + size)] : [],
  );
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start);
}

/** True when one of the tokens stands in an image's bytes as it is, or in packed bytes that are a member's content. */
function isInImage(bytes: Buffer, tokens: readonly string[], carriers: readonly Buffer[]): boolean {
  if (standsIn(bytes, tokens, borders(bytes))) return true;
  const contents = contentsOf(bytes);
  const isInContent = (content: Buffer): boolean => {
    const inner = unpacked(content);
    return inner !== null && standsIn(inner, tokens, borders(inner));
  };
  if (contents.some(isInContent)) return true;
  return carriers.some((carrier) => contents.some((content) => startsWith(content, carrier)));
}

/** True when a value hands over a token, at any depth. */
function handsOver(value: unknown, tokens: readonly string[]): boolean {
  if (typeof value === "string") return standsIn(Buffer.from(value, "latin1"), tokens);
  return typeof value === "object" && value !== null && Object.values(value).some((item) => handsOver(item, tokens));
}

const field = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;

/**
 * True when a compose or bake file hands a token over as a build argument, for whoever reads it as YAML (which JSON is).
 * Files that take values from elsewhere may hand over something else.
 */
function isHandedOver(name: string, text: string, tokens: readonly string[]): boolean {
  const list = /compose\.ya?ml$/.test(name) ? "services" : name.endsWith("bake.json") ? "target" : null;
  if (list === null || /extends|inherits|<<|\*|!|%|include|---|\.\.\./.test(text)) return false;
  const document = parseDocument(text, { logLevel: "silent" });
  if (document.errors.length > 0 || document.warnings.length > 0) return false;
  const units = field(document.toJS(), list);
  if (typeof units !== "object" || units === null || Array.isArray(units)) return false;
  return Object.values(units).some((unit) => {
    const args = field(list === "services" ? field(unit, "build") : unit, "args");
    if (typeof args !== "object" || args === null) return false;
    // An element of a list is `NAME=value`, and needs a name.
    const given = Array.isArray(args) ? args.filter((one) => /^[A-Za-z_]\w*=/.test(String(one))) : args;
    return Object.values(given).some((one) => typeof one === "string" && handsOver(one, tokens));
  });
}

/** True when no line of an ignore file can take the secret out of the context. */
function isLetThrough(ignore: string): boolean {
  return ignore.split(/[\r\n]/).every((line) => !/[*?[\\]|env|\0|^[\s./!]+$/.test(line));
}

/** True when one of the tokens is still there for whoever reads the bytes as what the seed is. */
export function mustBeSeen(seed: Seed, others: readonly Seed[], bytes: Buffer, tokens: readonly string[]): boolean {
  switch (seed.kind) {
    case "image":
    case "document": {
      const carriers = [seed, ...others].flatMap((one) => (one.kind === "nested" ? [] : one.carriers));
      const inner = unpacked(bytes);
      return isInImage(bytes, tokens, carriers) || (inner !== null && isInImage(inner, tokens, carriers));
    }
    case "nested":
      // Content is told by how it begins, so only what begins with all of it is still this content.
      return (
        standsIn(bytes, tokens) ||
        standsIn(unpacked(bytes) ?? Buffer.alloc(0), tokens) ||
        seed.carriers.some((whole) => startsWith(bytes, whole))
      );
    case "dockerfile":
      return standsIn(Buffer.from(bytes.toString("utf8"), "latin1"), tokens);
    case "context":
      return isLetThrough(bytes.toString("utf8")) && seed.files?.[SECRET_FILE] !== undefined;
    case "caller":
      return isHandedOver(seed.name, bytes.toString("utf8"), tokens);
    default:
      // A config holds no token that leaks into an image.
      return false;
  }
}

/** True when bytes cannot be read to their end by anyone, so that nobody may say that nothing is in them. */
export function isUnreadable({ kind }: Seed, bytes: Buffer): boolean {
  if (kind === "nested") return isBrokenGzip(bytes);
  if (kind !== "image" && kind !== "document") return false;
  if (isBrokenGzip(bytes)) return true;
  const last = tarMembers(bytes).at(-1);
  if (last !== undefined && last.size > 0 && /[0\0]/.test(last.type) && last.from + last.size > bytes.length)
    return true;
  return contentsOf(bytes).some(isBrokenGzip);
}

/** True when the text shows this form of a token, and not because the input holds it glued to something else. */
export function isToken(text: string, form: string): boolean {
  const matches = findTokens(text);
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    if (!matches.some(({ start, end }) => start <= at && end >= at + form.length)) return false;
  }
  return true;
}
