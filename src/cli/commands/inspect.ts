/** `hullcheck inspect`: reads the options, inspects each image, shows one report, and turns the verdict into the exit code. */

import type { Command } from "commander";
import type { Outcome } from "../../model/report.ts";
import { addInspectOptions, inspectOptions, type InspectFlags } from "../inspect-options.ts";
import type { Io } from "../io.ts";
import { parseTargets } from "../outputs.ts";
import { addBaselineOptions, loadSettings } from "../load-settings.ts";
import { createProgress } from "../progress.ts";
import { addReportOptions, loadRules, showOutcome, type ReportFlags } from "../report-options.ts";
import { createVerifier } from "../verify-options.ts";

/** What the parser gives. */
interface Flags extends ReportFlags, InspectFlags {
  readonly image?: string;
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
on the command line. Nothing of an image is kept on disk.

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

/** Inspects and reports; one image that cannot be read never costs the others. */
async function inspect(sources: readonly string[], flags: Flags, io: Io): Promise<number> {
  const targets = parseTargets(flags.format ?? []);
  const verifier = await createVerifier(flags, io);
  const settings = await loadSettings(flags, null, io);
  const [rules, { inspectImage }] = await Promise.all([loadRules(targets), import("../../inspect.ts")]);
  const options = await inspectOptions(sources, flags, flags.image, settings, io);
  const outcomes: Outcome[] = [];
  const progress = await createProgress(io);
  try {
    for (const source of sources) {
      outcomes.push(await inspectImage(source, { ...options, ...verifier.options, onProgress: progress.show }));
    }
  } finally {
    progress.stop();
  }
  const outcome: Outcome = {
    subjects: outcomes.flatMap(({ subjects }) => subjects),
    findings: outcomes.flatMap(({ findings }) => findings),
    gaps: outcomes.flatMap(({ gaps }) => gaps),
  };
  return showOutcome(await verifier.verify(outcome), { targets, settings, rules, flags }, io);
}

/** Adds arguments, options and the action of `hullcheck inspect`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Finds Hugging Face tokens in saved images: in every layer, the config and the history.")
    .argument("<images...>", "tar files, folders, - for standard input, docker-daemon:NAME, docker://NAME");
  addInspectOptions(addBaselineOptions(addReportOptions(command)), "--image")
    .addHelpText("after", EXAMPLES)
    .action(async (images: readonly string[], flags: Flags) => finish(await inspect(images, flags, io)));
}
