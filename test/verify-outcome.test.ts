/** `--verify` against a hub on loopback that plays every answer: right, wrong, slow, broken and hostile ones. */

import { createServer, type AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { judge } from "../src/gate/judge.ts";
import { HUB_TIMING, type HubTiming } from "../src/hub-fetch.ts";
import type { TokenFacts, Verification } from "../src/model/finding.ts";
import type { Outcome } from "../src/model/report.ts";
import { FORMATS, render } from "../src/report/index.ts";
import { findTokens } from "../src/token/match.ts";
import { Secrets } from "../src/token/secrets.ts";
import { hubUrlMistake, verifyOutcome, type VerifyOptions } from "../src/verify-outcome.ts";
import { expectNoToken } from "./support/cli.ts";
import { answer, startHub, whoami, type HubAnswer, type TestHub } from "./support/hub.ts";
import { expectReport } from "./support/report-schema.ts";
import { finding, source } from "./support/sample-report.ts";
import { fakeToken } from "./support/tokens.ts";

const TIMING: HubTiming = { ...HUB_TIMING, answerMs: 200, idleMs: 200, retryMs: 1, maxWaitMs: 50, totalMs: 2000 };
const READ = { role: "read", displayName: "ci" };

const hubs: { close: () => Promise<void> }[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(hubs.splice(0).map((started) => started.close()));
});

async function hub(reply: HubAnswer): Promise<TestHub> {
  const started = await startHub(reply);
  hubs.push(started);
  return started;
}

/** An outcome with a finding for each token, and the holder that knows them. */
function found(...tokens: readonly string[]): { readonly outcome: Outcome; readonly secrets: Secrets } {
  const secrets = new Secrets();
  const reading = new Secrets(secrets);
  const facts = tokens.flatMap((token): TokenFacts[] => findTokens(token).map((match) => reading.facts(match)));
  expect(facts).toHaveLength(tokens.length);
  const findings = facts.map((token, i) => finding({ token, locations: [source(`${i + 1}:1-${i + 1}:9`, null)] }));
  return { outcome: { subjects: [{ kind: "dockerfile", name: "Dockerfile" }], findings, gaps: [] }, secrets };
}

/** What is answered for tokens, after every format was looked through for them. */
async function verified(
  hubUrl: string,
  tokens: readonly string[] = [fakeToken()],
  options: Partial<VerifyOptions> = {},
): Promise<readonly Verification[]> {
  const { outcome, secrets } = found(...tokens);
  const result = await verifyOutcome(outcome, secrets, { environment: {}, timing: TIMING, hubUrl, ...options });
  const report = judge(result);
  expectReport(structuredClone(report));
  for (const format of FORMATS) expectNoToken(await render(report, { format }), tokens);
  return result.findings.flatMap(({ token }) => token?.verification ?? []);
}

async function answered(reply: HubAnswer): Promise<Verification | undefined> {
  const [verification] = await verified((await hub(reply)).url);
  return verification;
}

/** A fine-grained token with these permissions on a model. */
const fineGrained = (permissions: readonly string[]): unknown => ({
  canReadGatedRepos: true,
  global: ["discussion.write"].filter(() => permissions.includes("repo.write")),
  scoped: [{ entity: { _id: "1", type: "model", name: "acme/bert" }, permissions }],
});

/** An answer that begins and does not go on. */
const stall: HubAnswer = (response) => void response.writeHead(200, { "content-type": "application/json" }).write("{");

/** The answer to a hub that says these texts wherever it can. */
const words = (texts: readonly string[]): Promise<Verification | undefined> =>
  answered(
    answer(
      200,
      whoami(
        {
          role: "fineGrained",
          displayName: texts[0],
          fineGrained: {
            global: texts,
            scoped: [{ entity: { type: "model", name: texts[0] }, permissions: ["repo.write", ...texts] }],
          },
        },
        { orgs: texts.map((name) => ({ name, roleInOrg: name })) },
      ),
    ),
  );

describe("a live token", () => {
  test("is shown with role, name and organisations, and with nothing of its owner", async () => {
    const { url } = await hub(
      answer(
        200,
        whoami(
          { role: "write", displayName: "ci" },
          {
            orgs: [
              { type: "org", name: "zeta", fullname: "Zeta Ltd", email: "zeta@private.example", roleInOrg: "admin" },
              { type: "org", name: "acme", roleInOrg: 7 },
            ],
          },
        ),
      ),
    );
    const { outcome, secrets } = found(fakeToken());
    const result = await verifyOutcome(outcome, secrets, { environment: {}, timing: TIMING, hubUrl: url });
    expect(result.findings[0]?.token?.verification).toMatchObject({
      state: "live",
      reason: null,
      role: "write",
      name: "ci",
      scopes: [],
      organizations: [
        { name: "acme", role: null },
        { name: "zeta", role: "admin" },
      ],
      revoke: `curl -X POST ${url}/api/credentials/revoke -H 'Content-Type: application/json' -d '{"credentials": ["<the token>"]}'`,
    });
    expect(result.findings[0]?.message).toMatch(/ The token is live: Hugging Face accepts it, with the role write\.$/);
    expect(JSON.stringify(result)).not.toMatch(/private|Somebody|person-42/i);
  });

  test("gets the advice of its role", async () => {
    const cases = await Promise.all(
      [
        whoami({ role: "read" }),
        whoami({ role: "write" }, { orgs: [{ name: "acme" }] }),
        whoami({ role: "fineGrained", fineGrained: fineGrained(["repo.content.read", "inference.serverless.write"]) }),
        whoami({ role: "fineGrained", fineGrained: fineGrained(["repo.content.read", "repo.write"]) }),
      ].map((body) => answered(answer(200, body))),
    );
    expect(cases.map((item) => [item?.role, item?.scopes, item?.advice])).toMatchInlineSnapshot(`
      [
        [
          "read",
          [],
          "Revoke it now: it reads all that its owner can read, private and gated repositories too. A fine-grained token that reads only what the build needs leaks less; make the new token first, put it where the old one is used, then revoke the old one.",
        ],
        [
          "write",
          [],
          "Revoke it now: it can change and delete all that its owner can. A read token suffices for a build that only downloads, a fine-grained one is better still; make the new token first, put it where the old one is used, then revoke the old one. For a team make one that is limited to the organisation's own repositories.",
        ],
        [
          "fineGrained",
          [
            "inference.serverless.write on model acme/bert",
            "repo.content.read on model acme/bert",
          ],
          "Revoke it now: its scopes say what it opens. Give the next one only the repositories that the build needs; make the new token first, put it where the old one is used, then revoke the old one.",
        ],
        [
          "fineGrained",
          [
            "discussion.write",
            "repo.write on model acme/bert",
            "repo.content.read on model acme/bert",
          ],
          "Revoke it now: it can write. Where the build only downloads, give the next one no more than repo.content.read; make the new token first, put it where the old one is used, then revoke the old one.",
        ],
      ]
    `);
  });

  test("is called out first when it can write, and the order of the findings stays", async () => {
    const { url } = await hub((response, { headers }, count) => {
      expect(headers["authorization"]).toMatch(/^Bearer hf_/);
      answer(200, whoami({ role: count === 2 ? "write" : "read" }))(
        response,
        { method: "", path: "", headers, body: "" },
        count,
      );
    });
    const { outcome, secrets } = found(fakeToken("user", 1), fakeToken("user", 2), fakeToken("user", 3));
    const report = judge(await verifyOutcome(outcome, secrets, { environment: {}, timing: TIMING, hubUrl: url }));
    expect(report.findings.map(({ locations }) => locations)).toEqual(
      outcome.findings.map(({ locations }) => locations),
    );
    const text = await render(report, { format: "text" });
    expect(text).toMatch(
      /^The token hf_…\w{4} is live and can write; it stands in 1 finding\. Revoke it first\.\n\nerror {2}\S+ {2}Dockerfile:2:1\n/,
    );
    expect(text.indexOf("Dockerfile:2:1")).toBeLessThan(text.indexOf("Dockerfile:1:1"));
    const sarif = JSON.parse(await render(report, { format: "sarif" })) as { runs: { results: { rank?: number }[] }[] };
    expect(sarif.runs[0]?.results.map(({ rank }) => rank)).toEqual([undefined, 100, undefined]);
    const github = await render(report, { format: "github" });
    expect(github).toMatch(/^::error file=Dockerfile,line=2,/);
    const gitlab = JSON.parse(await render(report, { format: "gitlab" })) as { severity: string }[];
    expect(gitlab.map(({ severity }) => severity)).toEqual(["critical", "blocker", "critical"]);
  });

  test("is no surer leak than it was, but surely a token", async () => {
    const { url } = await hub(answer(200, whoami(READ)));
    const { outcome, secrets } = found(fakeToken("digits"));
    const doubted = {
      ...outcome,
      findings: outcome.findings.map((item) => ({ ...item, level: "note", confidence: "low" }) as const),
    };
    const [result] = (await verifyOutcome(doubted, secrets, { environment: {}, timing: TIMING, hubUrl: url })).findings;
    expect([result?.level, result?.confidence]).toEqual(["note", "high"]);
  });
});

describe("an invalid token", () => {
  test.each([
    ["with the hub's words", answer(401, { error: "Invalid username or password." })],
    ["without a body", answer(401)],
    ["with broken JSON", answer(401, "{", { "content-type": "application/json" })],
  ])("is one that is refused with 401, %s; it stays a finding of its level", async (_, reply) => {
    const { url } = await hub(reply);
    const { outcome, secrets } = found(fakeToken());
    const [result] = (await verifyOutcome(outcome, secrets, { environment: {}, timing: TIMING, hubUrl: url })).findings;
    expect(result?.token?.verification).toMatchObject({ state: "invalid", reason: null, role: null, revoke: null });
    expect(result?.level).toBe("error");
    expect(result?.message).toMatch(/ The token no longer works: Hugging Face does not accept it\.$/);
  });
});

describe("an unknown state", () => {
  test.each<[string, HubAnswer, RegExp]>([
    ["403", answer(403, { error: "no" }), /^the hub does not tell \(403\)$/],
    ["429", answer(429), /limits the rate of requests \(429\)/],
    ["429 that asks for an hour", answer(429, "", { "retry-after": "3600" }), /limits the rate of requests \(429\)/],
    ["500", answer(500, "<html>"), /the status 500$/],
    ["404", answer(404), /the status 404$/],
    ["204", (response) => void response.writeHead(204).end(), /the status 204$/],
    ["201", answer(201, whoami(READ)), /the status 201$/],
    [
      "a login page of a gateway",
      answer(401, "<html>", { "content-type": "text/html; charset=utf-8" }),
      /a page of a gateway/,
    ],
    ["a redirect", answer(302, "", { location: "/elsewhere" }), /a redirect, which is not followed \(302\)/],
    ["a redirect to another host", answer(307, "", { location: "http://198.51.100.1/x" }), /not followed \(307\)/],
    ["no JSON", answer(200, "hello"), /cannot be read/],
    ["broken JSON", answer(200, '{"auth":', { "content-type": "application/json" }), /cannot be read/],
    ["null", answer(200, null), /cannot be read/],
    ["no auth", answer(200, { name: "x" }), /cannot be read/],
    ["an empty auth", answer(200, { auth: {} }), /not one of Hugging Face's/],
    ["a role that is none", answer(200, whoami({ role: { toString: "write" } })), /not one of Hugging Face's/],
    ["a role with ANSI", answer(200, whoami({ role: "write\u001b[2J" })), /not one of Hugging Face's/],
    [
      "an inherited role",
      answer(200, '{"auth":{"accessToken":{"__proto__":{"role":"write"}}}}'),
      /not one of Hugging Face's/,
    ],
    ["JSON nested without end", answer(200, "[".repeat(400_000)), /cannot be read/],
    [
      "an endless answer",
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const pour = (): void => {
          while (!response.destroyed && response.write(" ".repeat(65_536)));
          if (!response.destroyed) response.once("drain", pour);
        };
        pour();
      },
      /too large/,
    ],
    ["a slow head", () => {}, /did not answer in time/],
    ["a stalled body", stall, /did not answer in time/],
    ["a broken connection", (response) => void response.destroy(), /cannot be reached \(ECONNRESET\)/],
    [
      "a broken body",
      (response) => {
        response.writeHead(200, { "content-length": "999", "content-type": "application/json" }).write("{");
        setTimeout(() => response.destroy(), 20);
      },
      /cannot be reached/,
    ],
    ["no HTTP", (response) => void response.socket?.end("hello\r\n\r\n"), /does not answer as HTTP does/],
  ])("is %s, and never invalid", async (_, reply, reason) => {
    expect(await answered(reply)).toMatchObject({
      state: "unknown",
      reason: expect.stringMatching(reason),
      role: null,
      advice: null,
      revoke: null,
    });
  });

  test("is a hub that is not there, and the tokens after it are not asked about", async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    const states = await verified(`http://127.0.0.1:${port}`, [fakeToken("user", 1), fakeToken("user", 2)]);
    expect(states.map(({ state, reason }) => [state, reason])).toEqual([
      ["unknown", `127.0.0.1:${port} cannot be reached (ECONNREFUSED)`],
      ["unknown", `not asked, after this: 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`],
    ]);
  });

  test("does not keep the next token from being asked about, when it is the token's own", async () => {
    const { url, seen } = await hub((response, request, count) =>
      (count === 1 ? answer(403) : answer(200, whoami(READ)))(response, request, count),
    );
    const states = await verified(url, [fakeToken("user", 1), fakeToken("user", 2)]);
    expect(states.map(({ state }) => state)).toEqual(["unknown", "live"]);
    expect(seen).toHaveLength(2);
  });
});

describe("what is asked", () => {
  test("one request for each distinct token, one after another, with the token in one header", async () => {
    let open = 0;
    const server = await hub((response, request, count) => {
      open++;
      expect(open, "two requests at once").toBe(1);
      setTimeout(() => {
        open--;
        answer(200, whoami(READ))(response, request, count);
      }, 10);
    });
    const tokens = [fakeToken("user", 1), fakeToken("user", 2), fakeToken("user", 1), fakeToken("digits")];
    const states = await verified(server.url, tokens);
    expect(states.map(({ state }) => state)).toEqual(["live", "live", "live", "live"]);
    expect(server.seen.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual(
      Array.from({ length: 3 }, () => "GET /api/whoami-v2 "),
    );
    expect(server.seen.map(({ headers }) => headers["authorization"])).toEqual(
      [...new Set(tokens)].map((token) => `Bearer ${token}`),
    );
    for (const { headers } of server.seen) {
      const { authorization: _, ...others } = headers;
      expect(Object.keys(others).sort()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"]);
      expectNoToken(JSON.stringify(others), tokens);
    }
  });

  test("at the address that is meant, however it is spelt", async () => {
    const server = await hub(answer(200, whoami(READ)));
    const { port } = new URL(server.url);
    for (const hubUrl of [`http://LOCALHOST:${port}`, `http://127.1:${port}/a/../hf`]) {
      expect(hubUrlMistake(hubUrl)).toBeNull();
      expect((await verified(hubUrl)).map(({ state, reason }) => [state, reason])).toEqual([["live", null]]);
    }
    expect(server.seen.map(({ path }) => path)).toEqual(["/api/whoami-v2", "/hf/api/whoami-v2"]);
  });

  test("waits as long as Retry-After says, within bounds, and asks again", async () => {
    const server = await hub((response, request, count) =>
      (count === 1 ? answer(429, "", { "retry-after": "0" }) : answer(200, whoami(READ)))(response, request, count),
    );
    expect((await verified(server.url)).map(({ state }) => state)).toEqual(["live"]);
    expect(server.seen).toHaveLength(2);
  });

  test("gives up after a few tries, and asks about no further token", async () => {
    const server = await hub(answer(503));
    await verified(server.url, [fakeToken("user", 1), fakeToken("user", 2)]);
    expect(server.seen).toHaveLength(1 + TIMING.retries);
  });

  test("nothing about kinds that are not sent", async () => {
    const server = await hub(answer(200, whoami(READ)));
    const kinds = ["oauth-refresh", "oauth", "jwt", "s3", "oauth-app", "organization", "oauth-app-secret"];
    const states = await verified(
      server.url,
      kinds.map((kind) => fakeToken(kind)),
    );
    expect(states.map(({ state, reason }) => [state, reason])).toEqual(
      kinds.map((kind) => [
        "unknown",
        kind === "oauth-app" ? "it is no secret, and not asked about" : "a token of this kind is not sent anywhere",
      ]),
    );
    expect(server.connections()).toBe(0);
  });

  test("nothing about a token that is public on purpose, or that no holder knows", async () => {
    const server = await hub(answer(200, whoami(READ)));
    const { outcome } = found(fakeToken());
    const known = {
      ...outcome,
      findings: outcome.findings.map((item) => ({
        ...item,
        token: item.token && { ...item.token, known: "of a test suite" },
      })),
    };
    const result = await verifyOutcome(known, new Secrets(), { environment: {}, hubUrl: server.url });
    expect(result.findings[0]?.token?.verification?.reason).toBe("it is no secret, and not asked about");
    expect(server.connections()).toBe(0);
  });

  test("through the proxy of the environment, but not for this machine; never where HF_ENDPOINT points", async () => {
    const proxy = await hub(answer(200));
    const server = await hub(answer(200, whoami(READ)));
    const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, HF_ENDPOINT: proxy.url, HF_TOKEN: "x" };
    expect((await verified(server.url, [fakeToken()], { environment })).map(({ state }) => state)).toEqual(["live"]);
    expect(proxy.seen).toEqual([]);
    // A plain server refuses CONNECT by hanging up; the token is not in what it is told.
    const [state] = await verified("https://hub.example", [fakeToken()], { environment });
    expect(state?.state).toBe("unknown");
    expect(proxy.connections()).toBeGreaterThan(0);
    expectNoToken(JSON.stringify(proxy.seen), [fakeToken()]);
  });
});

describe("a hostile answer", () => {
  const token = fakeToken();

  test.each([
    ["the token", token],
    ["the token, spaced out", token.split("").join(" ")],
    ["the token, with what cannot be seen", token.split("").join("\u200b")],
    ["a piece of the token", `key ${token.slice(10, 20)}`],
    ["another token", fakeToken("user", 9)],
  ])("cannot make a report show %s", async (_, text) => {
    const shown = JSON.stringify(await words([text]));
    expectNoToken(shown, [token, fakeToken("user", 9)]);
    for (let at = 3; at + 8 <= token.length; at++) expect(shown).not.toContain(token.slice(at, at + 8));
  });

  test("is stripped of what moves a cursor or hides, and cut", async () => {
    const verification = await words(["\u001b[31mred\u202e\n::error::x\ud800", "x".repeat(10_000)]);
    expect(verification?.name).toBe("[31mred ::error::x");
    expect(verification?.organizations).toEqual([
      { name: "[31mred ::error::x", role: null },
      { name: "x".repeat(100), role: null },
    ]);
    expect(verification?.scopes).toEqual(["repo.write on model [31mred ::error::x"]);
  });

  test("with thousands of organisations and scopes says a few, those that write first, and how many there are", async () => {
    const orgs = Array.from({ length: 5000 }, (_, i) => ({ name: `org-${i}`, roleInOrg: "read" }));
    const scoped = Array.from({ length: 500 }, (_, i) => ({
      entity: { type: "model", name: `m${i}` },
      permissions: [i === 499 ? "repo.write" : "repo.content.read"],
    }));
    const verification = await answered(
      answer(200, whoami({ role: "fineGrained", fineGrained: { scoped } }, { orgs })),
    );
    expect(verification?.organizations).toHaveLength(21);
    expect(verification?.organizations.at(-1)).toEqual({ name: "and 4980 more", role: null });
    expect(verification?.scopes).toHaveLength(31);
    expect(verification?.scopes[0]).toBe("repo.write on model m499");
    expect(verification?.scopes.at(-1)).toBe("and 470 more");
  });
});

test("the address of a hub is https, or on this machine, and nothing that a shell could run", () => {
  const good = [
    "https://huggingface.co",
    "https://hub.example/hf/",
    "http://127.0.0.1:9",
    "http://localhost:9",
    "http://[::1]:9",
  ];
  expect(good.map((text) => hubUrlMistake(text))).toEqual(good.map(() => null));
  expect(
    [
      "http://hub.example",
      "ftp://hub.example",
      "hub.example",
      "https://a:b@hub.example",
      "https://hub.example/?a",
      "https://hub.example/$(id)",
      "https://hub.example/';id'",
    ].map((text) => hubUrlMistake(text)),
  ).toMatchInlineSnapshot(`
    [
      "is plain http, and not on this machine",
      "is not a URL with https or http",
      "is not a URL",
      "holds a login, which would stand in the shell's history",
      "has a query or fragment",
      "has characters that no hub's address needs",
      "has characters that no hub's address needs",
    ]
  `);
});
