/**
 * From a registry's challenge to the value of Authorization: basic, or a token of the registry's token service. Decides
 * who sees credentials; sends them to nobody but the registry and a token service of the same party.
 */

import type { IncomingMessage } from "node:http";
import { givenUrl, isSafeStep, isSameParty, type Registry } from "./address.ts";
import type { Challenge } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import { PullFailure } from "./failure.ts";
import { parseJson, stringIn } from "../model/json.ts";
import { withRetries } from "./retry.ts";
import { ask, readBody, type Connection, type Question } from "./transport.ts";

const MAX_TOKEN_BYTES = 262_144;
/** What may stand in a header's value. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Where the token service is, if it may be asked. */
function serviceOf(realm: string, registry: Registry): URL {
  const url = givenUrl(realm);
  if (url === null)
    throw new PullFailure("unreadable", `${registry.host} names a token service that is no URL of a host`);
  if (!isSafeStep(new URL(registry.origin), url, registry.allowsPlain)) {
    throw new PullFailure("unreadable", `${registry.host} names a token service without https; it is not asked`);
  }
  url.hash = "";
  return url;
}

/** The request for a token; without credentials where there are none to show. */
function tokenQuestion(
  service: URL,
  fields: Readonly<Record<string, string>>,
  credentials: Credentials | null,
): { readonly url: URL; readonly question: Question } {
  if (credentials?.kind === "identity") {
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: "hullcheck",
      refresh_token: credentials.token,
      ...fields,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { url: service, question: { method: "POST", headers, body: body.toString() } };
  }
  const url = new URL(service);
  for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
  return { url, question: { headers: credentials?.kind === "password" ? { authorization: basic(credentials) } : {} } };
}

async function tokenIn(answer: IncomingMessage, host: string, connection: Connection): Promise<string> {
  const body = await readBody(answer, connection.timing.idleMs, MAX_TOKEN_BYTES);
  const value = parseJson(body?.toString("utf8") ?? "");
  const token = stringIn(value, "token") ?? stringIn(value, "access_token") ?? "";
  if (!HEADER_SAFE.test(token)) throw new PullFailure("unreadable", `the token service ${host} gave no token`);
  connection.hide(token);
  return token;
}

/** Asks the token service for the right to pull one repository, and nothing more. */
async function askService(
  { realm, service }: Extract<Challenge, { scheme: "bearer" }>,
  registry: Registry,
  repository: string,
  credentials: Credentials | null,
  connection: Connection,
): Promise<string> {
  const realmUrl = serviceOf(realm, registry);
  const isForeign = !isSameParty(realmUrl, new URL(registry.origin));
  const fields = { ...(service === null ? {} : { service }), scope: `repository:${repository}:pull` };
  const { url, question } = tokenQuestion(realmUrl, fields, isForeign ? null : credentials);
  const answer = await withRetries(async () => ask(url, question, connection), url.host, connection);
  const status = answer.statusCode ?? 0;
  if (status === 200) return `Bearer ${await tokenIn(answer, url.host, connection)}`;
  answer.destroy();
  const isDenied = status === 400 || status === 401 || status === 403;
  if (!isDenied) throw new PullFailure("unreadable", `the token service ${url.host} answers ${status}`);
  throw new PullFailure(
    "unreadable",
    credentials === null
      ? loginWanted(registry)
      : isForeign
        ? `the token service ${url.host} is not of ${registry.host} and was given no credentials; it refuses a token without`
        : `${url.host} does not accept the credentials for ${registry.host}; run \`docker login ${registry.host}\` again`,
  );
}

/** What to do where a login is needed and there is none. */
export function loginWanted({ host }: Registry): string {
  return `${host} wants a login and docker's config has none for it; run \`docker login ${host}\` first`;
}

/** The value of Authorization that meets a challenge. Throws a PullFailure where there is none. */
export async function authorize(
  challenge: Challenge | null,
  registry: Registry,
  repository: string,
  credentials: Credentials | null,
  connection: Connection,
): Promise<string> {
  if (challenge === null) {
    throw new PullFailure("unreadable", `${registry.host} wants a login of a kind that is not known here`);
  }
  if (credentials?.kind === "bearer") {
    if (HEADER_SAFE.test(credentials.token)) return `Bearer ${credentials.token}`;
    throw new PullFailure("unreadable", `the registrytoken for ${registry.host} in docker's config is no token`);
  }
  if (challenge.scheme === "bearer") return askService(challenge, registry, repository, credentials, connection);
  if (credentials === null) throw new PullFailure("unreadable", loginWanted(registry));
  if (credentials.kind === "identity") {
    const detail = `${registry.host} wants a password, and docker's config holds an identity token for it`;
    throw new PullFailure("unreadable", detail);
  }
  const value = basic(credentials);
  connection.hide(value.slice("Basic ".length));
  return value;
}
