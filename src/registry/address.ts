/** Where a registry answers, and which addresses may be asked at all: https, or http where it is allowed. Pure. */

import { BlockList, isIP } from "node:net";

/** A registry. */
export interface Registry {
  /** Scheme, host and port. */
  readonly origin: string;
  /** `host[:port]`, as docker's config names it. */
  readonly host: string;
  /** What stands before every repository of a mirror; empty, or with a slash at its end. */
  readonly prefix: string;
  /** True when http was asked for. */
  readonly allowsPlain: boolean;
}

/** Made when it is first asked for: an image that is a file needs no network code. */
let loopback: BlockList | null = null;

function loopbackList(): BlockList {
  if (loopback !== null) return loopback;
  loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback;
}

/** A URL's host without the brackets of an IPv6 address. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** True for a host that is this machine by its name or address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === "localhost" : loopbackList().check(host, family === 4 ? "ipv4" : "ipv6");
}

/** True when nothing can be read or changed on the way to a URL, or the way is one that the user allows. */
function isAllowed(url: URL, allowsPlain: boolean): boolean {
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && (allowsPlain || isLoopback(bareHost(url)));
}

/** A token in a host's name, which URLs write without the capitals by which tokens are known. */
const TOKEN_IN_HOST = /_[a-z0-9]{30}/;

/** A URL that another party names, absolute or from `base`: one of a host, without a login; null for anything else. */
export function givenUrl(text: string, base?: URL): URL | null {
  if (!URL.canParse(text, base?.href)) return null;
  const url = new URL(text, base?.href);
  if (TOKEN_IN_HOST.test(url.host)) return null;
  return url.host !== "" && url.username === "" && url.password === "" ? url : null;
}

/** True when the way from one URL to another that it names keeps to https, or to what the user allows. */
export function isSafeStep(from: URL, to: URL, allowsPlain: boolean): boolean {
  const isDowngrade = from.protocol === "https:" && to.protocol !== "https:";
  return !isDowngrade && isAllowed(to, allowsPlain);
}

/** The registry at a host: https, but http for this machine and where it was asked for. Throws for what is no host. */
export function registryAt(host: string, allowsPlain: boolean): Registry {
  const { hostname } = new URL(`https://${host}`);
  const isPlain = allowsPlain || isLoopback(hostname.replace(/^\[(.*)\]$/, "$1"));
  const url = new URL(`${isPlain ? "http" : "https"}://${host}`);
  return { origin: url.origin, host: url.host, prefix: "", allowsPlain };
}

/** Why a text is no registry's URL, in words that do not repeat it; null when it is one. */
export function urlMistake(text: string, allowsPlain: boolean): string | null {
  if (!URL.canParse(text)) return "is not a URL";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "is not a URL with https or http";
  if (url.username !== "" || url.password !== "") return "holds a login, which would stand in the shell's history";
  if (url.search !== "" || url.hash !== "") return "has a query or fragment";
  return isAllowed(url, allowsPlain) ? null : "is plain http";
}

/** The registry that a URL names; a path in it stands before every repository, but for the `/v2` of the API itself. */
export function registryOf(text: string, allowsPlain: boolean): Registry {
  const url = new URL(text);
  const path = url.pathname
    .replace(/^\/+/, "")
    .replace(/^v2(?:\/+|$)/, "")
    .replace(/\/+$/, "");
  return { origin: url.origin, host: url.host, prefix: path === "" ? "" : `${path}/`, allowsPlain };
}

/** How few letters the second-last label of a public suffix such as `co.uk` has. */
const SUFFIX_LABEL_LENGTH = 3;

/** The domain that a registry's host and the hosts of its services share; null where there is none to trust. */
function parentOf(host: string): string | null {
  if (isIP(host) !== 0) return null;
  const labels = host.split(".");
  const parent = labels.length > 2 ? labels.slice(1) : labels;
  if (parent.length < 2) return null;
  const [first = "", last = ""] = parent;
  const isPublicSuffix = parent.length === 2 && first.length <= SUFFIX_LABEL_LENGTH && last.length === 2;
  return isPublicSuffix ? null : parent.join(".");
}

/**
 * True when a token service may see the credentials of a registry: it is on the same host, or below the domain that the
 * registry's own host is directly in.
 */
export function isSameParty(service: URL, registry: URL): boolean {
  const host = bareHost(registry);
  const other = bareHost(service);
  if (host === other) return true;
  const parent = parentOf(host);
  return parent !== null && (other === parent || other.endsWith(`.${parent}`));
}
