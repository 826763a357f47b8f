/** Writes the baseline of a run: whole or not at all, and never over a file that is something else. */

import { resolve } from "node:path";
import { applyPolicy } from "../gate/apply-policy.ts";
import { writeBaseline } from "../gate/baseline.ts";
import type { Settings } from "../gate/settings.ts";
import { HullcheckError } from "../model/errors.ts";
import type { Outcome } from "../model/report.ts";
import { isFolder } from "../disk.ts";
import type { Io } from "./io.ts";
import { BASELINE_NAME, parseBaseline, readSettingsText, type SettingsFlags } from "./load-settings.ts";
import { say } from "./report-error.ts";

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
  const before = await readSettingsText(path, shown);
  const existing = before === null ? null : await parseBaseline(before, shown);
  const today = io.today();
  const { findings } = applyPolicy(outcome, { ...settings, baseline: null }, today);
  const text = writeBaseline(findings, settings.baseline ?? existing, today);
  const { replaceFile } = await import("../sweep/replace-file.ts");
  const problem = replaceFile({ path, before, after: text });
  if (problem !== null) throw new HullcheckError("output", `the baseline ${shown} was not written: ${problem}`);
  const baseline = await parseBaseline(text, shown);
  const count = baseline.entries.length;
  const extent = outcome.gaps.length === 0 ? "" : ", without what was not read";
  say(io, `${count} ${count === 1 ? "finding" : "findings"} written to ${shown}${extent}`);
  return { ...settings, baseline };
}
