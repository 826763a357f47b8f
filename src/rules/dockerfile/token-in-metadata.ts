/** Judges words of LABEL, USER, WORKDIR and the like that expand a token into the image's config. Reads facts only. */

import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { levelFor, readers } from "./reach.ts";

/** token-in-metadata */
export const tokenInMetadata: DockerfileRule = {
  meta: {
    id: "token-in-metadata",
    subject: "dockerfile",
    level: "error",
    summary: "A label or another setting of the image expands a Hugging Face token",
    rationale: `BuildKit expands variables in LABEL, USER, WORKDIR, EXPOSE, VOLUME and STOPSIGNAL while it builds, and writes the result into the image's config and history. Registries index labels, so a token in a label can be read without pulling a single layer.

CMD, ENTRYPOINT, HEALTHCHECK and SHELL are not expanded by the build: \`CMD serve --token $HF_TOKEN\` asks the container's own environment when it starts, and is not reported. A token that stands in them as text is \`token-literal\`.`,
    remediation: "Take the variable out of the instruction. Nothing that describes an image needs a token.",
    bad: [{ title: "a label", text: "FROM python:3.12-slim\nARG HF_TOKEN\nLABEL org.example.key=$HF_TOKEN\n" }],
    good: [
      { title: "expanded when the container starts", text: "FROM python:3.12-slim\nCMD serve --token $HF_TOKEN\n" },
      { title: "another variable", text: "FROM python:3.12-slim\nARG VERSION\nLABEL org.example.version=$VERSION\n" },
    ],
  },
  check: (facts) =>
    facts.expansions.map((expansion) => {
      const { keyword, variable, reach } = expansion;
      const shown = readers(reach, "the image's config and history show it");
      return {
        level: levelFor(reach),
        confidence: "high",
        message: `${keyword} expands ${variable}, which carries a Hugging Face token: ${shown}.`,
        token: null,
        fix: `Take ${variable} out of this ${keyword}.`,
        locations: [locationOf(facts, expansion.span), ...relatedTo(facts, expansion.steps)],
        identity: [keyword, variable],
      };
    }),
};
