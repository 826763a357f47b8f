/** Judges addresses with a token that git and its like keep in their configuration. Reads facts only. */

import type { TokenWrite } from "../../dockerfile/facts.ts";
import { askingGit } from "../../dockerfile/quoted-write.ts";
import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { secretRun, type SecretForm } from "../../dockerfile/secret-form.ts";
import { laterRemark, layerReaders, levelFor } from "./reach.ts";

function messageOf({ form, what, path, reach, secretId, deletedLater }: TokenWrite): string {
  const mount = secretId === null ? "" : ", though it comes from a secret mount";
  const shown = layerReaders(reach);
  return `\`${form}\` keeps the address with ${what} in ${path}${mount}: ${shown}.${laterRemark(reach, deletedLater)}`;
}

function fixFor({ form, path, variable, run, askingRun, reader }: TokenWrite, secrets: SecretForm): string {
  // What comes from a secret has its mount.
  const given = (what: string): string =>
    variable === null ? `RUN ${what}` : secretRun(secrets, { id: variable, names: [variable] }, what);
  if (form.endsWith("install -e")) {
    const plain = run?.replace(/ (?:-e|--editable)(?= )/, "") ?? "… git+https://…";
    return `Install it without -e, so that pip deletes its clone and keeps no address: ${given(plain)}`;
  }
  if (/^(?:pip|npm|conda|yarn|poetry)/.test(form))
    return "Give the address to the one command that needs it, from a secret mount, instead of to the configuration.";
  if (askingRun !== null && form === "git clone")
    return `Let git ask for the token, which leaves nothing of it: ${given(askingRun)}`;
  return `Give git the address without the token, and let the command that connects ask for it: ${given(`${askingGit(reader)} pull …`)}; or delete ${path} in the same RUN.`;
}

/** token-in-url */
export const tokenInUrl: DockerfileRule = {
  meta: {
    id: "token-in-url",
    subject: "dockerfile",
    level: "error",
    summary: "An address with a Hugging Face token stays in the configuration of git or of a package manager",
    rationale: `\`git clone https://user:$HF_TOKEN@huggingface.co/…\` writes the whole address to \`.git/config\` of the clone; \`git remote add\`, \`git remote set-url\`, \`git submodule add\`, \`git push -u\`, \`git config\` (\`url.….insteadOf\`, \`lfs.url\`) do the same, and \`pip config set global.index-url\` writes to pip's configuration. A secret mount does not change that.

\`git fetch\`, \`pull\`, \`push\` and \`ls-remote\` with an address, and \`git -c …\`, leave nothing (measured with git 2.39). \`pip install git+https://…\` clones to a temporary folder and takes the user part out of the \`direct_url.json\` that it writes (PEP 610); with \`-e\` the clone stays, and with it the address. \`curl\` and \`wget\` keep no address.

It is silent when the same RUN deletes the clone or its \`.git\`, sets the address of the remote to one without a token, or clones to a cache or tmpfs mount.`,
    remediation:
      "Give git the token by a credential helper that lives as long as the command, from a secret mount; or download with `hf download`, which needs no address. If the address is needed, delete `.git` in the same RUN.",
    bad: [
      {
        title: "a clone, although with a secret mount",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=hf git clone https://user:$(cat /run/secrets/hf)@huggingface.co/org/model /model\n",
      },
      {
        title: "an address that replaces another one",
        text: 'FROM python:3.12-slim\nARG HF_TOKEN\nRUN git config --global url."https://user:$HF_TOKEN@huggingface.co/".insteadOf https://huggingface.co/\n',
      },
    ],
    good: [
      {
        title: "without its .git",
        text: "FROM python:3.12-slim\nRUN --mount=type=secret,id=hf git clone https://user:$(cat /run/secrets/hf)@huggingface.co/org/model /model && rm -rf /model/.git\n",
      },
      {
        title: "a setting for one command",
        text: 'FROM python:3.12-slim\nRUN --mount=type=secret,id=hf,env=HF_TOKEN git -c http.extraHeader="Authorization: Bearer $HF_TOKEN" clone https://huggingface.co/org/model\n',
      },
    ],
  },
  check: (facts) =>
    facts.writes
      .filter(({ kind }) => kind === "url")
      .map((write) => ({
        level: levelFor(write.reach),
        confidence: "high",
        message: messageOf(write),
        token: null,
        fix: fixFor(write, facts.secretForm),
        locations: [
          locationOf(facts, write.span),
          ...relatedTo(facts, [...write.steps, ...(write.deletedLater === null ? [] : [write.deletedLater])]),
        ],
        identity: [write.form, write.path, write.what],
      })),
};
