/** Points at logins that run when the container starts. Reads facts only. */

import { locationOf } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";

/** login-at-start */
export const loginAtStart: DockerfileRule = {
  meta: {
    id: "login-at-start",
    subject: "dockerfile",
    level: "note",
    summary: "The container logs in to Hugging Face when it starts",
    rationale: `Nothing leaks into the image. But each start writes the token to the container's file system, where \`docker commit\`, a volume over the home folder or a debug shell finds it; and the token needs no login: every client reads HF_TOKEN from the environment.`,
    remediation:
      "Drop the login and start the container with HF_TOKEN set (`docker run -e HF_TOKEN`, a Kubernetes secret).",
    bad: [
      {
        title: "a login in CMD",
        text: "FROM python:3.12-slim\nCMD hf auth login --token $HF_TOKEN && python serve.py\n",
      },
    ],
    good: [{ title: "the environment alone", text: 'FROM python:3.12-slim\nCMD ["python", "serve.py"]\n' }],
  },
  check: (facts) =>
    facts.startLogins.map(({ form, span, keyword }) => ({
      level: "note",
      confidence: "high",
      message: `\`${form}\` runs when the container starts and stores the token in its file system; nothing of it is in the image.`,
      token: null,
      fix: "Drop the login: every Hugging Face client reads HF_TOKEN from the environment.",
      locations: [locationOf(facts, span)],
      identity: [keyword, form],
    })),
};
