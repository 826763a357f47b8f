/** Which values stand for a token that is not there. */

import { isPlaceholderBody } from "./family.ts";

const WORDS =
  /^(?:none|null|nil|undefined|false|true|yes|no|0|1|n\/?a|tbd|todo|unset|empty|dummy|fake|test|example|placeholder|change[-_ ]?me|replace[-_ ]?me|secret|token|my[-_]?token|hf[-_]?token|redacted|hidden|masked|invalid|not[-_ ]?set|not[-_ ]?needed|default|disabled|optional|required)$/i;
const SENTENCES =
  /(?:^|[^a-z])(?:your|replace|insert|put|paste|enter|add|change)[-_ ]|[-_ ](?:here|goes|placeholder)$|placeholder|(?:^|[-_ ])(?:run[-_ ]?time|set[-_ ]me|fill[-_ ](?:me[-_ ]?)?(?:in)?)$|^hf_(?:x+|\.+|…|\*+|your.*|token.*|mock.*|test.*|fake.*|dummy.*)$/i;

/** A value in brackets of some template language: `<token>`, `{{ token }}`, `[token]`, `%TOKEN%`, `@TOKEN@`, `__TOKEN__`. */
const BRACKETED = /^(?:<[^>]*>|\{\{?[^}]*\}?\}|\[[^\]]*\]|%[^%]*%|@[^@]*@|__\w+__)$/;

/** True for a text of two different characters at most; most texts have a third one near their beginning. */
function hasFewCharacters(text: string): boolean {
  const seen = new Set<string>();
  for (const character of text) if (seen.add(character).size > 2) return false;
  return true;
}

/**
 * True for the empty string, `none`, `<token>`, `your_token_here`, one repeated letter, `***`, `...`, the alphabet in
 * order, and a word that repeats the variable's own name.
 */
export function isPlaceholder(value: string, variable: string = ""): boolean {
  const text = value.trim();
  if (text === "" || text.toLowerCase() === variable.toLowerCase()) return true;
  if (WORDS.test(text) || SENTENCES.test(text) || BRACKETED.test(text)) return true;
  if (hasFewCharacters(text)) return true;
  const body = /^(?:hf_|api_org_)(.*)$/s.exec(text)?.[1];
  return body !== undefined && body.length >= 16 && isPlaceholderBody(body);
}
