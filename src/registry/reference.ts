/**
 * The names of images in registries and engines, as people type them. Pure; the grammar is the one of the distribution
 * project's reference package, but that nothing is filled in for a host that is not named.
 */

/** A name that was understood. */
export interface Reference {
  /** `host` or `host:port` as typed; null when the name begins with its repository. */
  readonly host: string | null;
  readonly repository: string;
  readonly tag: string | null;
  /** `sha256:…`, `sha384:…` or `sha512:…`; where there is one, it counts and the tag does not. */
  readonly digest: string | null;
}

/** The longest name that is looked at: 255 for host and repository, 128 for a tag, 135 for a digest, and what joins them. */
const MAX_LENGTH = 600;
const MAX_REPOSITORY_LENGTH = 255;

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const HOST = new RegExp(String.raw`^(?:${LABEL}(?:\.${LABEL})*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$`);
const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** True for a digest that can be verified here. */
export function isDigest(value: string): boolean {
  return DIGEST.test(value);
}

/** A first part is a host when it could be no repository, as every engine sees it. */
function looksLikeHost(part: string): boolean {
  return part === "localhost" || /[.:[A-Z]/.test(part);
}

/** Takes `[host[:port]/]repository[:tag][@digest]` apart; null for anything else. */
export function parseReference(text: string): Reference | null {
  if (text.length > MAX_LENGTH) return null;
  const [named = "", digest = null, ...more] = text.split("@");
  if (more.length > 0 || (digest !== null && !isDigest(digest))) return null;
  const slash = named.indexOf("/");
  const first = slash === -1 ? "" : named.slice(0, slash);
  const host = looksLikeHost(first) ? first : null;
  const path = host === null ? named : named.slice(slash + 1);
  const colon = path.indexOf(":");
  const repository = colon === -1 ? path : path.slice(0, colon);
  const tag = colon === -1 ? null : path.slice(colon + 1);
  const isValid =
    (host === null || HOST.test(host)) &&
    repository.length <= MAX_REPOSITORY_LENGTH &&
    repository.split("/").every((component) => COMPONENT.test(component)) &&
    (tag === null || TAG.test(tag));
  return isValid ? { host, repository, tag, digest } : null;
}

/** The name as reports show it: whole, with the tag that is meant where none is typed. */
export function referenceName({ host, repository, tag, digest }: Reference): string {
  const shownTag = tag === null ? (digest === null ? ":latest" : "") : `:${tag}`;
  return `${host === null ? "" : `${host}/`}${repository}${shownTag}${digest === null ? "" : `@${digest}`}`;
}
