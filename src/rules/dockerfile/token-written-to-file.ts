/** Judges writes of a token to files that stay in a layer. Reads facts only. */

import type { DockerfileFacts, TokenWrite } from "../../dockerfile/facts.ts";
import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { secretRun, type SecretForm } from "../../dockerfile/secret-form.ts";
import type { Draft } from "../../model/finding.ts";
import { laterRemark, layerReaders, levelFor } from "./reach.ts";

function messageOf({ form, what, path, reach, secretId, deletedLater }: TokenWrite): string {
  const mount = secretId === null ? "" : ", though it comes from a secret mount";
  const shown = layerReaders(reach);
  return `\`${form}\` writes ${what} to ${path}${mount}: ${shown}.${laterRemark(reach, deletedLater)}`;
}

const CLIENT_FILE = /huggingface\/(?:token|stored_tokens)$/;
/** Files of a home folder in which programs look for credentials. */
const CREDENTIAL_FILE = /^~\/(.*\/)?\.?(netrc|git-credentials|npmrc|pypirc|pip\.conf|condarc)$/;
const TEMPORARY = /^\/(?:tmp|var\/tmp)\//;

/** The same RUN with the file deleted at its end. */
function deletingRun({ path, variable, run }: TokenWrite, form: SecretForm): string {
  const whole = `${run ?? "…"} && rm -f ${path}`;
  return variable === null ? `RUN ${whole}` : secretRun(form, { id: variable, names: [variable] }, whole);
}

function fixFor(write: TokenWrite, secrets: SecretForm): string {
  const { path, form, variable, secretId } = write;
  if (form === "COPY" || form === "ADD")
    return "Write the name of the variable, not its value (quote the heredoc's delimiter), and set it when the container starts.";
  if (CLIENT_FILE.test(path)) {
    const secret = { id: secretId ?? variable ?? "HF_TOKEN", names: ["HF_TOKEN"] };
    return `Do not write it: clients read HF_TOKEN from the environment of the one command that needs it: ${secretRun(secrets, secret, "hf download <model>")}`;
  }
  const [, folder = "", name] = CREDENTIAL_FILE.exec(path) ?? [];
  if (name !== undefined) {
    const target = `/root/${folder}${path.slice(path.lastIndexOf("/") + 1)}`;
    return `Do not write it: mount the whole file as a secret for the command that reads it: RUN --mount=type=secret,id=${name},target=${target} <command>`;
  }
  if (path === "a file" || path.includes("…"))
    return "Do not write it: set HF_TOKEN when the container starts. What this RUN alone needs can be deleted at its end, or lie on a tmpfs mount.";
  if (TEMPORARY.test(path)) return `Delete it before the RUN ends: ${deletingRun(write, secrets)}`;
  return `Leave the token out of ${path}, and set it when the container starts (docker run -e HF_TOKEN …). If this RUN alone needs the file, delete it at the end: ${deletingRun(write, secrets)}`;
}

function draftOf(facts: DockerfileFacts, write: TokenWrite): Draft {
  const later = write.deletedLater === null ? [] : [write.deletedLater];
  return {
    level: levelFor(write.reach),
    confidence: write.path === "a file" ? "medium" : "high",
    message: messageOf(write),
    token: null,
    fix: fixFor(write, facts.secretForm),
    locations: [locationOf(facts, write.span), ...relatedTo(facts, [...write.steps, ...later])],
    identity: [write.form, write.path, write.what],
  };
}

/** token-written-to-file */
export const tokenWrittenToFile: DockerfileRule = {
  meta: {
    id: "token-written-to-file",
    subject: "dockerfile",
    level: "error",
    summary: "A build step writes a Hugging Face token to a file that stays in the image",
    rationale: `What a RUN writes becomes part of its layer. A secret mount does not change that: the secret itself is not in the layer, but a copy of it is (\`cp /run/secrets/hf ~/.cache/huggingface/token\`, \`echo "HF_TOKEN=$(cat /run/secrets/hf)" > .env\`). Deleting the file in a later RUN only hides it.

The value is followed from ARG, ENV and secret mounts (file and \`env=\`) through variables, \`$(…)\`, pipes, here-strings, heredocs, groups, functions, descriptors, \`bash -c\`, scripts that the Dockerfile itself types, and code in Python, Node, Ruby and PHP to \`>\`, \`>>\`, \`tee\`, \`cp\`, \`mv\`, \`install\`, \`sed -i\`, \`dd\`, \`git config\`, \`git credential\`, \`npm config set\`, \`pip config set\`, \`comfy … --set-hf-api-token\` and Python's \`write\`; and into the heredoc of a COPY, which the build expands unless its delimiter is quoted.

It is silent when the same RUN deletes, empties or overwrites the file, when the file lies on a cache, tmpfs or secret mount or below /dev and /proc, when a dump of the environment leaves it out (\`env | grep -v TOKEN\`, \`env -u HF_TOKEN env\`), and when only the variable's name is written (\`'$HF_TOKEN'\`, \`\\$HF_TOKEN\`, a quoted delimiter): a start-up script may read it.`,
    remediation:
      "Hand the token to the one command that needs it: `RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download org/model`. What a client wants in a file can be mounted there: `--mount=type=secret,id=netrc,target=/root/.netrc`.",
    bad: [
      {
        title: "a secret, copied",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=hf mkdir -p ~/.cache/huggingface && cp /run/secrets/hf ~/.cache/huggingface/token\n",
      },
      {
        title: "a build argument",
        text: 'FROM python:3.12-slim\nARG HF_TOKEN\nRUN echo "HF_TOKEN=$HF_TOKEN" >> /app/.env\n',
      },
      {
        title: "a heredoc",
        text: "FROM python:3.12-slim\nARG HF_TOKEN\nCOPY <<EOF /app/.env\nHF_TOKEN=$HF_TOKEN\nEOF\n",
      },
    ],
    good: [
      {
        title: "deleted in the same RUN",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=hf cp /run/secrets/hf /tmp/t && python get.py && rm /tmp/t\n",
      },
      {
        title: "the name alone, for a start-up script",
        text: "FROM python:3.12-slim\nRUN echo 'exec serve --token \"$HF_TOKEN\"' > /start.sh\n",
      },
      {
        title: "the secret where the client reads it",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=hf,target=/root/.cache/huggingface/token hf download org/model\n",
      },
    ],
  },
  check: (facts) => facts.writes.filter(({ kind }) => kind === "file").map((write) => draftOf(facts, write)),
};
