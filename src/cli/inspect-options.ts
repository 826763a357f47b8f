/** The options that say how to inspect images, for `inspect` and `gate`. */

import type { Command } from "commander";
import { levelsOf, limitsOf, type Settings } from "../gate/settings.ts";
import type { InspectOptions } from "../inspect.ts";
import { HullcheckError } from "../model/errors.ts";
import type { Io } from "./io.ts";
import { addLimitOptions, type LimitFlags } from "./limit-options.ts";
import { addSourceOptions, parseSources, type SourceFlags } from "./source-options.ts";

/** What the parser gives for these options. */
export interface InspectFlags extends SourceFlags, LimitFlags {
  readonly platform?: string;
  readonly checkDigests?: boolean;
  readonly strict?: boolean;
  readonly jobs?: string;
}

/** Adds the options; `nameFlag` is the one that chooses an image of several. */
export function addInspectOptions(command: Command, nameFlag: string): Command {
  addSourceOptions(command)
    .option("--platform <os/arch>", "only images for this platform")
    .option(`${nameFlag} <name>`, "only images of this name, or whose config digest starts like this")
    .option("--strict", "what cannot be decoded, such as an encrypted zip, is a gap, too")
    .option("--check-digests", "verify the digests of blobs and layers, which takes longer than the search")
    .option("--jobs <n>", "threads for the layers of an archive; 1 starts none (default: 2)");
  return addLimitOptions(command);
}

/** True for the source that is standard input. */
export function isStdin(source: string): boolean {
  return /^(?:[a-z-]+:)?-$/.test(source);
}

function parsePlatform(value: string): string {
  if (/^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(value)) return value;
  throw new HullcheckError("usage", `'${value}' is not a platform`, {
    hint: "write for example --platform linux/arm64",
  });
}

function parseJobs(value: string): number {
  if (/^[1-9]\d?$/.test(value)) return Number(value);
  throw new HullcheckError("usage", `--jobs '${value}' is not a whole number from 1 to 99`, {
    hint: "write for example --jobs 4",
  });
}

/** Opens what it reads when the first of it is asked for. */
async function* bytesOf(open: Io["stdin"]): AsyncGenerator<Uint8Array> {
  for await (const chunk of open()) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/**
 * How to inspect, as typed; throws a usage error.
 * @param name the image to choose of several
 */
export async function inspectOptions(
  sources: readonly string[],
  flags: InspectFlags,
  name: string | undefined,
  settings: Settings,
  io: Io,
): Promise<InspectOptions> {
  if (sources.includes("")) {
    throw new HullcheckError("usage", "the name of an image is empty", { hint: "check the variable it comes from" });
  }
  if (sources.filter((source) => isStdin(source)).length > 1) {
    throw new HullcheckError("usage", "standard input can be read only once", { hint: "name `-` once" });
  }
  return {
    ...(await parseSources(sources, flags)),
    env: io.env,
    ...(flags.platform === undefined ? {} : { platform: parsePlatform(flags.platform) }),
    ...(name === undefined ? {} : { image: name }),
    checkDigests: flags.checkDigests === true,
    strict: flags.strict === true,
    ...(flags.jobs === undefined ? {} : { jobs: parseJobs(flags.jobs) }),
    limits: limitsOf(settings),
    levels: levelsOf(settings),
    tokenVariables: settings.tokenVariables.map(({ value }) => value),
    cwd: io.cwd(),
    stdin: io.stdinFile?.() ?? bytesOf(io.stdin),
  };
}
