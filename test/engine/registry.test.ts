/**
 * Images where real tools keep them: in the engine itself, and in Debian's docker-registry, filled by skopeo, with and
 * without a login.
 */

import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage } from "../../src/inspect.ts";
import { buildImage, engineIsRequired, missingTools, removeImages, runTool, saveImages } from "../support/engine.ts";
import { foundIn } from "../support/found.ts";
import { containerd, tar } from "../support/images.ts";
import { fakeToken } from "../support/tokens.ts";

const missing = await missingTools();
const folder = mkdtempSync(join(tmpdir(), "hullcheck-registry-"));
const LEAKY = `hullcheck-test-registry-leaky:${process.pid}`;
const CLEAN = `hullcheck-test-registry-clean:${process.pid}`;
const WANT = ["token-in-history user 2", "token-in-image-config user 2", "token-in-layer /app/settings.py user 1"];

const PASSWORD = "pull-and-nothing-else";
/** `robot` and the password, as `htpasswd -nbB` of apache2-utils 2.4 writes them. */
const HTPASSWD = "robot:$2y$05$AJ4VYVmOlSCbPCErKrJTGesbbRr.dv/Ml3/mQnL/JcAQjwZb637Na\n";

interface Running {
  readonly host: string;
  readonly process: ChildProcess;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

/** Starts docker-registry over an empty folder. */
async function startRegistry(name: string, htpasswd: string | null): Promise<Running> {
  const place = join(folder, name);
  mkdirSync(place);
  const host = `127.0.0.1:${await freePort()}`;
  const auth = { htpasswd: { realm: "test", path: join(place, "htpasswd") } };
  if (htpasswd !== null) writeFileSync(auth.htpasswd.path, htpasswd);
  const config = {
    version: "0.1",
    storage: { filesystem: { rootdirectory: join(place, "data") } },
    http: { addr: host },
    ...(htpasswd === null ? {} : { auth }),
  };
  writeFileSync(join(place, "config.yml"), JSON.stringify(config));
  const started = spawn("docker-registry", ["serve", join(place, "config.yml")], { stdio: "ignore" });
  for (let tries = 0; tries < 100; tries++) {
    try {
      await fetch(`http://${host}/v2/`);
      return { host, process: started };
    } catch {
      await sleep(100);
    }
  }
  throw new Error("docker-registry does not answer");
}

async function build(name: string, dockerfile: string, file: string): Promise<string> {
  const context = join(folder, file);
  mkdirSync(context);
  writeFileSync(join(context, "Dockerfile"), dockerfile);
  writeFileSync(join(context, "settings.py"), file === "leaky" ? `KEY = "${fakeToken()}"\n` : "KEY = None\n");
  await buildImage({ name, context, builder: "buildkit", buildArguments: {}, secrets: {} });
  const saved = join(folder, `${file}.tar`);
  await saveImages([name], saved);
  return saved;
}

/** Copies an image into a registry with skopeo. */
async function push(from: string, { host }: Running, name: string, ...flags: readonly string[]): Promise<void> {
  await runTool("skopeo", ["copy", "-q", "--dest-tls-verify=false", ...flags, from, `docker://${host}/${name}`]);
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(missing.length > 0 && !engineIsRequired)("an image that a real tool keeps", () => {
  const running: Running[] = [];
  let leaky = "";
  let open: Running;
  let closed: Running;

  beforeAll(async () => {
    open = await startRegistry("open", null);
    running.push(open);
    closed = await startRegistry("closed", HTPASSWD);
    running.push(closed);
    leaky = await build(LEAKY, `FROM scratch\nCOPY settings.py /app/\nENV HF_TOKEN=${fakeToken("user", 2)}\n`, "leaky");
    const clean = await build(CLEAN, "FROM scratch\nCOPY settings.py /app/\n", "clean");
    await push(`docker-archive:${leaky}`, open, "team/leaky:1");
    await push(`docker-archive:${clean}`, open, "team/clean:1");
    await push(`docker-archive:${leaky}`, open, "team/oci:1", "--format", "oci");
    await push(`docker-archive:${leaky}`, closed, "team/leaky:1", "--dest-creds", `robot:${PASSWORD}`);
    const statement = JSON.stringify({ predicate: { args: { "build-arg:HF_TOKEN": fakeToken("user", 3) } } });
    const spec = {
      config: { Env: [`HF_TOKEN=${fakeToken("user", 2)}`] },
      layers: [{ entries: [{ name: "a", content: "a" }] }],
    };
    const layout = (await containerd(spec, { statement })).filter(({ name }) => name !== "manifest.json");
    writeFileSync(join(folder, "index.tar"), await tar(layout));
    await push(`oci-archive:${join(folder, "index.tar")}`, open, "team/index:1", "--all", "--preserve-digests");
  }, 120_000);

  afterAll(async () => {
    for (const { process: started } of running) started.kill();
    await removeImages([LEAKY, CLEAN]);
  });

  it("is read from the engine", async () => {
    const outcome = await inspectImage(`docker-daemon:${LEAKY}`, { env: process.env });
    expect(foundIn(outcome)).toEqual(WANT);
    expect(outcome.gaps).toEqual([]);
    expect(outcome.findings).toEqual((await inspectImage(leaky)).findings);
    expect(decide(await inspectImage(`docker-daemon:${CLEAN}`, { env: process.env })).verdict).toBe("pass");
  });

  it("is a gap when the engine does not have it, or is not there", async () => {
    const unknown = await inspectImage("docker-daemon:hullcheck-test-nothing:1", { env: process.env });
    expect(unknown.gaps.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^docker save failed \(exit code 1\): .*(?:reference does not exist|No such image)/),
    ]);
    const env = { ...process.env, DOCKER_HOST: `unix://${folder}/nothing` };
    const gone = await inspectImage(`docker-daemon:${LEAKY}`, { env });
    expect(gone.gaps.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^docker save failed \(exit code 1\): .*(?:Cannot connect|failed to connect)/),
    ]);
  });

  it.each(["team/leaky:1", "team/oci:1"])("is read from a registry as %s", async (name) => {
    const outcome = await inspectImage(`docker://${open.host}/${name}`);
    expect(foundIn(outcome)).toEqual(WANT);
    expect(outcome.gaps).toEqual([]);
  });

  it("passes from a registry when it is clean", async () => {
    expect(decide(await inspectImage(`docker://${open.host}/team/clean:1`)).verdict).toBe("pass");
  });

  it("is read with its attestations", async () => {
    const outcome = await inspectImage(`docker://${open.host}/team/index:1`);
    expect(foundIn(outcome)).toEqual(["token-in-attestation user 3", "token-in-image-config user 2"]);
    expect(outcome.gaps).toEqual([]);
  });

  it("is read with a login, and is a gap without one or with a wrong one", async () => {
    const config = join(folder, "docker-config");
    mkdirSync(config);
    const inspect = async (auth: string): ReturnType<typeof inspectImage> => {
      writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { [closed.host]: { auth } } }));
      return inspectImage(`docker://${closed.host}/team/leaky:1`, { env: { DOCKER_CONFIG: config } });
    };
    const right = await inspect(Buffer.from(`robot:${PASSWORD}`).toString("base64"));
    expect([foundIn(right), right.gaps]).toEqual([WANT, []]);
    const wrong = await inspect(Buffer.from("robot:wrong").toString("base64"));
    expect(wrong.gaps.map(({ detail }) => detail)).toEqual([
      `${closed.host} refuses team/leaky with the credentials of docker's config (401 UNAUTHORIZED)`,
    ]);
    const none = await inspectImage(`docker://${closed.host}/team/leaky:1`);
    expect(none.gaps.map(({ detail }) => detail)).toEqual([
      `${closed.host} wants a login and docker's config has none for it; run \`docker login ${closed.host}\` first`,
    ]);
    expect(decide(none).verdict).toBe("unknown");
  });

  it("is missing when the registry does not have it", async () => {
    const outcome = await inspectImage(`docker://${open.host}/team/nothing:1`);
    expect(outcome.gaps.map(({ why }) => why)).toEqual(["missing"]);
  });
});
