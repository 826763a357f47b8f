/** Writes the baseline of a run: whole or not at all, and never over a file that is something else. */

import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { applyPolicy } from "../gate/apply-policy.ts";
import { readBaseline, writeBaseline } from "../gate/baseline.ts";
import type { Settings } from "../gate/settings.ts";
import { HullcheckError } from "../model/errors.ts";
import type { Outcome } from "../model/report.ts";
import type { Io } from "./io.ts";
import { BASELINE_NAME, knownNames, loadBaseline, type SettingsFlags } from "./load-settings.ts";
import { say } from "./report-error.ts";

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A link keeps leading to its file. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function writeWhole(path: string, shown: string, text: string): void {
  const target = targetOf(path);
  const draft = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.tmp`);
  try {
    const descriptor = openSync(draft, "wx");
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    const hint = code === "ENOENT" ? "make its folder first" : "check that it can be written";
    throw new HullcheckError("output", `the baseline could not be written to '${shown}' (${code})`, {
      hint,
      cause: error,
    });
  }
}

/**
 * Writes what was found as the baseline, and gives the settings under which it counts.
 * @throws HullcheckError when the file cannot be written, or is there and is no baseline
 */
export async function saveBaseline(
  outcome: Outcome,
  settings: Settings,
  flags: SettingsFlags,
  io: Io,
): Promise<Settings> {
  const shown = typeof flags.writeBaseline === "string" ? flags.writeBaseline : BASELINE_NAME;
  const cwd = io.cwd();
  const path = resolve(cwd, shown);
  if (isFolder(path)) {
    const hint = "write --write-baseline=FILE, or the paths before it";
    throw new HullcheckError("usage", `the baseline '${shown}' is a folder`, { hint });
  }
  const existing = await loadBaseline(shown, cwd);
  const today = io.today();
  const { findings } = applyPolicy(outcome, { ...settings, baseline: null }, today);
  const text = writeBaseline(findings, settings.baseline ?? existing, today);
  writeWhole(path, shown, text);
  const baseline = readBaseline(text, shown, (await knownNames()).rules);
  const count = baseline.entries.length;
  const extent = outcome.gaps.length === 0 ? "" : ", without what was not read";
  say(io, `${count} ${count === 1 ? "finding" : "findings"} written to ${shown}${extent}`);
  return { ...settings, baseline };
}
