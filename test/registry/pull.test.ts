import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { inspectImage, type InspectOptions } from "../../src/inspect.ts";
import { decide } from "../../src/gate/decide.ts";
import type { Outcome } from "../../src/model/report.ts";
import { registryAt } from "../../src/registry/address.ts";
import { startPull, type PullSettings } from "../../src/registry/pull.ts";
import { parseReference } from "../../src/registry/reference.ts";
import {
  containerd,
  ociLayout,
  removeFolders,
  sha256,
  tar,
  writeTemporary,
  type Entry,
  type ImageSpec,
} from "../support/images.ts";
import {
  contentOf,
  sendBytes,
  startRegistry,
  startServer,
  type Behaviour,
  type Content,
  type TestServer,
} from "../support/registry.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

const running: TestServer[] = [];

async function registry(content: Content, behave?: Behaviour): Promise<TestServer> {
  const started = await startRegistry(content, behave);
  running.push(started);
  return started;
}

async function server(behave: Behaviour): Promise<TestServer> {
  const started = await startServer(behave);
  running.push(started);
  return started;
}

afterEach(async () => {
  for (const started of running.splice(0)) await started.close();
  await removeFolders();
});

const LEAKY: ImageSpec = {
  tags: ["1"],
  config: { Env: [`HF_TOKEN=${fakeToken()}`] },
  layers: [
    { entries: [{ name: "root/.cache/huggingface/token", content: fakeToken("user", 2) }], compress: gzipSync },
    { entries: [{ name: "root/.wh..cache" }, { name: "noise", content: randomBytes(200_000).toString("hex") }] },
  ],
};
const CLEAN: ImageSpec = { tags: ["1"], layers: [{ entries: [{ name: "a", content: "a" }] }] };
const clean = contentOf(await ociLayout(CLEAN));
const leaky = contentOf(await ociLayout(LEAKY));

async function inspect({ host }: TestServer, options: InspectOptions = {}): Promise<Outcome> {
  return inspectImage(`docker://${host}/team/app:1`, options);
}

const TIMING = { answerMs: 2000, idleMs: 100, retries: 2, retryMs: 1, maxWaitMs: 1000 };

/** Pulls without searching, and without long waits. */
async function pull(
  { host }: TestServer,
  more: Partial<PullSettings> = {},
): Promise<{ bytes: Map<string, number>; problems: string[] }> {
  const problems: string[] = [];
  const reference = parseReference(`${host}/team/app:1`);
  if (reference === null) throw new Error("no reference");
  const pulled = await startPull(registryAt(host, false), reference, {
    environment: {},
    hide: () => {},
    signal: new AbortController().signal,
    isWanted: () => true,
    isNarrowed: false,
    maxManifestBytes: 1_000_000,
    maxManifestTotalBytes: 4_000_000,
    maxBlobBytes: 1e9,
    maxNesting: 4,
    report: ({ why, detail }) =>
      void problems.push(`${why}: ${detail.replaceAll(host, "HOST").replaceAll(/[0-9a-f]{64}/g, "HEX")}`),
    timing: TIMING,
    ...more,
  });
  const bytes = new Map<string, number>();
  for await (const { name, chunks } of pulled?.parts ?? []) {
    let count = 0;
    for await (const chunk of chunks) count += chunk.length;
    bytes.set(name, count);
  }
  pulled?.close();
  return { bytes, problems };
}

/** The digest of the layer that is the largest blob. */
function largest({ blobs }: Content): string {
  return [...blobs].reduce((a, b) => (b[1].length > a[1].length ? b : a))[0];
}

describe("an image in a registry", () => {
  test("shows what the same image shows in an archive", async () => {
    const outcome = await inspect(await registry(leaky));
    const archived = await inspectImage(await writeTemporary(await tar(await ociLayout(LEAKY))));
    expect(findings(outcome)).toEqual(findings(archived));
    expect(findings(outcome)).toEqual([
      "token-in-image-config #1 config /config/Env/0",
      "token-file-in-layer #2 0 /root/.cache/huggingface/token@0:1 hidden by 1 (whiteout)",
    ]);
    expect(outcome.gaps).toEqual([]);
  });

  test("is called as it was typed, and passes when it is clean", async () => {
    const started = await registry(clean);
    const outcome = await inspect(started);
    expect(outcome.subjects.map(({ name }) => name)).toEqual([`${started.host}/team/app:1`]);
    expect(decide(outcome).verdict).toBe("pass");
  });

  test("by digest", async () => {
    const { host } = await registry(leaky);
    const outcome = await inspectImage(`docker://${host}/team/app@${leaky.top}`);
    expect(outcome.findings).toHaveLength(2);
    expect(outcome.gaps).toEqual([]);
  });

  test("by a mirror, with and without the name of a registry", async () => {
    const mirror = await registry(clean);
    for (const name of ["team/app:1", "elsewhere.example/team/app:1", "app:1"]) {
      const path = name === "app:1" ? "/team" : "/v2/";
      const outcome = await inspectImage(`docker://${name}`, { registryUrl: `http://${mirror.host}${path}` });
      expect([name, decide(outcome).verdict]).toEqual([name, "pass"]);
    }
  });

  test("in Docker's own media types", async () => {
    const oci = leaky.blobs.get(leaky.top)?.toString("utf8") ?? "";
    const docker = oci
      .replace("vnd.oci.image.manifest.v1+json", "vnd.docker.distribution.manifest.v2+json")
      .replace("vnd.oci.image.config.v1+json", "vnd.docker.container.image.v1+json")
      .replaceAll("vnd.oci.image.layer.v1.tar", "vnd.docker.image.rootfs.diff.tar.gzip");
    const top = `sha256:${sha256(docker)}`;
    const blobs = new Map([...leaky.blobs, [top, Buffer.from(docker)]]);
    const outcome = await inspect(await registry({ top, blobs }));
    expect(docker).not.toContain("oci");
    expect(outcome.findings).toHaveLength(2);
    expect(outcome.gaps).toEqual([]);
  });

  test("several layers are asked for at once, each blob once", async () => {
    const layers = [1, 2, 3, 4, 5, 4].map((i) => ({ entries: [{ name: "f", content: `${i}` }] }));
    const content = contentOf(await ociLayout({ tags: ["1"], layers }));
    let open = 0;
    let most = 0;
    const started = await registry(content, (request, response) => {
      if (!request.path.includes("/blobs/")) return false;
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        sendBytes(
          content.blobs.get(request.path.slice("/v2/team/app/blobs/".length)) ?? Buffer.alloc(0),
          request,
          response,
        );
      }, 30);
      return true;
    });
    const outcome = await inspect(started);
    expect(decide(outcome).verdict).toBe("pass");
    expect(most).toBe(3);
    const paths = started.seen.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
  });
});

/** An index of two platforms, each with a token of its own. */
async function twoPlatforms(): Promise<Content> {
  const entries: Entry[] = [];
  const manifests: unknown[] = [];
  for (const [i, name] of ["amd64", "arm64"].entries()) {
    const spec = {
      platform: { os: "linux", architecture: name },
      config: { Env: [`HF_TOKEN=${fakeToken("user", i + 1)}`] },
      layers: [{ entries: [{ name, content: name }] }],
    } as ImageSpec;
    const layout = await ociLayout(spec);
    entries.push(...layout.filter((entry) => entry.name.startsWith("blobs/")));
    const top = JSON.parse(String(layout.find((entry) => entry.name === "index.json")?.content)) as {
      manifests: unknown[];
    };
    manifests.push(...top.manifests);
  }
  const bytes = JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests });
  entries.push({ name: `blobs/sha256/${sha256(bytes)}`, content: bytes });
  entries.push({
    name: "index.json",
    content: JSON.stringify({ manifests: [{ digest: `sha256:${sha256(bytes)}` }] }),
  });
  return contentOf(entries);
}

describe("several platforms", () => {
  test("all are read", async () => {
    const outcome = await inspect(await registry(await twoPlatforms()));
    expect(findings(outcome)).toEqual([
      "token-in-image-config #1 config /config/Env/0",
      "token-in-image-config #2 config /config/Env/0",
    ]);
    expect(outcome.gaps).toEqual([]);
  });

  test("--platform fetches one, and says which others there are", async () => {
    const started = await registry(await twoPlatforms());
    const outcome = await inspect(started, { platform: "linux/arm64" });
    expect(findings(outcome)).toEqual(["token-in-image-config #2 config /config/Env/0"]);
    expect(outcome.gaps).toEqual([]);
    expect(outcome.subjects.map((subject) => subject.kind === "image" && subject.coverage.absentPlatforms)).toEqual([
      ["linux/amd64"],
    ]);
    expect(started.seen).toHaveLength(4);
  });

  test("one that was asked for and is not there is a gap", async () => {
    const outcome = await inspect(await registry(await twoPlatforms()), { platform: "linux/s390x" });
    expect(gaps(outcome).map((line) => line.split(" ")[0])).toEqual(["absent-platform"]);
    const single = await registry(leaky);
    const other = await inspect(single, { platform: "linux/s390x" });
    expect(gaps(other).map((line) => line.split(" ")[0])).toEqual(["absent-platform"]);
    expect(single.seen).toHaveLength(3);
  });

  test("attestations are read, platforms that the index names and the registry leaves out are listed", async () => {
    const statement = JSON.stringify({ predicate: { args: { "build-arg:HF_TOKEN": fakeToken() } } });
    const content = contentOf(await containerd(CLEAN, { statement, absent: [{ os: "linux", architecture: "arm64" }] }));
    for (const options of [{}, { platform: "linux/amd64" }]) {
      const outcome = await inspect(await registry(content), options);
      expect(findings(outcome)).toEqual(["token-in-attestation #1 attestation /predicate/args/build-arg:HF_TOKEN"]);
      expect(outcome.gaps).toEqual([]);
      expect(outcome.subjects.map((subject) => subject.kind === "image" && subject.coverage.absentPlatforms)).toEqual([
        ["linux/arm64"],
      ]);
    }
  });
});

describe("what breaks", () => {
  const blob = largest(leaky);
  const bytes = leaky.blobs.get(blob) ?? Buffer.alloc(0);
  const path = `/v2/team/app/blobs/${blob}`;

  test("a blob that breaks off is read on from there", async () => {
    const started = await registry(leaky, (request, response, count) => {
      if (request.path !== path || count > 2) return false;
      const from = Number(/\d+/.exec(request.range ?? "")?.[0] ?? 0);
      response.writeHead(from === 0 ? 200 : 206, {
        "content-length": bytes.length - from,
        "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
      });
      response.write(bytes.subarray(from, from + 50_000), () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    const { bytes: got, problems } = await pull(started);
    expect(problems).toEqual([]);
    expect(got.get(`blobs/${blob.replace(":", "/")}`)).toBe(bytes.length);
    expect(started.seen.filter((request) => request.path === path).map(({ range }) => range)).toEqual([
      null,
      "bytes=50000-",
      "bytes=100000-",
    ]);
  });

  test("also from a registry that knows no ranges", async () => {
    const started = await registry(leaky, (request, response, count) => {
      if (request.path !== path) return false;
      response.writeHead(200, { "content-length": bytes.length });
      if (count > 1) response.end(bytes);
      else response.write(bytes.subarray(0, 50_000), () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    const { bytes: got, problems } = await pull(started);
    expect(problems).toEqual([]);
    expect(got.get(`blobs/${blob.replace(":", "/")}`)).toBe(bytes.length);
  });

  test.each<readonly [string, Behaviour, string]>([
    [
      "always breaks off",
      (_, response) => {
        response.writeHead(200, { "content-length": bytes.length });
        response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
        return true;
      },
      `truncated: a blob broke off after 1000 of ${bytes.length} bytes, 3 times (sha256:HEX)`,
    ],
    [
      "stalls",
      (_, response) => {
        response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 1000));
        return true;
      },
      `truncated: a blob broke off after 1000 of ${bytes.length} bytes, 3 times (sha256:HEX)`,
    ],
    [
      "trickles for ever",
      (_, response) => {
        response.writeHead(200, { "content-length": bytes.length });
        const timer = setInterval(() => response.write("x"), 10);
        response.once("close", () => clearInterval(timer));
        return true;
      },
      "truncated: a blob broke off after",
    ],
    [
      "sends other bytes",
      (request, response) => {
        sendBytes(Buffer.alloc(bytes.length, "x"), request, response);
        return true;
      },
      "digest-mismatch: the registry sent other bytes than sha256:HEX",
    ],
    [
      "sends without end",
      (_, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) continue;
        };
        response.on("drain", more);
        more();
        return true;
      },
      "digest-mismatch: the registry sent other bytes than sha256:HEX",
    ],
    [
      "sends less",
      (request, response) => {
        sendBytes(bytes.subarray(0, 1000), { ...request, range: null }, response);
        return true;
      },
      `truncated: a blob broke off after 1000 of ${bytes.length} bytes, 3 times (sha256:HEX)`,
    ],
    [
      "sends another part than was asked for",
      (_, response, count) => {
        response.writeHead(count === 1 ? 200 : 206, { "content-range": "bytes 7-9/10" });
        response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
        return true;
      },
      "truncated: what was left of a blob is not sent on from where it broke off (sha256:HEX)",
    ],
    [
      "answers 500",
      (_, response) => {
        response.writeHead(500).end();
        return true;
      },
      "unreadable: HOST answers 500 (sha256:HEX)",
    ],
  ])("a blob that %s is a gap", async (_title, behave, want) => {
    const started = await registry(
      leaky,
      (request, response, count) => request.path === path && behave(request, response, count),
    );
    const { problems } = await pull(started);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(want), problems[0]).toBe(true);
  });

  test("wrong bytes never pass, and what was found in them is shown", async () => {
    const wrong = Buffer.from(bytes);
    wrong.write(`xx ${fakeToken("user", 3)} xx`, 2000);
    const outcome = await inspect(await registry({ ...leaky, blobs: new Map([...leaky.blobs, [blob, wrong]]) }));
    expect(gaps(outcome).map((line) => line.split(" ")[0])).toEqual(["digest-mismatch"]);
    expect(findings(outcome).join("\n")).toContain("#3");
  });

  test("a layer that the registry does not hold is a gap, and so is a config", async () => {
    const layerless = new Map([...leaky.blobs].filter(([digest]) => digest !== blob));
    expect(gaps(await inspect(await registry({ ...leaky, blobs: layerless })))[0]).toMatch(
      /^missing-layer .* layer 1$/,
    );
    const only = new Map([[leaky.top, leaky.blobs.get(leaky.top) ?? Buffer.alloc(0)]]);
    const outcome = await inspect(await registry({ ...leaky, blobs: only }));
    expect(outcome.gaps.map(({ why }) => why)).toContain("missing-blob");
    expect(decide(outcome).verdict).toBe("unknown");
  });

  test("429 with Retry-After is waited for; one that asks for too long is not", async () => {
    const started = await registry(clean, (_, response, count) => {
      if (count > 1) return false;
      response.writeHead(429, { "retry-after": "0" }).end();
      return true;
    });
    expect((await pull(started)).problems).toEqual([]);
    const busy = await registry(clean, (_, response) => {
      response
        .writeHead(429, { "retry-after": "3600" })
        .end('{"errors":[{"code":"TOOMANYREQUESTS","message":"pay us"}]}');
      return true;
    });
    expect((await pull(busy)).problems).toEqual([
      "unreadable: HOST answers 429 TOOMANYREQUESTS and asks to wait 3600 seconds",
    ]);
    expect(busy.seen).toHaveLength(1);
  });

  test("no answer at all is a gap after a bounded wait", async () => {
    const started = await server(() => true);
    const { problems } = await pull(started, { timing: { ...TIMING, answerMs: 50 } });
    expect(problems).toEqual(["unreadable: HOST did not answer in time (ETIMEDOUT)"]);
    expect(started.seen).toHaveLength(3);
  });

  test("nobody there, no such host, no such image", async () => {
    const gone = await server(() => false);
    await gone.close();
    expect((await pull(gone)).problems).toEqual(["unreadable: HOST cannot be reached (ECONNREFUSED)"]);
    const nowhere = await pull({ ...gone, host: "registry.invalid" });
    expect(nowhere.problems[0]).toMatch(/^unreadable: HOST has no address \(\w+\)$/);
    expect((await pull(await server(() => false))).problems).toEqual([
      "missing: HOST has no image of that name, or shows it only after a login; where the registry's API has another host, name that with --registry-url",
    ]);
  });

  test("stopped in the middle, it ends at once and is a gap", async () => {
    const controller = new AbortController();
    const started = await registry(leaky, (request, response) => {
      if (request.path !== path) return false;
      response.writeHead(200, { "content-length": bytes.length }).write(bytes.subarray(0, 1000));
      setTimeout(() => controller.abort(), 20);
      return true;
    });
    const outcome = await inspect(started, { signal: controller.signal });
    expect(outcome.gaps.map(({ why }) => why)).toContain("aborted");
    expect(decide(outcome).verdict).not.toBe("pass");
  });
});

/** A registry's content that is one document. */
function manifest(value: unknown): Content {
  const bytes = Buffer.from(JSON.stringify(value));
  const top = `sha256:${sha256(bytes)}`;
  return { top, blobs: new Map([[top, bytes]]) };
}

describe("hostile registries", () => {
  const layer = (more: Record<string, unknown>): Content =>
    manifest({
      schemaVersion: 2,
      config: { digest: `sha256:${sha256("c")}`, size: 1 },
      layers: [{ digest: `sha256:${"a".repeat(64)}`, size: 3, ...more }],
    });

  test.each<readonly [string, Content, string]>([
    ["no JSON", { top: "x", blobs: new Map([["x", Buffer.from('"')]]) }, "corrupt"],
    ["an empty manifest", manifest({}), "unknown-media-type"],
    ["fields of other types", manifest({ manifests: [null, 1, { digest: 7 }], config: [], layers: "x" }), "no-image"],
    ["__proto__ for a digest", layer({ digest: "__proto__" }), "missing-blob"],
    ["a path for a digest", layer({ digest: "sha256:../../../etc/passwd" }), "missing-blob"],
    ["a negative size", layer({ size: -1 }), "corrupt"],
    ["a size beyond numbers", layer({ size: 1e300 }), "corrupt"],
    ["a size beyond the limit", layer({ size: 2 ** 50 }), "limit"],
    ["a size of nothing", layer({ size: 0 }), "digest-mismatch"],
    [
      "a schema 1 manifest",
      manifest({ schemaVersion: 1, fsLayers: [], history: [{ v1Compatibility: "{}" }] }),
      "unknown-media-type",
    ],
    [
      "a foreign layer",
      layer({ mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", urls: ["http://127.0.0.1:1/x"] }),
      "foreign-layer",
    ],
  ])("%s is a gap", async (_, content, want) => {
    const { top, blobs } = content;
    const started = await startServer((request, response) => {
      const bytes = request.path.includes("/manifests/") ? blobs.get(top) : undefined;
      if (bytes === undefined) return false;
      sendBytes(bytes, request, response);
      return true;
    });
    running.push(started);
    const outcome = await inspect(started);
    expect(outcome.gaps.map(({ why }) => why)).toContain(want);
    expect(decide(outcome).verdict).toBe("unknown");
  });

  test.each([
    ["sha999:abc", "missing-blob"],
    [`sha384:${"a".repeat(96)}`, null],
  ])("a manifest of a platform that is named %s", async (digest, want) => {
    const platform = { os: "linux", architecture: "arm64" };
    const { blobs, top } = clean;
    const index = manifest({
      schemaVersion: 2,
      manifests: [
        { digest: top, size: 1 },
        { digest, size: 1, platform },
      ],
    });
    const outcome = await inspect(await registry({ top: index.top, blobs: new Map([...blobs, ...index.blobs]) }));
    expect(outcome.gaps.map(({ why }) => why)).toEqual(want === null ? [] : [want]);
  });

  test("a digest counts also for what calls itself schema 1", async () => {
    const started = await registry(clean, (request, response) => {
      if (!request.path.includes("/manifests/")) return false;
      const bytes = clean.blobs.get(clean.top)?.toString("utf8") ?? "";
      sendBytes(Buffer.from(bytes.replace("{", '{"fsLayers":[],')), request, response);
      return true;
    });
    const outcome = await inspectImage(`docker://${started.host}/team/app@sha256:${"a".repeat(64)}`);
    expect(outcome.gaps.map(({ why }) => why)).toEqual(["unknown-media-type"]);
    expect(started.seen).toHaveLength(1);
  });

  test("a part that was not asked for is not taken for the whole", async () => {
    const started = await registry(clean, (request, response) => {
      const bytes =
        clean.blobs.get(request.path.split("/").at(-1) ?? "") ?? clean.blobs.get(clean.top) ?? Buffer.alloc(0);
      response.writeHead(206, { "content-range": `bytes 0-${bytes.length - 1}/*` }).end(bytes);
      return true;
    });
    expect((await pull(started)).problems).toEqual(["unreadable: HOST answers 206"]);
  });

  test("another manifest than the digest says is not followed", async () => {
    const started = await registry(clean, (request, response) => {
      if (!request.path.includes("/manifests/")) return false;
      sendBytes(leaky.blobs.get(leaky.top) ?? Buffer.alloc(0), request, response);
      return true;
    });
    const outcome = await inspectImage(`docker://${started.host}/team/app@${clean.top}`);
    expect(outcome.gaps.map(({ why }) => why)).toEqual(["digest-mismatch"]);
    expect(started.seen).toHaveLength(1);
  });

  test("whatever JSON it sends, a report comes of it, and no pass without an image", async () => {
    let bytes = Buffer.alloc(0);
    const started = await server((request, response) => {
      if (!request.path.includes("/manifests/")) return false;
      sendBytes(bytes, request, response);
      return true;
    });
    const digest = fc.constantFrom(`sha256:${"a".repeat(64)}`, "sha256:x", "", clean.top);
    const leaf = fc.oneof(fc.jsonValue({ maxDepth: 1 }), digest, fc.constantFrom(0, 1, -1, 1e300));
    const descriptor = fc.record(
      {
        digest,
        size: leaf,
        mediaType: leaf,
        platform: fc.oneof(leaf, fc.record({ os: leaf, architecture: leaf })),
        annotations: leaf,
      },
      { requiredKeys: [] },
    );
    const list = fc.oneof(fc.array(fc.oneof(descriptor, leaf), { maxLength: 3 }), leaf);
    const document = fc.record(
      { schemaVersion: leaf, config: fc.oneof(descriptor, leaf), layers: list, manifests: list, annotations: leaf },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(document, leaf), fc.boolean(), async (value, isNarrowed) => {
        bytes = Buffer.from(JSON.stringify(value));
        const outcome = await inspect(started, isNarrowed ? { platform: "linux/amd64" } : {});
        expect(decide(outcome).verdict).toBe("unknown");
      }),
      { numRuns: 150 },
    );
  });

  test("a manifest without end is not read", async () => {
    const started = await server((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, " "))) continue;
      };
      response.on("drain", more);
      more();
      return true;
    });
    const outcome = await inspect(started, { limits: { maxJsonBytes: 100_000 } });
    expect(outcome.gaps.map(({ why }) => why)).toEqual(["limit"]);
  });

  test("indexes in indexes, and thousands of manifests, are bounded", async () => {
    let content = clean;
    for (let depth = 0; depth < 6; depth++) {
      const index = manifest({ schemaVersion: 2, manifests: [{ digest: content.top, size: 1 }] });
      content = { top: index.top, blobs: new Map([...content.blobs, ...index.blobs]) };
    }
    expect((await inspect(await registry(content))).gaps.map(({ why }) => why)).toEqual(["limit"]);
    const many = Array.from({ length: 1200 }, (_, i) => manifest({ layers: [], i }));
    const blobs = new Map(many.flatMap((one) => [...one.blobs]));
    const index = manifest({ schemaVersion: 2, manifests: many.map(({ top }) => ({ digest: top, size: 1 })) });
    const started = await registry({ top: index.top, blobs: new Map([...blobs, ...index.blobs]) });
    expect((await pull(started)).problems).toEqual(["limit: the image has more than 1000 manifests"]);
  });

  test("what a registry says is not repeated", async () => {
    const secret = fakeToken("user", 4);
    const started = await server((_, response) => {
      response
        .writeHead(418, `teapot ${secret}`, { "x-note": secret, "www-authenticate": `Bearer realm="${secret}"` })
        .end(JSON.stringify({ errors: [{ code: secret, message: `::error::${secret}`, detail: secret }] }));
      return true;
    });
    const outcome = await inspect(started);
    expect(outcome.gaps).toEqual([
      { at: `${started.host}/team/app:1`, why: "unreadable", detail: `${started.host} answers 418` },
    ]);
  });

  test("headers that are too long or no HTTP are a gap", async () => {
    const started = await server((_, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}\r\n\r\n`);
      return true;
    });
    expect((await pull(started)).problems).toEqual([
      "unreadable: HOST does not answer as HTTP does (HPE_HEADER_OVERFLOW)",
    ]);
  });
});
