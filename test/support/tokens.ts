/**
 * Fake tokens, made when a test runs, so that nothing token-shaped stands in the repository. The same name and number
 * give the same token in every run. `@@TOKEN:user@@` and `@@TOKEN:user:2@@` in fixtures stand for them,
 * `@@TOKEN:user[0,9]@@` for a piece of one (as `slice` takes its bounds), `@@TOKEN:user%base64@@` for a wrapped one.
 */

import { createHash } from "node:crypto";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALNUM = `${LETTERS}0123456789`;
const BASE64URL = `${ALNUM}-_`;

function body(seed: string, length: number, alphabet: string): string {
  let text = "";
  for (let block = 0; text.length < length; block++) {
    for (const byte of createHash("sha256").update(`hullcheck ${seed} ${block}`).digest()) {
      text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text.slice(0, length);
}

function jwt(seed: string): string {
  return `eyJ${body(`${seed} h`, 33, BASE64URL)}.eyJ${body(`${seed} p`, 80, BASE64URL)}.${body(`${seed} s`, 43, BASE64URL)}`;
}

const MAKERS: Readonly<Record<string, (seed: string) => string>> = {
  user: (seed) => `hf_${body(seed, 34, LETTERS)}`,
  digits: (seed) => `hf_${body(seed, 30, LETTERS)}7${body(`${seed} tail`, 3, LETTERS)}`,
  organization: (seed) => `api_org_${body(seed, 34, LETTERS)}`,
  oauth: (seed) => `hf_oauth_${jwt(seed)}`,
  jwt: (seed) => `hf_jwt_${jwt(seed)}`,
  s3: (seed) => `hf_s3_${jwt(seed)}`,
  "oauth-refresh": (seed) => `hf_oauth__refresh_${body(seed, 34, LETTERS)}`,
  "oauth-app": (seed) => `hf_app_${body(seed, 32, LETTERS)}`,
  // Look-alikes that are no tokens: a placeholder, an identifier.
  alphabet: () => `hf_${LETTERS.toLowerCase().slice(26)}${LETTERS.slice(0, 8)}`,
  repeated: () => `hf_${"x".repeat(34)}`,
  identifier: () => `hf_${"transformermodelforsequenceclassification".slice(0, 34)}`,
  symbol: () => `hf_${"xet6legacy9upload17hdetail4chunk5stateE".slice(0, 34)}`,
  capitals: (seed) => `HF_${body(seed, 34, LETTERS)}`,
  "oauth-app-secret": (seed) => `oauth_app_secret_${body(seed, 34, LETTERS)}`,
};

/** A fake token of a kind (see `MAKERS`); different numbers give different tokens. */
export function fakeToken(kind: string = "user", number: number = 1): string {
  const make = MAKERS[kind];
  if (make === undefined) throw new Error(`no such kind of fake token: ${kind}`);
  return make(`${kind} ${number}`);
}

/** What a token can be wrapped in, by the name after `%`; `base64+1` has one byte before the token. */
const WRAPPINGS: Readonly<Record<string, (token: string) => string>> = {
  base64: (token) => Buffer.from(token).toString("base64"),
  "base64+1": (token) => Buffer.from(`:${token}`).toString("base64"),
  "base64+2": (token) => Buffer.from(`u:${token}`).toString("base64"),
  ansi: (token) => token.replaceAll(/./g, (char) => `\\x${char.charCodeAt(0).toString(16)}`),
  json: (token) => token.replaceAll(/./g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
};

/** A fixture's text with every `@@TOKEN:kind@@` replaced, and the tokens that were put in. */
export function plant(text: string): { readonly text: string; readonly tokens: readonly string[] } {
  const tokens = new Set<string>();
  const form = /@@TOKEN:([a-z0-9-]+?)(?::(\d+))?(?:\[(\d+)(?:,(\d+))?\]|%([a-z0-9+]+))?@@/g;
  const planted = text.replaceAll(form, (_, kind: string, number = "1", from = "0", to = "Infinity", wrapping = "") => {
    const token = fakeToken(kind, Number(number));
    tokens.add(token);
    const wrap = WRAPPINGS[String(wrapping)];
    return wrap === undefined ? token.slice(Number(from), Number(to)) : wrap(token);
  });
  if (planted.includes("@@TOKEN")) throw new Error("a placeholder of a token that is not understood");
  return { text: planted, tokens: [...tokens] };
}
