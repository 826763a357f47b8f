/** Files in which tools keep credentials by host: what they are by path, and their entries for Hugging Face. */

import { parseJson } from "../model/json.ts";
import { findTokens } from "../token/match.ts";
import type { Secrets } from "../token/secrets.ts";
import { field, text } from "./json-document.ts";

/** Which tool keeps the file. */
export type Store = "git credentials" | "git config" | "netrc" | "Docker login";

/** An entry for a Hugging Face host whose secret has no shape that the search knows. */
export interface Credential {
  readonly host: string;
  /** 0-based offset in the file. */
  readonly byteOffset: number;
  /** 1-based. */
  readonly line: number;
}

const PATHS: readonly (readonly [Store, RegExp])[] = [
  ["git credentials", /\/(?:\.git-credentials|git\/credentials)$/],
  ["git config", /\/(?:\.git\/(?:modules\/.+\/)?config|\.gitconfig|etc\/gitconfig|git\/config)$/],
  ["netrc", /\/[._]netrc$/],
  ["Docker login", /\/(?:\.docker\/config\.json|\.dockercfg|containers\/auth\.json)$/],
];

const HOST = /^(?:[a-z0-9.-]+\.)?(?:huggingface\.co|hf\.co|hf\.space)$/i;
const URL_WITH_PASSWORD = /https?:\/\/[^\s/:@]*:([^\s/@]+)@([A-Za-z0-9.-]+)/g;
const NETRC_MACHINE = /\bmachine\s+(\S+)((?:\s+(?:login|account|password)\s+\S+)+)/g;
const NETRC_PASSWORD = /\bpassword\s+(\S+)/;
const MIN_SECRET_LENGTH = 8;

/** The store that an absolute path is; null for any other path. */
export function storeOf(path: string): Store | null {
  return PATHS.find(([, pattern]) => pattern.test(path))?.[0] ?? null;
}

interface Entry {
  readonly host: string;
  /** As it stands in the file, and what that says where it is wrapped; whoever knows either is in. */
  readonly secrets: readonly string[];
  readonly at: number;
}

/** What a password in an address says. */
function unescaped(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function dockerEntries(content: string): Entry[] {
  const value = parseJson(content);
  const auths = field(value, "auths") ?? value;
  if (typeof auths !== "object" || auths === null) return [];
  return Object.entries(auths).flatMap(([server, entry]): Entry[] => {
    const host = server.replace(/^https?:\/\//, "").replace(/[/:].*$/, "");
    const [auth = "", ...others] = ["auth", "password", "identitytoken", "registrytoken"].map(
      (name) => text(field(entry, name)) ?? "",
    );
    const password = Buffer.from(auth, "base64")
      .toString("utf8")
      .replace(/^[^:]*:/, "");
    const written = [auth, ...others].filter((secret) => secret !== "");
    return [{ host, secrets: [...written, password], at: Math.max(0, content.indexOf(written[0] ?? "")) }];
  });
}

function entries(store: Store, content: string): Entry[] {
  switch (store) {
    case "git credentials":
    case "git config":
      return [...content.matchAll(URL_WITH_PASSWORD)].map((match) => ({
        host: match[2] ?? "",
        secrets: [match[1] ?? "", unescaped(match[1] ?? "")],
        at: match.index,
      }));
    case "netrc":
      return [...content.matchAll(NETRC_MACHINE)].map((match) => ({
        host: match[1] ?? "",
        secrets: [NETRC_PASSWORD.exec(match[2] ?? "")?.[1] ?? ""],
        at: match.index,
      }));
    case "Docker login":
      return dockerEntries(content);
  }
}

/** The entries for Hugging Face hosts; from now on `secrets` masks what they hold. */
export function readCredentials(store: Store, content: string, secrets: Secrets): Credential[] {
  return entries(store, content).flatMap(({ host, secrets: all, at }): Credential[] => {
    // A token with a known shape is found by the search, wherever it lies.
    const unknown = all.filter(
      (secret) => secret.length >= MIN_SECRET_LENGTH && !secret.startsWith("$") && findTokens(secret).length === 0,
    );
    if (!HOST.test(host) || unknown.length === 0) return [];
    for (const secret of unknown) secrets.hide(secret);
    return [{ host, byteOffset: at, line: content.slice(0, at).split("\n").length }];
  });
}
