/** A hub on loopback that plays every answer, and records whom it was shown. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A request as the hub saw it. */
export interface HubRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Answers one request. */
export type HubAnswer = (response: ServerResponse, request: HubRequest, count: number) => void;

/** A hub that runs. */
export interface TestHub {
  readonly url: string;
  readonly seen: readonly HubRequest[];
  /** Connections that were opened. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** What whoami answers for a user's token. */
export function whoami(
  accessToken: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): unknown {
  return {
    type: "user",
    id: "person-42",
    name: "somebody-private",
    fullname: "Somebody Private",
    email: "somebody@private.example",
    emailVerified: true,
    avatarUrl: "https://private.example/avatar.png",
    canPay: true,
    isPro: false,
    periodEnd: null,
    billingMode: "postpaid",
    orgs: [],
    ...more,
    auth: { type: "access_token", accessToken: { createdAt: "2026-01-01T00:00:00.000Z", ...accessToken } },
  };
}

/** An answer with a status, a body and headers. */
export function answer(status: number, body: unknown = "", headers: Readonly<Record<string, string>> = {}): HubAnswer {
  return (response) => {
    const isText = typeof body === "string";
    response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json", ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };
}

/** Starts a hub that answers every request with `reply`. */
export async function startHub(reply: HubAnswer): Promise<TestHub> {
  const seen: HubRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => void parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const asked = { method, path: url, headers, body: Buffer.concat(parts).toString() };
      seen.push(asked);
      reply(response, asked, seen.length);
    });
  });
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
