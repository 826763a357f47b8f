/** How bad a finding is, in SARIF's words. May not know about rules, files or output. */

/** `error` fails a gate by default, `warning` deserves work, `note` deserves a look. */
export type Level = "error" | "warning" | "note";

/** What a rule can be set to: a level for all of its findings, or `off`, which drops them. */
export type LevelSetting = Level | "off";

/** How sure the engine is that the thing it points at is what the rule says. */
export type Confidence = "high" | "medium" | "low";

/** All levels, from the mildest to the worst. */
export const LEVELS: readonly Level[] = ["note", "warning", "error"];

/** Everything that a rule can be set to. */
export const LEVEL_SETTINGS: readonly [LevelSetting, ...LevelSetting[]] = ["off", ...LEVELS];

/** True when `level` is as bad as `threshold` or worse. */
export function isAtLeast(level: Level, threshold: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(threshold);
}

/** The worse of two levels. */
export function worse(a: Level, b: Level): Level {
  return isAtLeast(a, b) ? a : b;
}
