/**
 * The use case of the gate: lints a project and inspects its images side by side, and joins the two into one outcome. A gap
 * in either half is a gap of the whole. Prints nothing and decides nothing.
 */

import { resolve } from "node:path";
import { redactAll } from "./assemble.ts";
import { buildChains } from "./dockerfile/build-step.ts";
import { inspectImageFacts, type InspectedImage, type InspectOptions } from "./inspect.ts";
import { joinImages } from "./join-image.ts";
import { HullcheckError } from "./model/errors.ts";
import type { Finding } from "./model/finding.ts";
import type { Outcome } from "./model/report.ts";
import { exists, identityOf } from "./disk.ts";
import { openAndLint, type LintPathsOptions } from "./sweep/lint-paths.ts";
import { Secrets } from "./token/secrets.ts";

/** What to look at, and how. */
export interface GateOptions extends Partial<LintPathsOptions> {
  /** The images, as `inspectImage` takes them; at least one. */
  readonly images: readonly string[];
  /** How to inspect them; working folder, levels and token variables are those of the project unless given. */
  readonly inspect?: InspectOptions;
}

/** The same for an image whatever path leads to it. */
function keyOf(source: string, cwd: string): string {
  const path = resolve(cwd, source);
  return exists(path) ? identityOf(path) : source;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Fingerprint and token facts hold no input, and have to stay as they are. */
function redactFinding(finding: Finding, secrets: Secrets): Finding {
  return { ...redactAll(finding, secrets), fingerprint: finding.fingerprint, token: finding.token };
}

/**
 * Lints and inspects.
 * @returns one outcome: the subjects, findings and gaps of the project, then those of the images in the order given
 * @throws HullcheckError when no image is named, and what `inspectImage` throws
 */
export async function gate(options: GateOptions): Promise<Outcome> {
  const { images, inspect = {}, cwd = resolve("."), tokenVariables = [], levels = {} } = options;
  if (images.length === 0) {
    throw new HullcheckError("usage", "the gate needs an image to inspect", {
      hint: "name what was built in `images`",
    });
  }
  const secrets = options.secrets ?? new Secrets();
  const once = [...new Map(images.map((source) => [keyOf(source, cwd), source])).values()];
  const lint = openAndLint({
    ...options,
    paths: options.paths ?? ["."],
    cwd,
    stdin: options.stdin ?? nothing,
    stdinFilename: options.stdinFilename ?? null,
    levels,
    useInlineIgnores: options.useInlineIgnores ?? true,
    secrets,
  });
  const inspectAll = async (): Promise<InspectedImage[]> => {
    const inspected: InspectedImage[] = [];
    for (const source of once) {
      inspected.push(await inspectImageFacts(source, { cwd, levels, tokenVariables, ...inspect, secrets }));
    }
    return inspected;
  };
  const [linted, inspected] = await Promise.all([lint, inspectAll()]);
  const outcomes = inspected.map(({ outcome }) => outcome);
  const joined = joinImages(
    { lint: linted.outcome.findings, image: outcomes.flatMap(({ findings }) => findings) },
    inspected.flatMap(({ histories }) => histories),
    [...linted.project.dockerfiles.values()].flatMap(({ facts }) => buildChains(facts)),
    (text) => secrets.redact(text),
  );
  const all = [linted.outcome, ...outcomes];
  return {
    needs: "image",
    subjects: redactAll(
      all.flatMap(({ subjects }) => subjects),
      secrets,
    ),
    findings: [...joined.lint, ...joined.image].map((finding) => redactFinding(finding, secrets)),
    gaps: redactAll(
      all.flatMap(({ gaps }) => gaps),
      secrets,
    ),
    remarks: redactAll(
      all.flatMap(({ remarks = [] }) => remarks),
      secrets,
    ),
  };
}
