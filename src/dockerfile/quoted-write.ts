/** A RUN that writes a token, in the words of a fix: how it gets a secret, and with git asking instead of being given it. */

import type { Invocation } from "./invocation.ts";
import { flagsOf, isQuotable, joinedOffset, oneLine } from "./quoted-run.ts";
import type { RunRecord } from "./run-record.ts";
import { mountTarget } from "./run-script.ts";
import { secretId } from "./token-origin.ts";

/** How a program of this RUN gets a secret: by its variable, or from its file. */
export function secretReader({ script }: RunRecord, id: string): string {
  const mount = script.mounts.find((item) => item.type === "secret" && secretId(item) === id);
  const name = mount?.options.get("env");
  if (name !== undefined) return `$${name}`;
  return `$(cat ${(mount === undefined ? null : mountTarget(mount)) ?? `/run/secrets/${id}`})`;
}

/** Git that asks for a password, for one command alone; the empty helper keeps other ones from storing the answer. */
export function askingGit(reader: string): string {
  return `git -c credential.helper= -c credential.helper='!f() { echo username=hf_user; echo "password=${reader}"; }; f'`;
}

/** From `://` to the host. */
const USER_PART = /(:\/\/)(?:[^@]*@)+(?=[\w.$-])/;

/** The RUN with the user part out of the address of a clone, and with git asking; null where that is not certain. */
export function askingRun(record: RunRecord, { start, end, parent }: Invocation, reader: string): string | null {
  const { line, rest } = record.instruction;
  const [at, to] = [start, end].map((source) => joinedOffset(record.instruction, source));
  if (at === undefined || to === undefined || parent !== null || !isQuotable(record)) return null;
  if (oneLine(line.text.slice(rest.start, rest.end)) === null) return null;
  const command = line.text.slice(at, to);
  if (!USER_PART.test(command) || !/^git\s/.test(command)) return null;
  const asking = command.replace(USER_PART, "$1").replace(/^git(?=\s)/, () => askingGit(reader));
  const [before, after] = [line.text.slice(rest.start, at), line.text.slice(to, rest.end)];
  return flagsOf(record) + `${before}${asking}${after}`.replaceAll(/\s+/g, " ").trim();
}
