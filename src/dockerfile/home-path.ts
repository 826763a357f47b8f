/**
 * Where a Hugging Face client puts its token in a build, and whether a path that is deleted or mounted covers that.
 * Paths are compared as text, with every spelling of the home folder written `~`. Touches no file.
 *
 * Rule of huggingface_hub: HF_TOKEN_PATH, else $HF_HOME/token, else $XDG_CACHE_HOME/huggingface/token, else
 * ~/.cache/huggingface/token; `stored_tokens` lies beside it.
 */

/** Gives the value of an environment variable in a RUN as far as it is known; an unknown one stays `$NAME`. */
export type Environment = (name: string) => string | undefined;

/** The variables that decide where the token lies. */
export const HOME_VARIABLES: readonly string[] = ["HF_HOME", "HF_TOKEN_PATH", "XDG_CACHE_HOME", "HOME"];

const DEFAULT_HOME = "~/.cache/huggingface";

/** The home folder that a USER instruction gives a RUN by convention; undefined for a number, which has none to know. */
export function homeOfUser(user: string): string | undefined {
  const name = user.split(":")[0] ?? "";
  if (name === "root" || name === "0") return "/root";
  return /^[A-Za-z_][\w-]*$/.test(name) ? `/home/${name}` : undefined;
}

/** The path with the home folder as `~`: HOME where it is known, else every folder that may be one. */
function withTilde(path: string, home: string | undefined): string {
  if (home === undefined || !/^\/./.test(home)) return path.replace(/^(?:\/root|\/home\/[^/]+|~\w+)(?=\/|$)/, "~");
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** The path without `..` behind a name. */
function withoutParents(path: string): string {
  const kept: string[] = [];
  for (const part of path.split("/")) {
    const last = kept.at(-1);
    if (part !== ".." || last === undefined || last === ".." || last.startsWith("$")) kept.push(part);
    else if (last !== "") kept.pop();
  }
  return kept.join("/");
}

/**
 * One spelling for each path: home folders as `~`, no doubled, dotted or trailing slashes; a relative one below PWD, where
 * that is known.
 */
export function normalPath(path: string, environment: Environment = () => undefined): string {
  let expanded = path;
  for (let round = 0; round < 4 && expanded.includes("$"); round++) {
    expanded = expanded.replaceAll(/\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g, (whole, braced, fallback, bare) => {
      const name = String(braced ?? bare);
      return environment(name) ?? (typeof fallback === "string" ? fallback : name === "HOME" ? "~" : whole);
    });
  }
  const folder = /^[/~$]/.test(expanded) ? undefined : environment("PWD");
  const whole = folder === undefined ? expanded : `${folder}/${expanded}`;
  const single = whole.includes("//") ? whole.replaceAll(/\/{2,}/g, "/") : whole;
  const plain = single.includes("/.") ? single.replaceAll(/\/\.(?=\/|$)/g, "") : single;
  const direct = plain.includes("..") ? withoutParents(plain) : plain;
  return withTilde(direct, environment("HOME")).replace(/(?<=.)\/$/, "");
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) || "/";
}

/** The two files that a login writes, as normal paths: `token`, then `stored_tokens`. */
export function tokenFiles(environment: Environment): readonly [string, string] {
  const tokenPath = environment("HF_TOKEN_PATH");
  if (tokenPath !== undefined && tokenPath !== "") {
    const file = normalPath(tokenPath, environment);
    return [file, `${parentOf(file)}/stored_tokens`];
  }
  const home = environment("HF_HOME");
  const cache = environment("XDG_CACHE_HOME");
  const folder =
    home !== undefined && home !== ""
      ? normalPath(home, environment)
      : cache !== undefined && cache !== ""
        ? `${normalPath(cache, environment)}/huggingface`
        : DEFAULT_HOME;
  return [`${folder}/token`, `${folder}/stored_tokens`];
}

/** True for the places where a Hugging Face client keeps its token, as a normal path. */
export function isTokenFile(path: string, environment: Environment): boolean {
  return (
    tokenFiles(environment).includes(path) || /(?:^|\/)\.?(?:cache\/)?huggingface\/(?:token|stored_tokens)$/.test(path)
  );
}

/** True when a shell pattern or path names `file` or a folder above it; `*` does not match a leading dot, as in a shell. */
export function names(pattern: string, file: string): boolean {
  const wanted = pattern.split("/");
  const parts = file.split("/");
  if (wanted.length > parts.length) return false;
  return wanted.every((part, i) => {
    const actual = parts[i] ?? "";
    if (!/[*?[]/.test(part)) return part === actual;
    if (actual.startsWith(".") && !part.startsWith(".")) return false;
    const source = part
      .replaceAll(/[.+^$()|{}\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    try {
      return new RegExp(`^${source}$`).test(actual);
    } catch {
      return false;
    }
  });
}

/** Braces as the shell expands them: `a/{b,c}` into `a/b` and `a/c`; one level is all that scripts use. */
function braces(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (match === null) return [pattern];
  const [, head = "", list = "", tail = ""] = match;
  return list.split(",").flatMap((item) => braces(`${head}${item}${tail}`));
}

/** True when deleting `pattern` (with everything below it when `isRecursive`) deletes `file`. */
export function deletes(pattern: string, file: string, isRecursive: boolean, environment: Environment): boolean {
  return braces(pattern).some((each) => {
    const path = normalPath(each, environment);
    const depth = path.split("/").length;
    return names(path, file) && (isRecursive || depth === file.split("/").length);
  });
}

/** True when a mount at `target` covers `file`, so that what is written there does not reach the layer. */
export function covers(target: string, file: string, environment: Environment): boolean {
  const path = normalPath(target, environment);
  return path === "/" || file === path || file.startsWith(`${path}/`);
}

/** The part of a normal path below another one, which may hold wildcards: empty for itself, null when it lies elsewhere. */
export function relativeTo(folder: string, file: string): string | null {
  if (folder === "/") return file.replace(/^(?:~|\.)?\//, "");
  const parts = file.split("/");
  const { length } = folder.split("/");
  return length <= parts.length && names(folder, file) ? parts.slice(length).join("/") : null;
}

/** A folder or file that a Hugging Face client calls its home, or that holds one: `.cache/huggingface`, `.huggingface`, … */
const HOME_PATTERN =
  /(?:^|\/)(?:\.cache\/huggingface|\.huggingface|huggingface_home|hf[-_]home)(?:\/(?:\*{1,2}|\.|token|stored_tokens)?)?$|(?:^|\/)\.cache\/?$/i;
const MODELS = /(?:^|\/)(?:hub|snapshots|assets|datasets|xet|modules)(?:\/|$)|(?:models|datasets|spaces)--/;

/** True for a path that names a Hugging Face home, or the token in it; false below `hub/`, `models--…`, `snapshots`. */
export function isHuggingFaceHome(path: string, environment: Environment): boolean {
  const normal = normalPath(path, environment);
  if (MODELS.test(normal)) return false;
  if (HOME_PATTERN.test(normal)) return true;
  const folder = parentOf(tokenFiles(environment)[0]);
  return normal === folder || normal === `${folder}/token` || normal === `${folder}/stored_tokens`;
}
