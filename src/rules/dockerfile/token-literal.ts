/** Judges token-shaped strings that stand in the file. Reads facts only. */

import type { Literal } from "../../dockerfile/facts.ts";
import { locationOf } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { levelFor, publicRemark, readers } from "./reach.ts";

function where({ keyword, reach }: Literal): string {
  if (keyword === null) return "in a comment";
  if (reach === "source") return keyword === "ARG" ? "in an ARG before the first FROM" : "where Docker runs nothing";
  return `in ${/^[AEIO]/.test(keyword) ? "an" : "a"} ${keyword}`;
}

/** token-literal */
export const tokenLiteral: DockerfileRule = {
  meta: {
    id: "token-literal",
    subject: "dockerfile",
    level: "error",
    summary: "A Hugging Face token stands in the Dockerfile",
    rationale: `A token in a Dockerfile is readable in version control, in every clone and in the provenance that BuildKit attaches (which holds the whole Dockerfile). In an instruction it also stands in the image's history, and in ENV or LABEL in its config.

Every family of tokens is known (\`hf_…\`, OAuth, refresh, trusted publisher, organization), plain or in base64, also where a continuation line or quotes cut it in two. In a comment, and in an ARG before the first FROM, it is a warning: it is in the source, not in the image. Tokens that are public on purpose are notes; placeholders are silent.`,
    remediation: `Revoke the token at huggingface.co/settings/tokens: whoever has read the file has it. Then take it out of the file, and out of the history of the repository, and use a build secret: \`RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN …\`.`,
    bad: [
      { title: "on a command line", text: "FROM python:3.12-slim\nRUN hf download org/model --token @@TOKEN:user@@\n" },
      { title: "in a comment", text: "FROM python:3.12-slim\n# RUN hf download org/model --token @@TOKEN:user@@\n" },
    ],
    good: [
      { title: "a placeholder", text: "FROM python:3.12-slim\n# build with --secret, not with hf_your_token_here\n" },
      {
        title: "a build secret",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\n",
      },
    ],
  },
  check: (facts) =>
    facts.literals.map((literal) => {
      const { token, reach } = literal;
      const shown = readers(reach, literal.isFileContent ? "the layer shows it" : "the image's history shows it");
      return {
        level: levelFor(reach, token),
        confidence: literal.confidence,
        message: `The token ${token.preview} stands ${where(literal)}${publicRemark(token)}: ${shown}.`,
        token,
        fix: "Revoke this token at huggingface.co/settings/tokens, take it out of the file, and mount a secret on the RUN that needs it: RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN …",
        locations: [locationOf(facts, literal.span)],
        identity: [literal.keyword ?? "#"],
      };
    }),
};
