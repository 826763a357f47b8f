/**
 * Puts the settings of a run together: reads the options, finds and reads config and baseline. Zod and YAML are loaded only
 * where there is a file to read. What a file says is redacted here, once, before anything can show it.
 */

import type { Command } from "commander";
import { dirname, relative, resolve } from "node:path";
import type { KnownNames } from "../gate/config-file.ts";
import type { IgnoredPaths } from "../gate/ignored-path.ts";
import { mergeSettings, levelsOf, type Baseline, type ConfigFile, type Settings } from "../gate/settings.ts";
import { HullcheckError } from "../model/errors.ts";
import { knownName } from "../model/known-name.ts";
import { LEVEL_SETTINGS, LEVELS, type LevelSetting } from "../model/level.ts";
import type { RuleMeta } from "../model/rule.ts";
import { toPosix } from "../disk.ts";
import { findConfig } from "./find-config.ts";
import type { Io } from "./io.ts";
import type { LimitFlags } from "./limit-options.ts";

/** What the parser gives for the options that become settings. */
export interface SettingsFlags extends LimitFlags {
  /** False for `--no-config`. */
  readonly config?: string | boolean;
  readonly failOn?: string;
  readonly level?: readonly string[];
  readonly baseline?: string;
  /** True without a file. */
  readonly writeBaseline?: string | boolean;
}

/** Where `--write-baseline` writes unless it is told. */
export const BASELINE_NAME: string = ".hullcheck-baseline.json";

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds the options that become settings, beside limits and baseline. */
export function addSettingsOptions(command: Command): Command {
  return command
    .option("--fail-on <level>", 'the level that fails: error, warning or note (default: "error")')
    .option("--level <rule=level>", "set a rule to off, note, warning or error; repeatable", collect)
    .option("--config <file>", "the config, instead of the nearest .hullcheck.yaml; its paths start from this folder")
    .option("--no-config", "heed no config");
}

/** Adds the options of commands that heed a baseline and can write one. */
export function addBaselineOptions(command: Command): Command {
  return addBaselineOption(command).option(
    "--write-baseline [file]",
    `list what is found now as known, in ${BASELINE_NAME} unless given`,
  );
}

/** Adds the option that names a baseline, for a command that finds nothing to write into one. */
export function addBaselineOption(command: Command): Command {
  return command.option("--baseline <file>", "findings that this file lists do not count");
}

/** The values of `--level rule=setting`; the last one for a rule counts. */
function parseLevels(values: readonly string[], rules: readonly RuleMeta[]): Readonly<Record<string, LevelSetting>> {
  const ids = rules.map((rule) => rule.id);
  return Object.fromEntries(
    values.map((value) => {
      const [id = "", name, ...rest] = value.split("=");
      if (name === undefined || rest.length > 0) {
        throw new HullcheckError("usage", `--level '${value}' is not of the form rule=level`, {
          hint: "write for example --level login-at-start=off",
        });
      }
      const rule = knownName("rule", id, ids);
      return [rule, knownName("level", name, LEVEL_SETTINGS, ` for rule ${rule}`)];
    }),
  );
}

/** The names that a config may use; loads the catalogue of rules. */
export async function knownNames(): Promise<KnownNames> {
  const [{ RULES }, { LIMITS }] = await Promise.all([import("../rules/index.ts"), import("./limit-options.ts")]);
  return { rules: RULES.map(({ meta }) => meta), limits: LIMITS };
}

/** A file as the user would type it in the working folder. */
function shownFrom(cwd: string, path: string): string {
  return toPosix(relative(cwd, path)) || ".";
}

/**
 * The text of a config or baseline; null when there is no such file.
 * @throws HullcheckError when it cannot be read
 */
export async function readSettingsText(path: string, shown: string): Promise<string | null> {
  const { readTextFile } = await import("../sweep/read-text.ts");
  const result = readTextFile(path);
  if (result.ok) return result.text;
  if (result.why === "missing") return null;
  if (result.why === "empty") return "";
  const why = {
    "not-utf-8": "it is not UTF-8; save it as UTF-8",
    binary: "it is binary; check that it is the right file",
    "too-large": "it is larger than 4 MiB; check that it is the right file",
  }[result.why as string];
  throw new HullcheckError(
    "config",
    `${shown} cannot be read: ${why ?? result.detail.replace(/^(it is not a regular file);.*/, "$1")}`,
  );
}

function missing(shown: string): HullcheckError {
  return new HullcheckError("config", `there is no file ${shown}`, { hint: "check the path" });
}

/** The value with every string in it redacted. */
async function redacted<T>(value: T): Promise<T> {
  const [{ redactAll }, { Secrets }] = await Promise.all([import("../assemble.ts"), import("../token/secrets.ts")]);
  return redactAll(value, new Secrets());
}

async function loadConfig(path: string, shown: string): Promise<ConfigFile> {
  const text = await readSettingsText(path, shown);
  if (text === null) throw missing(shown);
  const [{ readConfigFile }, known] = await Promise.all([import("../gate/config-file.ts"), knownNames()]);
  return redacted(readConfigFile(text, shown, known));
}

/**
 * Reads the text of a baseline.
 * @param shown the file as the user would type it
 * @throws HullcheckError when it is no baseline of this version
 */
export async function parseBaseline(text: string, shown: string): Promise<Baseline> {
  const [{ readBaseline }, { rules }] = await Promise.all([import("../gate/baseline.ts"), knownNames()]);
  return redacted(readBaseline(text, shown, rules));
}

async function baselineOf({ baseline }: SettingsFlags, cwd: string): Promise<Baseline | null> {
  if (baseline === undefined) return null;
  const text = await readSettingsText(resolve(cwd, baseline), baseline);
  if (text === null) throw missing(baseline);
  return parseBaseline(text, baseline);
}

/**
 * The settings of a run.
 * @param paths what is linted, as typed; null when nothing is
 * @throws HullcheckError for options, a config or a baseline that are not understood
 */
export async function loadSettings(flags: SettingsFlags, paths: readonly string[] | null, io: Io): Promise<Settings> {
  const cwd = io.cwd();
  const { level = [], config } = flags;
  const typed = {
    ...(flags.failOn === undefined ? {} : { failOn: knownName("level", flags.failOn, LEVELS, " for --fail-on") }),
    levels: level.length === 0 ? {} : parseLevels(level, (await knownNames()).rules),
    limits: paths !== null && !hasLimits(flags) ? {} : (await import("./limit-options.ts")).parseLimits(flags),
  };
  const [first = "."] = paths ?? [];
  const start = resolve(cwd, first === "-" || first === "" ? "." : first);
  const named = typeof config === "string" ? resolve(cwd, config) : null;
  const path = named ?? (config === false ? null : findConfig(start, cwd));
  const shown = typeof config === "string" ? config : shownFrom(cwd, path ?? cwd);
  const file = path === null ? null : await loadConfig(path, shown);
  const folder = path === null || named !== null ? cwd : dirname(path);
  return mergeSettings({ file, typed, baseline: await baselineOf(flags, cwd), folder, cwd, paths });
}

function hasLimits(flags: SettingsFlags): boolean {
  return Object.keys(flags).some((name) => /^(?:depth|max[A-Z].*)$/.test(name));
}

/** What `lintPaths` takes of the settings. */
export async function lintSettings(settings: Settings): Promise<{
  readonly levels: Readonly<Record<string, LevelSetting>>;
  readonly tokenVariables: readonly string[];
  readonly ignored: IgnoredPaths | null;
}> {
  const { ignorePaths, tokenVariables, config } = settings;
  return {
    levels: levelsOf(settings),
    tokenVariables: tokenVariables.map(({ value }) => value),
    ignored:
      ignorePaths.length === 0
        ? null
        : { by: config ?? "", isIgnored: (await import("../gate/ignored-path.ts")).ignoredPath(settings) },
  };
}
