/** `hullcheck explain`: why a rule exists, how to fix what it finds, bad and good examples. */

import type { Command } from "commander";
import { HullcheckError } from "../../model/errors.ts";
import { ruleMarkdown, ruleText } from "../../report/rule-page.ts";
import { hintFor } from "../../model/did-you-mean.ts";
import type { Io } from "../io.ts";
import { print } from "../report-error.ts";

const EXAMPLES = `
Examples:
  hullcheck explain login-in-build
  hullcheck explain token-in-environment --markdown
`;

async function explain(id: string, asMarkdown: boolean, io: Io): Promise<number> {
  const { RULES } = await import("../../rules/index.ts");
  const rule = RULES.find(({ meta }) => meta.id === id);
  if (rule === undefined) {
    const ids = RULES.map(({ meta }) => meta.id);
    throw new HullcheckError("usage", `unknown rule '${id}'`, { hint: hintFor(id, ids) });
  }
  print(io, asMarkdown ? ruleMarkdown(rule.meta) : ruleText(rule.meta));
  return 0;
}

/** Adds argument, option and action of `hullcheck explain`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Says why a rule exists and how to fix what it finds, with a bad and a good example.")
    .argument("<rule>", "the rule's name, as `hullcheck rules` lists it")
    .option("--markdown", "as Markdown", false)
    .addHelpText("after", EXAMPLES)
    .action(async (id: string, flags: { readonly markdown: boolean }) => finish(await explain(id, flags.markdown, io)));
}
