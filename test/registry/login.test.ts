import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import { ociLayout } from "../support/images.ts";
import {
  contentOf,
  sendBytes,
  startRegistry,
  startServer,
  type Behaviour,
  type Content,
  type Seen,
  type TestServer,
} from "../support/registry.ts";
import { fakeToken } from "../support/tokens.ts";

const PASSWORD = "correct-horse-battery";
const IDENTITY = "identity-of-a-robot-17";
const PASS = "pass-for-one-pull-4711";
const BASIC = `Basic ${Buffer.from(`robot:${PASSWORD}`).toString("base64")}`;

/** An image with one token, in a file of this path. */
async function imageWith(path: string): Promise<Content> {
  return contentOf(await ociLayout({ tags: ["1"], layers: [{ entries: [{ name: path, content: fakeToken() }] }] }));
}

const content = await imageWith("app/x");
const isLayer = (digest: string): boolean => content.blobs.get(digest)?.toString("latin1").startsWith("{") === false;
const blob = [...content.blobs.keys()].find(isLayer) ?? "";

const running: TestServer[] = [];
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-login-"));
});

afterEach(async () => {
  for (const started of running.splice(0)) await started.close();
  rmSync(folder, { recursive: true });
});

async function start(server: Promise<TestServer>): Promise<TestServer> {
  running.push(await server);
  return server;
}

/** A registry that wants `authorization`, and asks for it with `challenge`. */
async function guarded(
  challenge: string,
  accepted: (seen: Seen, count: number) => boolean,
  image: Content = content,
): Promise<TestServer> {
  return start(
    startRegistry(image, (seen, response, count) => {
      if (accepted(seen, count)) return false;
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return true;
    }),
  );
}

/** A token service that gives `PASS` to whom it likes. */
async function tokens(accepts: (seen: Seen) => boolean, answer: unknown = { token: PASS }): Promise<TestServer> {
  return start(
    startServer((seen, response) => {
      response.writeHead(accepts(seen) ? 200 : 401).end(JSON.stringify(answer));
      return true;
    }),
  );
}

/** Inspects with docker's config, and makes sure that no secret of it shows. */
async function inspect(
  { host }: TestServer,
  config: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  mkdirSync(join(folder, "docker"), { recursive: true });
  const text = typeof config === "string" ? config : JSON.stringify(config);
  writeFileSync(join(folder, "docker", "config.json"), text.replaceAll("HOST", host));
  const outcome = await inspectImage(`docker://${host}/team/app:1`, {
    env: { DOCKER_CONFIG: join(folder, "docker"), ...env },
  });
  const shown = JSON.stringify(outcome);
  for (const secret of [PASSWORD, IDENTITY, PASS, BASIC.slice(6)]) expect(shown).not.toContain(secret);
  return outcome;
}

function why(outcome: Outcome, { host }: TestServer): string[] {
  return outcome.gaps.map(({ detail }) => detail.replaceAll(host, "HOST"));
}

const LOGIN = { auths: { HOST: { auth: BASIC.slice(6) } } };
const BEARER = (host: string, more = ""): string =>
  `Bearer realm="http://${host}/token",service="the \\"registry\\"",scope="repository:other:push"${more}`;

/** A registry that wants the robot's password. */
async function basic(): Promise<TestServer> {
  return guarded('Basic realm="x"', ({ authorization }) => authorization === BASIC);
}

describe("basic", () => {
  test.each<readonly [string, unknown]>([
    ["auth", LOGIN],
    ["user name and password", { auths: { HOST: { username: "robot", password: PASSWORD } } }],
    ["the key of an old login", { auths: { "http://HOST/v1/": { auth: BASIC.slice(6) } } }],
  ])("with %s of docker's config", async (_, config) => {
    const outcome = await inspect(await basic(), config);
    expect(outcome.gaps).toEqual([]);
    expect(outcome.findings).toHaveLength(1);
  });

  test("is not shown before it is asked for", async () => {
    const registry = await basic();
    await inspect(registry, LOGIN);
    expect(registry.seen[0]?.authorization).toBe(null);
  });

  test.each<readonly [string, unknown, string]>([
    ["without a login", {}, "HOST wants a login and docker's config has none for it; run `docker login HOST` first"],
    [
      "with one for another host",
      { auths: { "other.example": { auth: BASIC.slice(6) } } },
      "HOST wants a login and docker's config has none for it; run `docker login HOST` first",
    ],
    [
      "with a wrong password",
      { auths: { HOST: { username: "robot", password: "wrong" } } },
      "HOST refuses team/app with the credentials of docker's config (401)",
    ],
    [
      "with an identity token",
      { auths: { HOST: { identitytoken: IDENTITY } } },
      "HOST wants a password, and docker's config holds an identity token for it",
    ],
    ["with a config that is no JSON", `{"auths": "${PASSWORD}`, "docker's config.json is no JSON object"],
    [
      "with a config of other types",
      { auths: { HOST: 7 }, credHelpers: [], credsStore: {} },
      "HOST wants a login and docker's config has none for it; run `docker login HOST` first",
    ],
  ])("%s it is a gap", async (_, config, want) => {
    const registry = await basic();
    const outcome = await inspect(registry, config);
    expect(why(outcome, registry)).toEqual([want]);
    expect(decide(outcome).verdict).toBe("unknown");
  });

  test("a challenge of an unknown kind is a gap", async () => {
    const registry = await guarded("Negotiate", () => false);
    expect(why(await inspect(registry, LOGIN), registry)).toEqual([
      "HOST wants a login of a kind that is not known here",
    ]);
  });
});

function hasPass({ authorization }: Seen): boolean {
  return authorization === `Bearer ${PASS}`;
}

describe("bearer", () => {
  test("secrets that were used are masked where the image shows them", async () => {
    const service = await tokens(({ authorization }) => authorization === BASIC);
    const registry = await guarded(BEARER(service.host), hasPass, await imageWith(`app/${PASSWORD}/${PASS}/x`));
    const outcome = await inspect(registry, LOGIN);
    expect(outcome.findings.map(({ locations: [place] }) => place?.in === "layer" && place.path)).toEqual([
      `/app/${"*".repeat(PASSWORD.length)}/${"*".repeat(PASS.length)}/x`,
    ]);
  });

  test("the token service sees the login, and the registry the token", async () => {
    const service = await tokens(({ authorization }) => authorization === BASIC);
    const registry = await guarded(BEARER(service.host), hasPass);
    const outcome = await inspect(registry, LOGIN);
    expect(outcome.gaps).toEqual([]);
    expect(service.seen.map(({ path }) => path)).toEqual([
      "/token?service=the+%22registry%22&scope=repository%3Ateam%2Fapp%3Apull",
    ]);
    expect(new Set(registry.seen.map(({ authorization }) => authorization))).toEqual(new Set([null, `Bearer ${PASS}`]));
  });

  test("without a login a token for everybody is taken", async () => {
    const service = await tokens(({ authorization }) => authorization === null, { access_token: PASS });
    const registry = await guarded(BEARER(service.host), hasPass);
    expect((await inspect(registry, {})).gaps).toEqual([]);
  });

  test("an identity token is sent in a form", async () => {
    const service = await tokens(({ method, body }) => method === "POST" && body.includes(`refresh_token=${IDENTITY}`));
    const registry = await guarded(BEARER(service.host), hasPass);
    expect((await inspect(registry, { auths: { HOST: { identitytoken: IDENTITY } } })).gaps).toEqual([]);
    expect(service.seen.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test("a registry token is shown as it is", async () => {
    const service = await tokens(() => true);
    const registry = await guarded(BEARER(service.host), hasPass);
    expect((await inspect(registry, { auths: { HOST: { registrytoken: PASS } } })).gaps).toEqual([]);
    expect(service.seen).toEqual([]);
  });

  test("a token that runs out is renewed", async () => {
    let given = 0;
    const service = await start(
      startServer((_, response) => {
        response.end(JSON.stringify({ token: `${PASS}-${++given}` }));
        return true;
      }),
    );
    const registry = await guarded(
      BEARER(service.host),
      (seen) => seen.authorization === `Bearer ${PASS}-${seen.path.includes("/manifests/") ? 1 : 2}`,
    );
    expect((await inspect(registry, LOGIN)).gaps).toEqual([]);
    expect(given).toBe(2);
  });

  test.each<readonly [string, unknown]>([
    ["basic", LOGIN],
    ["identity token", { auths: { HOST: { identitytoken: IDENTITY } } }],
  ])("a foreign token service is given no credentials (%s)", async (_, config) => {
    const service = await tokens(() => false);
    const foreign = service.host.replace("127.0.0.1", "localhost");
    const registry = await guarded(BEARER(foreign), hasPass);
    const outcome = await inspect(registry, config);
    expect(why(outcome, registry)).toEqual([
      `the token service ${foreign} is not of HOST and was given no credentials; it refuses a token without`,
    ]);
    expect(service.seen.map(({ method, authorization, body }) => [method, authorization, body])).toEqual([
      ["GET", null, ""],
    ]);
    expect(JSON.stringify(service.seen)).not.toContain(IDENTITY);
  });

  test.each<readonly [string, string, string]>([
    [
      "http elsewhere",
      'Bearer realm="http://tokens.invalid/"',
      "HOST names a token service without https; it is not asked",
    ],
    ["a file", 'Bearer realm="file:///etc/passwd"', "HOST names a token service that is no URL of a host"],
    ["a login", 'Bearer realm="http://a:b@127.0.0.1/"', "HOST names a token service that is no URL of a host"],
    [
      "a token",
      `Bearer realm="https://${fakeToken()}.invalid/"`,
      "HOST names a token service that is no URL of a host",
    ],
    ["no URL", 'Bearer realm="::error::x"', "HOST names a token service that is no URL of a host"],
    ["nothing", "Bearer", "HOST wants a login of a kind that is not known here"],
    ["an open quote", 'Bearer realm="http://127.0.0.1', "HOST names a token service that is no URL of a host"],
  ])("a realm of %s is a gap", async (_, challenge, want) => {
    const registry = await guarded(challenge, () => false);
    expect(why(await inspect(registry, LOGIN), registry)).toEqual([want]);
  });

  test.each<readonly [string, unknown]>([
    ["no token", {}],
    ["a number", { token: 7 }],
    ["a token with a line break", { token: "x\r\nx-injected: 1" }],
    ["a list", ["token"]],
  ])("%s from the token service is a gap", async (_, given) => {
    const service = await tokens(() => true, given);
    const registry = await guarded(BEARER(service.host), hasPass);
    const outcome = await inspect(registry, LOGIN);
    expect(why(outcome, service)).toEqual(["the token service HOST gave no token"]);
  });

  test("a token that does not help is not asked for again and again", async () => {
    const service = await tokens(() => true);
    const registry = await guarded(BEARER(service.host), () => false);
    const outcome = await inspect(registry, LOGIN);
    expect(why(outcome, registry)).toEqual(["HOST refuses team/app with the credentials of docker's config (401)"]);
    expect([registry.seen.length, service.seen.length]).toEqual([2, 1]);
  });
});

describe("redirects", () => {
  const moved =
    (to: () => string): Behaviour =>
    (seen, response) => {
      if (seen.authorization !== BASIC) {
        response.writeHead(401, { "www-authenticate": "Basic" }).end();
        return true;
      }
      if (!seen.path.endsWith(blob)) return false;
      response.writeHead(307, { location: to() }).end();
      return true;
    };

  test("to a store elsewhere are followed without credentials", async () => {
    const store = await start(
      startServer((seen, response) => {
        sendBytes(content.blobs.get(blob) ?? Buffer.alloc(0), seen, response);
        return true;
      }),
    );
    const registry = await start(
      startRegistry(
        content,
        moved(() => `http://${store.host}/blob?signature=x`),
      ),
    );
    const outcome = await inspect(registry, LOGIN);
    expect([outcome.findings.length, outcome.gaps]).toEqual([1, []]);
    expect(store.seen.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test("to a host that wants a login of its own are a gap", async () => {
    const store = await start(
      startServer((_, response) => {
        response.writeHead(401, { "www-authenticate": "Basic" }).end();
        return true;
      }),
    );
    const registry = await start(
      startRegistry(
        content,
        moved(() => `http://${store.host}/`),
      ),
    );
    const outcome = await inspect(registry, LOGIN);
    expect(
      outcome.gaps.map(({ detail }) => detail.replaceAll(store.host, "STORE").replaceAll(registry.host, "HOST")),
    ).toContain(`HOST redirects to STORE, which wants a login of its own (${blob})`);
    expect(store.seen.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test.each<readonly [string, string, string]>([
    ["http elsewhere", "http://store.invalid/", "HOST redirects to store.invalid without https, which is not followed"],
    ["a file", "file:///etc/passwd", "HOST redirects to what is no URL of a host"],
    ["a login", "http://a:b@127.0.0.1/", "HOST redirects to what is no URL of a host"],
    ["a token", `http://${fakeToken()}.invalid/`, "HOST redirects to what is no URL of a host"],
    ["nowhere", "http://[", "HOST redirects to what is no URL of a host"],
    ["itself", `/v2/team/app/blobs/${blob}`, "HOST redirects more than 5 times"],
  ])("to %s are a gap", async (_, location, want) => {
    const registry = await start(
      startRegistry(
        content,
        moved(() => location),
      ),
    );
    expect(why(await inspect(registry, LOGIN), registry)).toContain(`${want} (${blob})`);
  });
});

/** The variables with which a shell script is the helper `fake`. */
function helper(script: string): Readonly<Record<string, string>> {
  const path = join(folder, "bin");
  mkdirSync(path);
  writeFileSync(join(path, "docker-credential-fake"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(path, "docker-credential-fake"), 0o755);
  return { PATH: `${path}:${process.env["PATH"]}` };
}

/** A script that writes down what it was asked, and answers. */
function answering(username: string, secret: string): string {
  const json = JSON.stringify({ ServerURL: "x", Username: username, Secret: secret });
  return `echo "$1" >"$DOCKER_CONFIG/seen"; cat >>"$DOCKER_CONFIG/seen"; echo '${json}'`;
}

describe("credential helpers", () => {
  test.each<readonly [string, unknown]>([
    ["credsStore", { credsStore: "fake" }],
    ["credHelpers before it", { credsStore: "other", credHelpers: { HOST: "fake" } }],
  ])("%s", async (_, config) => {
    const registry = await basic();
    const outcome = await inspect(registry, config, helper(answering("robot", PASSWORD)));
    expect(outcome.gaps).toEqual([]);
    expect(readFileSync(join(folder, "docker", "seen"), "utf8")).toBe(`get\n${registry.host}\n`);
  });

  test("an identity token of a helper", async () => {
    const service = await tokens(({ body }) => body.includes(`refresh_token=${IDENTITY}`));
    const registry = await guarded(BEARER(service.host), ({ authorization }) => authorization === `Bearer ${PASS}`);
    expect((await inspect(registry, { credsStore: "fake" }, helper(answering("<token>", IDENTITY)))).gaps).toEqual([]);
  });

  test("one that knows nothing leaves the word to the config", async () => {
    const nothing = helper("echo 'credentials not found in native keychain'; exit 1");
    const outcome = await inspect(await basic(), { credsStore: "fake", ...LOGIN }, nothing);
    expect(outcome.gaps).toEqual([]);
  });

  test.each<readonly [string, string, string]>([
    [
      "fails",
      `echo "${PASSWORD}"; echo "${PASSWORD}" >&2; exit 3`,
      "docker-credential-fake, which docker's config.json names for HOST, failed (exit code 3)",
    ],
    ["talks", `echo "no JSON ${PASSWORD}"`, "the answer of docker-credential-fake is no JSON"],
    ["talks without end", "yes", "docker-credential-fake, which docker's config.json names for HOST, failed (killed)"],
  ])("one that %s is a gap", async (_, script, want) => {
    const registry = await basic();
    expect(why(await inspect(registry, { credsStore: "fake" }, helper(script)), registry)).toEqual([want]);
  });

  test.each<readonly [string, string]>([
    ["missing-one", "docker-credential-missing-one, which docker's config.json names for HOST, is not on the PATH"],
    ["../../bin/sh", "docker's config.json names no credential helper's name"],
    ["-x; touch y", "docker's config.json names no credential helper's name"],
  ])("the helper %s is a gap", async (name, want) => {
    const registry = await basic();
    expect(why(await inspect(registry, { credsStore: name }), registry)).toEqual([want]);
  });

  test("is not asked where nobody wants a login", async () => {
    const registry = await start(startRegistry(content));
    expect((await inspect(registry, { credsStore: "missing-one" })).gaps).toEqual([]);
  });
});
