/** Which instruction made which entry of a history: what real builders write, and what must not be tied to anything. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alignHistory } from "../src/align-history.ts";
import { buildChains, type BuildChain } from "../src/dockerfile/build-step.ts";
import { lintDockerfileFacts } from "../src/lint.ts";

function chainsOf(files: Readonly<Record<string, string>>): BuildChain[] {
  return Object.entries(files).flatMap(([path, text]) => buildChains(lintDockerfileFacts(text, { path }).facts));
}

/** A history of which every entry is by one builder; `isAsWritten` for kaniko. */
function written(
  lines: readonly (string | null)[],
  isAsWritten: boolean,
): { readonly createdBy: string | null; readonly isAsWritten: boolean }[] {
  return lines.map((createdBy) => ({ createdBy, isAsWritten }));
}

/** `entry:path:line` for each tied entry, and `base<entry` for what the base image brought. */
function tied(
  history: readonly (string | null)[],
  files: string | Readonly<Record<string, string>>,
  redact: (text: string) => string = (text) => text,
  isAsWritten = false,
): string[] {
  const chains = chainsOf(typeof files === "string" ? { Dockerfile: files } : files);
  return alignHistory(written(history, isAsWritten), chains, redact)
    .flatMap(({ chain: { facts }, stepOf, baseEnd }) => [
      `base<${baseEnd} of ${facts.path}`,
      ...[...stepOf].map(([entry, { span }]) => {
        const line = facts.source.text.slice(0, span.start).split("\n").length;
        return `${entry} ${facts.path}:${line}`;
      }),
    ])
    .toSorted();
}

function masked(text: string): string {
  return text.replaceAll("SECRET", "S****T");
}

const PROJECT = `# syntax=docker/dockerfile:1
FROM python:3.12 AS weights
ARG HF_TOKEN
RUN hf download acme/ranker
FROM python:3.12
ARG HF_TOKEN
ENV RANKER_KEY=\${HF_TOKEN} \\
    PORT=8000
LABEL org.example.token="$HF_TOKEN"
WORKDIR srv
COPY --chown=app requirements.txt ./
RUN --mount=type=cache,target=/root/.cache pip install \\
    # quietly
    -r requirements.txt
COPY --from=weights /models /models
RUN ["hf", "auth", "login"]
EXPOSE 8000
USER app
CMD ["sh", "-c", "serve \\"$PORT\\""]
`;
const EVERY_LINE = [6, 7, 9, 10, 11, 12, 15, 16, 17, 18, 19].map((line, i) => `${i + 2} Dockerfile:${line}`);

describe("every line of a project, as written by", () => {
  test("BuildKit", () => {
    const history = [
      "# debian.sh --arch 'amd64' out/ 'bookworm'",
      "ENV PORT=1",
      "ARG HF_TOKEN=secret",
      "ENV RANKER_KEY=secret PORT=8000",
      "LABEL org.example.token=secret",
      "WORKDIR /srv",
      "COPY --chown=app requirements.txt ./ # buildkit",
      "RUN |1 HF_TOKEN=secret /bin/sh -c pip install     -r requirements.txt # buildkit",
      "COPY /models /models # buildkit",
      "RUN |1 HF_TOKEN=secret hf auth login # buildkit",
      "EXPOSE map[8000/tcp:{}]",
      "USER app",
      'CMD ["sh" "-c" "serve \\"$PORT\\""]',
    ];
    expect(tied(history, PROJECT)).toEqual(["base<2 of Dockerfile", ...EVERY_LINE].toSorted());
  });

  test("the classic builder", () => {
    const hash = "52392194f29f6ec7f21c816690b5a039a5246613c382294f3b82bd50da377282";
    const history = [
      `/bin/sh -c #(nop) ADD file:${hash} in / `,
      '/bin/sh -c #(nop)  CMD ["bash"]',
      "/bin/sh -c #(nop)  ARG HF_TOKEN",
      "/bin/sh -c #(nop)  ENV RANKER_KEY=secret PORT=8000",
      "/bin/sh -c #(nop)  LABEL org.example.token=secret",
      "/bin/sh -c #(nop) WORKDIR /srv",
      `/bin/sh -c #(nop) COPY --chown=app:appfile:${hash} in ./ `,
      "|1 HF_TOKEN=secret /bin/sh -c pip install     -r requirements.txt",
      `/bin/sh -c #(nop) COPY dir:${hash} in /models `,
      "|1 HF_TOKEN=secret hf auth login",
      "/bin/sh -c #(nop)  EXPOSE 8000",
      "/bin/sh -c #(nop)  USER app",
      '/bin/sh -c #(nop)  CMD ["sh" "-c" "serve \\"$PORT\\""]',
    ];
    expect(tied(history, PROJECT)).toEqual(["base<2 of Dockerfile", ...EVERY_LINE].toSorted());
  });

  test("buildah", () => {
    const hash = "a39ffd9b278b958962a4f978a3feda0cb87f9d2ae1f2cc30a0ec08d7c4d38331";
    const history = [
      null,
      null,
      "/bin/sh -c #(nop) ARG HF_TOKEN",
      "/bin/sh -c #(nop) ENV RANKER_KEY=${HF_TOKEN}     PORT=8000",
      '/bin/sh -c #(nop) LABEL org.example.token="$HF_TOKEN"',
      "/bin/sh -c #(nop) WORKDIR srv",
      `/bin/sh -c #(nop) COPY file:${hash} in ./ `,
      "|1 HF_TOKEN=secret /bin/sh -c --mount=type=cache,target=/root/.cache pip install     -r requirements.txt",
      `/bin/sh -c #(nop) COPY dir:${hash} in /models `,
      '|1 HF_TOKEN=secret /bin/sh -c ["hf", "auth", "login"]',
      "/bin/sh -c #(nop) EXPOSE 8000",
      "/bin/sh -c #(nop) USER app",
      '/bin/sh -c #(nop) CMD ["sh", "-c", "serve \\"$PORT\\""]',
    ];
    expect(tied(history, PROJECT)).toEqual(["base<2 of Dockerfile", ...EVERY_LINE].toSorted());
  });

  test("kaniko, which writes instructions as they stand, and only those that make a layer", () => {
    const history = [
      "# debian.sh --arch 'amd64' out/ 'bookworm'",
      "ENV PORT=1",
      "WORKDIR srv",
      "COPY --chown=app requirements.txt ./",
      "RUN --mount=type=cache,target=/root/.cache pip install     -r requirements.txt",
      "COPY --from=weights /models /models",
      'RUN ["hf", "auth", "login"]',
    ];
    const lines = [10, 11, 12, 15, 16].map((line, i) => `${i + 2} Dockerfile:${line}`);
    expect(tied(history, PROJECT, (text) => text, true)).toEqual(["base<2 of Dockerfile", ...lines].toSorted());
    // By another builder, most of the Dockerfile would be missing.
    expect(tied(history, PROJECT)).toEqual([]);
  });

  test("kaniko: variables, quotes and arrays of COPY, a shell of the Dockerfile", () => {
    const files = `FROM scratch
ARG V
COPY "a" b$V /srv/
COPY ["c", "d$V", "/srv/\${V}/"]
SHELL ["/bin/bash", "-ec"]
RUN make "all" && \
  hf download acme/ranker
CMD ["serve"]
`;
    const history = [
      'COPY "a" b$V /srv/',
      'COPY ["c", "d$V", "/srv/${V}/"]',
      'RUN make "all" &&   hf download acme/ranker',
    ];
    expect(tied(history, files, (text) => text, true)).toEqual(
      ["base<0 of Dockerfile", "0 Dockerfile:3", "1 Dockerfile:4", "2 Dockerfile:6"].toSorted(),
    );
    const buildkit = ["COPY a b1 /srv/ # buildkit", "COPY c d1 /srv/1/ # buildkit"];
    expect(tied([...buildkit, "SHELL [/bin/bash -ec]", 'CMD ["serve"]'], files)).toContain("1 Dockerfile:4");
  });

  test("kaniko with --single-snapshot: one entry for all, named after the last instruction, is nobody's", () => {
    const files = "FROM a\nCOPY token /root/\nCOPY serve /srv/\nRUN make\n";
    expect(tied(["RUN make"], files, (text) => text, true)).toEqual([]);
    expect(tied(['CMD ["serve"]'], `${files}CMD ["serve"]\n`, (text) => text, true)).toEqual([]);
  });
});

describe("forms of RUN", () => {
  test("heredocs: one alone, one with an interpreter, one that a command reads", () => {
    const files =
      "FROM a\nRUN <<EOF\nset -e\nhf auth login\nEOF\nRUN <<PY\n#!/usr/bin/env python\nlogin()\nPY\nRUN python <<-'END' && ls\n\tlogin()\nEND\n";
    const history = [
      "RUN /bin/sh -c set -e\nhf auth login\n # buildkit",
      "RUN /dev/pipes/PY # buildkit",
      "RUN /bin/sh -c python <<-'END' && ls\nlogin()\nEND # buildkit",
    ];
    expect(tied(history, files)).toEqual(
      ["base<0 of Dockerfile", "0 Dockerfile:2", "1 Dockerfile:6", "2 Dockerfile:10"].toSorted(),
    );
  });

  test("a heredoc of COPY, line breaks of Windows, words in small letters", () => {
    const files = 'from scratch as x\r\ncopy <<-"EOF" /etc/hf.conf\r\n\ttoken\r\n\tEOF\r\nrun make \\\r\n  all\r\n';
    const history = ["COPY <<EOF /etc/hf.conf # buildkit", "RUN /bin/sh -c make   all # buildkit"];
    expect(tied(history, files)).toEqual(["0 Dockerfile:2", "1 Dockerfile:5", "base<0 of Dockerfile"]);
  });

  test("a SHELL of the Dockerfile, and one of the base image", () => {
    const own = 'FROM a\nSHELL ["python3", "-c"]\nRUN login()\n';
    expect(tied(["SHELL [python3 -c]", "RUN |1 A=b c python3 -c login() # buildkit"], own)).toContain("1 Dockerfile:3");
    const pipefail = ["/bin/bash -o pipefail -c hf auth login | tee log"];
    expect(tied(pipefail, "FROM a\nRUN hf auth login | tee log\n")).toContain("0 Dockerfile:2");
  });

  test("the end of a longer command is another command", () => {
    const history = ["RUN /bin/sh -c cd /x && make # buildkit"];
    expect(tied(history, "FROM a\nRUN make\n")).toEqual([]);
    expect(tied(["RUN |1 A=b /bin/sh -c cd /x && make # buildkit"], "FROM a\nARG A\nRUN make\n")).toEqual([]);
    expect(tied(["RUN |1 A=b /bin/sh -c true; /bin/sh -c make # buildkit"], "FROM a\nRUN make\n")).toEqual([]);
  });

  test("what is masked on either side is no difference", () => {
    expect(tied(["RUN /bin/sh -c curl -H ****** b # buildkit"], "FROM a\nRUN curl -H SECRET b\n", masked)).toContain(
      "0 Dockerfile:2",
    );
    expect(tied(["ENV HF_TOKEN=************"], "FROM a\nENV HF_TOKEN=xSECRETyyyyy\n", masked)).toContain(
      "0 Dockerfile:2",
    );
  });
});

describe("stages", () => {
  const files = "FROM a AS one\nRUN first\nFROM one AS two\nENV A=b\nFROM two AS three\nRUN third\n";

  test("the stages below the final one are part of it", () => {
    const history = ["RUN /bin/sh -c first # buildkit", "ENV A=b", "RUN /bin/sh -c third # buildkit"];
    expect(tied(history, files)).toEqual(
      ["base<0 of Dockerfile", "0 Dockerfile:2", "1 Dockerfile:4", "2 Dockerfile:6"].toSorted(),
    );
  });

  test("an image of another target", () => {
    const history = ["x", "RUN /bin/sh -c first # buildkit", "ENV A=b"];
    expect(tied(history, files)).toEqual(["base<1 of Dockerfile", "1 Dockerfile:2", "2 Dockerfile:4"].toSorted());
  });

  test("of two alike the one that is built by default", () => {
    const twins = "FROM a AS x\nARG HF_TOKEN\nFROM a\nARG HF_TOKEN\n";
    expect(tied(["ARG HF_TOKEN=1"], twins)).toContain("0 Dockerfile:4");
  });
});

describe("the base image", () => {
  test("nothing lies below FROM scratch", () => {
    expect(tied(["odd", "COPY a b # buildkit"], "FROM scratch\nCOPY a b\n")).toContain("base<0 of Dockerfile");
  });

  test("what an instruction that is not found may have written is not the base's", () => {
    const files = "FROM a\nRUN changed since\nCOPY a b\nRUN make\n";
    const history = [
      "base",
      "RUN /bin/sh -c before # buildkit",
      "COPY a b # buildkit",
      "RUN /bin/sh -c make # buildkit",
    ];
    expect(tied(history, files)).toEqual(["base<1 of Dockerfile", "2 Dockerfile:3", "3 Dockerfile:4"].toSorted());
  });

  test("an ONBUILD, which BuildKit does not write down, is no reason to doubt", () => {
    expect(tied(["x", "COPY a b # buildkit"], "FROM a\nONBUILD RUN x\nCOPY a b\n")).toContain("base<1 of Dockerfile");
  });

  test("the same line in base and project is the project's", () => {
    const history = [
      "WORKDIR /app",
      "COPY . . # buildkit",
      "WORKDIR /app",
      "COPY . . # buildkit",
      "RUN /bin/sh -c x # buildkit",
    ];
    expect(tied(history, "FROM a\nWORKDIR /app\nCOPY . .\nRUN x\n")).toContain("base<2 of Dockerfile");
  });

  test("a base image of the same project has its own lines", () => {
    const files = { "base/Dockerfile": "FROM a\nRUN login\nENV A=b\n", Dockerfile: "FROM base\nCOPY a b\nRUN serve\n" };
    const history = [
      "a",
      "RUN /bin/sh -c login # buildkit",
      "ENV A=b",
      "COPY a b # buildkit",
      "RUN /bin/sh -c serve # buildkit",
    ];
    expect(tied(history, files)).toEqual(
      [
        "base<3 of Dockerfile",
        "base<1 of base/Dockerfile",
        "1 base/Dockerfile:2",
        "2 base/Dockerfile:3",
        "3 Dockerfile:2",
        "4 Dockerfile:3",
      ].toSorted(),
    );
  });
});

describe("nothing is tied", () => {
  const line = "RUN /bin/sh -c make # buildkit";

  test.each([
    [
      "two Dockerfiles that say the same",
      [line],
      { Dockerfile: "FROM a\nRUN make\n", "old/Dockerfile": "FROM b\nRUN make\n" },
    ],
    [
      "a Dockerfile of something else",
      ["COPY a b # buildkit", line],
      { Dockerfile: "FROM a\nRUN x\nRUN y\nRUN make\n" },
    ],
    [
      "lines that many Dockerfiles have",
      ["WORKDIR /app", "USER app"],
      { Dockerfile: "FROM a\nWORKDIR /app\nUSER app\n" },
    ],
    [
      "sources that are only a hash",
      [`/bin/sh -c #(nop) COPY dir:${"a".repeat(64)} in . `],
      { Dockerfile: "FROM a\nCOPY . .\n" },
    ],
    [
      "another order",
      [line, "COPY a b # buildkit", "ENV A=b"],
      { Dockerfile: "FROM a\nENV A=b\nCOPY a b\nRUN make\n" },
    ],
    ["no history", [], { Dockerfile: "FROM a\nRUN make\n" }],
    ["a Dockerfile without instructions", [line], { Dockerfile: "FROM a\n" }],
    ["values that differ", ["ENV HF_TOKEN=other"], { Dockerfile: "FROM a\nENV HF_TOKEN=this\n" }],
    ["an argument of a longer name", ["ARG HF_TOKEN_FILE=x"], { Dockerfile: "FROM a\nARG HF_TOKEN\n" }],
  ] as const)("to %s", (_, history, files) => {
    expect(tied(history, files)).toEqual([]);
  });

  test("but one Dockerfile that fits better than another is the one", () => {
    const files = { Dockerfile: "FROM a\nRUN make\n", "Dockerfile.dev": "FROM a\nRUN make\nRUN debug\n" };
    expect(tied([line], files)).toContain("0 Dockerfile:2");
    expect(tied([line, "RUN /bin/sh -c debug # buildkit"], files)).toContain("1 Dockerfile.dev:3");
  });

  test("and whatever stands in either, entries are tied in order, once, and above the base", () => {
    const word = fc.constantFrom(
      "FROM a",
      "FROM scratch AS s",
      "FROM s",
      "RUN make",
      "RUN <<E",
      "E",
      "ENV A=$B",
      "ENV A b c",
      'ARG A="x',
      "COPY a b",
      "CMD [",
      "|1 A=b",
      "/bin/sh -c",
      "#(nop)",
      "WORKDIR /",
      "*",
      "",
      "\\",
      "LABEL",
      "é\u0000",
    );
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join("\n"));
    const createdBy = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.array(word, { maxLength: 6 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(fc.array(createdBy, { maxLength: 12 }), text, fc.boolean(), (history, dockerfile, isAsWritten) => {
        const seen: number[] = [];
        const chains = chainsOf({ Dockerfile: dockerfile });
        for (const { stepOf, baseEnd } of alignHistory(written(history, isAsWritten), chains, masked)) {
          const entries = [...stepOf.keys()];
          const starts = [...stepOf.values()].map(({ span }) => span.start);
          expect(entries).toEqual(entries.toSorted((a, b) => a - b));
          expect(starts).toEqual(starts.toSorted((a, b) => a - b));
          expect(baseEnd).toBeLessThanOrEqual(entries[0] ?? 0);
          expect(entries.every((entry) => entry < history.length)).toBe(true);
          seen.push(...entries);
        }
        expect(new Set(seen).size).toBe(seen.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("and hostile histories take no time", () => {
    const many = Array.from({ length: 1000 }, () => `ENV ${"A=".repeat(5000)}`);
    const pairs = Array.from({ length: 200 }, (_, i) => `A${i}=$X`).join(" ");
    expect(tied(many, `FROM a\nENV ${pairs}\nRUN make\n`)).toEqual([]);
    const stages = Array.from(
      { length: 90 },
      (_, i) => `FROM ${i === 0 ? "a" : `s${i - 1}`} AS s${i}\nRUN x${i}\n`,
    ).join("");
    expect(tied(many, stages)).toEqual([]);
  });
});
