/**
 * Where Hugging Face clients keep tokens in an image: at every home's default place, and where the image's own variables
 * point. Sources: huggingface_hub constants.py and utils/_auth.py, all releases. Paths only; reads nothing.
 */

import { field, items, text } from "./json-document.ts";
import { absolutePath } from "./path-hash.ts";

/** The default places, in any home folder. `.huggingface` was the only one up to huggingface_hub 0.11. */
const DEFAULT_PLACE = /\/(?:\.cache\/huggingface|\.cache\/huggingface_staging|\.huggingface)\/(token|stored_tokens)$/;

const VARIABLES = ["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME", "HOME"] as const;
type Variable = (typeof VARIABLES)[number];

/** Why a path holds a token by its place. */
export interface TokenPlace {
  /** `token` or `stored_tokens`, whatever the file's own name. */
  readonly file: "token" | "stored_tokens";
  /** The variable that points there; null for a default place. */
  readonly variable: string | null;
}

/** The token files that variables of the image point to, by absolute path. */
export type TokenPlaces = ReadonlyMap<string, TokenPlace>;

type Values = Readonly<Record<Variable, ReadonlySet<string>>>;

const ASSIGNMENT = /(?<![A-Za-z0-9_])(HF_TOKEN_PATH|HF_HOME|XDG_CACHE_HOME|HOME)=("[^"]*"|'[^']*'|[^\s;&|"']*)/g;

/** Every value that a variable has in `Env` or had in some instruction: a login may come before a later ENV. */
function valuesOf(config: unknown): Values {
  const values = {
    HF_TOKEN_PATH: new Set<string>(),
    HF_HOME: new Set<string>(),
    XDG_CACHE_HOME: new Set<string>(),
    HOME: new Set<string>(),
  };
  const sources = [
    ...items(field(config, "config", "Env")),
    ...items(field(config, "container_config", "Env")),
    ...items(field(config, "history")).map((entry) => field(entry, "created_by")),
  ];
  for (const source of sources) {
    for (const [, name = "", quoted = ""] of (text(source) ?? "").matchAll(ASSIGNMENT)) {
      const variable = VARIABLES.find((known) => known === name);
      const value = quoted.replace(/^(["'])(.*)\1$/, "$2");
      if (variable !== undefined && value !== "") values[variable].add(value);
    }
  }
  return values;
}

/** `~` and variables in a path, for each home that the image knows. */
function* expand(path: string, values: Values): Generator<string> {
  const hasHome = /^~(?=\/|$)|\$\{?HOME\b\}?/.test(path);
  for (const home of hasHome ? ["/root", ...values.HOME] : [""]) {
    const withHome = path.replace(/^~(?=\/|$)/, () => home).replaceAll(/\$\{?HOME\b\}?/g, () => home);
    const hasCache = /\$\{?XDG_CACHE_HOME\b\}?/.test(withHome);
    for (const cache of hasCache ? values.XDG_CACHE_HOME : [""]) {
      yield withHome.replaceAll(/\$\{?XDG_CACHE_HOME\b\}?/g, () => cache);
    }
  }
}

/** Every folder or file that may hold a token, with the variable that says so. */
function* pointed(values: Values): Generator<{ readonly path: string; readonly variable: Variable }> {
  for (const variable of ["HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"] as const) {
    for (const value of values[variable]) for (const path of expand(value, values)) yield { path, variable };
  }
}

/** More than any image has; variables in one another would make billions of them. */
const MAX_POINTED = 10_000;

/** Where the image's variables put token files; not whole where they point to more places than are remembered. */
export function tokenPlaces(config: unknown): { readonly places: TokenPlaces; readonly isWhole: boolean } {
  const places = new Map<string, TokenPlace>();
  const add = (path: string, file: TokenPlace["file"], variable: Variable): void => {
    const full = absolutePath(path);
    if (!places.has(full)) places.set(full, { file, variable });
  };
  let count = 0;
  for (const { path: written, variable } of pointed(valuesOf(config))) {
    if (++count > MAX_POINTED) return { places, isWhole: false };
    if (!written.startsWith("/")) continue;
    const path = absolutePath(written);
    const folder = variable === "XDG_CACHE_HOME" ? `${path}/huggingface` : path;
    if (variable === "HF_TOKEN_PATH") {
      add(path, "token", variable);
      add(`${path.slice(0, path.lastIndexOf("/"))}/stored_tokens`, "stored_tokens", variable);
    } else {
      add(`${folder}/token`, "token", variable);
      add(`${folder}/stored_tokens`, "stored_tokens", variable);
    }
  }
  return { places, isWhole: true };
}

/** What a path is for Hugging Face clients; null for any other path. */
export function tokenPlaceOf(path: string, places: TokenPlaces): TokenPlace | null {
  const place = places.get(path);
  if (place !== undefined) return place;
  const file = DEFAULT_PLACE.exec(path)?.[1];
  return file === "token" || file === "stored_tokens" ? { file, variable: null } : null;
}
