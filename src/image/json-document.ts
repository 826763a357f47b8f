/** JSON of an image: parsed once, every string in it searched in its decoded form. Interprets no fields. */

import type { TokenFacts } from "../model/finding.ts";
import type { Confidence } from "../model/level.ts";
import { findTokens } from "../token/match.ts";
import type { Secrets } from "../token/secrets.ts";

/** A token in a JSON document. */
export interface JsonHit {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  /** RFC 6901; null when it stands only in the raw text, such as in a key that occurs twice. */
  readonly pointer: string | null;
  /** Offset in the raw text; null when it only shows once decoded. */
  readonly byteOffset: number | null;
  /** 1-based line in the raw text; null as above. */
  readonly line: number | null;
}

/** A parsed document. */
export interface JsonDocument {
  readonly value: unknown;
  readonly hits: readonly JsonHit[];
  /** What strings hold that cannot be decoded, counted by kind; their text was searched. */
  readonly undecoded: Readonly<Record<string, number>>;
  /** True when an object has a key twice: the last of them is in the value, and engines may take the first, or join both. */
  readonly hasRepeatedKey: boolean;
}

/** Deeper than any image's JSON; a deeper one is not walked but searched as text. */
const MAX_DEPTH = 100;

/** True for bytes that begin like a JSON object or array. */
export function beginsLikeJson(head: Uint8Array): boolean {
  let at = 0;
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) at = 3;
  while (at < head.length && [0x20, 0x09, 0x0a, 0x0d].includes(head[at] ?? 0)) at++;
  return head[at] === 0x7b || head[at] === 0x5b;
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Calls back for every string in a parsed document, keys too, with its JSON pointer. */
export function eachString(
  value: unknown,
  visit: (text: string, pointer: string) => void,
  pointer = "",
  depth = 0,
): void {
  if (typeof value === "string") visit(value, pointer);
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  for (const [key, item] of Object.entries(value)) {
    const below = `${pointer}/${escaped(key)}`;
    if (!Array.isArray(value)) visit(key, below);
    eachString(item, visit, below, depth + 1);
  }
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** How many keys a JSON text has; it has to be valid. */
function keysWritten(source: string): number {
  let keys = 0;
  let isInString = false;
  for (let i = 0; i < source.length; i++) {
    const char = source.charCodeAt(i);
    if (char === QUOTE) isInString = !isInString;
    else if (isInString && char === BACKSLASH) i++;
    else if (!isInString && char === COLON) keys++;
  }
  return keys;
}

/** How many of them are in what was made of it, at whatever depth. */
function keysKept(value: unknown): number {
  let keys = 0;
  for (const left = [value]; left.length > 0;) {
    const one = left.pop();
    if (typeof one !== "object" || one === null) continue;
    const values: unknown[] = Object.values(one);
    if (!Array.isArray(one)) keys += values.length;
    for (const each of values) left.push(each);
  }
  return keys;
}

/** The document in these bytes; null when they are no JSON. */
export function parseJson(bytes: Buffer, secrets: Secrets): JsonDocument | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8").replace(/^\u{feff}/u, ""));
  } catch {
    return null;
  }
  const raw = new Map<string, Pick<JsonHit, "byteOffset" | "line">>();
  const hits: JsonHit[] = [];
  const source = bytes.toString("latin1");
  const unseen = new Map<string, JsonHit>();
  for (const match of findTokens(source)) {
    const token = secrets.facts(match);
    if (raw.has(token.sha256)) continue;
    const place = { byteOffset: match.start, line: source.slice(0, match.start).split("\n").length };
    raw.set(token.sha256, place);
    unseen.set(token.sha256, { token, confidence: match.confidence, pointer: null, ...place });
  }
  eachString(value, (string, pointer) => {
    for (const match of findTokens(string)) {
      const token = secrets.facts(match);
      const place = raw.get(token.sha256) ?? { byteOffset: null, line: null };
      unseen.delete(token.sha256);
      hits.push({ token, confidence: match.confidence, pointer, ...place });
    }
  });
  const hasRepeatedKey = keysWritten(source) > keysKept(value);
  return { value, hits: [...hits, ...unseen.values()], undecoded: {}, hasRepeatedKey };
}

/** A property of an unknown value; undefined when there is none. */
export function field(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of keys) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = Reflect.get(current, key);
  }
  return current;
}

/** The elements of an array; none when it is something else. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A string, or null. */
export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
