/** What a literal value under a token's name looks like: a token of unknown shape, or something that is no secret. */

import { isPlaceholder } from "../token/placeholder.ts";

const PATH = /^(?:\.{0,2}|~)\/|^[A-Za-z]:\\|^file:/;
const URL_WITHOUT_USER = /^[a-z][a-z0-9+.-]*:\/\/(?![^/]*@)/i;
/** Prefixes of other vendors' tokens: real secrets, but not ours to report. */
const OTHER_VENDOR =
  /^(?:sk-|sk_|pk_|rk_|gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|xox[abprs]-|AIza|pypi-|npm_|dckr_|r8_|nvapi-|gsk_|xai-|key-|eyJ|SG\.|dop_v1_|shpat_|lin_api_)/;
const NUMBER = /^[-+]?\d+(?:\.\d+)?$/;
const MIN_SECRET_LENGTH = 8;
/** Longer than any secret of one line that is handed over in a variable. */
const MAX_SECRET_LENGTH = 512;

/** True for a value that may well be a token though it has no known shape; false for placeholders, paths, URLs, numbers. */
export function isOpaqueSecret(value: string, variable: string): boolean {
  const text = value.trim();
  if (text.length < MIN_SECRET_LENGTH || text.length > MAX_SECRET_LENGTH || /\s/.test(text)) return false;
  if (isPlaceholder(text, variable)) return false;
  return ![PATH, URL_WITHOUT_USER, OTHER_VENDOR, NUMBER].some((pattern) => pattern.test(text));
}
