/** Decides whether standard output gets colours. Pure: flag first, then NO_COLOR, FORCE_COLOR, and the terminal. */

import type { Io } from "./io.ts";

/** True when text on standard output is to be coloured; `flag` is `--color` or `--no-color`, undefined without either. */
export function wantsColor(flag: boolean | undefined, io: Pick<Io, "env" | "stdout">): boolean {
  if (flag !== undefined) return flag;
  if ((io.env["NO_COLOR"] ?? "") !== "") return false;
  const force = io.env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  return io.stdout.isTerminal && io.env["TERM"] !== "dumb";
}
