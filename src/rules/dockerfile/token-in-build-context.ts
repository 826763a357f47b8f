/** Judges the files on disk that COPY and ADD take from the build context. Reads facts only. */

import type { ContextLeak, DockerfileFacts, NamedCopy } from "../../dockerfile/facts.ts";
import { locationOf } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { secretRun } from "../../dockerfile/secret-form.ts";
import type { Draft } from "../../model/finding.ts";
import { filesOf, leaveOut, placesOf } from "./context-find.ts";
import { ANY_COMMAND, levelFor, named, publicRemark, readers } from "./reach.ts";

function messageOf({ keyword, source, reach, find }: ContextLeak): string {
  const { token } = find;
  const files = filesOf(find);
  const taken = files === source ? `${keyword} takes ${files}` : `${keyword} ${source} takes ${files}`;
  const held =
    token === null
      ? "where Hugging Face clients keep the token"
      : `which hold${find.files.length === 1 ? "s" : ""} ${named(token)}${publicRemark(token)}`;
  return `${taken}, ${held}, from the build context: ${readers(reach, "the image shows it")}.`;
}

/** A file that nobody can look at here: its name is all that tells of it. */
function namedDraft(facts: DockerfileFacts, { keyword, source, span, reach }: NamedCopy): Draft {
  const id = source
    .slice(source.lastIndexOf("/") + 1)
    .replace(/^\./, "")
    .replace(/\.\w+$/, "");
  const run = secretRun(facts.secretForm, { id, names: ["HF_TOKEN"] }, ANY_COMMAND);
  return {
    level: "warning",
    confidence: "medium",
    message: `${keyword} takes ${source}, a Hugging Face token by its name, from the build context: ${readers(reach, "the image shows it")}.`,
    token: null,
    fix: `Take it out of this ${keyword} and write: ${run} (build with: docker build --secret id=${id},src=${source} .)`,
    locations: [locationOf(facts, span)],
    identity: [keyword, source],
  };
}

/** token-in-build-context */
export const tokenInBuildContext: DockerfileRule = {
  meta: {
    id: "token-in-build-context",
    subject: "dockerfile",
    level: "error",
    summary: "COPY or ADD takes a file with a Hugging Face token from the build context",
    rationale: `\`COPY . .\` takes all that the folder holds: \`.env\`, \`.netrc\`, \`.git/config\` with a token in its URL, a notebook with a token in a cell, \`config.yaml\`. In the image each is a file like any other, and deleting it in a later RUN leaves it in the layer of the COPY.

The folder is read as BuildKit would send it: with its ignore file (the Dockerfile's own, such as \`Dockerfile.dockerignore\`, else \`.dockerignore\`), \`!\` exceptions, \`--exclude\`, \`--parents\` and links. A file that is left out is silent. Every file that gets through is searched for tokens of all families, plain, in base64 and in UTF-16; archives and git objects as the bytes they are. \`token\` and \`stored_tokens\` at a Hugging Face home count whatever they hold. In a stage that does not reach the final image it is a warning; a token that is public on purpose is a note.

A source that is not on disk is silent, unless its name says that it is a Hugging Face token (\`hf_token.txt\`): then it is a warning.

The context is the folder of the Dockerfile, or the linted folder where only that has the sources; \`--context DIR\` says it outright.`,
    remediation:
      "Leave the file out by a line in `.dockerignore`, or copy only what the image needs. A token that the build needs comes in as a build secret: `RUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN …`. Revoke a token that an image was built with.",
    bad: [
      {
        title: "everything, with a .env that holds a token",
        text: "FROM python:3.12-slim\nCOPY . .\n",
        context: { ".env": "HF_TOKEN=@@TOKEN:user@@\n", "app.py": "" },
      },
      {
        title: "the git folder, with a token in the URL of a remote",
        text: "FROM python:3.12-slim\nCOPY . /src\n",
        context: { ".git/config": '[remote "origin"]\n\turl = https://user:@@TOKEN:user@@@huggingface.co/org/model\n' },
      },
    ],
    good: [
      {
        title: "everything, with .env in .dockerignore",
        text: "FROM python:3.12-slim\nCOPY . .\n",
        context: { ".env": "HF_TOKEN=@@TOKEN:user@@\n", ".dockerignore": ".env\n" },
      },
      {
        title: "only what the image needs",
        text: "FROM python:3.12-slim\nCOPY app.py .\n",
        context: { ".env": "HF_TOKEN=@@TOKEN:user@@\n", "app.py": "" },
      },
    ],
  },
  check: (facts) => [
    ...facts.contextLeaks.map((leak): Draft => ({
      level: levelFor(leak.reach, leak.find.token),
      confidence: leak.find.confidence,
      message: messageOf(leak),
      token: leak.find.token,
      fix: leaveOut(leak.find, leak),
      locations: [locationOf(facts, leak.span), ...placesOf(leak.find)],
      identity: [leak.keyword, leak.source],
    })),
    ...facts.namedCopies.map((copy) => namedDraft(facts, copy)),
  ],
};
