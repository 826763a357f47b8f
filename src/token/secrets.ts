/**
 * The one holder of raw tokens. Raw values go in; what comes out may be shown: facts (preview, hash) and masked text.
 * Nothing here prints, serialises or compares a raw value for anyone else.
 */

import { createHash } from "node:crypto";
import type { TokenFacts } from "../model/finding.ts";
import { whyPublic } from "./known.ts";
import { findTokens, type TokenMatch } from "./match.ts";
import { isTokenName } from "./name.ts";
import { packedRuns } from "./packed-run.ts";

/** Values shorter than this are masked where they stand, but not hunted for in other strings: they would hit words. */
const MIN_HUNTED_LENGTH = 8;

/** As many of its first characters as these tell a token apart: they are hidden, too, where the rest of it is cut off. */
const MIN_CUT_LENGTH = 16;

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

/** How many characters at `at` are those that the token begins with; 0 for fewer than tell it apart. */
function cutLength(text: string, at: number, token: string): number {
  let length = 0;
  while (length < token.length && text[at + length] === token[length]) length++;
  return length < MIN_CUT_LENGTH ? 0 : length;
}

/** Holds what must never be shown, for the length of one run. */
export class Secrets {
  readonly #all: Secrets | null;
  readonly #tokenVariables: ReadonlySet<string>;
  readonly #hidden = new Set<string>();
  /** Those of the hidden values that are tokens of a known family. */
  readonly #tokens = new Set<string>();
  /** The tokens that Hugging Face may be asked about, by their hashes. */
  readonly #lent = new Map<string, string>();
  /** Every form of every hidden value, by its first characters: a text is gone through once, however many there are. */
  readonly #hunted = new Map<string, Set<string>>();

  /**
   * @param all learns everything that this one learns, for what is shown of several readings together
   * @param tokenVariables names of variables that hold a token, beside those that say so themselves
   */
  constructor(all: Secrets | null = null, tokenVariables: readonly string[] = []) {
    this.#all = all;
    this.#tokenVariables = new Set(tokenVariables);
  }

  /** True when a variable of this name holds a token: by the name itself, or because the user said so. */
  isTokenName(name: string): boolean {
    return this.#tokenVariables.has(name) || isTokenName(name);
  }

  /** What may be shown of a token; from now on its value is masked in every text, also where its shape is broken up. */
  facts(match: TokenMatch): TokenFacts {
    const sha256 = createHash("sha256").update(match.value, "latin1").digest("hex");
    const known = match.family.harmless ?? whyPublic(sha256);
    this.#hideToken(match.value);
    if (known === null && match.family.isAskedAbout) this.#keep(sha256, match.value);
    return {
      family: match.family.id,
      preview: `${match.family.previewPrefix}…${match.value.slice(-SHOWN_TAIL)}`,
      sha256,
      encoding: match.encoding,
      known,
      verification: null,
    };
  }

  /**
   * Lends the token with this SHA-256 to one question, which may put it into the Authorization header of a request to
   * Hugging Face and nowhere else; null when it is not held, or is of a kind that is never sent.
   */
  async lend<T>(sha256: string, question: (token: string) => Promise<T>): Promise<T | null> {
    const token = this.#lent.get(sha256);
    return token === undefined ? null : question(token);
  }

  #keep(sha256: string, token: string): void {
    this.#lent.set(sha256, token);
    if (this.#all !== null) this.#all.#keep(sha256, token);
  }

  /** From now on this value is masked wherever it shows, also in base64, hex and percent encoding. */
  hide(value: string): void {
    this.#all?.hide(value);
    if (value.length < MIN_HUNTED_LENGTH || this.#hidden.has(value)) return;
    this.#hidden.add(value);
    const bytes = Buffer.from(value, "utf8");
    const forms = [
      value,
      JSON.stringify(value).slice(1, -1),
      // Half a surrogate pair has no percent form.
      encodeURIComponent(value.replaceAll(/\p{Surrogate}/gu, "\u{fffd}")),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      ...[0, 1, 2].map((phase) => {
        const encoded = Buffer.concat([Buffer.alloc(phase), bytes]).toString("base64");
        return encoded.slice(Math.ceil((phase * 8) / 6), Math.floor(((phase + bytes.length) * 8) / 6));
      }),
    ];
    for (const form of forms) {
      this.#hunt(form);
      this.#hunt(form.replaceAll("+", "-").replaceAll("/", "_"));
    }
  }

  /**
   * The text with every token and every hidden value masked, plain or wrapped, and all that is compressed. Lengths in UTF-16 units do not change,
   * so that columns stay true.
   */
  redact(text: string): string {
    // Nothing as short as this is a token, hunted for, or compressed.
    if (text.length < MIN_HUNTED_LENGTH) return text;
    let result = "";
    let from = 0;
    for (const match of findTokens(text)) {
      result += text.slice(from, match.start) + maskOf(match);
      from = match.end;
    }
    const masked = this.#starHunted(result + text.slice(from));
    // What they hold is not known here, and nobody can read them as they are.
    return maskSpans(masked, packedRuns(masked));
  }

  #hideToken(value: string): void {
    if (this.#all !== null) this.#all.#hideToken(value);
    this.#tokens.add(value);
    this.hide(value);
  }

  #hunt(form: string): void {
    const start = form.slice(0, MIN_HUNTED_LENGTH);
    const others = this.#hunted.get(start);
    if (others === undefined) this.#hunted.set(start, new Set([form]));
    else others.add(form);
  }

  /** How many characters of the text at `at` are a form of a hidden value. */
  #lengthAt(text: string, at: number, form: string): number {
    if (text.startsWith(form, at)) return form.length;
    return this.#tokens.has(form) ? cutLength(text, at, form) : 0;
  }

  /** The text with every form of a hidden value starred, also where two overlap. */
  #starHunted(text: string): string {
    if (this.#hunted.size === 0) return text;
    let result = "";
    let from = 0;
    let hiddenTo = 0;
    for (let at = 0; at + MIN_HUNTED_LENGTH <= text.length; at++) {
      const forms = this.#hunted.get(text.slice(at, at + MIN_HUNTED_LENGTH));
      if (forms === undefined) continue;
      const length = Math.max(0, ...[...forms].map((form) => this.#lengthAt(text, at, form)));
      if (at + length <= hiddenTo) continue;
      const start = Math.max(at, hiddenTo);
      result += text.slice(from, start) + starred(text.slice(start, at + length));
      hiddenTo = at + length;
      from = hiddenTo;
    }
    return result + text.slice(from);
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
