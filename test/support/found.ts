/** What an inspection found, in a short form that can be compared between layouts: rule, path, token, how it is hidden. */

import { createHash } from "node:crypto";
import type { Outcome } from "../../src/model/report.ts";
import { fakeToken } from "./tokens.ts";

const NUMBERS = new Map(
  [1, 2, 3, 4, 5, 6].map((number) => [createHash("sha256").update(fakeToken("user", number)).digest("hex"), number]),
);

/** One line for each different finding, sorted: `token-in-layer /app/.env user 3 hidden by whiteout`. */
export function foundIn({ findings }: Outcome): string[] {
  const lines = findings.map(({ rule, token, locations: [place] }) => {
    const path = place?.in === "layer" ? ` ${place.path}` : "";
    const number = token === null ? "" : ` ${token.family} ${NUMBERS.get(token.sha256) ?? token.sha256}`;
    const hidden = place?.in === "layer" && place.hidden !== null ? ` hidden by ${place.hidden.how}` : "";
    return `${rule}${path}${number}${hidden}`;
  });
  return [...new Set(lines)].sort();
}
