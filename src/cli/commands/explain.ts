/** `hullcheck explain`: why a rule exists, how to fix what it finds, bad and good examples. */

import type { Command } from "commander";
import { knownName } from "../../model/known-name.ts";
import { ruleMarkdown, ruleText } from "../../report/rule-page.ts";
import type { Io } from "../io.ts";
import { print } from "../report-error.ts";

const EXAMPLES = `
Examples:
  hullcheck explain login-in-build
  hullcheck explain token-in-environment --markdown
`;

async function explain(id: string, asMarkdown: boolean, io: Io): Promise<number> {
  const { RULES } = await import("../../rules/index.ts");
  const ids = RULES.map(({ meta }) => meta.id);
  const known = knownName("rule", id, ids);
  const page = asMarkdown ? ruleMarkdown : ruleText;
  for (const { meta } of RULES) if (meta.id === known) print(io, page(meta));
  return 0;
}

/** Adds argument, option and action of `hullcheck explain`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Says why a rule exists and how to fix what it finds, with a bad and a good example.")
    .argument("<rule>", "the rule's name, as `hullcheck rules` lists it")
    .option("--markdown", "as Markdown")
    .addHelpText("after", EXAMPLES)
    .action(async (id: string, flags: { readonly markdown?: true }) =>
      finish(await explain(id, flags.markdown === true, io)),
    );
}
