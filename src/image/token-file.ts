/** The content of Hugging Face token files, as far as it holds secrets whose shape tells nothing. Pure. */

import { parseJson } from "../model/json.ts";
import { findTokens } from "../token/match.ts";
import { isPlaceholder } from "../token/placeholder.ts";
import type { Secrets } from "../token/secrets.ts";
import { eachString } from "./json-document.ts";
import type { TokenPlace } from "./hf-home.ts";

/** `hf_token = …` and `refresh_token = …` of the INI form. */
const INI_VALUE = /^[ \t]*(?:hf_token|refresh_token)[ \t]*[=:][ \t]*(\S+)/gm;
const SECRET_KEY = /token|secret/i;

function jsonValues(content: string): string[] | null {
  const value = parseJson(content);
  if (value === undefined) return null;
  const values: string[] = [];
  eachString(value, (string, pointer) => {
    if (SECRET_KEY.test(pointer) && !pointer.endsWith(string)) values.push(string);
  });
  return values;
}

/** True when a token file holds a secret that the search for tokens cannot know; `secrets` masks it from now on. */
export function holdsUnknownSecret(file: TokenPlace["file"], content: string, secrets: Secrets): boolean {
  const values =
    file === "token"
      ? [content.trim()]
      : (jsonValues(content) ?? [...content.matchAll(INI_VALUE)].map((match) => match[1] ?? ""));
  let isFound = false;
  for (const value of values) {
    if (value === "" || isPlaceholder(value) || findTokens(value).length > 0) continue;
    secrets.hide(value);
    isFound = true;
  }
  return isFound;
}
