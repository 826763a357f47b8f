/** `hullcheck inspect`: reads the options, inspects each image, shows one report, and turns the verdict into the exit code. */

import type { Command } from "commander";
import { levelsOf, limitsOf } from "../../gate/settings.ts";
import { HullcheckError } from "../../model/errors.ts";
import type { Outcome } from "../../model/report.ts";
import type { Io } from "../io.ts";
import { parseTargets } from "../outputs.ts";
import { addLimitOptions } from "../limit-options.ts";
import { addBaselineOptions, loadSettings } from "../load-settings.ts";
import { createProgress } from "../progress.ts";
import { addReportOptions, loadRules, showOutcome, type ReportFlags } from "../report-options.ts";
import { addSourceOptions, parseSources, type SourceFlags } from "../source-options.ts";

/** What the parser gives. */
interface InspectFlags extends ReportFlags, SourceFlags {
  readonly platform?: string;
  readonly image?: string;
  readonly checkDigests?: boolean;
}

const EXAMPLES = `
Examples:
  docker save app:1 | hullcheck inspect -
  hullcheck inspect app.tar --format text --format sarif=out.sarif
  hullcheck inspect oci:./layout --platform linux/arm64
  hullcheck inspect docker-archive:all.tar --image app:1
  hullcheck inspect docker-daemon:app:1 --engine podman
  hullcheck inspect docker://registry.example/team/app:1

An image is a tar (also gzip or zstd), an OCI layout or \`dir:\` folder, or - for standard input; what it is is told by
its content. docker-archive:, oci-archive:, oci: and dir: before a path force a kind. A tar that is no image is taken
for a root filesystem. docker-daemon:NAME is what \`docker save NAME\` gives. docker://HOST/REPOSITORY[:TAG][@DIGEST]
is read from a registry, with the credentials of \`docker login\`; it alone uses the network, and only as an argument
on the command line. Nothing is written to disk.

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

function parsePlatform(value: string): string {
  if (/^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(value)) return value;
  throw new HullcheckError("usage", `'${value}' is not a platform`, {
    hint: "write for example --platform linux/arm64",
  });
}

async function* bytesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** Inspects and reports; one image that cannot be read never costs the others. */
async function inspect(sources: readonly string[], flags: InspectFlags, io: Io): Promise<number> {
  const targets = parseTargets(flags.format ?? []);
  if (sources.filter((source) => /^(?:[a-z-]+:)?-$/.test(source)).length > 1) {
    throw new HullcheckError("usage", "standard input can be read only once", { hint: "name `-` once" });
  }
  const settings = await loadSettings(flags, null, io);
  const [rules, { inspectImage }] = await Promise.all([loadRules(targets, flags), import("../../inspect.ts")]);
  const options = {
    ...(await parseSources(sources, flags)),
    env: io.env,
    ...(flags.platform === undefined ? {} : { platform: parsePlatform(flags.platform) }),
    ...(flags.image === undefined ? {} : { image: flags.image }),
    checkDigests: flags.checkDigests === true,
    limits: limitsOf(settings),
    levels: levelsOf(settings),
    tokenVariables: settings.tokenVariables.map(({ value }) => value),
    cwd: io.cwd(),
  };
  const outcomes: Outcome[] = [];
  const progress = await createProgress(io);
  try {
    for (const source of sources) {
      outcomes.push(await inspectImage(source, { ...options, stdin: bytesOf(io.stdin()), onProgress: progress.show }));
    }
  } finally {
    progress.stop();
  }
  const outcome: Outcome = {
    subjects: outcomes.flatMap(({ subjects }) => subjects),
    findings: outcomes.flatMap(({ findings }) => findings),
    gaps: outcomes.flatMap(({ gaps }) => gaps),
  };
  return showOutcome(outcome, { targets, settings, rules, flags }, io);
}

/** Adds arguments, options and the action of `hullcheck inspect`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Finds Hugging Face tokens in saved images: in every layer, the config and the history.")
    .argument("<images...>", "tar files, folders, - for standard input, docker-daemon:NAME, docker://NAME");
  addSourceOptions(addBaselineOptions(addReportOptions(command)))
    .option("--platform <os/arch>", "only images for this platform")
    .option("--image <name>", "only images of this name, or whose config digest starts like this")
    .option("--check-digests", "verify the digests of blobs and layers, which takes longer than the search");
  addLimitOptions(command);
  command
    .addHelpText("after", EXAMPLES)
    .action(async (images: readonly string[], flags: InspectFlags) => finish(await inspect(images, flags, io)));
}
