/** Judges tokens in an image's history. Reads facts only. */

import type { HistoryToken, NamedSecret } from "../../image/facts.ts";
import type { ImageRule } from "../../image/rule.ts";
import type { HistoryLocation } from "../../model/location.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { subjectOf } from "./words.ts";

const FIX =
  "Revoke the token, and give it to the build as a secret: `RUN --mount=type=secret,id=hf_token,env=HF_TOKEN …` with `docker build --secret id=hf_token`. The history keeps build arguments and command lines.";

/** Entries that repeat a value, and are named. */
const MAX_OTHERS = 10;

function valueOf(variable: string | null): string {
  return variable === null ? "" : `, as the value of ${variable}`;
}

/** What a place of the history is: a build argument is one, whatever number of RUNs repeats its value. */
function keyOf({ location, instruction }: Pick<HistoryToken, "location" | "instruction">): string {
  const isArgument = /^(?:RUN )?\|\d+ /.test(instruction ?? "");
  return isArgument && location.variable !== null ? `argument ${location.variable}` : location.pointer;
}

/** A named secret of the history. */
interface Named extends NamedSecret {
  readonly location: HistoryLocation;
}

function namedSecrets(secrets: readonly NamedSecret[]): [Named, ...Named[]][] {
  const groups = new Map<string, [Named, ...Named[]]>();
  for (const secret of secrets) {
    const { location } = secret;
    if (location.in !== "history") continue;
    const named = { ...secret, location };
    const key = `${secret.name} ${keyOf(named)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [named]);
    else group.push(named);
  }
  return [...groups.values()];
}

function again(location: HistoryLocation): HistoryLocation {
  return { ...location, role: "related", text: "the same in another entry" };
}

/** token-in-history */
export const tokenInHistory: ImageRule = {
  meta: {
    id: "token-in-history",
    subject: "image",
    level: "error",
    summary: "The image's history holds a Hugging Face token",
    rationale: `The history keeps each instruction as it was run: command lines, and every build argument that was declared before a RUN, even one that the command does not use. \`docker history --no-trunc\` shows it to whoever has the image, and registries serve it with the config. A variable that by its name holds a token is a warning when its value has no known shape.`,
    remediation: `Revoke the token. Build arguments are no secrets: pass the token as a build secret.`,
    bad: [
      {
        title: "a build argument",
        text: "history: RUN |1 HF_TOKEN=@@TOKEN:user@@ /bin/sh -c hf download org/model # buildkit\n",
      },
      {
        title: "a command line",
        text: "history: RUN /bin/sh -c hf download org/model --token @@TOKEN:user@@ # buildkit\n",
      },
    ],
    good: [
      { title: "a secret mount", text: "history: RUN /bin/sh -c hf download org/model # buildkit\n" },
      { title: "a name alone", text: "history: ARG HF_TOKEN\n" },
    ],
  },
  check: (facts) => [
    ...byTokenAndPath(facts.historyTokens, keyOf).map((group) => {
      const [{ token, confidence, instruction, location }] = group;
      return {
        level: levelOf(token, confidence),
        confidence,
        message: `${subjectOf(token)} stands in the image's history${valueOf(location.variable)}: whoever can see the image can read it.`,
        token,
        fix: FIX,
        locations: locationsOf(facts, group),
        identity: [keyOf(group[0]).startsWith("argument ") ? (location.variable ?? "") : (instruction ?? "")],
      };
    }),
    ...namedSecrets(facts.namedSecrets).map(([first, ...others]) => ({
      level: "warning" as const,
      confidence: "medium" as const,
      message: `${first.name} in the image's history has a value, which by its name is a Hugging Face token: whoever can see the image can read it.`,
      token: null,
      fix: FIX,
      locations: [first.location, ...others.slice(0, MAX_OTHERS).map(({ location }) => again(location))],
      identity: [first.name, keyOf(first).startsWith("argument ") ? "" : (first.instruction ?? "")],
    })),
  ],
};
