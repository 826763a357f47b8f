/** Which proxy a request goes through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY as other tools read them. Pure. */

import { BlockList, isIP } from "node:net";
import { bareHost, isLoopback } from "./address.ts";
import { PullFailure } from "./failure.ts";

/** The variables that the command line was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy. */
export interface Proxy {
  readonly url: URL;
  /** The value of Proxy-Authorization; null when the proxy's URL holds no login. */
  readonly authorization: string | null;
}

function defaultPort(url: URL): string {
  return url.protocol === "https:" ? "443" : "80";
}

/** True when an address is in a network such as `10.0.0.0/8`. */
function isInNetwork(host: string, network: string): boolean {
  const [address = "", bits = ""] = network.split("/");
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}

/** True when one entry of NO_PROXY takes a URL out: `*`, a domain and what is below it, an address, a network; also with a port. */
function isExcepted(url: URL, entry: string): boolean {
  if (entry === "*") return true;
  const host = bareHost(url);
  if (entry.includes("/")) return isInNetwork(host, entry);
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|(.*?))(?::(\d+))?$/.exec(entry) ?? [];
  const isAddress = isIP(entry) !== 0;
  const name = (isAddress ? entry : (bracketed ?? plain ?? "")).replace(/^\*?\./, "").toLowerCase();
  if (!isAddress && port !== undefined && port !== (url.port === "" ? defaultPort(url) : url.port)) return false;
  return name !== "" && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

function variable(environment: Environment, name: string): readonly [string, string] | null {
  for (const known of [name.toLowerCase(), name]) {
    const value = environment[known]?.trim() ?? "";
    if (value !== "") return [known, value];
  }
  return null;
}

/** The login in a URL, decoded; null when it holds none or cannot be decoded. */
function loginOf({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return null;
  }
}

/**
 * The proxy for a URL; null for none, as for this machine itself. Hands every login to `hide`. Throws a PullFailure
 * for a proxy that cannot be used, without repeating its value.
 */
export function proxyFor(url: URL, environment: Environment, hide: (secret: string) => void): Proxy | null {
  if (isLoopback(bareHost(url))) return null;
  const [name, value] = variable(environment, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? [];
  if (name === undefined || value === undefined) return null;
  const exceptions = variable(environment, "NO_PROXY")?.[1].split(/[\s,]+/) ?? [];
  if (exceptions.some((entry) => entry !== "" && isExcepted(url, entry))) return null;
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy === null || (proxy.protocol !== "http:" && proxy.protocol !== "https:")) {
    throw new PullFailure("unreadable", `${name} is no URL of an http or https proxy`);
  }
  const login = loginOf(proxy);
  const authorization = login === null ? null : `Basic ${Buffer.from(login).toString("base64")}`;
  if (login !== null) for (const secret of [login, login.replace(/^[^:]*:/, ""), proxy.password]) hide(secret);
  return { url: proxy, authorization };
}
