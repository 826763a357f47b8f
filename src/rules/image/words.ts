/** Words that the rules of images share: for a token, for what hides it, for what helps. Pure. */

import type { Store } from "../../image/credential-store.ts";
import type { TokenFacts } from "../../model/finding.ts";
import type { LayerLocation } from "../../model/location.ts";

/** What the token is, at the start of a sentence. */
export function subjectOf(token: TokenFacts): string {
  return token.known === null
    ? `A Hugging Face token (${token.family})`
    : `A known Hugging Face token (${token.known})`;
}

/** What hides the file, and that it does not help; empty for a live file. */
export function hiddenNote({ hidden }: LayerLocation): string {
  if (hidden === null) return "";
  const acts = {
    whiteout: "deletes it",
    "opaque-whiteout": "deletes its folder",
    overwrite: "overwrites it",
    "replaced-type": "puts something else in its place",
  };
  return ` Layer ${hidden.byLayer} ${acts[hidden.how]}, but its bytes are still shipped.`;
}

/** How to get a token out of layers. */
export const LAYER_FIX =
  "Revoke the token, then rebuild without it: give it to the one command that needs it by `RUN --mount=type=secret,id=hf_token,env=HF_TOKEN`. Deleting the file in a later instruction does not help.";

/** A store as the subject of a sentence. */
export function storeName(store: Store): string {
  return {
    "git credentials": "The git credential store",
    "git config": "The git config",
    netrc: "The netrc file",
    "Docker login": "The Docker login file",
  }[store];
}
