/** Reports that hold every kind of finding, location, gap and subject, and strings that mean harm. */

import type { Finding, TokenFacts, Verification } from "../../src/model/finding.ts";
import type { Location, SourceLocation } from "../../src/model/location.ts";
import type { ImageSubject, Outcome, Report } from "../../src/model/report.ts";
import type { RuleMeta } from "../../src/model/rule.ts";
import { judge } from "../../src/gate/judge.ts";

const HASH = "0123456789abcdef".repeat(4);

/** A finding; what is not given is the plainest there is. */
export function finding(given: Partial<Finding> & { readonly locations: readonly Location[] }): Finding {
  return {
    rule: "login-in-build",
    level: "error",
    confidence: "high",
    message: "The login leaves the token in this layer, for everybody who can pull the image.",
    fingerprint: HASH,
    suppressed: null,
    token: null,
    fix: null,
    confirmedBy: [],
    ...given,
  };
}

/** A stretch of a Dockerfile, from `line:column` to `line:column`. */
export function source(stretch: string, snippet: string | null, given: Partial<SourceLocation> = {}): SourceLocation {
  const [startLine = 1, startColumn = 1, endLine = 1, endColumn = 1] = stretch.split(/[:-]/).map(Number);
  return {
    role: "primary",
    in: "dockerfile",
    path: "Dockerfile",
    region: { start: { line: startLine, column: startColumn }, end: { line: endLine, column: endColumn } },
    snippet,
    text: null,
    ...given,
  };
}

const TOKEN: TokenFacts = {
  family: "user",
  preview: "hf_…aBcD",
  sha256: HASH,
  encoding: [],
  known: null,
  verification: null,
};

/** A live token that can write, as whoami tells it. */
export const LIVE: Verification = {
  state: "live",
  reason: null,
  role: "fineGrained",
  name: "ci upload",
  scopes: ["repo.write on model acme/bert", "repo.content.read"],
  organizations: [
    { name: "acme", role: "admin" },
    { name: "beta", role: null },
  ],
  advice: "Revoke it now: it can write.",
  revoke: `curl -X POST https://huggingface.co/api/credentials/revoke -d '{"credentials": ["<the token>"]}'`,
};

const FINDINGS: readonly Finding[] = [
  finding({
    rule: "token-in-environment",
    message:
      "WORKER_KEY holds the build argument HF_TOKEN; every container and everybody who can pull the image reads it.",
    fix: "Drop the ENV and mount the token where it is used:\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN \\\n    python fetch.py",
    locations: [
      source("9:5-9:25", "ENV WORKER_KEY=$HF_TOKEN\nCMD serve"),
      source("3:5-3:13", "ARG HF_TOKEN", { role: "related", text: "the build argument is declared here" }),
    ],
  }),
  finding({
    locations: [source("12:5-13:23", 'RUN huggingface-cli login \\\n\t--token "$HF_TOKEN" && \\\n\tpython fetch.py')],
  }),
  finding({
    rule: "token-literal",
    level: "warning",
    confidence: "medium",
    message: "A token stands in a comment.",
    token: { ...TOKEN, encoding: ["base64"], verification: LIVE },
    locations: [
      source(`20:${"x".repeat(400).length}-20:437`, `# ${"長い ".repeat(100)}${"*".repeat(60)}${"y".repeat(400)}`),
    ],
  }),
  finding({
    rule: "token-literal",
    level: "note",
    message: "This token is public on purpose.",
    token: { ...TOKEN, known: "a token of a test suite" },
    locations: [source("1:1-1:1", null, { path: "-" })],
  }),
  finding({
    rule: "token-in-build-context",
    message: "COPY . takes a token from the build context.",
    token: TOKEN,
    locations: [
      source("22:6-22:7", "COPY . ."),
      { role: "related", in: "context", text: "the token stands here", path: "app/.env", byteOffset: 9, line: 2 },
      { role: "related", in: "context", text: null, path: "app/my model.bin", byteOffset: 4096, line: null },
      { role: "related", in: "context", text: "a token file", path: "/srv/home/token", byteOffset: null, line: null },
    ],
  }),
  finding({
    suppressed: { by: "comment", reason: "the token of the\npublic demo" },
    locations: [source("30:1-30:9", "RUN hf auth login")],
  }),
  finding({ suppressed: { by: "baseline", reason: "known since May" }, locations: [source("31:1-31:9", "RUN login")] }),
  finding({
    rule: "token-in-layer",
    message: "A token stands in a file that a later layer deletes; whoever pulls the image still gets it.",
    token: TOKEN,
    fix: "Build again with a secret mount and revoke the token.",
    locations: [
      {
        role: "primary",
        in: "layer",
        text: null,
        image: "registry.example/app:1",
        layer: 3,
        diffId: `sha256:${HASH}`,
        digest: `sha256:${HASH.replaceAll("0", "f")}`,
        path: "/root/.cache/hugging face/token",
        within: ["a.whl", "pkg/config.py"],
        byteOffset: 7,
        line: 2,
        createdBy: "RUN hf auth login --token ***",
        hidden: { byLayer: 5, how: "whiteout", createdBy: "RUN rm -rf /root/.cache" },
      },
      {
        role: "related",
        in: "config",
        text: null,
        image: "registry.example/app:1",
        pointer: "/config/Env/3",
        variable: "HF_TOKEN",
      },
      {
        role: "related",
        in: "history",
        text: "the instruction is here",
        image: "registry.example/app:1",
        index: 4,
        pointer: "/history/4/created_by",
        variable: null,
      },
      {
        role: "related",
        in: "attestation",
        text: null,
        image: "registry.example/app:1",
        digest: `sha256:${HASH}`,
        pointer: "/predicate/buildDefinition",
      },
      { role: "related", in: "archive", text: null, path: "repositories", byteOffset: null },
    ],
  }),
  finding({
    rule: "token-in-archive",
    message: "A token stands in a blob that nothing refers to.",
    locations: [{ role: "primary", in: "archive", text: null, path: "blobs/sha256/abc", byteOffset: 512 }],
  }),
];

function inLayer(layer: number, path: string): Location {
  return {
    role: "primary",
    in: "layer",
    text: null,
    image: "registry.example/app:1",
    layer,
    diffId: null,
    digest: null,
    path,
    within: [],
    byteOffset: 0,
    line: 1,
    createdBy: null,
    hidden: null,
  };
}

/** An image of which all that there is was looked at. */
export const IMAGE: ImageSubject = {
  kind: "image",
  name: "app",
  source: "app.tar",
  platform: null,
  configDigest: null,
  coverage: { layers: 1, files: 1, bytes: 1, undecoded: {}, absentPlatforms: [] },
};

/** Everything a report can hold. */
export const FULL: Report = judge({
  subjects: [
    { kind: "dockerfile", name: "Dockerfile" },
    { kind: "dockerfile", name: "-" },
    {
      kind: "image",
      name: "registry.example/app:1",
      source: "app.tar",
      platform: "linux/amd64",
      configDigest: `sha256:${HASH}`,
      coverage: {
        layers: 6,
        files: 1200,
        bytes: 73_400_320,
        undecoded: { "zip-encrypted": 1 },
        absentPlatforms: ["linux/arm64"],
      },
    },
  ],
  findings: FINDINGS,
  gaps: [
    { at: "api/Dockerfile", why: "not-utf-8", detail: "the text is not UTF-8; save it as UTF-8" },
    {
      at: "registry.example/app:1 layer 4",
      why: "unsupported-compression",
      detail: "the layer is compressed with xyz",
    },
  ],
});

/** A leak in a Dockerfile that an image confirms, the same in the image, and one that the base image brought. */
export const JOINED: Report = judge({
  subjects: FULL.subjects,
  findings: [
    finding({
      confirmedBy: ["registry.example/app:1"],
      locations: [
        source("4:5-4:18", "RUN hf auth login"),
        source("2:5-2:13", "ARG HF_TOKEN", { role: "related", text: "ARG HF_TOKEN is declared here" }),
        { ...inLayer(4, "/root/.cache/huggingface/token"), role: "related", text: "confirmed by the image" },
      ],
    }),
    finding({
      rule: "token-file-in-layer",
      message: "/root/.cache/huggingface/token holds the token of a Hugging Face login.",
      token: TOKEN,
      locations: [
        inLayer(4, "/root/.cache/huggingface/token"),
        source("4:5-4:18", "RUN hf auth login", { role: "related", text: "this instruction made the layer" }),
      ],
    }),
    finding({
      rule: "token-in-layer",
      message: "A token stands in /etc/hf. It comes from the base image: layer 1 lies below what Dockerfile builds.",
      token: TOKEN,
      locations: [
        inLayer(1, "/etc/hf"),
        source("1:1-1:13", "FROM team/ml", { role: "related", text: "the base image comes in here" }),
      ],
    }),
  ],
  gaps: [],
});

/** One Dockerfile and nothing to say. */
export const CLEAN: Report = judge({ subjects: [{ kind: "dockerfile", name: "Dockerfile" }], findings: [], gaps: [] });

/** Nothing but something that was not read. */
export const UNREAD: Report = judge({
  subjects: [],
  findings: [],
  gaps: [{ at: "nope", why: "missing", detail: "there is no such file or folder; check the path" }],
});

/** Text that would colour a terminal, turn its direction, start a workflow command, or pass for Markdown and HTML. */
export const HOSTILE: string =
  "a\u001b[31mred\u001b[0m \u202egnihton\u202c\n::error::pwned\r\n##[error]pwned \u009b2J %0A::warning::x \u2028 [link](http://x.example) <b>`$(id)`</b> | \u200b, a:b \ud800";

function hostile(text: string | null): Finding {
  return finding({
    rule: `rule ${HOSTILE}`,
    message: HOSTILE,
    fix: HOSTILE,
    suppressed: text === null ? null : { by: "comment", reason: text },
    token: {
      ...TOKEN,
      known: HOSTILE,
      encoding: [HOSTILE],
      verification: {
        ...LIVE,
        reason: HOSTILE,
        role: HOSTILE,
        name: HOSTILE,
        scopes: [HOSTILE],
        organizations: [{ name: HOSTILE, role: HOSTILE }],
        advice: HOSTILE,
        revoke: HOSTILE,
      },
    },
    locations: [
      source("1:1-2:9", HOSTILE, { path: `dir/${HOSTILE}` }),
      source("1:1-1:3", HOSTILE, { path: HOSTILE, role: "related", text: HOSTILE }),
      {
        role: "related",
        in: "layer",
        text: HOSTILE,
        image: HOSTILE,
        layer: 0,
        diffId: HOSTILE,
        digest: HOSTILE,
        path: `/${HOSTILE}`,
        within: [HOSTILE],
        byteOffset: 0,
        line: 1,
        createdBy: HOSTILE,
        hidden: { byLayer: 1, how: "overwrite", createdBy: HOSTILE },
      },
      { role: "related", in: "archive", text: HOSTILE, path: HOSTILE, byteOffset: 1 },
    ],
  });
}

/** An outcome where every string means harm. */
export const HOSTILE_OUTCOME: Outcome = {
  subjects: [{ kind: "dockerfile", name: HOSTILE }],
  findings: [hostile(null), hostile(HOSTILE)],
  gaps: [{ at: HOSTILE, why: "missing", detail: HOSTILE }],
};

/** Two rules, for formats that carry help. */
export const SAMPLE_RULES: readonly RuleMeta[] = [
  {
    id: "login-in-build",
    subject: "dockerfile",
    level: "error",
    summary: "A login in a RUN leaves the token in the layer",
    rationale: "`hf auth login` writes two files.",
    remediation: "Mount the token as a secret.",
    bad: [{ title: "A login", text: "FROM a\nRUN hf auth login --token @@TOKEN:user@@\n" }],
    good: [{ title: "A mount", text: "FROM a\nRUN --mount=type=secret,id=HF_TOKEN,env=HF_TOKEN hf download b/c\n" }],
  },
  {
    id: "token-literal",
    subject: "dockerfile",
    level: "error",
    summary: "A token in the Dockerfile",
    rationale: "Everybody reads it.",
    remediation: "Revoke it.",
    bad: [],
    good: [],
  },
];
