/**
 * Puts the commands together and turns a command line into the call of one of them. A command is one file below
 * `commands/` and one line in `COMMANDS`; only the one that is asked for is loaded.
 */

import { Command, CommanderError } from "commander";
import { HullcheckError } from "../model/errors.ts";
import { VERSION } from "../model/version.ts";
import type { Io } from "./io.ts";
import { print } from "./report-error.ts";

/** What every command module exports: it adds arguments, options and an action that gives the exit code. */
export interface CommandModule {
  readonly define: (command: Command, io: Io, finish: (exitCode: number) => void) => void;
}

/** A command before it is loaded. */
export interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every command by its name, in the order of the help. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  lint: { summary: "find tokens that Dockerfiles leak", load: () => import("./commands/lint.ts") },
  inspect: { summary: "find tokens in a saved image", load: () => import("./commands/inspect.ts") },
  gate: { summary: "lint, inspect and join the two: one verdict for CI", load: () => import("./commands/gate.ts") },
  config: { summary: "show the settings in force", load: () => import("./commands/config.ts") },
  explain: {
    summary: "say why a rule exists and how to fix what it finds",
    load: () => import("./commands/explain.ts"),
  },
  init: { summary: "write a config, ignore lines and a CI file", load: () => import("./commands/init.ts") },
  rules: { summary: "list all rules", load: () => import("./commands/rules.ts") },
  completion: { summary: "print a script for shell completion", load: () => import("./commands/completion.ts") },
};

const EXAMPLES = `
Examples:
  hullcheck lint .                           every Dockerfile below this folder
  hullcheck lint . --format sarif=out.sarif  the same, for code scanning
  docker save app | hullcheck inspect -      every byte of a built image
  hullcheck gate . --image app.tar           both, joined: one verdict for CI
  hullcheck explain login-in-build           why it leaks and how to fix it

Exit codes: 0 pass, 1 fail, 2 something could not be looked at, or a usage error.
`;

/** The parser's own message on one line, with where to read more. */
function usageError(error: CommanderError, typed: readonly string[]): HullcheckError {
  const message = error.message
    .replace(/^error: /, "")
    .trim()
    .replaceAll(/\s*\n\s*/g, " ")
    .replace(/^option '(.*)' argument missing$/, "option '$1' needs a value")
    .replace(/^(too many arguments for '.*')\. Expected (\d+) arguments? but got (\d+)\.$/, "$1: $3 instead of $2")
    .replace(/\(Did you mean (.*)\?\)$/, (_, names: string) => `(did you mean ${names}?)`);
  if (error.code === "commander.unknownCommand" && !message.includes("did you mean")) {
    return new HullcheckError("usage", message, { hint: "to look at a Dockerfile or folder: hullcheck lint <path>" });
  }
  const hint = hintFor(error, typed);
  return new HullcheckError("usage", message, { hint });
}

function isCommand(word: string | undefined): boolean {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/** Where to read more, but for two mistakes that are easy to make and hard to see. */
function hintFor({ code }: CommanderError, typed: readonly string[]): string {
  const name = typed.find((word) => isCommand(word));
  if (name === undefined) return "see hullcheck --help";
  if (name !== typed[0] && code === "commander.unknownOption") return `options stand behind ${name}`;
  // The value of this option may be left out, so the word behind it is taken for one.
  if (code === "commander.missingArgument" && typed.includes("--write-baseline")) {
    return "write --write-baseline=FILE, or what is looked at before it";
  }
  return `see hullcheck ${name} --help`;
}

/** `help lint` is `lint --help`. */
function normalised(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  if (first !== "help") return argv;
  if (second === undefined || second.startsWith("-")) return ["--help"];
  return isCommand(second) ? [second, "--help"] : [second];
}

/** An empty value is that of a variable which is not set, and never what somebody wants. */
function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (value !== "" && !(Array.isArray(value) && value.includes(""))) continue;
    throw new HullcheckError("usage", `the value of ${option.long ?? option.flags} is empty`, {
      hint: "check the variable it comes from",
    });
  }
}

/** Runs one command line; throws a `HullcheckError` for a usage error. */
export async function runProgram(typed: readonly string[], io: Io): Promise<number> {
  const argv = normalised(typed);
  let exitCode = 0;
  const program = new Command("hullcheck")
    .description("Finds Hugging Face tokens that a Docker build leaks.")
    .version(VERSION, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .usage("<command> [options]")
    // `--version` behind a command is a mistake, and no way to end well without a verdict.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(io, text), writeErr: () => {}, getOutHasColors: () => false })
    .addHelpText("after", EXAMPLES)
    .hook("preAction", (_, command) => refuseEmptyValues(command));
  for (const [known, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(known).summary(summary).helpOption("-h, --help", "show this help");
    if (known === argv[0]) {
      const module = await load();
      module.define(command, io, (code) => {
        exitCode = code;
      });
    }
  }
  if (argv.length === 0) throw new HullcheckError("usage", "no command given", { hint: "see hullcheck --help" });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, argv);
    return 0;
  }
  return exitCode;
}
