/** Points at secret mounts that nothing in their RUN can use. Reads facts only. */

import { locationOf } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";

/** secret-mount-without-effect */
export const secretMountWithoutEffect: DockerfileRule = {
  meta: {
    id: "secret-mount-without-effect",
    subject: "dockerfile",
    level: "note",
    summary: "A secret mount of a Hugging Face token on a RUN that does not use it",
    rationale: `A secret mount holds for its own RUN alone: the file and the variable are gone when the next RUN starts. On a RUN that only makes folders, installs packages or prints a text it does nothing, and the download that needs the token fails in another RUN. From there it is a short way to an ARG, which leaks.

Nothing leaks by this; it is a note. Any program that is not known may read the secret by itself, so a RUN with one is silent, and so is one that names the secret's file or variable.`,
    remediation: "Move the mount to the RUN that needs the token, or drop it.",
    bad: [
      {
        title: "on the wrong RUN",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN mkdir -p /models\nRUN hf download org/model\n",
      },
    ],
    good: [
      {
        title: "on the RUN that downloads",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\n",
      },
      {
        title: "for a program that may read it",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=hf make models\n",
      },
    ],
  },
  check: (facts) =>
    facts.idleSecrets.map(({ span, id, hasCommand }) => ({
      level: "note",
      confidence: "medium",
      message: hasCommand
        ? `The secret ${id} is mounted on a RUN that does not use it, and is gone in the next one.`
        : `The secret ${id} is mounted on a RUN that runs nothing, and is gone in the next one.`,
      token: null,
      fix: "Move the mount to the RUN that needs the token, or drop it.",
      locations: [locationOf(facts, span)],
      identity: [id],
    })),
};
