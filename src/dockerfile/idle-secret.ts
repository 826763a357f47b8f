/**
 * Finds secret mounts of a token that the RUN cannot use: it runs nothing, or nothing but commands that are known to read
 * neither files nor variables that they are not given. An unknown program may read anything, so it is silent.
 */

import type { IdleSecret } from "./facts.ts";
import type { Invocation } from "./invocation.ts";
import type { RunRecord } from "./run-record.ts";
import { mountTarget } from "./run-script.ts";
import { isTokenMount, secretId } from "./token-origin.ts";

/** Programs that look at their words alone. */
const BLIND =
  /^(?:|:|true|false|echo|printf|mkdir|rmdir|touch|rm|chmod|chown|chgrp|ln|cd|pwd|sleep|exit|set|useradd|adduser|groupadd|addgroup|usermod|apt-get|apt|apk|dnf|microdnf|yum|locale-gen|ldconfig|update-ca-certificates)$/;

/** True when a command can have nothing of the secret: it is known, and names neither its file nor its variable. */
function isBlind({ program, command, code }: Invocation): boolean {
  if (code !== null || !BLIND.test(program)) return false;
  // A command of assignments alone has no words; one with words and no program cannot be known.
  return program !== "" || command.words.length === 0;
}

/** The secret mounts without effect. */
export function idleSecrets(records: readonly RunRecord[]): IdleSecret[] {
  return records.flatMap(({ script, instruction, reach, logins, isTokenName }): IdleSecret[] => {
    const mounts = script.mounts.filter((mount) => isTokenMount(mount, isTokenName));
    if (mounts.length === 0 || logins.length > 0 || script.foreign !== null || script.problems.length > 0) return [];
    if (!script.invocations.every(isBlind)) return [];
    const { line, rest } = instruction;
    const text = [line.text.slice(rest.start, rest.end), ...line.heredocs.map((heredoc) => heredoc.text)].join("\n");
    return mounts.flatMap((mount): IdleSecret[] => {
      const target = mountTarget(mount);
      const name = mount.options.get("env") ?? null;
      const isNamed = (target !== null && text.includes(target)) || (name !== null && text.includes(name));
      if (isNamed || text.includes("/run/secrets")) return [];
      return [{ span: mount.span, id: secretId(mount), hasCommand: text.trim() !== "", reach }];
    });
  });
}
