/** `hullcheck completion`: prints the script with which a shell completes hullcheck's command lines. */

import { Command } from "commander";
import { knownName } from "../../model/known-name.ts";
import { LEVELS } from "../../model/level.ts";
import { FORMATS } from "../../report/index.ts";
import { completionScript, SHELLS, type CompletedCommand, type CompletedOption } from "../completion-script.ts";
import type { Io } from "../io.ts";
import { LIST_FORMATS } from "../list-formats.ts";
import { print } from "../report-error.ts";

const EXAMPLES = `
Examples:
  source <(hullcheck completion bash)
  hullcheck completion zsh > ~/.zfunc/_hullcheck
  hullcheck completion fish > ~/.config/fish/completions/hullcheck.fish
`;

/** What the values of options can be, where they are few. */
async function valuesOf(): Promise<(command: string, option: string) => readonly string[]> {
  const [{ ENGINES }, { CI_SERVICES }] = await Promise.all([
    import("../../inspect.ts"),
    import("../../sweep/plan-init.ts"),
  ]);
  const values: Readonly<Record<string, readonly string[]>> = {
    "--format": FORMATS,
    "config --format": LIST_FORMATS,
    "rules --format": LIST_FORMATS,
    "--fail-on": LEVELS,
    "--engine": ENGINES,
    "--ci": [...CI_SERVICES, "none"],
  };
  return (command, option) => values[`${command} ${option}`] ?? values[option] ?? [];
}

function optionsOf(command: Command, valuesFor: (option: string) => readonly string[]): CompletedOption[] {
  const own = command.options.flatMap(({ long, description, flags }): CompletedOption[] => {
    if (typeof long !== "string") return [];
    return [{ name: long, description, takesValue: /[<[]/.test(flags), values: valuesFor(long) }];
  });
  return [...own, { name: "--help", description: "show this help", takesValue: false, values: [] }];
}

/** Every command with its options, as the parser knows them. */
async function describedCommands(io: Io): Promise<CompletedCommand[]> {
  const [{ COMMANDS }, { RULES }] = await Promise.all([import("../program.ts"), import("../../rules/index.ts")]);
  const argumentsOf: Readonly<Record<string, readonly string[]>> = {
    explain: RULES.map(({ meta }) => meta.id),
    completion: SHELLS,
  };
  const valuesFor = await valuesOf();
  return Promise.all(
    Object.entries(COMMANDS).map(async ([name, { summary, load }]): Promise<CompletedCommand> => {
      const command = new Command(name);
      (await load()).define(command, io, () => {});
      return {
        name,
        summary,
        options: optionsOf(command, (option) => valuesFor(name, option)),
        values: argumentsOf[name] ?? [],
      };
    }),
  );
}

async function completion(name: string, io: Io): Promise<number> {
  const shell = knownName("shell", name, SHELLS);
  print(io, completionScript(shell, await describedCommands(io)));
  return 0;
}

/** Adds argument and action of `hullcheck completion`. */
export function define(command: Command, io: Io, finish: (exitCode: number) => void): void {
  command
    .description("Prints a script that completes commands, options and values in a shell.")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText("after", EXAMPLES)
    .action(async (shell: string) => finish(await completion(shell, io)));
}
