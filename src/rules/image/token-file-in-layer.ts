/** Judges the token files of Hugging Face clients. Reads facts only. */

import type { LayerToken, TokenFile } from "../../image/facts.ts";
import type { TokenPlace } from "../../image/hf-home.ts";
import type { ImageRule } from "../../image/rule.ts";
import type { LayerLocation } from "../../model/location.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { hiddenNote, LAYER_FIX } from "./words.ts";

function messageOf({ path, ...location }: LayerLocation, { file, variable }: TokenPlace): string {
  const where = variable === null ? "" : `, where ${variable} of the image points`;
  const what = file === "token" ? "the token of a Hugging Face login" : "the stored tokens of a Hugging Face login";
  return `${path}${where} holds ${what}: whoever pulls the image can read it.${hiddenNote({ path, ...location })}`;
}

/** token-file-in-layer */
export const tokenFileInLayer: ImageRule = {
  meta: {
    id: "token-file-in-layer",
    subject: "image",
    level: "error",
    summary: "A layer holds the token file of a Hugging Face login",
    rationale: `\`hf auth login\`, \`huggingface-cli login\` and \`login()\` write the files \`token\` and \`stored_tokens\` into the Hugging Face home (\`~/.cache/huggingface\`, \`~/.huggingface\` in old releases, or where \`HF_HOME\`, \`HF_TOKEN_PATH\` and \`XDG_CACHE_HOME\` point). The layer keeps them, also when a later instruction logs out or deletes them: whoever pulls the image can read every layer.

The file is reported whatever it holds; an empty file is no leak, and the folder without these files proves nothing.`,
    remediation: `Revoke the token at huggingface.co/settings/tokens. Do not log in during a build: give the token to the one command that needs it, with a secret mount (\`RUN --mount=type=secret,id=hf_token,env=HF_TOKEN hf download …\`), and log in when the container starts, if at all.`,
    bad: [
      { title: "a login in the build", text: "layer: /root/.cache/huggingface/token = @@TOKEN:user@@\n" },
      {
        title: "a login that a later layer deletes",
        text: "layer: /root/.cache/huggingface/token = @@TOKEN:user@@\nlayer: /root/.cache/.wh.huggingface\n",
      },
      { title: "where HF_HOME points", text: "env: HF_HOME=/models\nlayer: /models/token = @@TOKEN:user@@\n" },
    ],
    good: [
      { title: "an empty file, left by a secret mount", text: "layer: /root/.cache/huggingface/token =\n" },
      { title: "models only", text: "layer: /root/.cache/huggingface/hub/version.txt = 1\n" },
    ],
  },
  check: (facts) => {
    const withToken = facts.layerTokens.filter((token): token is LayerToken & TokenFile => token.place !== null);
    return [
      ...byTokenAndPath(withToken).map((group) => {
        const [{ token, confidence, location, place }] = group;
        return {
          level: levelOf(token, confidence),
          confidence,
          message: messageOf(location, place),
          token,
          fix: LAYER_FIX,
          locations: locationsOf(facts, group),
          identity: [location.path],
        };
      }),
      ...facts.tokenFiles.map(({ location, place }) => ({
        level: "error" as const,
        confidence: "medium" as const,
        message: messageOf(location, place),
        token: null,
        fix: LAYER_FIX,
        locations: [location],
        identity: [location.path],
      })),
    ];
  },
};
