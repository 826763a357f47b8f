/** `hullcheck rules`: the catalogue of all rules, for people and for programs. */

import type { Command } from "commander";
import { knownName } from "../../model/known-name.ts";
import type { RuleMeta } from "../../model/rule.ts";
import { safeJson } from "../../report/escape.ts";
import { readable } from "../../report/rule-page.ts";
import type { Io } from "../io.ts";
import { LIST_FORMATS } from "../list-formats.ts";
import { print } from "../report-error.ts";

const EXAMPLES = `
Examples:
  hullcheck rules
  hullcheck rules --format json
`;

function table(metas: readonly RuleMeta[]): string {
  const width = Math.max(0, ...metas.map(({ id }) => id.length));
  const section = (subject: RuleMeta["subject"], title: string): string[] => {
    const rows = metas.filter((meta) => meta.subject === subject);
    if (rows.length === 0) return [];
    return [title, ...rows.map((meta) => `  ${meta.id.padEnd(width)}  ${meta.level.padEnd(7)}  ${meta.summary}`), ""];
  };
  const lines = [
    ...section("dockerfile", "Dockerfile rules"),
    ...section("caller", "Rules for files that call a build"),
    ...section("image", "Image rules"),
    ...section("policy", "Rules for the policy itself"),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

async function rules(typed: string, io: Io): Promise<number> {
  const format = knownName("format", typed, LIST_FORMATS);
  const { RULES } = await import("../../rules/index.ts");
  const metas = RULES.map(({ meta }): RuleMeta => meta);
  print(io, format === "json" ? readable(safeJson(metas)) : table(metas));
  return 0;
}

/** Adds option and action of `hullcheck rules`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Lists all rules with their levels.")
    .option("--format <format>", "text or json", "text")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: { readonly format: string }) => finish(await rules(flags.format, io)));
}
