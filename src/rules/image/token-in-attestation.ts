/** Judges tokens in provenance and SBOM statements. Reads facts only. */

import type { ImageRule } from "../../image/rule.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { subjectOf } from "./words.ts";

/** token-in-attestation */
export const tokenInAttestation: ImageRule = {
  meta: {
    id: "token-in-attestation",
    subject: "image",
    level: "error",
    summary: "A provenance or SBOM statement beside the image holds a Hugging Face token",
    rationale: `BuildKit's provenance of \`mode=max\` records build arguments, the environment of every step of every stage, and the whole Dockerfile in base64. It is pushed and saved with the image, so a token that the image itself is clean of can still be read beside it.`,
    remediation: `Revoke the token, pass it as a build secret (statements never hold those), and build again. \`--provenance=mode=min\` records less.`,
    bad: [
      { title: "a build argument in the provenance", text: 'attestation: {"build-arg:HF_TOKEN":"@@TOKEN:user@@"}\n' },
    ],
    good: [{ title: "the name of a secret", text: 'attestation: {"secrets":[{"id":"hf_token"}]}\n' }],
  },
  check: (facts) =>
    byTokenAndPath(facts.attestationTokens).map((group) => {
      const [{ token, confidence, location }] = group;
      const whose = location.text === null ? "the image" : "an image that is not in the archive";
      const pointer = location.pointer === "" ? "" : ` (${location.pointer})`;
      const who = location.text === null ? "whoever pulls the image" : "whoever is given the archive";
      return {
        level: levelOf(token, confidence),
        confidence,
        message: `${subjectOf(token)} stands in a statement about ${whose}${pointer}: ${who} can read it.`,
        token,
        fix: "Revoke the token, and pass it as a build secret, which statements do not record.",
        locations: locationsOf(facts, group),
        identity: [location.pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*")],
      };
    }),
};
