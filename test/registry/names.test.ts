/** Names, addresses, exceptions from proxies and challenges: the pure parts. */

import { describe, expect, test } from "vitest";
import { isSameParty } from "../../src/registry/address.ts";
import { readChallenge } from "../../src/registry/challenge.ts";
import { proxyFor } from "../../src/registry/proxy.ts";
import { parseReference, referenceName } from "../../src/registry/reference.ts";
import { needsNetwork, parseRemote, type RemoteSettings } from "../../src/registry/remote.ts";
import { retryAfterMs } from "../../src/registry/retry.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("references", () => {
  test.each([
    ["app", null, "app", null, null],
    ["app:1", null, "app", "1", null],
    ["team/app:1.2_3-x", null, "team/app", "1.2_3-x", null],
    ["localhost/app", "localhost", "app", null, null],
    ["localhost:5000/app:1", "localhost:5000", "app", "1", null],
    ["registry.example/a/b/c", "registry.example", "a/b/c", null, null],
    ["Registry/app", "Registry", "app", null, null],
    ["[::1]:5000/app", "[::1]:5000", "app", null, null],
    [`registry.example/app:1@${DIGEST}`, "registry.example", "app", "1", DIGEST],
  ])("%s", (text, host, repository, tag, digest) => {
    expect(parseReference(text)).toEqual({ host, repository, tag, digest });
  });

  test.each([
    "",
    "/",
    "app/",
    "App",
    "a//b",
    "a__b___c",
    "-a",
    "a b",
    "a/../b",
    "app:",
    "app:a:b",
    "app@sha256:abc",
    `app@${DIGEST}@${DIGEST}`,
    "user:secret@registry.example/app",
    "registry.example:99999999/app",
    "registry..example/app",
    "-x.example/app",
    "registry.example/app?x",
    "registry.example/app#x",
    "a".repeat(256),
    `app:${"a".repeat(129)}`,
  ])("%j is none", (text) => {
    expect(parseReference(text)).toBe(null);
  });

  test("are shown whole", () => {
    const shown = ["app", "r.example/app:1", `app@${DIGEST}`].map((text) => {
      const reference = parseReference(text);
      return reference === null ? null : referenceName(reference);
    });
    expect(shown).toEqual(["app:latest", "r.example/app:1", `app@${DIGEST}`]);
  });
});

/** Where a source is asked for, and what stands before its repository. */
function originOf(source: string, settings: RemoteSettings): string | null {
  const remote = parseRemote(source, settings);
  return remote?.kind === "registry" ? `${remote.registry.origin} ${remote.registry.prefix}` : null;
}

describe("sources", () => {
  test.each<readonly [string, RemoteSettings, string | null]>([
    ["docker://registry.example/app", {}, "https://registry.example "],
    ["docker://registry.example:5000/app", {}, "https://registry.example:5000 "],
    ["docker://registry.example/app", { plainHttp: true }, "http://registry.example "],
    ["docker://localhost:5000/app", {}, "http://localhost:5000 "],
    ["docker://127.0.0.7:5000/app", {}, "http://127.0.0.7:5000 "],
    ["docker://[::1]:5000/app", {}, "http://[::1]:5000 "],
    ["docker://127.0.0.1.example/app", {}, "https://127.0.0.1.example "],
    ["docker://app", { registryUrl: "https://mirror.example" }, "https://mirror.example "],
    ["docker://r.example/app", { registryUrl: "https://mirror.example/v2/" }, "https://mirror.example "],
    [
      "docker://r.example/app",
      { registryUrl: "https://mirror.example/proxy/hub" },
      "https://mirror.example proxy/hub/",
    ],
    ["app.tar", {}, null],
    ["docker-archive:app.tar", {}, null],
    ["docker-daemon:app", {}, null],
  ])("%s with %j", (source, settings, want) => {
    expect(originOf(source, settings)).toBe(want);
  });

  test.each<readonly [string, RemoteSettings, string]>([
    ["docker://app:1", {}, "'app:1' names no registry"],
    ["docker:app", {}, "'docker:app' is no image in a registry"],
    ["docker://", {}, "'docker://' is no image in a registry"],
    ["docker://user:secret@registry.example/app", {}, "the name is no image in a registry"],
    [
      "docker://app",
      { registryUrl: "https://user:secret@mirror.example" },
      "the value of --registry-url holds a login, which would stand in the shell's history",
    ],
    ["docker://app", { registryUrl: "http://mirror.example" }, "the value of --registry-url is plain http"],
    ["docker://app", { registryUrl: "file:///etc" }, "the value of --registry-url is not a URL with https or http"],
    ["docker://app", { registryUrl: "secret" }, "the value of --registry-url is not a URL"],
    [
      "docker://app",
      { registryUrl: "https://mirror.example?secret" },
      "the value of --registry-url has a query or fragment",
    ],
    ["docker://1.2.3.999/app", {}, "'1.2.3.999/app' names no host that can be asked"],
    ["docker-daemon:-x", {}, "'-x' is no image's name"],
  ])("%s with %j is a usage error", (source, settings, message) => {
    expect(() => parseRemote(source, settings)).toThrow(expect.objectContaining({ kind: "usage", message }));
  });

  test("only docker: needs the network", () => {
    const sources = [
      "docker://r.example/app",
      "docker:app",
      "docker-daemon:app",
      "docker-archive:app.tar",
      "app.tar",
      "-",
    ];
    expect(sources.filter(needsNetwork)).toEqual(["docker://r.example/app", "docker:app"]);
  });
});

test.each([
  ["registry.example.io", "registry.example.io", true],
  ["registry.example.io", "auth.example.io", true],
  ["registry.gitlab.example.io", "gitlab.example.io", true],
  ["registry.gitlab.example.io", "auth.example.io", false],
  ["example.io", "auth.example.io", true],
  ["registry.example.io", "auth.example.io.evil.test", false],
  ["registry.example.io", "evilexample.io", false],
  ["registry.example.io", "io", false],
  ["registry.co.uk", "evil.co.uk", false],
  ["registry.example.co.uk", "auth.example.co.uk", true],
  ["localhost:5000", "localhost:5001", true],
  ["localhost:5000", "auth.localhost", false],
  ["10.0.0.1", "10.0.0.2", false],
  ["1.0.0.1", "2.0.0.1", false],
])("a token service of %s at %s is of the same party: %s", (registry, service, want) => {
  expect(isSameParty(new URL(`https://${service}/token`), new URL(`https://${registry}`))).toBe(want);
});

describe("NO_PROXY", () => {
  test.each([
    ["", "registry.example", false],
    ["*", "registry.example", true],
    ["registry.example", "registry.example", true],
    ["example", "registry.example", true],
    [".example", "registry.example", true],
    ["*.example", "registry.example", true],
    ["xample", "registry.example", false],
    ["Registry.Example", "registry.example", true],
    ["other, registry.example", "registry.example", true],
    ["registry.example:443", "registry.example", true],
    ["registry.example:5000", "registry.example", false],
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "11.1.2.3", false],
    ["10.0.0.0/99", "10.1.2.3", false],
    ["10.1.2.3", "10.1.2.3", true],
    ["2.3", "10.1.2.3", false],
    ["fd00::/8", "[fd00::1]", true],
    ["fd00::1", "[fd00::1]", true],
    ["[fd00::1]:443", "[fd00::1]", true],
    ["[", "registry.example", false],
  ])("%j takes out %s: %s", (exceptions, host, want) => {
    const environment = { HTTPS_PROXY: "proxy.example:3128", NO_PROXY: exceptions };
    expect(proxyFor(new URL(`https://${host}`), environment, () => {}) === null).toBe(want);
  });
});

test.each([
  ['Bearer realm="https://a.example/t",service="s"', { scheme: "bearer", realm: "https://a.example/t", service: "s" }],
  ["bearer realm=https://a.example/t", { scheme: "bearer", realm: "https://a.example/t", service: null }],
  ['Basic realm="Bearer realm=x", Bearer realm="y"', { scheme: "bearer", realm: "y", service: null }],
  ['Basic realm="a, Bearer realm=b"', { scheme: "basic" }],
  ["Basic", { scheme: "basic" }],
  ["Negotiate, Basic", { scheme: "basic" }],
  ["", null],
  ['"'.repeat(16_000), null],
])("the challenge %j", (header, want) => {
  expect(readChallenge(header)).toEqual(want);
});

test.each([
  ["7", 7000],
  ["0", 0],
  ["Thu, 01 Jan 1970 00:00:10 GMT", 9000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["-1", null],
  ["soon", null],
  [undefined, null],
])("Retry-After %j", (header, want) => {
  expect(retryAfterMs(header, 1000)).toBe(want);
});
