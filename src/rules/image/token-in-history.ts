/** Judges tokens in an image's history. Reads facts only. */

import type { ImageRule } from "../../image/rule.ts";
import { byTokenAndPath, levelOf, locationsOf, subjectOf } from "./places.ts";

const FIX =
  "Revoke the token, and give it to the build as a secret: `RUN --mount=type=secret,id=hf_token,env=HF_TOKEN …` with `docker build --secret id=hf_token`. The history keeps build arguments and command lines.";

/** token-in-history */
export const tokenInHistory: ImageRule = {
  meta: {
    id: "token-in-history",
    subject: "image",
    level: "error",
    summary: "The image's history holds a Hugging Face token",
    rationale: `The history keeps each instruction as it was run: command lines, and every build argument that was declared before a RUN, even one that the command does not use. \`docker history --no-trunc\` shows it to whoever has the image, and registries serve it with the config. A variable that by its name holds a token is a warning when its value has no known shape.`,
    remediation: `Revoke the token. Build arguments are no secrets: pass the token as a build secret.`,
    bad: [
      {
        title: "a build argument",
        text: "history: RUN |1 HF_TOKEN=@@TOKEN:user@@ /bin/sh -c hf download org/model # buildkit\n",
      },
      {
        title: "a command line",
        text: "history: RUN /bin/sh -c hf download org/model --token @@TOKEN:user@@ # buildkit\n",
      },
    ],
    good: [
      { title: "a secret mount", text: "history: RUN /bin/sh -c hf download org/model # buildkit\n" },
      { title: "a name alone", text: "history: ARG HF_TOKEN\n" },
    ],
  },
  check: (facts) => [
    ...byTokenAndPath(facts.historyTokens).map((group) => {
      const [{ token, confidence, instruction }] = group;
      return {
        level: levelOf(token, confidence),
        confidence,
        message: `${subjectOf(token)} stands in the image's history: whoever can see the image can read it.`,
        token,
        fix: FIX,
        locations: locationsOf(facts, group),
        identity: [instruction ?? ""],
      };
    }),
    ...facts.namedSecrets.flatMap(({ name, instruction, location }) => {
      if (location.in !== "history") return [];
      return [
        {
          level: "warning" as const,
          confidence: "medium" as const,
          message: `${name} in the image's history has a value, which by its name is a Hugging Face token: whoever can see the image can read it.`,
          token: null,
          fix: FIX,
          locations: [location],
          identity: [name, instruction ?? ""],
        },
      ];
    }),
  ],
};
