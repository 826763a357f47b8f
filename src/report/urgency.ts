/** What a report calls out before all else: live tokens that can write. Escapes nothing; the order of JSON does not know it. */

import { counted } from "../model/counted.ts";
import { canWrite, type Finding } from "../model/finding.ts";

/** True for a finding that comes before all others: somebody may change models with its token, now. */
export function isUrgent({ token, suppressed }: Finding): boolean {
  return suppressed === null && canWrite(token?.verification ?? null);
}

/** The findings with the urgent ones first, else in their order. */
export function byUrgency(findings: readonly Finding[]): readonly Finding[] {
  return [...findings.filter((finding) => isUrgent(finding)), ...findings.filter((finding) => !isUrgent(finding))];
}

/** One sentence for each live token that can write, for the top of a report. */
export function alarms(findings: readonly Finding[]): readonly string[] {
  const urgent = findings.filter((finding) => isUrgent(finding));
  const counts = new Map<string, { readonly preview: string; count: number }>();
  for (const { token } of urgent) {
    if (token === null) continue;
    const known = counts.get(token.sha256) ?? { preview: token.preview, count: 0 };
    known.count++;
    counts.set(token.sha256, known);
  }
  return [...counts.values()].map(
    ({ preview, count }) =>
      `The token ${preview} is live and can write; it stands in ${counted(count, "finding")}. Revoke it first.`,
  );
}
