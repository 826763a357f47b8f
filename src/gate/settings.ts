/**
 * What is in force in a run, and where each value comes from: one plain value that lint, inspect and gate take alike. The
 * command line wins over the config file, the file over what applies by default. Pure: reads no file, knows no YAML.
 */

import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { GapKind } from "../model/gap.ts";
import type { Level, LevelSetting } from "../model/level.ts";
import type { RuleMeta } from "../model/rule.ts";
import type { Policy } from "./decide.ts";

/** The rule of an entry that lets nothing through. */
export const ACCEPT_WITHOUT_EFFECT: string = "accept-without-effect";

/** Where a value comes from; lines and columns are 1-based. */
export type Origin =
  | { readonly from: "default" }
  | { readonly from: "file"; readonly path: string; readonly line: number; readonly column: number }
  | { readonly from: "command line" };

/** The place of a value in a file. */
export type FileOrigin = Extract<Origin, { readonly from: "file" }>;

/** A value and where it comes from. */
export interface Setting<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** Findings that the team has looked at and lets through; what is given has to match, all of it. */
export interface AcceptEntry {
  readonly fingerprint: string | null;
  /** SHA-256 of a token, 64 hex digits. */
  readonly token: string | null;
  readonly rule: string | null;
  /** A pattern of paths in the project, or of absolute ones in an image. */
  readonly path: string | null;
  readonly reason: string;
  /** The last day on which it counts, YYYY-MM-DD; null for ever. */
  readonly expires: string | null;
  /** What its rule looks at; null when it names no known rule. */
  readonly subject: "project" | "image" | null;
  readonly origin: FileOrigin;
}

/** A finding that was there when the baseline was written. */
export interface BaselineEntry {
  readonly fingerprint: string;
  readonly rule: string;
  /** Where it was, for a reader. */
  readonly path: string;
  readonly reason: string | null;
  /** The last day on which it counts, YYYY-MM-DD; null for ever. */
  readonly expires: string | null;
  /** What its rule looks at; null when it names no known rule. */
  readonly subject: "project" | "image" | null;
  readonly origin: FileOrigin;
}

/** The findings that a team starts with. */
export interface Baseline {
  /** The file, as the user would type it. */
  readonly path: string;
  readonly entries: readonly BaselineEntry[];
}

/** What a config file says; only what it names. */
export interface ConfigFile {
  /** The file, as the user would type it. */
  readonly path: string;
  readonly failOn?: Setting<Level>;
  readonly levels: Readonly<Record<string, Setting<LevelSetting>>>;
  readonly tokenVariables: readonly Setting<string>[];
  readonly ignorePaths: readonly Setting<string>[];
  readonly accept: readonly AcceptEntry[];
  readonly acceptedGaps: readonly Setting<GapKind>[];
  readonly limits: Readonly<Record<string, Setting<number>>>;
  readonly images: readonly Setting<string>[];
}

/** Everything that is in force. */
export interface Settings extends Omit<ConfigFile, "path" | "failOn"> {
  /** The config file, as the user would type it; null when there is none. */
  readonly config: string | null;
  readonly failOn: Setting<Level>;
  readonly baseline: Baseline | null;
  /** The folder that the patterns of the config start from, absolute; the working folder without a config. Never shown. */
  readonly folder: string;
  /** The folder that paths in a report start from, absolute. Never shown. */
  readonly cwd: string;
  /** What is linted, as typed; null when nothing is. */
  readonly paths: readonly string[] | null;
}

/** What was typed; only what was given. */
export interface Typed {
  readonly failOn?: Level;
  readonly levels: Readonly<Record<string, LevelSetting>>;
  readonly limits: Readonly<Record<string, number>>;
}

/** What the settings are made of. */
export interface SettingsSources extends Pick<Settings, "baseline" | "folder" | "cwd" | "paths"> {
  readonly file: ConfigFile | null;
  readonly typed: Typed;
}

const EMPTY_FILE: Omit<ConfigFile, "path"> = {
  levels: {},
  tokenVariables: [],
  ignorePaths: [],
  accept: [],
  acceptedGaps: [],
  limits: {},
  images: [],
};

function fromCommandLine<T>(values: Readonly<Record<string, T>>): Record<string, Setting<T>> {
  const origin: Origin = { from: "command line" };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, origin }]));
}

/** What is in force, from what was typed, the config file and what applies by default. */
export function mergeSettings({ file, typed, baseline, folder, cwd, paths }: SettingsSources): Settings {
  const said = file ?? EMPTY_FILE;
  const byDefault: Setting<Level> = { value: "error", origin: { from: "default" } };
  const failOn: Setting<Level> =
    typed.failOn === undefined ? (said.failOn ?? byDefault) : { value: typed.failOn, origin: { from: "command line" } };
  return {
    config: file?.path ?? null,
    failOn,
    levels: { ...said.levels, ...fromCommandLine(typed.levels) },
    tokenVariables: said.tokenVariables,
    ignorePaths: said.ignorePaths,
    accept: said.accept,
    acceptedGaps: said.acceptedGaps,
    limits: { ...said.limits, ...fromCommandLine(typed.limits) },
    images: said.images,
    baseline,
    folder,
    cwd,
    paths,
  };
}

/** What a rule looks at, as an entry that names it says; null for no rule that is known. */
export function subjectOf(id: string | null, rules: readonly RuleMeta[]): "project" | "image" | null {
  const rule = rules.find((meta) => meta.id === id);
  return rule === undefined ? null : rule.subject === "image" ? "image" : "project";
}

function valuesOf<T>(settings: Readonly<Record<string, Setting<T>>>): Record<string, T> {
  return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
}

/** What `decide` takes. */
export function policyOf({ failOn, acceptedGaps }: Settings): Policy {
  return { failOn: failOn.value, acceptedGaps: acceptedGaps.map(({ value }) => value) };
}

/** Levels by rule id, as the engines take them. */
export function levelsOf({ levels }: Settings): Readonly<Record<string, LevelSetting>> {
  return valuesOf(levels);
}

/** Limits by name that are other than the default ones, as the image engine takes them. */
export function limitsOf({ limits }: Settings): Readonly<Record<string, number>> {
  return valuesOf(limits);
}

/** The images that the config names, as they would be typed in the working folder. */
export function imagesOf({ images, folder, cwd }: Settings): readonly string[] {
  const start = relative(cwd, folder);
  return images.map(({ value }) => {
    const [, transport = "", path = ""] = /^((?:[a-z-]+:)?)(.*)$/s.exec(value) ?? [];
    if (transport === "docker-daemon:" || start === "" || isAbsolute(path)) return value;
    return `${transport}${join(start, path)}`;
  });
}

/** A path of a report as the patterns of a config know it: from the config's folder, with forward slashes. */
export function projectPath({ folder, cwd }: Pick<Settings, "folder" | "cwd">, shown: string): string {
  const path = relative(folder, resolve(cwd, shown));
  return sep === "/" ? path : path.replaceAll(sep, "/");
}
