/** `hullcheck gate`: lints a project and inspects its images, shows one report, and turns the verdict into the exit code. */

import type { Command } from "commander";
import { imagesOf } from "../../gate/settings.ts";
import { HullcheckError } from "../../model/errors.ts";
import { addInspectOptions, inspectOptions, isStdin, type InspectFlags } from "../inspect-options.ts";
import type { Io } from "../io.ts";
import { addLintOptions, lintedPaths, lintOptions, type LintFlags } from "../lint-options.ts";
import { addBaselineOptions, collect, loadSettings } from "../load-settings.ts";
import { parseTargets } from "../outputs.ts";
import { createProgress } from "../progress.ts";
import { addReportOptions, loadRules, showOutcome, type ReportFlags } from "../report-options.ts";
import { createVerifier } from "../verify-options.ts";

/** What the parser gives. */
interface GateFlags extends ReportFlags, LintFlags, InspectFlags {
  readonly image?: readonly string[];
  readonly imageName?: string;
}

const EXAMPLES = `
Examples:
  docker build -t app:1 . && docker save app:1 -o app.tar && hullcheck gate . --image app.tar
  docker save app:1 | hullcheck gate --image -
  hullcheck gate . --image docker-daemon:app:1 --format github --format sarif=out.sarif
  hullcheck gate services/api --image api.tar --image worker.tar
  hullcheck gate . --image all.tar --image-name app:1   one image of an archive that holds several

--image takes what \`hullcheck inspect\` takes: tar files, folders, - for standard input, docker-daemon:NAME,
docker://NAME. Without it the images of the config are inspected. Paths are what \`hullcheck lint\` takes.

Findings are joined: one in an image gets the line of the Dockerfile that made it, or the FROM that brought it in; one
in a Dockerfile says which image confirms it. The images must be built from these very Dockerfiles: where the history
and a Dockerfile do not fit, nothing is joined, and every finding stands all the same.

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

/** Lints, inspects and reports. */
async function gate(typed: readonly string[], flags: GateFlags, io: Io): Promise<number> {
  const targets = parseTargets(flags.format ?? []);
  const paths = lintedPaths(typed, flags);
  const verifier = await createVerifier(flags, io);
  const settings = await loadSettings(flags, paths, io);
  const images = flags.image ?? imagesOf(settings);
  if (images.length === 0) {
    throw new HullcheckError("usage", "no image to inspect", {
      hint: "name what was built, as in --image app.tar, or list `images` in the config; without one use hullcheck lint",
    });
  }
  if (paths.includes("-") && images.some((image) => isStdin(image))) {
    throw new HullcheckError("usage", "standard input can be read only once", { hint: "name `-` once" });
  }
  const inspect = await inspectOptions(images, flags, flags.imageName, settings, io);
  const lint = { ...(await lintOptions(paths, flags, settings, io)), ...verifier.options };
  const [rules, useCase] = await Promise.all([loadRules(targets), import("../../gate.ts")]);
  const progress = await createProgress(io);
  try {
    const outcome = await useCase.gate({ ...lint, images, inspect: { ...inspect, onProgress: progress.show } });
    progress.stop();
    return await showOutcome(await verifier.verify(outcome), { targets, settings, rules, flags }, io);
  } finally {
    progress.stop();
  }
}

/** Adds arguments, options and the action of `hullcheck gate`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Lints a project and inspects the images that were built from it: one report, one verdict.")
    .argument("[paths...]", "files, folders, or - for standard input (default: this folder)")
    .option(
      "--image <image>",
      "an image to inspect: a tar file, a folder, -, docker-daemon:NAME, docker://NAME; repeatable",
      collect,
    );
  addLintOptions(addBaselineOptions(addReportOptions(command)));
  addInspectOptions(command, "--image-name")
    .addHelpText("after", EXAMPLES)
    .action(async (paths: readonly string[], flags: GateFlags) => finish(await gate(paths, flags, io)));
}
