/** Judges build arguments that carry a token. Reads facts only. */

import type { TokenVariable } from "../../dockerfile/facts.ts";
import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { secretRun, type SecretForm } from "../../dockerfile/secret-form.ts";
import { ANY_COMMAND, levelFor, publicRemark, readers, revokeFirst } from "./reach.ts";

function why(variable: TokenVariable): string {
  switch (variable.suspicion.kind) {
    case "value":
      return "has a token as its default";
    case "use":
      return "is used as a Hugging Face token";
    default:
      return "carries a Hugging Face token";
  }
}

function fixFor({ name, usedBy, isMounted, token }: TokenVariable, form: SecretForm): string {
  const first = revokeFirst(token);
  if (isMounted && usedBy === null)
    return `${first}Delete this ARG: a RUN of this stage takes ${name} from a secret mount, which needs no build argument.`;
  const run = secretRun(form, { id: name, names: [name] }, usedBy ?? ANY_COMMAND);
  return `${first}Delete this ARG and write: ${run} (build with: docker build --secret id=${name},env=${name} .)`;
}

/** token-in-build-argument */
export const tokenInBuildArgument: DockerfileRule = {
  meta: {
    id: "token-in-build-argument",
    subject: "dockerfile",
    level: "error",
    summary: "A build argument carries a Hugging Face token",
    rationale: `\`docker build --build-arg HF_TOKEN=…\` does not keep the value to the build. BuildKit writes \`ARG HF_TOKEN=<value>\` into the image's history, and again into the entry of every later RUN of the stage, whether that RUN uses it or not. \`docker history --no-trunc\` shows it to everyone who can pull the image.

In a stage that the final image is not built FROM, the value stays out of the image but not out of the provenance attestation (\`mode=max\`, the default of docker/build-push-action for public repositories) or the build cache; such a finding is a warning.

The name decides first (\`HF_TOKEN\`, \`HUGGINGFACEHUB_API_TOKEN\`, …). An argument of any name counts when its value becomes a token's variable or is given to a login, a \`--token\` option or a request to huggingface.co.`,
    remediation: `Hand the token over as a build secret, for the one RUN that needs it:

\`\`\`dockerfile
RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model
\`\`\`

and build with \`docker build --secret id=HF_TOKEN,env=HF_TOKEN .\` With a Dockerfile syntax before 1.10, mount the file: \`RUN --mount=type=secret,id=HF_TOKEN HF_TOKEN=$(cat /run/secrets/HF_TOKEN) hf download org/model\`.`,
    bad: [
      {
        title: "a build argument by its name",
        text: "FROM python:3.12-slim\nARG HF_TOKEN\nRUN hf download org/model\n",
      },
      {
        title: "a build argument by its use",
        text: "FROM python:3.12-slim\nARG MODEL_KEY\nRUN HF_TOKEN=$MODEL_KEY python download.py\n",
      },
    ],
    good: [
      {
        title: "a build secret",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\n",
      },
      {
        title: "names that only sound like it",
        text: "FROM python:3.12-slim\nARG HF_TOKENIZER=bert\nARG HF_TOKEN_PATH\n",
      },
    ],
  },
  check: (facts) =>
    facts.variables
      .filter((variable) => variable.kind === "arg")
      .map((variable) => {
        const { name, reach, token, suspicion } = variable;
        const shown = readers(reach, "the image's history shows its value");
        return {
          level: levelFor(reach, token),
          confidence: variable.confidence,
          message: `The build argument ${name} ${why(variable)}${publicRemark(token)}: ${shown}.`,
          token,
          fix: fixFor(variable, facts.secretForm),
          locations: [
            locationOf(facts, variable.span),
            ...("steps" in suspicion ? relatedTo(facts, suspicion.steps) : []),
          ],
          identity: ["ARG", name],
        };
      }),
};
