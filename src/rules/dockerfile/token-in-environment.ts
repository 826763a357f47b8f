/** Judges environment variables of the image that hold a token. Reads facts only. */

import type { TokenVariable } from "../../dockerfile/facts.ts";
import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { secretRun, type SecretForm } from "../../dockerfile/secret-form.ts";
import type { Level } from "../../model/level.ts";
import { ANY_COMMAND, levelFor, named, publicRemark, readers, revokeFirst } from "./reach.ts";

function what({ name, isOpaque, token, suspicion }: TokenVariable): string {
  if (isOpaque) return `ENV ${name} is set to a value that is no known token and no placeholder`;
  if (suspicion.kind === "source") return `ENV ${name} takes the value of a Hugging Face token`;
  return `ENV ${name} is set to ${named(token)}`;
}

function levelOf({ isOpaque, reach, token }: TokenVariable): Level {
  return isOpaque ? "warning" : levelFor(reach, token);
}

function fixFor({ name, origin, usedBy, token }: TokenVariable, form: SecretForm): string {
  const build = secretRun(form, { id: origin, names: [name] }, usedBy ?? ANY_COMMAND);
  return `${revokeFirst(token)}Delete this ENV; for the build write: ${build}; at run time pass it when the container starts (docker run -e ${name}, a Kubernetes secret).`;
}

/** token-in-environment */
export const tokenInEnvironment: DockerfileRule = {
  meta: {
    id: "token-in-environment",
    subject: "dockerfile",
    level: "error",
    summary: "An environment variable of the image holds a Hugging Face token",
    rationale: `ENV is part of the image's config. \`docker inspect\` and \`docker run IMAGE env\` show it to everyone who can pull the image, the history repeats it, and every container and every image built FROM this one inherits it. Setting the variable to nothing in a later ENV changes what a container sees, not what the history says.

The value is followed: \`ARG HF_TOKEN\` and \`ENV WORKER_KEY=$HF_TOKEN\` leak as much as a literal. A variable with a token's name and a value of unknown shape is a warning.`,
    remediation: `For the build, use a build secret (\`RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN …\`). For run time, leave the variable out of the image and pass it when the container starts: \`docker run -e HF_TOKEN\`, compose \`environment\`, a Kubernetes secret.`,
    bad: [
      { title: "a token as it stands", text: "FROM python:3.12-slim\nENV HF_TOKEN=@@TOKEN:user@@\n" },
      {
        title: "a build argument under another name",
        text: "FROM python:3.12-slim\nARG HF_TOKEN\nENV WORKER_KEY=$HF_TOKEN\n",
      },
    ],
    good: [
      {
        title: "empty, a placeholder, a path",
        text: 'FROM python:3.12-slim\nENV HF_TOKEN="" HF_TOKEN_PATH=/run/secrets/hf\n',
      },
      { title: "nothing to expand", text: "FROM python:3.12-slim\nENV HF_TOKEN=$HF_TOKEN\n" },
    ],
  },
  check: (facts) =>
    facts.variables
      .filter((variable) => variable.kind === "env")
      .map((variable) => {
        const { name, reach, token, suspicion, emptiedLater } = variable;
        const emptied =
          emptiedLater === null || reach === "stage" ? "" : " Setting it to nothing later clears nothing.";
        const shown = readers(reach, "the image's config and history show it");
        return {
          level: levelOf(variable),
          confidence: variable.confidence,
          message: `${what(variable)}${publicRemark(token)}: ${shown}.${emptied}`,
          token,
          fix: fixFor(variable, facts.secretForm),
          locations: [
            locationOf(facts, variable.span),
            ...relatedTo(facts, [
              ...("steps" in suspicion ? suspicion.steps : []),
              ...(emptiedLater === null ? [] : [emptiedLater]),
            ]),
          ],
          identity: ["ENV", name],
        };
      }),
};
