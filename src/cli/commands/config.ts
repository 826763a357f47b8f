/** `hullcheck config`: prints the settings that are in force here, and where each value comes from. Looks at nothing else. */

import type { Command } from "commander";
import { valuesInForce, type ValueInForce } from "../../gate/values-in-force.ts";
import type { Origin } from "../../gate/settings.ts";
import { knownName } from "../../model/known-name.ts";
import { safeJson, visible } from "../../report/escape.ts";
import type { Io } from "../io.ts";
import { LIST_FORMATS } from "../list-formats.ts";
import { addLimitOptions } from "../limit-options.ts";
import { addBaselineOption, addSettingsOptions, loadSettings, type SettingsFlags } from "../load-settings.ts";
import { print } from "../report-error.ts";

interface ConfigFlags extends SettingsFlags {
  readonly format: string;
}

const EXAMPLES = `
Examples:
  hullcheck config                     what is in force in this folder
  hullcheck config services/api        what is in force for a folder, by the nearest .hullcheck.yaml
  hullcheck config --format json

What the config can say: docs/config.md; its JSON Schema: docs/config.schema.json.
`;

function originText(origin: Origin): string {
  return origin.from === "file" ? `${origin.path}:${origin.line}:${origin.column}` : origin.from;
}

function table(values: readonly ValueInForce[]): string {
  const rows = values.map(({ name, value, origin }) => [name, String(value), originText(origin)].map(visible));
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      ([name = "", value = "", from = ""]) =>
        `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${from}\n`,
    )
    .join("");
}

async function config(paths: readonly string[], flags: ConfigFlags, io: Io): Promise<number> {
  const format = knownName("format", flags.format, LIST_FORMATS);
  const settings = await loadSettings(flags, paths.length === 0 ? ["."] : paths, io);
  const { DEFAULT_LIMITS } = await import("../../inspect.ts");
  const values = valuesInForce(settings, { ...DEFAULT_LIMITS });
  const head = settings.config === null ? "no config file" : `config file ${visible(settings.config)}`;
  print(io, format === "json" ? safeJson({ config: settings.config, values }) : `${head}\n\n${table(values)}`);
  return 0;
}

/** Adds argument, options and action of `hullcheck config`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Prints the settings that are in force, and where each value comes from.")
    .argument("[paths...]", "what would be linted (default: this folder)")
    .option("--format <format>", "text or json", "text");
  addLimitOptions(addBaselineOption(addSettingsOptions(command)))
    .addHelpText("after", EXAMPLES)
    .action(async (paths: readonly string[], flags: ConfigFlags) => finish(await config(paths, flags, io)));
}
