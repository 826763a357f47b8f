/** How the reach of an instruction becomes a level and the words that say who can read what it leaves. */

import type { Reach, Step } from "../../dockerfile/facts.ts";
import type { TokenFacts } from "../../model/finding.ts";
import type { Level } from "../../model/level.ts";

/** Error where the final image shows it, warning elsewhere; a token that is public anyway is a note. */
export function levelFor(reach: Reach | "source", token: TokenFacts | null = null): Level {
  if (token !== null && token.known !== null) return "note";
  return reach === "final" ? "error" : "warning";
}

/** Who can read it, as the end of a sentence; `shows` says where the final image shows it. */
export function readers(reach: Reach | "source", shows: string): string {
  switch (reach) {
    case "final":
      return `${shows} to everyone who can pull the image`;
    case "stage":
      return "it stays out of the final image, but shows in the build cache, in provenance (mode=max) and in what --target builds";
    case "child":
      return "it shows in every image that is built FROM this one";
    case "source":
      return "everyone who can read this file has it, though it is not in the image";
  }
}

/** Who can read what lies in a layer, as the end of a sentence. */
export function layerReaders(reach: Reach): string {
  if (reach === "stage")
    return "it stays out of the final image, but shows in the build cache and in what --target builds";
  return readers(reach, "the layer shows it");
}

/** What to say of a later RUN that deletes the file; empty when none does. */
export function laterRemark(reach: Reach, deletedLater: Step | null): string {
  if (deletedLater === null) return "";
  return reach === "stage"
    ? " Deleting it in a later RUN keeps it from what COPY --from takes, but not from the cache."
    : " Deleting it in a later RUN clears nothing.";
}

/** What to say of a token that is public on purpose; empty for any other. */
export function publicRemark(token: TokenFacts | null): string {
  return token === null || token.known === null ? "" : ` (${token.known})`;
}

/** What to do first about a token that stands in the file; empty for one that does not, or is public on purpose. */
export function revokeFirst(token: TokenFacts | null): string {
  return token === null || token.known !== null ? "" : "Revoke this token at huggingface.co/settings/tokens. ";
}

/** How to name a token of the report: its preview. */
export function named(token: TokenFacts | null): string {
  return token === null ? "a Hugging Face token" : `the token ${token.preview}`;
}

/** Stands for what a fix cannot quote. */
export const ANY_COMMAND = "<the command that needs the token>";
