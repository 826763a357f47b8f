/**
 * The real Docker engine in tests: whether one answers, building images with it through testcontainers (or through its
 * own client, where a build needs secrets), and running skopeo and buildah beside it. Where HULLCHECK_TEST_ENGINE is
 * `required` (in CI) a missing engine fails the suite; elsewhere its tests are listed as skipped.
 */

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { GenericContainer } from "testcontainers";

const run = promisify(execFile);

const TOOLS: readonly (readonly string[])[] = [
  ["docker", "version", "--format", "{{.Server.Version}}"],
  ["skopeo", "--version"],
  ["buildah", "--version"],
  ["busybox"],
  ["docker-registry", "--version"],
];

/** True where tests with the engine may not be skipped. */
export const engineIsRequired: boolean = process.env["HULLCHECK_TEST_ENGINE"] === "required";

/** Runs a program to its end and gives what it wrote to stdout. Throws with its stderr when it fails. */
export async function runTool(command: string, args: readonly string[], cwd: string = process.cwd()): Promise<string> {
  const { stdout } = await run(command, args, { cwd, encoding: "utf8", timeout: 120_000, maxBuffer: 64 * 1_048_576 });
  return stdout;
}

/** The tools that do not answer here; none when real images can be built. */
export async function missingTools(): Promise<string[]> {
  const answers = await Promise.all(
    TOOLS.map(async ([command = "", ...args]) => {
      try {
        await runTool(command, args);
        return [];
      } catch {
        return [command];
      }
    }),
  );
  return answers.flat();
}

/** How to build an image. */
export interface Build {
  readonly name: string;
  /** A folder with a `Dockerfile`. */
  readonly context: string;
  readonly builder: "buildkit" | "classic";
  readonly buildArguments: Readonly<Record<string, string>>;
  /** Build secrets by id; BuildKit only. */
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Builds the image. A secret is no part of the cache's key, and testcontainers cannot hand one in: such a build goes
 * through the engine's client, without a cache.
 */
export async function buildImage({ name, context, builder, buildArguments, secrets }: Build): Promise<void> {
  if (Object.keys(secrets).length === 0) {
    const image = GenericContainer.fromDockerfile(context)
      .withBuildArgs({ ...buildArguments })
      .withCache(false);
    await (builder === "buildkit" ? image.withBuildkit() : image).build(name, { deleteOnExit: false });
    return;
  }
  const folder = `${context}.secrets`;
  await runTool("mkdir", ["-p", folder]);
  const secretFlags = Object.entries(secrets).flatMap(([id, value]) => {
    writeFileSync(join(folder, id), value, { mode: 0o600 });
    return ["--secret", `id=${id},src=${join(folder, id)}`];
  });
  const argumentFlags = Object.entries(buildArguments).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  const flags = ["-q", "--network", "none", "--no-cache", "-t", name, ...secretFlags, ...argumentFlags];
  await run("docker", ["build", ...flags, context], {
    env: { ...process.env, DOCKER_BUILDKIT: "1" },
    timeout: 120_000,
  });
}

/** `docker save`. */
export async function saveImages(names: readonly string[], file: string): Promise<void> {
  await runTool("docker", ["save", "-o", file, ...names]);
}

/** Takes images out of the engine again. */
export async function removeImages(names: readonly string[]): Promise<void> {
  await runTool("docker", ["image", "rm", "-f", ...names]);
}
