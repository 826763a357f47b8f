/** What the values in a word of a shell command are made of, and which of them the word itself shows to be tokens. */

import type { TokenNames } from "../token/name.ts";
import { findTokens } from "../token/match.ts";
import { toSourceSpan, type MappedText } from "./mapped-text.ts";
import type { ShellPiece, ShellWord, VariablePiece } from "./shell-word.ts";
import { carried, fromToken, merged, type Origins } from "./token-origin.ts";

/** Where the values of a word come from. */
export interface WordSources {
  readonly ofName: (name: string) => Origins;
  /** The texts that a variable may hold: the names that `${!X}` means. */
  readonly textsOf: (name: string) => readonly string[];
  /** What the commands of the substitution at an offset of the script print. */
  readonly ofSubstitution: (at: number) => Origins;
  readonly isTokenName: TokenNames;
}

/** Something that every token starts with; a quick look before the search. */
export const MAY_HOLD_TOKEN: RegExp = /hf_|api_org_|oauth_app_secret_/;
/** Operators after which the variable's own value does not show. */
const HIDING = new Set(["+", ":+", "length"]);
const NAMED = /(?:^|[^\w-])([A-Za-z_]\w*)["']?\s*[:=]\s*["']?$/;
const HUB_HOST = /(?:huggingface\.co|\bhf\.co)/;

/** True when the text around a value says that it is a Hugging Face token: `HF_TOKEN=…`, `https://user:…@huggingface.co`. */
function isShownByContext(before: string, after: string, isTokenName: TokenNames): boolean {
  const name = NAMED.exec(before)?.[1];
  if (name !== undefined && isTokenName(name)) return true;
  // What stands before a colon there is the user's name.
  if (/:\/\/[^/\s]*$/.test(before) && /^[^/\s:]*@(?:[\w-]+\.)*(?:huggingface\.co|hf\.co)/.test(after)) return true;
  return /\bpassword[ =]$/.test(before) && HUB_HOST.test(before);
}

const NEAR = 256;

/** The outline of a stretch of pieces, cut to what is near. */
function near(pieces: readonly ShellPiece[], isBefore: boolean): string {
  let text = "";
  for (const piece of isBefore ? pieces.toReversed() : pieces) {
    if (text.length > NEAR) break;
    const own = piece.kind === "text" ? piece.text : "\0";
    text = isBefore ? own + text : text + own;
  }
  return isBefore ? text.slice(-NEAR) : text.slice(0, NEAR);
}

/** The variables whose values an expansion shows. */
function shownNames({ name, operator }: VariablePiece, { textsOf }: WordSources): readonly string[] {
  return operator === "!" ? textsOf(name) : [name];
}

/** The sources of a word's values, variables and substitutions followed. */
export function originsOfWord(word: Pick<ShellWord, "pieces">, script: MappedText, sources: WordSources): Origins {
  const found: Origins[] = [];
  const { pieces } = word;
  pieces.forEach((piece, i) => {
    const span = toSourceSpan(script, piece.start, piece.end);
    if (piece.kind === "text") {
      if (!MAY_HOLD_TOKEN.test(piece.text) || findTokens(piece.text).length === 0) return;
      found.push([fromToken("a token", [{ span, text: "the token stands here" }], true)]);
      return;
    }
    const isValueShown = piece.kind === "substitution" || !HIDING.has(piece.operator);
    const origins =
      piece.kind === "substitution"
        ? carried(sources.ofSubstitution(piece.start), { span, text: "it is read here" })
        : merged(
            ...(isValueShown ? shownNames(piece, sources).map(sources.ofName) : []),
            originsOfWord({ pieces: piece.operand }, script, sources),
          );
    if (origins.length === 0) return;
    const isShown = isShownByContext(
      near(pieces.slice(Math.max(0, i - 8), i), true),
      near(pieces.slice(i + 1, i + 9), false),
      sources.isTokenName,
    );
    found.push(isShown ? origins.map((origin) => ({ ...origin, isToken: true })) : origins);
  });
  return merged(...found);
}
