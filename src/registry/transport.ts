/**
 * One request and its answer, over a proxy where there is one, with bounds on waiting. Follows nothing, repeats nothing
 * and knows no credentials but the proxy's own; certificates are always verified.
 */

import { request as requestHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { VERSION } from "../model/version.ts";
import { bareHost } from "./address.ts";
import { PullFailure } from "./failure.ts";
import { proxyFor, type Environment, type Proxy } from "./proxy.ts";

/** How long is waited for what, and how often it is tried. */
export interface Timing {
  /** For a connection and the head of its answer, in milliseconds. */
  readonly answerMs: number;
  /** For the next `MIN_PIECE_BYTES` of an answer, in milliseconds, while they are wanted. */
  readonly idleMs: number;
  /** Tries after the first one. */
  readonly retries: number;
  /** Before the second try, in milliseconds; doubled before each further one. */
  readonly retryMs: number;
  /** The longest wait that a registry can ask for, in milliseconds. */
  readonly maxWaitMs: number;
}

/** Registries make manifests and redirects in well under a second, and rate limits count in minutes. */
export const DEFAULT_TIMING: Timing = {
  answerMs: 30_000,
  idleMs: 30_000,
  retries: 4,
  retryMs: 500,
  maxWaitMs: 60_000,
};

/** What a connection needs beside its URL. */
export interface Connection {
  readonly environment: Environment;
  readonly timing: Timing;
  readonly signal: AbortSignal;
  /** Takes every secret before it is used. */
  readonly hide: (secret: string) => void;
}

/** What is asked. */
export interface Question {
  readonly method?: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer that trickles is as good as none: so many bytes are wanted before `idleMs` begins anew. */
const MIN_PIECE_BYTES = 4096;

const AGENT = `hullcheck/${VERSION}`;

/** The socket that a proxy opens to a host. */
async function openTunnel(proxy: Proxy, url: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port === "" ? "443" : url.port}`;
  const options: RequestOptions = {
    method: "CONNECT",
    host: bareHost(proxy.url),
    port: proxy.url.port === "" ? undefined : proxy.url.port,
    path: target,
    headers: {
      host: target,
      "user-agent": AGENT,
      ...(proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization }),
    },
    agent: false,
    signal,
    rejectUnauthorized: true,
  };
  return new Promise((resolve, reject) => {
    const request = proxy.url.protocol === "https:" ? requestHttps(options) : requestHttp(options);
    request.once("connect", (answer, socket: Socket) => {
      if (answer.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new PullFailure("unreadable", `the proxy refused to connect to ${url.host} (${answer.statusCode})`));
      }
    });
    request.once("response", (answer) => {
      request.destroy();
      reject(new PullFailure("unreadable", `the proxy refused to connect to ${url.host} (${answer.statusCode})`));
    });
    request.on("error", reject);
    request.end();
  });
}

/** Opens the request, straight or through a proxy. */
async function open(url: URL, question: Question, connection: Connection, signal: AbortSignal): Promise<ClientRequest> {
  const proxy = proxyFor(url, connection.environment, connection.hide);
  const { method = "GET" } = question;
  const headers = { ...question.headers, "user-agent": AGENT, "accept-encoding": "identity" };
  const base = { method, headers, signal };
  if (url.protocol === "https:") {
    if (proxy === null) return requestHttps(url, { ...base, rejectUnauthorized: true });
    const socket = await openTunnel(proxy, url, signal);
    const host = bareHost(url);
    const servername = isIP(host) === 0 ? host : "";
    return requestHttps(url, {
      ...base,
      createConnection: () => connectTls({ socket, host, servername, rejectUnauthorized: true }),
    });
  }
  if (proxy === null) return requestHttp(url, base);
  const login = proxy.authorization === null ? {} : { "proxy-authorization": proxy.authorization };
  const options: RequestOptions = {
    ...base,
    agent: false,
    host: bareHost(proxy.url),
    port: proxy.url.port === "" ? undefined : proxy.url.port,
    path: url.href,
    headers: { ...headers, host: url.host, ...login },
    rejectUnauthorized: true,
  };
  return proxy.url.protocol === "https:" ? requestHttps(options) : requestHttp(options);
}

/** Asks once and gives the answer as soon as its head is there. Throws the system's error, also for a wait too long. */
export async function ask(url: URL, question: Question, connection: Connection): Promise<IncomingMessage> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), connection.timing.answerMs);
  const signal = AbortSignal.any([patience.signal, connection.signal]);
  try {
    const request = await open(url, question, connection, signal);
    return await new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      // After the answer's head errors come out of its body.
      request.on("error", reject);
      request.end(question.body);
    });
  } catch (error) {
    if (!patience.signal.aborted || connection.signal.aborted) throw error;
    throw Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
  } finally {
    clearTimeout(timer);
  }
}

/** The body of an answer; throws when it breaks off, or trickles. */
export async function* bodyOf(answer: IncomingMessage, idleMs: number): AsyncGenerator<Uint8Array> {
  const chunks = (answer as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let waitedMs = 0;
  let got = 0;
  try {
    for (;;) {
      const since = performance.now();
      const timer = setTimeout(
        () => answer.destroy(Object.assign(new Error("the answer stalled"), { code: "ETIMEDOUT" })),
        Math.max(1, idleMs - waitedMs),
      );
      let next: IteratorResult<Uint8Array>;
      try {
        next = await chunks.next();
      } finally {
        clearTimeout(timer);
      }
      if (next.done === true) return;
      waitedMs += performance.now() - since;
      got += next.value.length;
      if (got >= MIN_PIECE_BYTES) got = waitedMs = 0;
      yield next.value;
    }
  } finally {
    if (!answer.readableEnded) answer.destroy();
  }
}

/** A whole body; null when it is longer than `maxBytes`. */
export async function readBody(answer: IncomingMessage, idleMs: number, maxBytes: number): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of bodyOf(answer, idleMs)) {
    bytes += part.length;
    if (bytes > maxBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
