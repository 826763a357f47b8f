/** Builds `dist` before the suite runs, when a source is newer: the command line and the threads of tests are those of users. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export default function build(): void {
  const setup = fileURLToPath(new URL("../../scripts/setup.js", import.meta.url));
  execFileSync(process.execPath, [setup, "--build"], { stdio: "inherit" });
}
