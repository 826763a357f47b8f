/**
 * Dockerfiles that leak a token, and some that do not, for a real engine to build: each with what an inspection of the
 * saved image has to find, in the short form of `support/found.ts`. The tokens are fakes, made when the tests run.
 */

import type { Build } from "../support/engine.ts";
import { fakeToken } from "../support/tokens.ts";

/** One image to build. */
export interface Case {
  readonly title: string;
  readonly builder: Build["builder"];
  readonly dockerfile: string;
  /** Files of the build context, by path. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Sorted; empty for an image that is clean. */
  readonly want: readonly string[];
  /** True for the images that are converted to every other layout, too. */
  readonly isConverted: boolean;
}

/**
 * What stands in for `hf`: writes what `hf auth login` of huggingface_hub 1.x writes, to the same places
 * (facts: src/huggingface_hub/utils/_auth.py and _git_credential.py).
 */
export const LOGIN_STAND_IN: string = `#!/bin/sh
set -eu
umask 077
token=
git=
while [ $# -gt 0 ]; do
  case $1 in
    --token) token=$2; shift ;;
    --add-to-git-credential) git=yes ;;
  esac
  shift
done
home=\${HF_HOME:-\${XDG_CACHE_HOME:-\${HOME:-/root}/.cache}/huggingface}
file=\${HF_TOKEN_PATH:-$home/token}
mkdir -p "\${file%/*}" "$home"
printf %s "$token" >"$file"
printf '[model-server]\\nhf_token = %s\\n\\n' "$token" >"\${file%/*}/stored_tokens"
: >"$home/.check_for_update_done"
if [ -n "$git" ]; then
  printf 'https://hf_user:%s@huggingface.co\\n' "$token" >>"\${HOME:-/root}/.git-credentials"
fi
`;

/** The image that all of them are built from: busybox, a home for root, and the login. */
export const BASE_DOCKERFILE: string = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY passwd /etc/passwd
COPY hf /bin/hf
`;

const LOGIN = `RUN --mount=type=secret,id=HF_TOKEN hf auth login --token "$(cat /run/secrets/HF_TOKEN)"\n`;
const HOME = "/root/.cache/huggingface";
const SECRET = { HF_TOKEN: fakeToken() };
const NOTEBOOK = JSON.stringify({ cells: [{ cell_type: "code", source: [`import os\n${fakeToken("user", 4)}\n`] }] });

function buildKit(
  title: string,
  dockerfile: string,
  want: readonly string[],
  rest: Partial<Pick<Case, "files" | "buildArguments" | "secrets" | "isConverted">> = {},
): Case {
  return {
    title,
    builder: "buildkit",
    dockerfile,
    want,
    files: {},
    buildArguments: {},
    secrets: {},
    isConverted: false,
    ...rest,
  };
}

/** Every image. `FROM base` becomes the image of `BASE_DOCKERFILE`. */
export const CASES: readonly Case[] = [
  buildKit(
    "a login through a secret mount",
    `FROM base\n${LOGIN}`,
    [`token-file-in-layer ${HOME}/stored_tokens user 1`, `token-file-in-layer ${HOME}/token user 1`],
    { secrets: SECRET },
  ),
  buildKit(
    "a login that a later layer deletes",
    `FROM base\n${LOGIN}RUN rm -r ${HOME}\n`,
    [
      `token-file-in-layer ${HOME}/stored_tokens user 1 hidden by whiteout`,
      `token-file-in-layer ${HOME}/token user 1 hidden by whiteout`,
    ],
    { secrets: SECRET, isConverted: true },
  ),
  buildKit(
    "a login in a folder that a later layer makes anew",
    `FROM base\n${LOGIN}RUN rm -r ${HOME} && mkdir -p ${HOME}/hub && echo weights >${HOME}/hub/model\n`,
    [
      `token-file-in-layer ${HOME}/stored_tokens user 1 hidden by opaque-whiteout`,
      `token-file-in-layer ${HOME}/token user 1 hidden by opaque-whiteout`,
    ],
    { secrets: SECRET, isConverted: true },
  ),
  buildKit(
    "a login whose files a later layer empties or replaces by folders",
    `FROM base\n${LOGIN}RUN : >${HOME}/token && rm ${HOME}/stored_tokens && mkdir ${HOME}/stored_tokens\n`,
    [
      `token-file-in-layer ${HOME}/stored_tokens user 1 hidden by replaced-type`,
      `token-file-in-layer ${HOME}/token user 1 hidden by overwrite`,
    ],
    { secrets: SECRET, isConverted: true },
  ),
  buildKit(
    "a login that the same instruction cleans up",
    `FROM base\n${LOGIN.trimEnd()} && rm ${HOME}/token ${HOME}/stored_tokens\n`,
    [],
    { secrets: SECRET },
  ),
  buildKit(
    "a secret that one command uses",
    `FROM base\nRUN --mount=type=secret,id=HF_TOKEN HF_TOKEN="$(cat /run/secrets/HF_TOKEN)" sh -c 'echo "\${#HF_TOKEN}" >/length'\n`,
    [],
    { secrets: SECRET, isConverted: true },
  ),
  buildKit(
    "a secret that is written to a file",
    `FROM base\nRUN --mount=type=secret,id=HF_TOKEN echo "HF_TOKEN=$(cat /run/secrets/HF_TOKEN)" >/etc/environment\n`,
    ["token-in-layer /etc/environment user 1"],
    { secrets: SECRET },
  ),
  buildKit(
    "a build argument that a command uses",
    `FROM base\nARG HF_TOKEN\nRUN echo "\${#HF_TOKEN}" >/length\n`,
    ["token-in-history user 1"],
    { buildArguments: SECRET },
  ),
  buildKit(
    "a build argument in the environment and a label",
    `FROM base\nARG HF_TOKEN\nENV RANKER_KEY=$HF_TOKEN\nLABEL source=https://user:$HF_TOKEN@huggingface.co/acme/ranker\n`,
    ["token-in-history user 1", "token-in-image-config user 1"],
    { buildArguments: SECRET, isConverted: true },
  ),
  buildKit(
    "a token that stays in a stage",
    `FROM base AS weights\nARG HF_TOKEN\nRUN hf auth login --token "$HF_TOKEN" && mkdir /models && echo weights >/models/model\nFROM base\nCOPY --from=weights /models /models\n`,
    [],
    { buildArguments: SECRET },
  ),
  buildKit(
    "a token file copied from a stage",
    `FROM base AS weights\n${LOGIN}FROM base\nCOPY --from=weights /root/.cache /root/.cache\n`,
    [`token-file-in-layer ${HOME}/stored_tokens user 1`, `token-file-in-layer ${HOME}/token user 1`],
    { secrets: SECRET },
  ),
  buildKit(
    "homes that the environment moves, before and after the login",
    `FROM base\nENV HF_HOME=/data/hf\n${LOGIN}ENV HF_HOME=/models HF_TOKEN_PATH=/etc/hf/secret\n${LOGIN}`,
    [
      "token-file-in-layer /data/hf/stored_tokens user 1",
      "token-file-in-layer /data/hf/token user 1",
      "token-file-in-layer /etc/hf/secret user 1",
      "token-file-in-layer /etc/hf/stored_tokens user 1",
    ],
    { secrets: SECRET },
  ),
  buildKit(
    "credential stores",
    `FROM base
RUN --mount=type=secret,id=HF_TOKEN hf auth login --token "$(cat /run/secrets/HF_TOKEN)" --add-to-git-credential && rm -r ${HOME}
RUN --mount=type=secret,id=HF_TOKEN echo "machine huggingface.co login user password $(cat /run/secrets/HF_TOKEN)" >/root/.netrc
RUN --mount=type=secret,id=HF_TOKEN mkdir -p /src/.git && printf '[remote "origin"]\\n\\turl = https://user:%s@huggingface.co/acme/ranker\\n' "$(cat /run/secrets/HF_TOKEN)" >/src/.git/config
`,
    [
      "credential-store-in-layer /root/.git-credentials user 1",
      "credential-store-in-layer /root/.netrc user 1",
      "credential-store-in-layer /src/.git/config user 1",
    ],
    { secrets: SECRET },
  ),
  buildKit(
    "a build context with tokens of every kind",
    "FROM base\nWORKDIR /app\nCOPY app .\nRUN rm .env\n",
    [
      "token-in-layer /app/.env user 3 hidden by whiteout",
      "token-in-layer /app/app.pyc user 6",
      "token-in-layer /app/explore.ipynb user 4",
      "token-in-layer /app/settings.ps1 user 5",
      "token-in-layer /app/values.yaml user 2",
    ],
    {
      isConverted: true,
      files: {
        "app/.env": `PORT=8000\nHF_TOKEN=${fakeToken("user", 3)}\n`,
        "app/explore.ipynb": NOTEBOOK,
        "app/values.yaml": `data:\n  token: ${Buffer.from(fakeToken("user", 2)).toString("base64")}\n`,
        "app/settings.ps1": Buffer.from(`$env:HF_TOKEN = "${fakeToken("user", 5)}"\r\n`, "utf16le"),
        "app/app.pyc": Buffer.from(`\u0001\0\u00fa%${fakeToken("user", 6)}N\0\0`, "latin1"),
      },
    },
  ),
  {
    ...buildKit(
      "the classic builder, with a build argument everywhere",
      `FROM base
ARG HF_TOKEN
ENV RANKER_KEY=$HF_TOKEN
RUN hf auth login --token "$HF_TOKEN"
RUN rm ${HOME}/token
`,
      [
        `token-file-in-layer ${HOME}/stored_tokens user 1`,
        `token-file-in-layer ${HOME}/token user 1 hidden by whiteout`,
        "token-in-history user 1",
        "token-in-image-config user 1",
      ],
      { buildArguments: SECRET, isConverted: true },
    ),
    builder: "classic",
  },
];
