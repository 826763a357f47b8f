/**
 * The one holder of raw tokens. Raw values go in; what comes out may be shown: facts (preview, hash) and masked text.
 * Nothing here prints, serialises or compares a raw value for anyone else.
 */

import { createHash } from "node:crypto";
import type { TokenFacts } from "../model/finding.ts";
import { whyPublic } from "./known.ts";
import { findTokens, type TokenMatch } from "./match.ts";

/** Values shorter than this are masked where they stand, but not hunted for in other strings: they would hit words. */
const MIN_HUNTED_LENGTH = 8;

const SHOWN_TAIL = 4;

/** A value of no known family, hidden: a star for every character, so that columns stay true. */
function starred(value: string): string {
  return value.replaceAll(/[^\r\n]/g, "*");
}

/** The masked form of a match, as long as the match in its text. */
function maskOf(match: TokenMatch): string {
  const length = match.end - match.start;
  if (match.encoding.length > 0) return "*".repeat(length);
  const head = match.family.previewPrefix;
  return `${head}${"*".repeat(length - head.length - SHOWN_TAIL)}${match.value.slice(-SHOWN_TAIL)}`;
}

/** Holds what must never be shown, for the length of one run. */
export class Secrets {
  readonly #hunted = new Map<string, string>();

  /** What may be shown of a token; from now on its value is masked in every text, also where its shape is broken up. */
  facts(match: TokenMatch): TokenFacts {
    const sha256 = createHash("sha256").update(match.value, "latin1").digest("hex");
    const known = match.family.harmless ?? whyPublic(sha256);
    this.hide(match.value);
    return {
      family: match.family.id,
      preview: `${match.family.previewPrefix}…${match.value.slice(-SHOWN_TAIL)}`,
      sha256,
      encoding: match.encoding,
      known,
      verification: null,
    };
  }

  /** From now on this value is masked wherever it shows, also in base64, hex and percent encoding. */
  hide(value: string): void {
    if (value.length < MIN_HUNTED_LENGTH || this.#hunted.has(value)) return;
    const bytes = Buffer.from(value, "utf8");
    const forms = [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      ...[0, 1, 2].map((phase) => {
        const encoded = Buffer.concat([Buffer.alloc(phase), bytes]).toString("base64");
        return encoded.slice(Math.ceil((phase * 8) / 6), Math.floor(((phase + bytes.length) * 8) / 6));
      }),
    ];
    for (const form of forms) {
      this.#hunted.set(form, starred(form));
      this.#hunted.set(form.replaceAll("+", "-").replaceAll("/", "_"), starred(form));
    }
  }

  /**
   * The text with every token and every hidden value masked, plain or wrapped. Lengths in UTF-16 units do not change,
   * so that columns stay true.
   */
  redact(text: string): string {
    let result = "";
    let from = 0;
    for (const match of findTokens(text)) {
      result += text.slice(from, match.start) + maskOf(match);
      from = match.end;
    }
    result += text.slice(from);
    for (const [form, mask] of this.#hunted) {
      if (result.includes(form)) result = result.replaceAll(form, () => mask);
    }
    return result;
  }

  /** Keeps a debugger's or a logger's print of this object empty. */
  toJSON(): string {
    return "[hidden]";
  }
}

/** The text with the given stretches (UTF-16 offsets, end exclusive) hidden; its length does not change. */
export function maskSpans(text: string, spans: readonly { readonly start: number; readonly end: number }[]): string {
  let result = text;
  for (const { start, end } of spans) {
    result = result.slice(0, start) + starred(result.slice(start, end)) + result.slice(end);
  }
  return result;
}
