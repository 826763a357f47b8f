/**
 * The tool's own image: built by a real engine from the repository as it is, on a base made of this machine's Node, as
 * no registry can be reached; then run as a user would run it. It must also be clean under the tool's own eyes.
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GenericContainer, type StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage } from "../../src/inspect.ts";
import { lintDockerfile } from "../../src/lint.ts";
import { expectNoToken } from "../support/cli.ts";
import { engineIsRequired, missingTools, removeImages, runTool, saveImages } from "../support/engine.ts";
import { docker25, tar } from "../support/images.ts";
import { fakeToken } from "../support/tokens.ts";

const ROOT = join(import.meta.dirname, "../..");
const missing = await missingTools();
const folder = mkdtempSync(join(tmpdir(), "hullcheck-own-image-"));
const BASE = `hullcheck-own-base:${process.pid}`;
const IMAGE = `hullcheck-own:${process.pid}`;
const MINUTES = 60_000;
const token = fakeToken("user", 77);

const BASE_DOCKERFILE = `FROM scratch
COPY root /
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /usr/bin /tmp && ln -s /bin/env /usr/bin/env && chmod 1777 /tmp && \\
    ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ENV PATH=/usr/local/bin:/usr/bin:/bin HOME=/tmp
`;

/** Copies a file of this machine to where a base image has it. */
function copyIn(source: string, target: string): void {
  const path = join(folder, "base/root", target);
  mkdirSync(dirname(path), { recursive: true });
  cpSync(realpathSync(source), path, { recursive: true });
}

/** The base: Node with its libraries, npm with this machine's settings, busybox. */
async function buildBase(): Promise<void> {
  copyIn(process.execPath, "usr/local/bin/node");
  copyIn((await runTool("sh", ["-c", "command -v busybox"])).trim(), "bin/busybox");
  copyIn(
    join(dirname(realpathSync((await runTool("sh", ["-c", "command -v npm"])).trim())), ".."),
    "usr/local/lib/node_modules/npm",
  );
  const libraries = await runTool("ldd", [process.execPath]);
  for (const [, path = ""] of libraries.matchAll(/(\/\S+) \(0x/g)) copyIn(path, path);
  // What a base with the C library of GNU has beside these, and the bundler's binding wants.
  const [, libc = ""] = /(\/\S+)\/libc\.so/.exec(libraries) ?? [];
  copyIn(`${libc}/librt.so.1`, `${libc}/librt.so.1`);
  const settings = [`registry=${(await runTool("npm", ["config", "get", "registry"])).trim()}`];
  const authorities = (await runTool("npm", ["config", "get", "cafile"])).trim();
  if (authorities.startsWith("/")) {
    copyIn(authorities, "etc/ssl/authorities.pem");
    settings.push("cafile=/etc/ssl/authorities.pem");
  }
  writeFileSync(join(folder, "base/root/usr/local/lib/node_modules/npm/npmrc"), `${settings.join("\n")}\n`);
  writeFileSync(join(folder, "base/Dockerfile"), BASE_DOCKERFILE);
  await runTool("docker", ["build", "-q", "--network", "none", "-t", BASE, join(folder, "base")]);
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("the tool's own Dockerfile", () => {
  it("is clean", () => {
    const outcome = lintDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8"), { path: "Dockerfile" });
    expect(outcome.findings).toEqual([]);
    expect(outcome.gaps).toEqual([]);
  });
});

describe.skipIf(missing.length > 0 && !engineIsRequired)("the tool's own image", () => {
  let container: StartedTestContainer | null = null;

  beforeAll(async () => {
    await buildBase();
    const build = spawnSync(
      "docker",
      ["build", "--network", "host", "--build-arg", `BASE=${BASE}`, "-t", IMAGE, ROOT],
      { encoding: "utf8", env: { ...process.env, DOCKER_BUILDKIT: "1" }, timeout: 10 * MINUTES },
    );
    if (build.status !== 0) throw new Error(build.stderr);
    const image = await tar(
      await docker25({
        tags: ["app:1"],
        layers: [{ entries: [{ name: "root/.env", content: `T=${token}\n` }] }],
      }),
    );
    container = await new GenericContainer(IMAGE)
      .withEntrypoint(["/bin/busybox", "sleep", "3600"])
      .withCopyContentToContainer([
        { content: `FROM scratch\nENV HF_TOKEN=${token}\n`, target: "/work/Dockerfile" },
        { content: image, target: "/work/app.tar" },
      ])
      .start();
  }, 15 * MINUTES);

  afterAll(async () => {
    if (container === null) return;
    await container.stop({ timeout: 1000 });
    await removeImages([IMAGE, BASE]);
  });

  const run = async (script: string): Promise<{ code: number; output: string }> => {
    if (container === null) throw new Error("no container");
    const { exitCode, output } = await container.exec(["sh", "-c", script]);
    expectNoToken(output, [token]);
    return { code: exitCode, output };
  };
  const HULLCHECK = "node /opt/hullcheck/bin/hullcheck.js";

  it("runs as nobody in particular, in /work, with its entry point", async () => {
    const [info] = JSON.parse(await runTool("docker", ["image", "inspect", IMAGE])) as [
      { Config: { User: string; WorkingDir: string; Entrypoint: string[] } },
    ];
    expect(info.Config).toMatchObject({
      User: "10001:10001",
      WorkingDir: "/work",
      Entrypoint: ["node", "/opt/hullcheck/bin/hullcheck.js"],
    });
    expect((await run("id -u")).output.trim()).toBe("10001");
    const help = spawnSync("docker", ["run", "--rm", IMAGE], { encoding: "utf8" });
    expect(help.status).toBe(0);
    expect(help.stdout).toContain("hullcheck <command>");
  });

  it("lints, inspects a pipe, and gates", async () => {
    expect(await run(`${HULLCHECK} lint .`)).toMatchObject({
      code: 1,
      output: expect.stringContaining("Dockerfile:2"),
    });
    expect(await run(`cat app.tar | ${HULLCHECK} inspect -`)).toMatchObject({
      code: 1,
      output: expect.stringContaining("/root/.env"),
    });
    const gate = await run(`${HULLCHECK} gate . --image app.tar`);
    expect(gate.code).toBe(1);
    expect(gate.output).toContain("token-in-layer");
    expect((await run(`${HULLCHECK} inspect nothing.tar`)).code).toBe(2);
  });

  it("holds no more than it needs, and no token", async () => {
    const file = join(folder, "own.tar");
    await saveImages([IMAGE], file);
    const outcome = await inspectImage(file);
    expect(outcome.gaps).toEqual([]);
    expect(outcome.findings.filter(({ level }) => level !== "note")).toEqual([]);
    expect(decide(outcome).verdict).toBe("pass");
    expect((await run("ls /opt/hullcheck/node_modules")).output).not.toMatch(
      /^(?:vitest|typescript|testcontainers|rolldown)$/m,
    );
  });
});
