/**
 * The families of Hugging Face tokens, as data. A new family is one more object in `FAMILIES`.
 *
 * Shapes: huggingface/hf-mcp-server, hf-dataset-transport.ts (the vendor's own redaction list), and a survey of public
 * tokens that found letters only in every real user token. Knows nothing of files, encodings or messages.
 */

import type { Confidence } from "../model/level.ts";

/** One kind of token. */
export interface Family {
  /** As it stands in reports: `user`, `oauth`, … */
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
  /** What every token of the family starts with. */
  readonly prefix: string;
  /** How the preview starts. */
  readonly previewPrefix: string;
  /** Characters of the longest token. */
  readonly maxLength: number;
  /** The whole token, to be used sticky at the place of the prefix; decides the end, not the surroundings. */
  readonly pattern: RegExp;
  /** How sure this very value is a token; null when it is none (an identifier, a placeholder). */
  readonly judge: (token: string) => Confidence | null;
  /** Why a value of this family is no secret by itself; null when it is one. */
  readonly harmless: string | null;
  /**
   * True when `--verify` may ask Hugging Face about it. Only for what is made to be shown to it again and again: refresh
   * tokens and app secrets are used up or answered for elsewhere, tokens of a run (JWT, OIDC, storage) end by themselves.
   */
  readonly isAskedAbout: boolean;
}

const MIN_DISTINCT = 12;
const PLACEHOLDER_WORDS =
  /your|token|here|example|placeholder|replace|insert|dummy|fake|sample|secret|change|test|xxxx/gi;

/**
 * True for a body that a person wrote to stand for a token: few distinct characters, the alphabet in order, or two
 * and more of the words that such texts use. A random token never has any of the three (each below 1 in a million).
 */
export function isPlaceholderBody(body: string): boolean {
  if (new Set(body).size < MIN_DISTINCT) return true;
  let steps = 0;
  for (let i = 1; i < body.length; i++) {
    const step = body.charCodeAt(i) - body.charCodeAt(i - 1);
    if (step === 1 || step === -1) steps++;
  }
  if (steps * 2 > body.length) return true;
  return (body.match(PLACEHOLDER_WORDS) ?? []).length >= 2;
}

/** A fixed-length body of letters (and, less surely, digits). Real ones mix capitals and small letters. */
function judgeBody(body: string): Confidence | null {
  if (isPlaceholderBody(body)) return null;
  const capitals = (body.match(/[A-Z]/g) ?? []).length;
  const small = (body.match(/[a-z]/g) ?? []).length;
  if (capitals < 2 || small < 2) return null;
  return /[0-9]/.test(body) ? "medium" : "high";
}

/** Three base64url parts. A JWT's header is JSON, so it starts with `eyJ`; a dotted path of a program does not. */
function judgeJwt(body: string): Confidence | null {
  const parts = body.split(".");
  const [header = "", payload = "", signature = ""] = parts;
  if (header.length < 8 || payload.length < 8 || signature.length < 16) return null;
  if (isPlaceholderBody(body)) return null;
  if (header.startsWith("eyJ")) return "high";
  return /[0-9]/.test(body) && /[A-Z]/.test(body) && /[a-z]/.test(body) && body.length >= 60 ? "medium" : null;
}

function fixed(id: string, name: string, prefix: string, length: number, harmless: string | null = null): Family {
  return {
    id,
    name,
    prefix,
    previewPrefix: prefix,
    maxLength: prefix.length + length,
    pattern: new RegExp(`${prefix}[A-Za-z0-9]{${length}}`, "y"),
    judge: (token) => judgeBody(token.slice(prefix.length)),
    harmless,
    isAskedAbout: id === "user",
  };
}

function jwt(id: string, name: string, prefix: string): Family {
  return {
    id,
    name,
    prefix,
    previewPrefix: prefix,
    maxLength: prefix.length + 2048 + 1 + 4096 + 1 + 1024,
    pattern: new RegExp(`${prefix}[A-Za-z0-9_-]{1,2048}\\.[A-Za-z0-9_-]{1,4096}\\.[A-Za-z0-9_-]{1,1024}`, "y"),
    judge: (token) => judgeJwt(token.slice(prefix.length)),
    harmless: null,
    isAskedAbout: false,
  };
}

/** Every family, the longer prefixes before those that they start with. */
export const FAMILIES: readonly Family[] = [
  fixed("oauth-refresh", "OAuth refresh token", "hf_oauth__refresh_", 34),
  jwt("oauth", "OAuth access token", "hf_oauth_"),
  jwt("jwt", "trusted-publisher token", "hf_jwt_"),
  jwt("s3", "storage access token", "hf_s3_"),
  fixed("oauth-app", "OAuth app id", "hf_app_", 32, "an OAuth app id is no secret by itself"),
  fixed("user", "user access token", "hf_", 34),
  fixed("organization", "organization token", "api_org_", 34),
  fixed("oauth-app-secret", "OAuth app secret", "oauth_app_secret_", 34),
];

/** Characters of the longest token of any family. */
export const MAX_TOKEN_LENGTH: number = Math.max(...FAMILIES.map(({ maxLength }) => maxLength));

/** No family has fewer characters after its prefix; fewer than this many are no token. */
export const MIN_BODY_LENGTH = 30;

/** The few strings that every token starts with; what a search looks for before it looks closer. */
export const PREFIXES: readonly string[] = ["hf_", "api_org_", "oauth_app_secret_"];
