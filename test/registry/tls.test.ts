/** Certificates and proxies, as the installed command meets them: authorities are read once, when Node starts. */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { ociLayout } from "../support/images.ts";
import { contentOf, startRegistry, type TestServer } from "../support/registry.ts";
import { fakeToken } from "../support/tokens.ts";

const BIN = join(import.meta.dirname, "../../bin/hullcheck.js");
const HOST = "registry.test";
const PROXY_LOGIN = "robot:proxy-pass-phrase";

const folder = mkdtempSync(join(tmpdir(), "hullcheck-tls-"));
const certificate = makeCertificate([HOST, "127.0.0.1"]);
const authority = join(folder, "authority.pem");
writeFileSync(authority, certificate.certificate);
const content = contentOf(
  await ociLayout({ tags: ["1"], layers: [{ entries: [{ name: "app/x", content: fakeToken() }] }] }),
);

const running: { readonly close: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const started of running.splice(0)) await started.close();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function registry(withTls: boolean, behave?: Parameters<typeof startRegistry>[1]): Promise<TestServer> {
  const started = await startRegistry(content, behave, withTls ? certificate : null);
  running.push(started);
  return started;
}

/** Runs the command as it is installed. */
async function inspect(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const result = await new Promise<{ code: number; output: string }>((resolve) => {
    const options = { env: { PATH: process.env["PATH"], DOCKER_CONFIG: folder, ...env }, encoding: "utf8" } as const;
    execFile(process.execPath, [BIN, "inspect", ...argv], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
  for (const secret of [fakeToken(), "proxy-pass-phrase", Buffer.from(PROXY_LOGIN).toString("base64")]) {
    expect(result.output).not.toContain(secret);
  }
  return result;
}

interface Proxy {
  readonly url: string;
  readonly asked: { readonly what: string; readonly login: string | undefined }[];
}

/** A proxy that leads every host to the same port. */
async function proxy(port: number, status = 200): Promise<Proxy> {
  const asked: { what: string; login: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const note = ({ method, url, headers }: IncomingMessage): void =>
    void asked.push({ what: `${method} ${url}`, login: headers["proxy-authorization"] });
  const server: Server = createServer((request, response) => {
    note(request);
    response.writeHead(status === 200 ? 404 : status).end();
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    note(request);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const upstream = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connected\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [socket, upstream]) {
      sockets.add(one);
      one.on("error", () => {});
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  running.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  });
  return { url: `http://${PROXY_LOGIN}@127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function portOf({ host }: TestServer): number {
  return Number(host.split(":")[1]);
}

describe("https", () => {
  test("with a private authority", async () => {
    const { host } = await registry(true);
    const argv = ["docker://team/app:1", "--registry-url", `https://${host}`];
    const { code, output } = await inspect(argv, { NODE_EXTRA_CA_CERTS: authority });
    expect(output).toContain("token-in-layer");
    expect(code).toBe(1);
  });

  test.each([{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }])("a certificate of nobody is a gap, with %j", async (env) => {
    const { host, seen } = await registry(true);
    const { code, output } = await inspect(["docker://team/app:1", "--registry-url", `https://${host}`], env);
    expect(output).toContain(`the certificate of ${host} is not trusted`);
    expect(output).toContain("NODE_EXTRA_CA_CERTS");
    expect([code, seen]).toEqual([2, []]);
  });

  test("is not left for http, not even on this machine", async () => {
    const plain = await registry(false);
    const secure = await registry(true, ({ path }, response) => {
      if (!path.includes("/blobs/")) return false;
      response.writeHead(307, { location: `http://${plain.host}${path}` }).end();
      return true;
    });
    const argv = ["docker://team/app:1", "--registry-url", `https://${secure.host}`];
    const { code, output } = await inspect(argv, { NODE_EXTRA_CA_CERTS: authority });
    expect(output).toContain(`${secure.host} redirects to ${plain.host} without https, which is not followed`);
    expect([code, plain.seen]).toEqual([2, []]);
  });

  test("a token service without it is not asked", async () => {
    const plain = await registry(false);
    const secure = await registry(true, (_, response) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="http://${plain.host}/token"` }).end();
      return true;
    });
    const argv = ["docker://team/app:1", "--registry-url", `https://${secure.host}`];
    const { code, output } = await inspect(argv, { NODE_EXTRA_CA_CERTS: authority });
    expect(output).toContain(`${secure.host} names a token service without https; it is not asked`);
    expect([code, plain.seen]).toEqual([2, []]);
  });
});

describe("proxies", () => {
  test("a tunnel to a registry; the proxy's login is for the proxy alone", async () => {
    const started = await registry(true);
    const { url, asked } = await proxy(portOf(started));
    const env = { NODE_EXTRA_CA_CERTS: authority, HTTPS_PROXY: url };
    const { code, output } = await inspect([`docker://${HOST}/team/app:1`], env);
    expect(output).toContain("token-in-layer");
    expect(code).toBe(1);
    const login = `Basic ${Buffer.from(PROXY_LOGIN).toString("base64")}`;
    expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ what: `CONNECT ${HOST}:443`, login })]),
    );
    expect(new Set(started.seen.map(({ proxyAuthorization }) => proxyAuthorization))).toEqual(new Set([null]));
  });

  test("the certificate at the end of a tunnel is verified", async () => {
    const { url } = await proxy(portOf(await registry(true)));
    const env = { NODE_EXTRA_CA_CERTS: authority, HTTPS_PROXY: url };
    const { code, output } = await inspect(["docker://other.test/team/app:1"], env);
    expect(output).toContain("the certificate of other.test is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)");
    expect(code).toBe(2);
  });

  test("one that refuses is a gap", async () => {
    const { url } = await proxy(0, 407);
    const { code, output } = await inspect([`docker://${HOST}/team/app:1`], { HTTPS_PROXY: url });
    expect(output).toContain(`the proxy refused to connect to ${HOST} (407)`);
    expect(code).toBe(2);
  });

  test("plain http is asked for by its whole URL", async () => {
    const { url, asked } = await proxy(0);
    const { code } = await inspect(["--plain-http", `docker://${HOST}/team/app:1`], { HTTP_PROXY: url });
    expect(asked.map(({ what }) => what)).toEqual([`GET http://${HOST}/v2/team/app/manifests/1`]);
    expect(code).toBe(2);
  });

  test("this machine, and what NO_PROXY names, is asked straight", async () => {
    const { url, asked } = await proxy(0);
    const started = await registry(false);
    expect((await inspect([`docker://${started.host}/team/app:1`], { HTTP_PROXY: url })).code).toBe(1);
    const env = { HTTP_PROXY: url, NO_PROXY: "127.0.0.2,.test" };
    expect((await inspect(["--plain-http", "docker://127.0.0.2:1/team/app:1"], env)).code).toBe(2);
    expect(asked).toEqual([]);
  });

  test("what is no proxy's URL is a gap that does not repeat it", async () => {
    const { code, output } = await inspect([`docker://${HOST}/team/app:1`], {
      https_proxy: "socks5://proxy-pass-phrase@x",
    });
    expect(output).toContain("https_proxy is no URL of an http or https proxy");
    expect(code).toBe(2);
  });
});
