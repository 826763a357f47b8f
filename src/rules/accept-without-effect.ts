/** What an entry of the config or the baseline that lets nothing through is called; `gate` finds them once all is looked at. */

import type { RuleMeta } from "../model/rule.ts";

const DOCKERFILE = "FROM python:3.12-slim\nARG HF_TOKEN\n";

/** accept-without-effect */
export const acceptWithoutEffect: { readonly meta: RuleMeta } = {
  meta: {
    id: "accept-without-effect",
    subject: "policy",
    level: "note",
    summary: "An accept entry or a baseline entry lets nothing through",
    rationale: `An entry under \`accept\` in \`.hullcheck.yaml\`, or in a baseline, keeps findings from failing. One that matches nothing any more would one day let a new leak through that nobody has looked at; one whose \`expires\` date has passed lets through nothing, and what it stood for counts again. Entries are judged only when what they are about was looked at, and nothing was left unread.`,
    remediation:
      "Delete the entry, or write the baseline again with `--write-baseline`. Of one that expired, mend the leak, or look at it again and give a later date.",
    bad: [
      {
        title: "nothing to let through (the Dockerfile beside it has no login)",
        file: ".hullcheck.yaml",
        text: "accept:\n  - rule: login-in-build\n    path: Dockerfile\n    reason: a read token for public models\n",
        context: { Dockerfile: DOCKERFILE },
      },
      {
        title: "expired",
        file: ".hullcheck.yaml",
        text: "accept:\n  - rule: token-in-build-argument\n    path: Dockerfile\n    reason: until the new base image is out\n    expires: 2024-06-30\n",
        context: { Dockerfile: DOCKERFILE },
      },
    ],
    good: [
      {
        title: "a finding, a reason, a date",
        file: ".hullcheck.yaml",
        text: "accept:\n  - rule: token-in-build-argument\n    path: Dockerfile\n    reason: a read token for public models, rotated daily\n    expires: 2999-12-31\n",
        context: { Dockerfile: DOCKERFILE },
      },
    ],
  },
};
