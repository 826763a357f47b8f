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

type Values = Readonly<Record<Variable, readonly string[]>>;

const ASSIGNMENT = /(?<![A-Za-z0-9_])(HF_TOKEN_PATH|HF_HOME|XDG_CACHE_HOME|HOME)=("[^"]*"|'[^']*'|[^\s;&|"']*)/g;

/** Every value that a variable has in `Env` or had in some instruction: a login may come before a later ENV. */
function valuesOf(config: unknown): Values {
  const values: Record<Variable, string[]> = { HF_TOKEN_PATH: [], HF_HOME: [], XDG_CACHE_HOME: [], HOME: [] };
  const sources = [
    ...items(field(config, "config", "Env")),
    ...items(field(config, "container_config", "Env")),
    ...items(field(config, "history")).map((entry) => field(entry, "created_by")),
  ];
  for (const source of sources) {
    for (const [, name = "", quoted = ""] of (text(source) ?? "").matchAll(ASSIGNMENT)) {
      const variable = VARIABLES.find((known) => known === name);
      const value = quoted.replace(/^(["'])(.*)\1$/, "$2");
      if (variable !== undefined && value !== "" && !values[variable].includes(value)) values[variable].push(value);
    }
  }
  return values;
}

/** `~` and variables in a path, for each home that the image knows. */
function expand(path: string, values: Values): string[] {
  const homes = ["/root", ...values.HOME];
  const withHome = /^~(?=\/|$)|\$\{?HOME\b\}?/.test(path)
    ? homes.map((home) => path.replace(/^~(?=\/|$)/, home).replaceAll(/\$\{?HOME\b\}?/g, home))
    : [path];
  const full = withHome.flatMap((one) =>
    /\$\{?XDG_CACHE_HOME\b\}?/.test(one)
      ? values.XDG_CACHE_HOME.map((cache) => one.replaceAll(/\$\{?XDG_CACHE_HOME\b\}?/g, cache))
      : [one],
  );
  return full.filter((one) => one.startsWith("/")).map(absolutePath);
}

/** Where the image's variables put token files. */
export function tokenPlaces(config: unknown): TokenPlaces {
  const values = valuesOf(config);
  const places = new Map<string, TokenPlace>();
  const add = (path: string, file: TokenPlace["file"], variable: Variable): void => {
    if (!places.has(path)) places.set(path, { file, variable });
  };
  const addFolder = (folder: string, variable: Variable): void => {
    add(absolutePath(`${folder}/token`), "token", variable);
    add(absolutePath(`${folder}/stored_tokens`), "stored_tokens", variable);
  };
  for (const value of values.HF_TOKEN_PATH) {
    for (const path of expand(value, values)) {
      add(path, "token", "HF_TOKEN_PATH");
      add(absolutePath(`${path.slice(0, path.lastIndexOf("/"))}/stored_tokens`), "stored_tokens", "HF_TOKEN_PATH");
    }
  }
  for (const value of values.HF_HOME) for (const path of expand(value, values)) addFolder(path, "HF_HOME");
  for (const value of values.XDG_CACHE_HOME) {
    for (const path of expand(value, values)) addFolder(`${path}/huggingface`, "XDG_CACHE_HOME");
  }
  return places;
}

/** What a path is for Hugging Face clients; null for any other path. */
export function tokenPlaceOf(path: string, places: TokenPlaces): TokenPlace | null {
  const place = places.get(path);
  if (place !== undefined) return place;
  const file = DEFAULT_PLACE.exec(path)?.[1];
  return file === "token" || file === "stored_tokens" ? { file, variable: null } : null;
}
