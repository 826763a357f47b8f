/**
 * The command line's front door: `run(argv, io)` gives the exit code and never throws. Loads only what a call needs;
 * `--version` loads nothing. Knows no rule, no format and no option of a command.
 */

import { VERSION } from "../model/version.ts";
import type { Io } from "./io.ts";

export { systemIo } from "./io.ts";
export { stopOnSignals } from "./stop-on-signals.ts";

/** Usage, config, input and output errors, as unknown verdicts, end with this code. */
const ERROR_CODE = 2;

/** Runs one command line (without `node` and the script's name) and returns its exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
      try {
        io.stdout.write(`${VERSION}\n`);
        return 0;
      } catch {
        // What is below says why, or that nobody reads on.
      }
    }
    const { runProgram } = await import("./program.ts");
    return await runProgram(argv, io);
  } catch (error) {
    const { reportError } = await import("./report-error.ts");
    reportError(error, io);
    return ERROR_CODE;
  }
}
