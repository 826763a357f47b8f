/** Judges copies from a stage in which a token lies under the copied path. Reads facts only. */

import { locationOf, relatedTo } from "../../dockerfile/place.ts";
import type { DockerfileRule } from "../../dockerfile/rule.ts";
import { levelFor, readers } from "./reach.ts";

/** token-copied-from-stage */
export const tokenCopiedFromStage: DockerfileRule = {
  meta: {
    id: "token-copied-from-stage",
    subject: "dockerfile",
    level: "error",
    summary: "COPY --from takes a file with a Hugging Face token from another stage",
    rationale: `A stage that logs in, clones with a token in the address, writes the token to a file or takes it from the build context keeps it to itself only as long as nothing is copied from there. \`COPY --from\` takes all that lies under the path: \`/root/.cache\` with the file \`token\`, \`/app\` with a \`.env\`, a clone with its \`.git/config\`.

COPY takes the stage as it is in the end: a file that a later RUN of that stage deletes does not travel. Files are followed through several copies and through stages that are FROM one another; what a copy leaves out (\`--exclude\`, another path) does not count. A copy into a stage that does not reach the final image is a step of the way, not a finding.`,
    remediation:
      "Copy what the image needs and no more (`…/huggingface/hub`, not the folder above), or delete the file in the stage that has it. Better: leave no token in any stage.",
    bad: [
      {
        title: "the cache of a stage that logged in",
        text: "FROM python:3.12-slim AS models\nRUN hf auth login --token $T && hf download org/model\nFROM python:3.12-slim\nCOPY --from=models /root/.cache/huggingface /root/.cache/huggingface\n",
      },
    ],
    good: [
      {
        title: "the models alone",
        text: "FROM python:3.12-slim AS models\nRUN hf auth login --token $T && hf download org/model\nFROM python:3.12-slim\nCOPY --from=models /root/.cache/huggingface/hub /root/.cache/huggingface/hub\n",
      },
      {
        title: "deleted in the stage",
        text: "FROM python:3.12-slim AS models\nRUN hf auth login --token $T && hf download org/model\nRUN hf auth logout\nFROM python:3.12-slim\nCOPY --from=models /root/.cache/huggingface /root/.cache/huggingface\n",
      },
    ],
  },
  check: (facts) =>
    facts.stageCopies.map((copy) => {
      const { keyword, source, from, path, reach, steps } = copy;
      return {
        level: levelFor(reach),
        confidence: "high",
        message: `${keyword} takes ${source} from the stage ${from}, where ${path} holds a Hugging Face token: ${readers(reach, "the image shows it")}.`,
        token: null,
        fix: `Copy a path that ${path} does not lie under, or delete it in the stage ${from}.`,
        locations: [locationOf(facts, copy.span), ...relatedTo(facts, steps)],
        identity: [keyword, source, from],
      };
    }),
};
