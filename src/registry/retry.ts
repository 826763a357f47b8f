/** Asks again where that may help: after a break, and when a registry asks to wait. Bounded in number and in time. */

import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../model/errors.ts";
import { PullFailure } from "./failure.ts";
import type { Connection } from "./transport.ts";

/** Answers that another try may better. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Errors that another try does not better. */
const LASTING =
  /^(?:ENOTFOUND|ECONNREFUSED|ERR_INVALID|ERR_UNESCAPED|EPROTO|ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;

/** A failed request in words. Names the host that was asked, and of the error its code. */
export function failureOf(error: unknown, host: string): PullFailure {
  if (error instanceof PullFailure) return error;
  const code = errorCode(error);
  if (code === null) throw error;
  if (UNTRUSTED.test(code)) {
    const hint = "for a private authority set NODE_EXTRA_CA_CERTS to its file";
    return new PullFailure("unreadable", `the certificate of ${host} is not trusted (${code}); ${hint}`);
  }
  const what =
    code === "ENOTFOUND" || code === "EAI_AGAIN"
      ? `${host} has no address`
      : code === "ETIMEDOUT"
        ? `${host} did not answer in time`
        : code.startsWith("HPE_")
          ? `${host} does not answer as HTTP does`
          : `${host} cannot be reached`;
  return new PullFailure("unreadable", `${what} (${code})`);
}

/** Milliseconds that `Retry-After` asks for: a number of seconds or a date; null when it asks for nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  // Looser texts are dates to JavaScript, too.
  const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)
    ? Date.parse(header)
    : NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Waits before the try after `failures` failed ones; at once for an answer that asks for it. */
export async function waitFor(failures: number, askedMs: number | null, { timing, signal }: Connection): Promise<void> {
  const backOffMs = Math.min(timing.retryMs * 2 ** (failures - 1), timing.maxWaitMs);
  await sleep(askedMs ?? backOffMs, undefined, { signal });
}

/** Runs `attempt` until its answer is final; gives the last answer. Throws a PullFailure, or an AbortError. */
export async function withRetries(
  attempt: () => Promise<IncomingMessage>,
  host: string,
  connection: Connection,
): Promise<IncomingMessage> {
  const { timing, signal } = connection;
  for (let failures = 1; ; failures++) {
    let askedMs: number | null = null;
    try {
      const answer = await attempt();
      const status = answer.statusCode ?? 0;
      if (!PASSING.has(status) || failures > timing.retries) return answer;
      askedMs = retryAfterMs(answer.headers["retry-after"], Date.now());
      if (askedMs !== null && askedMs > timing.maxWaitMs) return answer;
      answer.destroy();
    } catch (error) {
      signal.throwIfAborted();
      const isLasting = error instanceof PullFailure || LASTING.test(errorCode(error) ?? "");
      if (isLasting || failures > timing.retries) throw failureOf(error, host);
    }
    await waitFor(failures, askedMs, connection);
  }
}
