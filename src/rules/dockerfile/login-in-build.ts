/** Judges logins in RUN by what they leave in the layer. Reads facts only. */

import type { Login } from "../../dockerfile/facts.ts";
import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import type { Draft } from "../../model/finding.ts";
import { laterRemark, layerReaders, levelFor } from "./reach.ts";

function listed(files: readonly string[]): string {
  const last = files.at(-1) ?? "";
  return files.length < 2 ? last : `${files.slice(0, -1).join(", ")} and ${last}`;
}

function messageOf({ form, leaves, reach, hasToken, secretId, deletedLater }: Login): string {
  if (!hasToken) {
    return `\`${form}\` asks for a token that a build cannot type: it fails or hangs, and given a token it would write ${listed(leaves)} into the layer.`;
  }
  const mount = secretId !== null ? ", though the token comes from a secret mount" : "";
  const later = laterRemark(reach, deletedLater);
  return `\`${form}\` writes the token to ${listed(leaves)}${mount}: ${layerReaders(reach)}.${later}`;
}

function draftOf(facts: Parameters<DockerfileRule["check"]>[0], login: Login): Draft {
  const later = [login.inScript, login.deletedLater].flatMap((step) => step ?? []);
  return {
    level: login.hasToken ? levelFor(login.reach) : "warning",
    confidence: login.hasToken ? "high" : "medium",
    message: messageOf(login),
    token: null,
    fix: `Do not log in; give the token to the command that needs it: ${login.instead}`,
    locations: [locationOf(facts, login.span), ...relatedTo(facts, later)],
    identity: [login.form],
  };
}

/** login-in-build */
export const loginInBuild: DockerfileRule = {
  meta: {
    id: "login-in-build",
    subject: "dockerfile",
    level: "error",
    summary: "A login to Hugging Face during the build leaves the token in a layer",
    rationale: `Every login of every client stores the token: \`token\` and \`stored_tokens\` below \`~/.cache/huggingface\` (or HF_HOME, HF_TOKEN_PATH, XDG_CACHE_HOME), and with \`--add-to-git-credential\` also \`~/.git-credentials\`. In a RUN these files become part of the layer. A secret mount does not change that: the secret is not in the layer, but the copy that the login made of it is.

Deleting the files in a later RUN only hides them; the layer of the login is still shipped. A login is silent when the same RUN deletes all that it wrote (or logs out), or when the files lie on a cache or tmpfs mount.`,
    remediation: `Do not log in. Give the token to the one command that needs it:

\`\`\`dockerfile
RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model
\`\`\`

\`huggingface-cli\` and \`hf\` read HF_TOKEN from the environment; so does every library built on huggingface_hub.`,
    bad: [
      {
        title: "a login, although with a secret mount",
        text: 'FROM python:3.12-slim\nRUN --mount=type=secret,id=hf hf auth login --token "$(cat /run/secrets/hf)" && hf download org/model\n',
      },
      {
        title: "a login from Python",
        text: "FROM python:3.12-slim\nRUN python -c \"from huggingface_hub import login; login(token='$T')\"\n",
      },
    ],
    good: [
      {
        title: "no login at all",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model\n",
      },
      {
        title: "cleared in the same RUN",
        text: 'FROM python:3.12-slim\nRUN --mount=type=secret,id=hf hf auth login --token "$(cat /run/secrets/hf)" && hf download org/model && hf auth logout\n',
      },
    ],
  },
  check: (facts) => facts.logins.filter(({ leaves }) => leaves.length > 0).map((login) => draftOf(facts, login)),
};
