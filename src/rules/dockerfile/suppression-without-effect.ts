/** What an ignore comment that does nothing is called; the engine finds them once all other rules have spoken. */

import type { DockerfileRule } from "../../dockerfile/rule.ts";

/** suppression-without-effect */
export const suppressionWithoutEffect: DockerfileRule = {
  meta: {
    id: "suppression-without-effect",
    subject: "dockerfile",
    level: "note",
    summary: "An ignore comment suppresses nothing",
    rationale: `\`# hullcheck-ignore <rule>: reason\` on the line above an instruction suppresses the findings of that rule in it; inside a continued instruction, those of the next line. One without a reason, with the name of no rule, or with nothing to suppress has no effect, and would one day hide a finding that nobody has looked at.`,
    remediation: "Delete the comment, or give it the rule's name and a reason.",
    bad: [
      {
        title: "nothing to suppress",
        text: "FROM python:3.12-slim\n# hullcheck-ignore token-literal: gone long ago\nRUN true\n",
      },
      { title: "no reason", text: "FROM python:3.12-slim\n# hullcheck-ignore token-in-build-argument\nARG HF_TOKEN\n" },
    ],
    good: [
      {
        title: "a rule, a reason, a finding",
        text: "FROM python:3.12-slim\n# hullcheck-ignore token-in-build-argument: a read token for public models, rotated daily\nARG HF_TOKEN\n",
      },
    ],
  },
  check: () => [],
};
