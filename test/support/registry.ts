/**
 * An OCI registry on loopback that plays every answer: what it holds comes from the layouts of `images.ts`, what it does
 * beside that from a function that sees each request first. Records who was shown which Authorization.
 */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificate.ts";
import { sha256, type Entry } from "./images.ts";

/** A request as the registry saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly proxyAuthorization: string | null;
  readonly range: string | null;
  readonly body: string;
}

/** Answers a request itself and gives true, or leaves it to the registry. */
export type Behaviour = (request: Seen, response: ServerResponse, count: number) => boolean | void;

/** A server that runs. */
export interface TestServer {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly seen: readonly Seen[];
  readonly close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

/** A server on loopback, with TLS when it has a certificate. `count` is how often a path was asked for so far. */
export async function startServer(behave: Behaviour, tls: Certificate | null = null): Promise<TestServer> {
  const seen: Seen[] = [];
  const listen: RequestListener = (request, response) => {
    void (async () => {
      const { method = "", url = "", headers } = request;
      const { authorization = null, range = null, "proxy-authorization": proxyAuthorization = null } = headers;
      const one = { method, path: url, authorization, proxyAuthorization, range, body: await bodyOf(request) };
      seen.push(one);
      const count = seen.filter(({ path }) => path === url).length;
      if (behave(one, response, count) !== true) response.writeHead(404).end();
    })();
  };
  const server = tls === null ? createServer(listen) : createTlsServer({ cert: tls.certificate, key: tls.key }, listen);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** Sends bytes as a registry does, from where `range` asks. */
export function sendBytes(
  bytes: Buffer,
  { range }: Seen,
  response: ServerResponse,
  type = "application/octet-stream",
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
  const headers = { "content-type": type, "content-length": bytes.length - from };
  if (from === 0) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
  response.end(bytes.subarray(from));
}

/** What a registry holds. */
export interface Content {
  readonly blobs: ReadonlyMap<string, Buffer>;
  /** The digest of what the tag means. */
  readonly top: string;
}

/** The blobs of an OCI layout, and the first manifest of its index. */
export function contentOf(layout: readonly Entry[]): Content {
  const blobs = new Map<string, Buffer>();
  let top = "";
  for (const { name, content = "" } of layout) {
    const bytes = Buffer.from(content as string);
    if (name === "index.json") {
      const index = JSON.parse(bytes.toString("utf8")) as { manifests: { digest: string }[] };
      top = index.manifests[0]?.digest ?? "";
    }
    if (name.startsWith("blobs/sha256/") && bytes.length > 0) blobs.set(`sha256:${sha256(bytes)}`, bytes);
  }
  return { blobs, top };
}

/** A registry with `team/app:1`. */
export async function startRegistry(
  { blobs, top }: Content,
  behave: Behaviour = () => false,
  tls: Certificate | null = null,
): Promise<TestServer> {
  return startServer((request, response, count) => {
    if (behave(request, response, count) === true) return true;
    const [, kind, name = ""] = /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(request.path) ?? [];
    const bytes = blobs.get(name === "1" ? top : name);
    if (kind === undefined || bytes === undefined) return false;
    const type =
      kind === "blobs" ? undefined : (JSON.parse(bytes.toString("utf8")) as { mediaType?: string }).mediaType;
    sendBytes(bytes, request, response, type);
    return true;
  }, tls);
}
