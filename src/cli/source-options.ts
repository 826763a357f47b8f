/** The options that say how to reach images in engines and registries, for every command that inspects images. */

import type { Command } from "commander";
import { knownName } from "../model/known-name.ts";
import type { RemoteSettings } from "../inspect.ts";

/** What the parser gives for these options. */
export interface SourceFlags {
  readonly engine?: string;
  readonly registryUrl?: string;
  readonly plainHttp?: boolean;
}

/** Adds the options. */
export function addSourceOptions(command: Command): Command {
  return command
    .option("--engine <name>", "the engine of docker-daemon: names: docker, podman or nerdctl", "docker")
    .option("--registry-url <url>", "ask this registry, such as a mirror, for every docker:// name")
    .option("--plain-http", "ask registries by http; without it only those on this machine are");
}

/**
 * The values of these options, with every image checked that is not on disk, so that a mistake in the last one is not
 * found after the first was read. Throws a usage error.
 */
export async function parseSources(sources: readonly string[], flags: SourceFlags): Promise<RemoteSettings> {
  const { ENGINES, parseRemote } = await import("../inspect.ts");
  const { engine: name = "docker", registryUrl, plainHttp = false } = flags;
  const settings = {
    engine: knownName("engine", name, ENGINES),
    plainHttp,
    ...(registryUrl === undefined ? {} : { registryUrl }),
  };
  for (const source of sources) parseRemote(source, settings);
  return settings;
}
