/** Judges tokens in the content of files in layers. Reads facts only. */

import type { ImageRule } from "../../image/rule.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { hiddenNote, LAYER_FIX, subjectOf } from "./words.ts";

/** token-in-layer */
export const tokenInLayer: ImageRule = {
  meta: {
    id: "token-in-layer",
    subject: "image",
    level: "error",
    summary: "A file in a layer holds a Hugging Face token",
    rationale: `Whoever can pull an image can read every file of every layer, also files that a later layer deletes or overwrites: the bytes of the lower layer are still shipped. Every file is searched, whatever its path, size or kind, in plain text, base64 and UTF-16. Archives, packages, git packs and databases in a file are opened, also in one another; the finding then names the members on the way down.`,
    remediation: `Revoke the token at huggingface.co/settings/tokens, then find the instruction that put the file there (the finding quotes it) and keep the token out of it: a \`.dockerignore\` entry for files of the build context, a secret mount for what a command needs.`,
    bad: [
      { title: "a settings file", text: "layer: /app/.env = HF_TOKEN=@@TOKEN:user@@\n" },
      {
        title: "a file that a later layer deletes",
        text: "layer: /app/.env = HF_TOKEN=@@TOKEN:user@@\nlayer: /app/.wh..env\n",
      },
      { title: "a string in a program", text: 'layer: /app/main.py = login("@@TOKEN:user@@")\n' },
    ],
    good: [
      { title: "a name without a value", text: "layer: /app/.env = HF_TOKEN=\n" },
      { title: "a placeholder", text: "layer: /app/README.md = export HF_TOKEN=hf_your_token_here\n" },
    ],
  },
  check: (facts) =>
    byTokenAndPath(facts.layerTokens.filter(({ place, store }) => place === null && store === null)).map((group) => {
      const [{ token, confidence, location }] = group;
      return {
        level: levelOf(token, confidence),
        confidence,
        message: `${subjectOf(token)} stands in ${[location.path, ...location.within].join(" → ")}: whoever pulls the image can read it.${hiddenNote(location)}`,
        token,
        fix: LAYER_FIX,
        locations: locationsOf(facts, group),
        identity: [location.path, ...location.within],
      };
    }),
};
