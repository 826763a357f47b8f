/** Judges files in which git, netrc users and Docker keep credentials. Reads facts only. */

import type { LayerToken, StoredCredential } from "../../image/facts.ts";
import type { ImageRule } from "../../image/rule.ts";
import { byTokenAndPath, levelOf, locationsOf } from "./places.ts";
import { hiddenNote, LAYER_FIX, storeName } from "./words.ts";

/** credential-store-in-layer */
export const credentialStoreInLayer: ImageRule = {
  meta: {
    id: "credential-store-in-layer",
    subject: "image",
    level: "error",
    summary: "A layer holds a credential store with a Hugging Face login",
    rationale: `\`.git-credentials\` (written by \`hf auth login --add-to-git-credential\`), the remote's URL in \`.git/config\` (written by \`git clone https://user:token@huggingface.co/…\`), addresses in \`.gitconfig\`, \`.netrc\` and Docker's \`config.json\` keep a token in plain text or base64. A layer keeps the file, whatever later layers do.`,
    remediation: `Revoke the token. Clone with a token that is not stored: \`RUN --mount=type=secret,id=hf_token git -c credential.helper='!f() { echo username=hf_user; echo password=$(cat /run/secrets/hf_token); }; f' clone …\`, or use \`hf download\` with a secret mount.`,
    bad: [
      {
        title: "git's credential store",
        text: "layer: /root/.git-credentials = https://hf_user:@@TOKEN:user@@@huggingface.co\n",
      },
      {
        title: "a remote with a token",
        text: 'layer: /app/model/.git/config = [remote "origin"] url = https://user:@@TOKEN:user@@@huggingface.co/org/model\n',
      },
    ],
    good: [
      {
        title: "a remote without one",
        text: 'layer: /app/model/.git/config = [remote "origin"] url = https://huggingface.co/org/model\n',
      },
      { title: "another host", text: "layer: /root/.netrc = machine example.com login me password something-else\n" },
    ],
  },
  check: (facts) => {
    const withToken = facts.layerTokens.filter(
      (token): token is LayerToken & Pick<StoredCredential, "store"> => token.store !== null && token.place === null,
    );
    return [
      ...byTokenAndPath(withToken).map((group) => {
        const [{ token, confidence, location, store }] = group;
        return {
          level: levelOf(token, confidence),
          confidence,
          message: `${storeName(store)} ${location.path} holds a Hugging Face token: whoever pulls the image can read it.${hiddenNote(location)}`,
          token,
          fix: LAYER_FIX,
          locations: locationsOf(facts, group),
          identity: [location.path],
        };
      }),
      ...facts.credentials.map(({ location, store, host }) => ({
        level: "error" as const,
        confidence: "medium" as const,
        message: `${storeName(store)} ${location.path} holds a login for ${host}: whoever pulls the image can read it.${hiddenNote(location)}`,
        token: null,
        fix: LAYER_FIX,
        locations: [location],
        identity: [location.path, host],
      })),
    ];
  },
};
