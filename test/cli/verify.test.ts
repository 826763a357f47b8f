/** `--verify` as a person meets it: who is asked what, what is shown, and that nothing else can make a run ask. */

import { createServer, Socket, type AddressInfo } from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { FORMATS } from "../../src/report/index.ts";
import { expectNoToken, hullcheck, type CliOptions, type CliRun } from "../support/cli.ts";
import { answer, startHub, whoami, type HubAnswer, type TestHub } from "../support/hub.ts";
import { docker25, tar } from "../support/images.ts";
import { expectReport } from "../support/report-schema.ts";
import { fakeToken } from "../support/tokens.ts";

const WRITE = answer(
  200,
  whoami({ role: "write", displayName: "ci upload" }, { orgs: [{ name: "acme", roleInOrg: "admin" }] }),
);
const LEAK = "FROM alpine\nRUN echo @@TOKEN:user@@\n";
const TOKENS = [fakeToken("user", 1), fakeToken("user", 2)];
const [ONE = "", TWO = ""] = TOKENS;

const servers: { readonly close: () => Promise<void> }[] = [];
let image: Uint8Array;

beforeAll(async () => {
  const layers = [{ entries: [{ name: "app/.env", content: `HF_TOKEN=${ONE}\nOTHER=${TWO}\n` }] }];
  image = await tar(await docker25({ tags: ["app:1"], config: { Env: [`HF_TOKEN=${ONE}`] }, layers }));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function hub(reply: HubAnswer): Promise<TestHub> {
  const started = await startHub(reply);
  servers.push(started);
  return started;
}

async function run(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const result = await hullcheck(argv, options);
  expectNoToken([result.stdout, result.stderr, ...Object.entries(result.written).flat()].join("\n"), TOKENS);
  return result;
}

/** The tokens that the hub was asked about. */
function asked({ seen }: TestHub): readonly string[] {
  return seen.map(({ headers }) => String(headers["authorization"]).replace(/^Bearer /, ""));
}

test("a person reads first that a token is live and can write, what it may do and how to end it", async () => {
  const { url } = await hub(WRITE);
  const { code, stdout, stderr } = await run(["lint", "--verify", "--hub-url", url], { files: { Dockerfile: LEAK } });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout.replaceAll(url, "HUB").replaceAll(/[0-9a-f]{64}/g, "SHA")).toMatchInlineSnapshot(`
    "The token hf_…RhUN is live and can write; it stands in 1 finding. Revoke it first.

    error  token-literal  Dockerfile:2:10
      The token hf_…RhUN stands in a RUN: the image's history shows it to everyone who can pull the image. The token is live: Hugging Face accepts it, with the role write.

      2 │ RUN echo *************************************
        │          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      token   hf_…RhUN (user)
      sha256  SHA
      checked live, role write, named ci upload
      orgs    acme (admin)
      advice  Revoke it now: it can change and delete all that its owner can. A read token suffices for a build that only downloads, a fine-grained one is better still; make the new token first, put it where the old one is used, then revoke the old one. For a team make one that is limited to the organisation's own repositories.
      revoke  curl -X POST HUB/api/credentials/revoke -H 'Content-Type: application/json' -d '{"credentials": ["<the token>"]}'
      fix     Revoke this token at huggingface.co/settings/tokens, take it out of the file, and mount a secret on the RUN that needs it: RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN …

    fail: 1 error (1 Dockerfile)
    "
  `);
});

test("a token that no longer works is a leak all the same", async () => {
  const { url } = await hub(answer(401, { error: "Invalid username or password." }));
  const { code, stdout } = await run(["lint", "--verify", "--hub-url", url], { files: { Dockerfile: LEAK } });
  expect(code).toBe(1);
  expect(stdout).toContain("The token no longer works: Hugging Face does not accept it.");
});

describe("each distinct token is asked about once", () => {
  test("of a project: Dockerfile, callers and the build context", async () => {
    const server = await hub(WRITE);
    const files = {
      Dockerfile: "FROM alpine\nARG HF_TOKEN\n# @@TOKEN:user@@\nCOPY . .\n",
      "docker-compose.yml":
        "services:\n  a:\n    build:\n      context: .\n      args:\n        HF_TOKEN: @@TOKEN:user:2@@\n",
      "app/.env": "HF_TOKEN=@@TOKEN:user:3@@\nB=@@TOKEN:user@@\n",
    };
    const { stdout } = await run(["lint", "--verify", "--hub-url", server.url, "--format", "json"], { files });
    const report = JSON.parse(stdout) as { findings: { token: { verification: { state: string } | null } | null }[] };
    expectReport(report);
    const states = report.findings.flatMap(({ token }) => (token === null ? [] : [token.verification?.state]));
    expect(states.length).toBeGreaterThan(3);
    expect(new Set(states)).toEqual(new Set(["live"]));
    expect(asked(server)).toHaveLength(3);
    expect(new Set(asked(server))).toEqual(new Set([1, 2, 3].map((number) => fakeToken("user", number))));
  });

  test("of images, of which two hold the same", async () => {
    const server = await hub(WRITE);
    const files = { "a.tar": image, "b.tar": image };
    const { code } = await run(["inspect", "--verify", "--hub-url", server.url, "a.tar", "b.tar"], { files });
    expect(code).toBe(1);
    expect(asked(server)).toEqual([ONE, TWO]);
  });

  test("of a project and its image together", async () => {
    const server = await hub(WRITE);
    const files = { Dockerfile: LEAK, "app.tar": image };
    const argv = ["gate", ".", "--image", "app.tar", "--verify", "--hub-url", server.url, "--format", "json"];
    const { code, stdout } = await run(argv, { files });
    expect(code).toBe(1);
    expectReport(JSON.parse(stdout));
    expect(stdout.match(/"state": "live"/g)?.length).toBeGreaterThan(2);
    expect(asked(server)).toEqual([ONE, TWO]);
  });
});

test("no format shows the token, and none changes the exit code", async () => {
  const { url } = await hub(answer(200, whoami({ role: "write", displayName: ONE }, { orgs: [{ name: ONE }] })));
  for (const format of FORMATS) {
    const argv = ["lint", "--verify", "--hub-url", url, "--format", format, "--format", `json=${format}.out`];
    const { code, stdout } = await run(argv, { files: { Dockerfile: LEAK } });
    expect(code).toBe(1);
    expect(stdout).toContain("live");
  }
});

/** Counts the connections that this process opens from now on. */
function watchSockets(): () => number {
  const connect = vi.spyOn(Socket.prototype, "connect");
  return () => connect.mock.calls.length;
}

test("a token in the hub's own address does not show", async () => {
  const { url } = await hub(WRITE);
  const argv = ["lint", "--verify", "--hub-url", `${url}/@@TOKEN:user:2@@`];
  const { code, stdout } = await run(argv, { files: { Dockerfile: LEAK } });
  expect(code).toBe(1);
  expect(stdout).toContain(`revoke  curl -X POST ${url}/hf_`);
});

describe("nobody is asked", () => {
  test("without --verify, whatever the environment says", async () => {
    const server = await hub(WRITE);
    const sockets = watchSockets();
    const env = {
      HF_ENDPOINT: server.url,
      HULLCHECK_VERIFY: "1",
      HULLCHECK_HUB_URL: server.url,
      HUB_URL: server.url,
      HF_TOKEN: "x",
      HTTPS_PROXY: server.url,
      HTTP_PROXY: server.url,
    };
    const files = { Dockerfile: LEAK, "app.tar": image };
    for (const argv of [["lint"], ["inspect", "app.tar"], ["gate", "--image", "app.tar"]]) {
      const { code, stdout } = await run([...argv, "--format", "json"], { files, env });
      expect(code).toBe(1);
      expect(stdout).toContain('"verification": null');
      expect(stdout).not.toContain('"verification": {');
    }
    expect([sockets(), server.connections()]).toEqual([0, 0]);
  });

  test.each(["verify: true", "hubUrl: https://hub.example", "hub-url: https://hub.example"])(
    "because a config says `%s`: it is an error",
    async (line) => {
      const sockets = watchSockets();
      const files = { Dockerfile: LEAK, ".hullcheck.yaml": `${line}\n` };
      const { code, stdout, stderr } = await run(["lint"], { files });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(`'${line.slice(0, line.indexOf(":"))}'`);
      expect(sockets()).toBe(0);
    },
  );

  test.each([
    [["--hub-url", "https://hub.example"], "--hub-url without --verify; add --verify to ask that hub"],
    [["--verify", "--hub-url", "http://hub.example"], "the value of --hub-url is plain http, and not on this machine"],
    [["--verify", "--hub-url", "hub.example"], "the value of --hub-url is not a URL"],
    [["--verify", "--hub-url", "https://a:@@TOKEN:user@@@hub.example"], "the value of --hub-url holds a login"],
  ])("with %j", async (flags, message) => {
    const sockets = watchSockets();
    const { code, stdout, stderr } = await run(["lint", ...flags], { files: { Dockerfile: LEAK } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`hullcheck: ${message}`);
    expect(sockets()).toBe(0);
  });

  test("when nothing is found", async () => {
    const server = await hub(WRITE);
    const { code } = await run(["lint", "--verify", "--hub-url", server.url], { files: { Dockerfile: "FROM a\n" } });
    expect([code, server.connections()]).toEqual([0, 0]);
  });
});

test("without --hub-url Hugging Face itself is asked, wherever HF_ENDPOINT points", async () => {
  const lines: string[] = [];
  const proxy = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data: Buffer) => {
      lines.push(String(data).split("\r\n")[0] ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  servers.push({ close: async () => void (await new Promise((resolve) => proxy.close(resolve))) });
  const { port } = proxy.address() as AddressInfo;
  const env = { HTTPS_PROXY: `http://127.0.0.1:${port}`, HF_ENDPOINT: "https://mirror.example" };
  const { code, stdout } = await run(["lint", "--verify"], { files: { Dockerfile: LEAK }, env });
  expect(code).toBe(1);
  expect(lines).toEqual(["CONNECT huggingface.co:443 HTTP/1.1"]);
  expect(stdout).toContain("checked unknown, the proxy refused to connect to huggingface.co (403)");
});

test("the hub client is loaded by one module, when it is asked for", () => {
  const importers = readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => {
      const uses = readFileSync(`src/${path}`, "utf8").match(/^.*["']@huggingface\/hub["'].*$/gm) ?? [];
      return uses.map((line) => `${path}: ${line.trim()}`);
    });
  expect(importers).toEqual(['gate/verify.ts: const { HubApiError, whoAmI } = await import("@huggingface/hub");']);
});
