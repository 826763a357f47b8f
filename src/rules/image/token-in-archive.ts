/** Judges tokens in names, links and attributes, and in parts of an archive that no image uses. Reads facts only. */

import type { ImageRule } from "../../image/rule.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { subjectOf } from "./words.ts";

/** token-in-archive */
export const tokenInArchive: ImageRule = {
  meta: {
    id: "token-in-archive",
    subject: "image",
    level: "error",
    summary: "A name, a link, an attribute or an unused part of the archive holds a Hugging Face token",
    rationale: `A saved image is more than the files of its layers: file names, link targets and extended attributes, blobs that no manifest names, bytes between and behind the entries. Whoever is given the archive, or pulls the layer, gets all of that.`,
    remediation: `Revoke the token. Rename the file, or save the image again from a clean build: \`docker save\` of one image into a new file leaves out what other images need.`,
    bad: [
      { title: "a file name", text: "layer: /app/@@TOKEN:user@@.txt = x\n" },
      { title: "a blob that no image uses", text: "blob: HF_TOKEN=@@TOKEN:user@@\n" },
    ],
    good: [{ title: "an ordinary name", text: "layer: /app/model.txt = x\n" }],
  },
  check: (facts) =>
    byTokenAndPath(facts.archiveTokens).map((group) => {
      const [{ token, confidence, what }] = group;
      return {
        level: levelOf(token, confidence),
        confidence,
        message: `${subjectOf(token)} stands in ${what}: whoever is given the image can read it.`,
        token,
        fix: "Revoke the token, then build and save the image again without it.",
        locations: locationsOf(facts, group),
        identity: [what],
      };
    }),
};
