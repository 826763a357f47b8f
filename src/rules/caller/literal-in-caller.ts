/**
 * Judges token-shaped strings that stand in a calling file and are no build argument's value: `token-literal`, at warning,
 * since the file is not in the image. The rule's metadata stands with the Dockerfile's rule of that name. Reads facts only.
 */

import { locationOf } from "../../callers/place.ts";
import type { CallerCheck } from "../../callers/rule.ts";

/** token-literal, in a file that calls a build */
export const literalInCaller: CallerCheck = {
  id: "token-literal",
  check: (facts) =>
    facts.literals.map(({ token, confidence, span }) => ({
      level: token.known === null ? "warning" : "note",
      confidence,
      message: `The token ${token.preview} stands in this file${token.known === null ? "" : ` (${token.known})`}: everyone who can read the repository has it.`,
      token,
      fix: "Revoke this token at huggingface.co/settings/tokens, take it out of the file, and read it from the environment or from the CI system's secrets.",
      locations: [locationOf(facts, span)],
      identity: [facts.kind],
    })),
};
