/** Judges COPY and ADD of Hugging Face homes. Reads facts only. */

import type { CacheCopy } from "../../dockerfile/facts.ts";
import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { levelFor, readers } from "./reach.ts";

function messageOf({ keyword, source, from, login, reach }: CacheCopy): string {
  if (login !== null) {
    const shown = readers(reach, "the image shows it");
    return `${keyword} takes ${source} from the stage ${from ?? ""}, where a login left the token: ${shown}.`;
  }
  const origin = from === null ? "the build context" : from;
  return `${keyword} takes ${source} from ${origin}: a Hugging Face home may hold the files token and stored_tokens, which then are in the image.`;
}

function fixFor({ keyword, from }: CacheCopy): string {
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

Without a look at the folder this is a warning. It is an error when the folder comes from a stage in which a login left the token there. Below \`hub/\`, \`models--…\` and \`snapshots\` there is no token, so copies of those are silent.`,
    remediation:
      "Copy the models alone (`…/huggingface/hub`), and exclude `token` and `stored_tokens` in .dockerignore. Better: download in the build with a secret mount.",
    bad: [
      { title: "the whole cache", text: "FROM python:3.12-slim\nCOPY .cache/huggingface /root/.cache/huggingface\n" },
      {
        title: "the cache of a stage that logged in",
        text: "FROM python:3.12-slim AS models\nRUN hf auth login --token $T && hf download org/model\nFROM python:3.12-slim\nCOPY --from=models /root/.cache/huggingface /root/.cache/huggingface\n",
      },
    ],
    good: [
      {
        title: "the models alone",
        text: "FROM python:3.12-slim\nCOPY .cache/huggingface/hub /root/.cache/huggingface/hub\n",
      },
    ],
  },
  check: (facts) =>
    facts.cacheCopies.map((copy) => ({
      level: copy.login === null ? "warning" : levelFor(copy.reach),
      confidence: copy.login === null ? "medium" : "high",
      message: messageOf(copy),
      token: null,
      fix: fixFor(copy),
      locations: [locationOf(facts, copy.span), ...(copy.login === null ? [] : relatedTo(facts, [copy.login]))],
      identity: [copy.keyword, copy.source, copy.from ?? ""],
    })),
};
