/**
 * What a real engine builds and saves, inspected: every leak is found, a clean image is clean, and every layout that
 * docker, skopeo and buildah write of one image gives the same findings.
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GenericContainer } from "testcontainers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage } from "../../src/inspect.ts";
import { buildImage, engineIsRequired, missingTools, removeImages, runTool, saveImages } from "../support/engine.ts";
import { fakeToken } from "../support/tokens.ts";
import { BASE_DOCKERFILE, CASES, LOGIN_STAND_IN, type Case } from "./cases.ts";
import { foundIn } from "../support/found.ts";
import { LAYOUTS } from "./layouts.ts";

const missing = await missingTools();
const folder = mkdtempSync(join(tmpdir(), "hullcheck-engine-"));
const BASE = `hullcheck-test-base:${process.pid}`;
const BIN = join(import.meta.dirname, "../../bin/hullcheck.js");

function nameOf(item: Case): string {
  return `hullcheck-test-${CASES.indexOf(item)}:${process.pid}`;
}

function savedOf(item: Case): string {
  return join(folder, `${CASES.indexOf(item)}.tar`);
}

function writeContext(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const context = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), content, { mode: path === "hf" ? 0o755 : 0o644 });
  }
  return context;
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.runIf(engineIsRequired)("the tools of this suite", () => {
  it("are all here", () => {
    expect(missing).toEqual([]);
  });
});

describe.skipIf(missing.length > 0 && !engineIsRequired)("an image that a real engine built", () => {
  beforeAll(async () => {
    const base = writeContext("base", {
      Dockerfile: BASE_DOCKERFILE,
      hf: LOGIN_STAND_IN,
      passwd: "root:x:0:0:root:/root:/bin/sh\n",
    });
    const busybox = (await runTool("sh", ["-c", "command -v busybox"])).trim();
    copyFileSync(busybox, join(base, "busybox"));
    const nothing = { buildArguments: {}, secrets: {} };
    await buildImage({ name: BASE, context: base, builder: "buildkit", ...nothing });
    for (const item of CASES) {
      const dockerfile = item.dockerfile.replaceAll("FROM base", `FROM ${BASE}`);
      const context = writeContext(`context-${CASES.indexOf(item)}`, { ...item.files, Dockerfile: dockerfile });
      const { builder, buildArguments, secrets } = item;
      await buildImage({ name: nameOf(item), context, builder, buildArguments, secrets });
      await saveImages([nameOf(item)], savedOf(item));
    }
  }, 300_000);

  afterAll(async () => {
    await removeImages([...CASES.map(nameOf), BASE]);
  }, 60_000);

  it.each(CASES.map((item) => [item.title, item] as const))("with %s", async (_, item) => {
    const outcome = await inspectImage(savedOf(item));
    expect(foundIn(outcome)).toEqual(item.want);
    expect(outcome.gaps).toEqual([]);
    expect(decide(outcome).verdict).toBe(item.want.length === 0 ? "pass" : "fail");
  });

  const conversions = CASES.filter(({ isConverted }) => isConverted).flatMap((item, index) =>
    LAYOUTS.filter(({ isSlow }) => isSlow !== true || index === 0).map(
      (layout) => [item.title, layout.name, item, layout] as const,
    ),
  );

  it.each(conversions)("with %s, written by %s", { timeout: 60_000 }, async (_title, _name, item, layout) => {
    const place = mkdtempSync(join(folder, "layout-"));
    const outcome = await inspectImage(await layout.write(savedOf(item), place));
    rmSync(place, { recursive: true });
    expect(foundIn(outcome)).toEqual(item.want);
    expect(outcome.gaps).toEqual([]);
  });

  it("holds what its container no longer shows", { timeout: 60_000 }, async () => {
    const item = CASES.find(({ title }) => title === "a login that a later layer deletes");
    if (item === undefined) throw new Error("no image");
    const container = await new GenericContainer(nameOf(item)).withCommand(["sleep", "60"]).start();
    const { output, exitCode } = await container.exec(["ls", "/root/.cache"]);
    await container.stop({ timeout: 0 });
    expect([output, exitCode]).toEqual(["", 0]);
    expect(foundIn(await inspectImage(savedOf(item)))).toEqual(item.want);
  });

  it("is read from a pipe, as typed", () => {
    const [item] = CASES;
    if (item === undefined) throw new Error("no image");
    const command = `docker save ${nameOf(item)} | "${process.execPath}" "${BIN}" inspect -`;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    expect(stdout).toContain("/root/.cache/huggingface/token");
    expect(stdout).toContain("token-file-in-layer");
    expect(stdout + stderr).not.toContain(fakeToken());
    expect(status).toBe(1);
  });

  it("is read as several images of one archive", async () => {
    const file = join(folder, "all.tar");
    await saveImages(CASES.map(nameOf), file);
    const outcome = await inspectImage(file);
    expect(foundIn(outcome)).toEqual([...new Set(CASES.flatMap(({ want }) => want))].sort());
    expect(outcome.subjects.length).toBe(CASES.length);
    expect(outcome.gaps).toEqual([]);
  });

  it("is read as a root file system, without what later layers deleted", async () => {
    const item = CASES.find(({ title }) => title.startsWith("a build context"));
    if (item === undefined) throw new Error("no image");
    const container = (await runTool("docker", ["create", nameOf(item), "/bin/true"])).trim();
    const file = join(folder, "export.tar");
    await runTool("docker", ["export", "-o", file, container]);
    await runTool("docker", ["rm", container]);
    const outcome = await inspectImage(file);
    expect(foundIn(outcome)).toEqual(item.want.filter((line) => !line.includes("hidden")));
  });
});
