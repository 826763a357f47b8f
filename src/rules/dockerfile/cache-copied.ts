/** Judges COPY and ADD of Hugging Face homes. Reads facts only. */

import type { CacheCopy } from "../../dockerfile/facts.ts";
import { locationOf } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { secretRun, type SecretForm } from "../../dockerfile/secret-form.ts";
import { filesOf, leaveOut, placesOf } from "./context-find.ts";
import { ANY_COMMAND, levelFor, publicRemark, readers } from "./reach.ts";

function messageOf({ keyword, source, from, tokenFile, find, reach }: CacheCopy): string {
  if (find !== null) {
    const shown = readers(reach, "the image shows it");
    const held = `where Hugging Face clients keep the token${publicRemark(find.token)}`;
    return `${keyword} ${source} takes ${filesOf(find)}, ${held}, from the build context: ${shown}.`;
  }
  if (tokenFile !== null)
    return `${keyword} puts ${source} at ${tokenFile}, where Hugging Face clients keep the token: ${readers(reach, "the image shows it")}.`;
  const origin = from === null ? "the build context" : from;
  return `${keyword} takes ${source} from ${origin}: a Hugging Face home may hold the files token and stored_tokens, which then are in the image.`;
}

function fixFor({ keyword, source, from, tokenFile, find }: CacheCopy, form: SecretForm): string {
  if (find !== null) return leaveOut(find, { keyword, source });
  if (tokenFile !== null) {
    const run = secretRun(form, { id: "HF_TOKEN", names: ["HF_TOKEN"] }, ANY_COMMAND);
    return `Do not copy it; for the build write: ${run}; at run time pass it when the container starts (docker run -e HF_TOKEN, a Kubernetes secret).`;
  }
  if (from !== null) return `Copy the models alone: ${keyword} --from=${from} …/huggingface/hub …/huggingface/hub`;
  return "Copy the models alone (…/huggingface/hub), and put the lines `**/.cache/huggingface/token` and `**/.cache/huggingface/stored_tokens` into .dockerignore.";
}

/** cache-copied */
export const cacheCopied: DockerfileRule = {
  meta: {
    id: "cache-copied",
    subject: "dockerfile",
    level: "warning",
    summary: "A Hugging Face home, which may hold a token, is copied into the image",
    rationale: `A Hugging Face home (\`~/.cache/huggingface\`, \`~/.huggingface\`, HF_HOME) holds the downloaded models and, after any login on that machine, the files \`token\` and \`stored_tokens\`. Copying the folder copies them.

It is an error when the folder on disk holds one of the two files and the ignore file lets it through. A folder on disk without them is silent; one that is not on disk to look at is a warning. What is copied to \`…/huggingface/token\` itself is an error, on disk or not. Below \`hub/\`, \`models--…\` and \`snapshots\` there is no token, so copies of those are silent.`,
    remediation:
      "Copy the models alone (`…/huggingface/hub`), and exclude `token` and `stored_tokens` in .dockerignore. Better: download in the build with a secret mount.",
    bad: [
      { title: "the whole cache", text: "FROM python:3.12-slim\nCOPY .cache/huggingface /root/.cache/huggingface\n" },
    ],
    good: [
      {
        title: "a home on disk that holds no token",
        text: "FROM python:3.12-slim\nCOPY .cache/huggingface /root/.cache/huggingface\n",
        context: { ".cache/huggingface/hub/models--org--model/refs/main": "1\n" },
      },
      {
        title: "the models alone",
        text: "FROM python:3.12-slim\nCOPY .cache/huggingface/hub /root/.cache/huggingface/hub\n",
      },
    ],
  },
  check: (facts) =>
    facts.cacheCopies.map((copy) => ({
      level: copy.find === null && copy.tokenFile === null ? "warning" : levelFor(copy.reach, copy.find?.token),
      confidence: copy.find?.confidence ?? (copy.tokenFile === null ? "medium" : "high"),
      message: messageOf(copy),
      token: copy.find?.token ?? null,
      fix: fixFor(copy, facts.secretForm),
      locations: [locationOf(facts, copy.span), ...(copy.find === null ? [] : placesOf(copy.find))],
      identity: [copy.keyword, copy.source, copy.from ?? ""],
    })),
};
