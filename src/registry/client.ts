/**
 * Asks one registry for parts of one repository: authorised where it is wanted, redirected within bounds, again after a
 * break. The Authorization for the registry goes to its origin and nowhere else.
 */

import type { IncomingMessage } from "node:http";
import { givenUrl, isSafeStep, type Registry } from "./address.ts";
import { authorize } from "./authorize.ts";
import { readChallenge } from "./challenge.ts";
import { findCredentials, type Credentials } from "./credentials.ts";
import { PullFailure } from "./failure.ts";
import { fieldIn, itemsIn, parseJson } from "../model/json.ts";
import { withRetries } from "./retry.ts";
import { ask, readBody, type Connection } from "./transport.ts";

/** A registry, seen from one repository. */
export interface Client {
  /**
   * Asks for `manifests/…` or `blobs/…` of the repository. The answer is 200, 404, or 206 where a range is asked for.
   * @throws PullFailure for every other answer and a connection that fails; AbortError when stopped
   */
  readonly get: (path: string, headers: Readonly<Record<string, string>>) => Promise<IncomingMessage>;
  readonly host: string;
  readonly connection: Connection;
}

const MAX_REDIRECTS = 5;
const MAX_ERROR_BYTES = 16_384;
/** Codes of errors that may be shown; whatever else a registry says is its own. Fact: distribution specification. */
const CODES =
  /^(?:BLOB_UNKNOWN|DENIED|MANIFEST_INVALID|MANIFEST_UNKNOWN|NAME_INVALID|NAME_UNKNOWN|TOOMANYREQUESTS|UNAUTHORIZED|UNSUPPORTED|UNKNOWN|UNAVAILABLE)$/;

async function errorCodes(answer: IncomingMessage, connection: Connection): Promise<string> {
  try {
    const body = await readBody(answer, connection.timing.answerMs, MAX_ERROR_BYTES);
    const value = parseJson(body?.toString("utf8") ?? "");
    const codes = itemsIn(value, "errors").flatMap((error) => {
      const code = fieldIn(error, "code");
      return typeof code === "string" && CODES.test(code) ? [code] : [];
    });
    return [...new Set(codes)].map((code) => ` ${code}`).join("");
  } catch {
    connection.signal.throwIfAborted();
    return "";
  }
}

/** A client of a repository. */
export function createClient(registry: Registry, repository: string, connection: Connection): Client {
  const name = `${registry.prefix}${repository}`;
  let authorization: string | null = null;
  let credentials: Promise<Credentials | null> | null = null;
  let renewal: { readonly stale: string | null; readonly done: Promise<string> } | null = null;

  /** Follows redirects of one try. */
  const follow = async (start: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> => {
    let url = start;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const isOwn = url.origin === registry.origin;
      const own = isOwn && authorization !== null ? { authorization } : {};
      const answer = await ask(url, { headers: { ...headers, ...own } }, connection);
      const { location } = answer.headers;
      const isRedirect = [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0);
      if (!isRedirect) {
        // A challenge of another host is no reason to show it anything.
        if (answer.statusCode !== 401 || isOwn) return answer;
        answer.destroy();
        throw new PullFailure(
          "unreadable",
          `${registry.host} redirects to ${url.host}, which wants a login of its own`,
        );
      }
      answer.destroy();
      const next = location === undefined ? null : givenUrl(location, url);
      if (next === null) {
        throw new PullFailure("unreadable", `${url.host} redirects to what is no URL of a host`);
      }
      if (!isSafeStep(url, next, registry.allowsPlain)) {
        throw new PullFailure(
          "unreadable",
          `${url.host} redirects to ${next.host} without https, which is not followed`,
        );
      }
      url = next;
    }
    throw new PullFailure("unreadable", `${registry.host} redirects more than ${MAX_REDIRECTS} times`);
  };

  /** Makes the Authorization anew, once for all requests that were refused with the same one. */
  const renew = async (stale: string | null, header: string): Promise<void> => {
    if (authorization !== stale) return;
    if (renewal === null || renewal.stale !== stale) {
      credentials ??= findCredentials(registry.host, connection);
      const known = credentials;
      const done = (async () => authorize(readChallenge(header), registry, name, await known, connection))();
      renewal = { stale, done };
    }
    authorization = await renewal.done;
  };

  const get: Client["get"] = async (path, headers) => {
    const url = new URL(`${registry.origin}/v2/${name}/${path}`);
    for (let isSecond = false; ; isSecond = true) {
      const used = authorization;
      const answer = await withRetries(async () => follow(url, headers), registry.host, connection);
      const status = answer.statusCode ?? 0;
      const isPart = status === 206 && headers["range"] !== undefined;
      if (status === 200 || isPart || status === 404) return answer;
      if (status === 401 && !isSecond) {
        answer.destroy();
        await renew(used, answer.headers["www-authenticate"] ?? "");
        continue;
      }
      const codes = await errorCodes(answer, connection);
      const known = await credentials;
      if (status === 401 || status === 403) {
        const who = known === null ? "without a login" : "with the credentials of docker's config";
        throw new PullFailure("unreadable", `${registry.host} refuses ${name} ${who} (${status}${codes})`);
      }
      const wait = answer.headers["retry-after"];
      const asked = wait !== undefined && /^\d{1,9}$/.test(wait) ? ` and asks to wait ${wait} seconds` : "";
      throw new PullFailure("unreadable", `${registry.host} answers ${status}${codes}${asked}`);
    }
  };
  return { get, host: registry.host, connection };
}
