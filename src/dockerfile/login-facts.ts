/** Turns the logins of RUNs into facts: what each leaves, whether a later RUN deletes it in vain, and what to write instead. */

import type { Login } from "./facts.ts";
import type { FoundLogin } from "./login.ts";
import { loginMount, runWithoutLogin } from "./quoted-run.ts";
import { laterDeletion, placeIn, type RunRecord } from "./run-record.ts";
import type { SecretForm } from "./secret-form.ts";
import { secretId } from "./token-origin.ts";

/** The id under which the build hands over the login's secret; null without one. */
function secretOf(record: RunRecord, login: FoundLogin): string | null {
  const mount = loginMount(record, login);
  return mount === null ? null : secretId(mount);
}

/** The logins of each RUN, with what they leave behind. */
export function loginsOf(
  records: readonly RunRecord[],
  deleting: readonly RunRecord[],
  form: SecretForm,
): Map<RunRecord, readonly Login[]> {
  const byRecord = new Map<RunRecord, readonly Login[]>();
  for (const record of records) {
    if (record.logins.length === 0) continue;
    const at = record.instruction.line.start;
    const logins = record.logins.map(({ login, leaves }): Login => ({
      form: login.form,
      ...placeIn(record.instruction, login),
      reach: record.reach,
      hasToken: login.hasToken,
      leaves,
      deletedLater: leaves.length === 0 ? null : laterDeletion(leaves, { stage: record.stage, at }, deleting),
      secretId: secretOf(record, login),
      instead: `${record.instruction.isTrigger ? "ONBUILD " : ""}${runWithoutLogin(record, login, form)}`,
    }));
    byRecord.set(record, logins);
  }
  return byRecord;
}
