/**
 * The `fetch` that whoami is asked with. It sends one kind of request, a GET of whoami with the token in its header, to the
 * one address it was made for: https or this machine, no redirects, no cookies, bounded in time and size, through the
 * proxy that the environment names. Whatever is no answer about the token becomes a HubSilence.
 */

import { errorCode } from "./model/errors.ts";
import { HubSilence } from "./gate/verify.ts";
import { PullFailure } from "./registry/failure.ts";
import type { Environment } from "./registry/proxy.ts";
import { failureOf, withRetries } from "./registry/retry.ts";
import { ask, readBody, type Connection, type Timing } from "./registry/transport.ts";

/** How long is waited. */
export interface HubTiming extends Timing {
  /** For one token, with all tries, in milliseconds. */
  readonly totalMs: number;
}

/** Whoami answers in well under a second; its rate limit is strict, and a build should not wait for minutes. */
export const HUB_TIMING: HubTiming = {
  answerMs: 10_000,
  idleMs: 10_000,
  retries: 2,
  retryMs: 500,
  maxWaitMs: 30_000,
  totalMs: 90_000,
};

/** An answer names organisations and scopes: some kilobytes, even for a busy person. */
const MAX_BODY_BYTES = 512 * 1024;

/** What the fetch needs beside its address. */
export interface HubFetchOptions {
  readonly environment: Environment;
  /** Takes every secret, such as a proxy's login, before it is used. */
  readonly hide: (secret: string) => void;
  readonly timing?: HubTiming;
}

/** Why an answer with another status than 200 and 401 says nothing. */
function silenceOf(status: number, type: string): HubSilence {
  if (status === 401) return new HubSilence(`a page of a gateway answered, not the hub (401, ${type})`, false);
  if (status === 403) return new HubSilence("the hub does not tell (403)", true);
  if (status === 429) return new HubSilence("the hub limits the rate of requests (429); try later", false);
  if (status >= 300 && status < 400) {
    return new HubSilence(`the answer is a redirect, which is not followed (${status})`, false);
  }
  return new HubSilence(`the hub answered with the status ${status}`, false);
}

function wordsFor(error: unknown, host: string): HubSilence {
  if (error instanceof HubSilence) return error;
  if (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError")) {
    return new HubSilence(`${host} did not answer in time`, false);
  }
  if (error instanceof PullFailure || errorCode(error) !== null) {
    return new HubSilence(failureOf(error, host).message, false);
  }
  return new HubSilence(`${host} could not be asked`, false);
}

/** A fetch for whoami below `hubUrl`, which is https or on this machine. Throws a HubSilence, and nothing else. */
export function createHubFetch(hubUrl: string, options: HubFetchOptions): typeof fetch {
  const target = new URL(`${hubUrl}/api/whoami-v2`);
  const { environment, hide, timing = HUB_TIMING } = options;
  return async (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : String(input)).href;
    const authorization = new Headers(init?.headers).get("authorization");
    if (asked !== target.href || (init?.method ?? "GET") !== "GET" || authorization === null) {
      throw new HubSilence("the client asked for something else than whoami", false);
    }
    const connection: Connection = { environment, timing, hide, signal: AbortSignal.timeout(timing.totalMs) };
    const headers = { authorization, accept: "application/json" };
    try {
      const answer = await withRetries(() => ask(target, { headers }, connection), target.host, connection);
      const status = answer.statusCode ?? 0;
      const type = /^[\w/+.-]*/.exec(answer.headers["content-type"] ?? "")?.[0] ?? "";
      if (status !== 200) {
        answer.destroy();
        if (status === 401 && !type.includes("html")) return new Response(null, { status });
        throw silenceOf(status, type);
      }
      const body = await readBody(answer, timing.idleMs, MAX_BODY_BYTES);
      if (body === null) throw new HubSilence("the answer is too large", true);
      return new Response(new Uint8Array(body), { status, headers: { "content-type": "application/json" } });
    } catch (error) {
      throw wordsFor(error, target.host);
    }
  };
}
