/** Judges tokens in an image's config, manifests and annotations. Reads facts only. */

import type { ConfigToken } from "../../image/facts.ts";
import type { ImageRule } from "../../image/rule.ts";
import type { ConfigLocation } from "../../model/location.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { subjectOf } from "./words.ts";

const FIX =
  "Revoke the token, and remove the ENV, LABEL or command that holds it. Give the container its token when it starts: `docker run -e HF_TOKEN` or a secret of the platform.";

/** The same through rebuilds: the variable, or the pointer without positions in lists. */
function identityOf({ location }: ConfigToken): string[] {
  return [location.variable ?? location.pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*")];
}

function placeOf({ variable, pointer }: ConfigLocation): string {
  return variable === null
    ? `${pointer === "" ? "the text" : pointer} of the image's config`
    : `${variable} in the image's config`;
}

/** token-in-image-config */
export const tokenInImageConfig: ImageRule = {
  meta: {
    id: "token-in-image-config",
    subject: "image",
    level: "error",
    summary: "The image's config holds a Hugging Face token",
    rationale: `Environment, labels, command, entrypoint, health check and annotations are part of the image's config: \`docker inspect\` shows them to whoever has the image, and registries show them without a pull. A variable that by its name holds a token is a warning when its value has no known shape.`,
    remediation: `Revoke the token, and do not use ENV or LABEL for it. A build argument that only one RUN needs is a secret mount; a container's own token is given at start.`,
    bad: [
      { title: "an environment variable", text: "env: HF_TOKEN=@@TOKEN:user@@\n" },
      { title: "a label", text: "label: org.example.token=@@TOKEN:user@@\n" },
    ],
    good: [
      { title: "an empty variable", text: "env: HF_TOKEN=\n" },
      { title: "a path", text: "env: HF_TOKEN_PATH=/run/secrets/hf_token\n" },
    ],
  },
  check: (facts) => [
    ...byTokenAndPath(facts.configTokens).map((group) => {
      const [{ token, confidence, location }] = group;
      return {
        level: levelOf(token, confidence),
        confidence,
        message: `${subjectOf(token)} stands in ${placeOf(location)}: whoever can see the image can read it.`,
        token,
        fix: FIX,
        locations: locationsOf(facts, group),
        identity: identityOf(group[0]),
      };
    }),
    ...facts.namedSecrets.flatMap(({ name, location }) => {
      if (location.in !== "config") return [];
      return [
        {
          level: "warning" as const,
          confidence: "medium" as const,
          message: `${name} in the image's config has a value, which by its name is a Hugging Face token: whoever can see the image can read it.`,
          token: null,
          fix: FIX,
          locations: [location],
          identity: [name],
        },
      ];
    }),
  ],
};
