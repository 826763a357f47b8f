/**
 * The gate over projects and images that real engines built from them: every finding in an image leads to the line that
 * made it, whoever wrote the history; and the whole story, from the leak to a gate that passes.
 */

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alignHistory } from "../../src/align-history.ts";
import { buildChains } from "../../src/dockerfile/build-step.ts";
import { inspectImageFacts } from "../../src/inspect.ts";
import { lintDockerfileFacts } from "../../src/lint.ts";
import type { Io } from "../../src/cli/io.ts";
import { run } from "../../src/cli/main.ts";
import { isInSource } from "../../src/model/location.ts";
import type { Report } from "../../src/model/report.ts";
import { FORMATS } from "../../src/report/index.ts";
import { placeOf } from "../../src/report/place.ts";
import { expectNoToken } from "../support/cli.ts";
import { buildImage, engineIsRequired, missingTools, removeImages, runTool, saveImages } from "../support/engine.ts";
import { fakeToken } from "../support/tokens.ts";
import { BASE_DOCKERFILE, LOGIN_STAND_IN } from "./cases.ts";

const missing = await missingTools();
const folder = mkdtempSync(join(tmpdir(), "hullcheck-gate-engine-"));
const BASE = `hullcheck-gate-base:${process.pid}`;
const TEAM = `hullcheck-gate-team:${process.pid}`;
const APP = `hullcheck-gate-app:${process.pid}`;
const [TOKEN, OTHER, THIRD] = [fakeToken(), fakeToken("user", 2), fakeToken("user", 3)] as const;

const PROJECT = `# The weights are fetched in a stage of their own.
FROM ${BASE} AS weights
ARG HF_TOKEN
RUN echo "\${#HF_TOKEN}" >/length
FROM ${BASE}
ARG HF_TOKEN
ENV RANKER_KEY=\${HF_TOKEN} \\
    PORT=8000
LABEL org.example.source=https://user:$HF_TOKEN@huggingface.co/acme/ranker
WORKDIR app
COPY src ./
RUN hf auth login --token "$HF_TOKEN" \\
    # and then
    && echo done
RUN ["rm", "/root/.cache/huggingface/token"]
COPY --from=weights /length /length
EXPOSE 8000
CMD ["serve", "--port", "8000"]
`;

/** Every instruction, in forms that people write. */
const ODD = `# escape=\\
FROM ${BASE}
MAINTAINER Someone <someone@example.org>
ARG VERSION="1.0 beta"
env A=1 B="two  words" C='$A' \\
    # in between
    D=\${VERSION:-x}/\${A} E=esc\\ aped
ENV OLD the rest $A of the line
LABEL "org.example.name"="a b" org.example.v=$VERSION
SHELL ["/bin/sh", "-e", "-c"]
RUN echo "a  b" \\

    && echo 'c # d' | cat   -
COPY --chown=0:0 ["a file", "/with space/"]
ADD b ./sub/
COPY b $A$OLD
WORKDIR /x/\${A}
WORKDIR deeper/
VOLUME /data /cache
VOLUME ["/more"]
EXPOSE 8000/tcp 9000/udp
STOPSIGNAL SIGINT
ONBUILD RUN echo child
HEALTHCHECK --interval=5s CMD echo "healthy" || exit 1
USER 0:0
ENTRYPOINT echo "$A"
CMD ["a", "b \\"c\\""]
RUN ["echo", "exec  form", "$A"]
RUN echo é ünï "$A" && true
`;

const ODD_KEYWORDS =
  "MAINTAINER ARG ENV ENV LABEL SHELL RUN COPY ADD COPY WORKDIR WORKDIR VOLUME VOLUME EXPOSE STOPSIGNAL ONBUILD HEALTHCHECK USER ENTRYPOINT CMD RUN RUN".split(
    " ",
  );

/** What the gate finds in the image of `PROJECT`, and the lines that it leads to; the history's is the builder's. */
const LINES = [
  "token-file-in-layer /root/.cache/huggingface/stored_tokens <- 12",
  "token-file-in-layer /root/.cache/huggingface/token <- 12",
  "token-in-history <- 6",
  "token-in-image-config <- 7",
  "token-in-image-config <- 9",
  "token-in-layer /app/.env <- 11",
];
/** The values that Docker's builders expand in the history; buildah keeps the variable. */
const EXPANDED = ["token-in-history <- 7", "token-in-history <- 9"];

function project(name: string, files: Readonly<Record<string, string>>): string {
  const place = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), content, { mode: path === "hf" ? 0o755 : 0o644 });
  }
  return place;
}

/** Runs `hullcheck` in a folder, and makes sure that no token shows in what it says. */
async function hullcheck(
  cwd: string,
  argv: readonly string[],
  today = "2026-11-24",
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const output: Record<"stdout" | "stderr", string> = { stdout: "", stderr: "" };
  const to = (name: keyof typeof output): Io["stdout"] => ({
    isTerminal: false,
    write: (text) => {
      output[name] += text;
    },
  });
  const io: Io = {
    stdin: async function* () {},
    stdout: to("stdout"),
    stderr: to("stderr"),
    env: process.env,
    cwd: () => cwd,
    today: () => today,
  };
  const code = await run(argv, io);
  expectNoToken(output.stdout + output.stderr, [TOKEN, OTHER, THIRD]);
  return { code, ...output };
}

async function gateReport(cwd: string, ...argv: readonly string[]): Promise<Report> {
  const { stdout } = await hullcheck(cwd, ["gate", ...argv, "--format", "json"]);
  return JSON.parse(stdout) as Report;
}

/** The findings of images with the lines that they lead to, sorted, each once. */
function linesOf({ findings }: Report): string[] {
  const lines = findings.flatMap(({ rule, locations: [first, ...related] }) => {
    if (first === undefined || isInSource(first)) return [];
    const source = related.find((place) => isInSource(place));
    const path = first.in === "layer" ? ` ${first.path}` : "";
    return [`${rule}${path} <- ${source === undefined ? "?" : source.region.start.line}`];
  });
  return [...new Set(lines)].toSorted();
}

/** The findings of the project that an image confirms. */
function confirmedOf({ findings }: Report): string[] {
  return findings.flatMap(({ rule, confirmedBy, locations: [first] }) =>
    first !== undefined && confirmedBy.length > 0 ? [`${rule} ${placeOf(first)}`] : [],
  );
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(missing.length > 0 && !engineIsRequired)("the gate", () => {
  beforeAll(async () => {
    const passwd = "root:x:0:0:root:/root:/bin/sh\n";
    const base = project("base", { Dockerfile: BASE_DOCKERFILE, hf: LOGIN_STAND_IN, passwd });
    copyFileSync((await runTool("sh", ["-c", "command -v busybox"])).trim(), join(base, "busybox"));
    await buildImage({ name: BASE, context: base, builder: "buildkit", buildArguments: {}, secrets: {} });
  }, 120_000);

  afterAll(async () => {
    await removeImages([APP, TEAM, BASE]);
  }, 60_000);

  it.each(["classic", "buildkit"] as const)(
    "points at the right line for each finding of the %s builder",
    { timeout: 120_000 },
    async (builder) => {
      const app = project(builder, { Dockerfile: PROJECT, "src/.env": `HF_TOKEN=${THIRD}\n` });
      await buildImage({ name: APP, context: app, builder, buildArguments: { HF_TOKEN: TOKEN }, secrets: {} });
      await saveImages([APP], join(app, "app.tar"));
      const report = await gateReport(app, "Dockerfile", "--image", "app.tar");
      expect(report.verdict).toBe("fail");
      expect(report.gaps).toEqual([]);
      expect(linesOf(report)).toEqual([...LINES, ...EXPANDED].toSorted());
      expect(confirmedOf(report)).toEqual([
        "token-in-build-argument Dockerfile:6:5",
        "token-in-environment Dockerfile:7:5",
        "token-in-metadata Dockerfile:9:7",
        "token-in-build-context Dockerfile:11:6",
        "login-in-build Dockerfile:12:5",
      ]);
    },
  );

  it("points at the right lines in an image of buildah", { timeout: 240_000 }, async () => {
    const app = project("buildah", { Dockerfile: PROJECT, "src/.env": `HF_TOKEN=${THIRD}\n` });
    writeFileSync(join(folder, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}');
    await saveImages([BASE], join(folder, "base.tar"));
    const storage = ["--storage-driver", "vfs", "--root", join(folder, "storage"), "--runroot", join(folder, "run")];
    const policy = ["--signature-policy", join(folder, "policy.json"), "-q"];
    const buildah = async (command: string, ...args: readonly string[]): Promise<string> =>
      runTool("buildah", [...storage, command, ...policy, ...args]);
    await buildah("pull", `docker-archive:${join(folder, "base.tar")}`);
    const build = [
      "--isolation",
      "chroot",
      "--pull-never",
      "--no-cache",
      "--layers",
      "--build-arg",
      `HF_TOKEN=${TOKEN}`,
    ];
    await buildah("bud", ...build, "-t", APP, app);
    await buildah("push", APP, `docker-archive:${join(app, "app.tar")}:${APP}`);
    const report = await gateReport(app, "Dockerfile", "--image", "app.tar");
    expect(report.gaps).toEqual([]);
    expect(linesOf(report)).toEqual(LINES);
  });

  it.each(["classic", "buildkit"] as const)(
    "ties every instruction to its entry, however it is written: %s",
    { timeout: 120_000 },
    async (builder) => {
      const app = project(`odd-${builder}`, { Dockerfile: ODD, "a file": "a", b: "b" });
      await buildImage({ name: APP, context: app, builder, buildArguments: {}, secrets: {} });
      await saveImages([APP], join(app, "app.tar"));
      const { histories } = await inspectImageFacts(join(app, "app.tar"));
      const { facts } = lintDockerfileFacts(ODD);
      const entries = histories[0]?.history.entries ?? [];
      const [alignment] = alignHistory(entries, buildChains(facts), (text) => text);
      const steps = [...(alignment?.stepOf.values() ?? [])];
      const written = ODD_KEYWORDS.filter((keyword) => builder === "classic" || keyword !== "ONBUILD");
      expect(steps.map(({ keyword }) => keyword)).toEqual(written);
      // One after the other; the client adds labels of its own behind them.
      const [first = 0, ...others] = [...(alignment?.stepOf.keys() ?? [])];
      expect(others).toEqual(others.map((_, i) => first + 1 + i));
      expect(alignment?.baseEnd).toBe(first);
    },
  );

  it("tells what the base image brought", { timeout: 120_000 }, async () => {
    const team = project("team", {
      Dockerfile: `FROM ${BASE}\nENV TEAM_HF_TOKEN=${OTHER}\nRUN mkdir -p /etc/hf && echo ${OTHER} >/etc/hf/key\n`,
    });
    const app = project("on-team", { Dockerfile: `FROM ${TEAM}\nRUN echo app >/app\nCMD ["cat", "/app"]\n` });
    const plain = { builder: "buildkit", buildArguments: {}, secrets: {} } as const;
    await buildImage({ name: TEAM, context: team, ...plain });
    await buildImage({ name: APP, context: app, ...plain });
    await saveImages([APP], join(app, "app.tar"));
    const report = await gateReport(app, "Dockerfile", "--image", "app.tar");
    expect(linesOf(report)).toEqual([
      "token-in-history <- 1",
      "token-in-image-config <- 1",
      "token-in-layer /etc/hf/key <- 1",
    ]);
    const inLayer = report.findings.find(({ rule }) => rule === "token-in-layer");
    expect(inLayer?.message).toMatch(/It comes from the base image: layer 4 lies below what Dockerfile builds, /);

    const both = await gateReport(folder, "on-team/Dockerfile", "team/Dockerfile", "--image", "on-team/app.tar");
    expect(linesOf(both)).toEqual([
      "token-in-history <- 2",
      "token-in-history <- 3",
      "token-in-image-config <- 2",
      "token-in-layer /etc/hf/key <- 3",
    ]);
    expect(confirmedOf(both)).toEqual([
      "token-in-environment team/Dockerfile:2:5",
      "token-literal team/Dockerfile:3:30",
    ]);
  });

  it("tells the whole story", { timeout: 240_000 }, async () => {
    const reader = '#!/bin/sh\ntest "$HF_TOKEN" && echo model >/model\n';
    const syntax = "# syntax=docker/dockerfile:1.4\n";
    const leaking = `${syntax}FROM ${BASE}\nARG HF_TOKEN\nCOPY cog /bin/cog\nRUN chmod 755 /bin/cog\nRUN cog\n`;
    const place = project("story", { Dockerfile: leaking, cog: reader });
    const dockerfile = join(place, "Dockerfile");
    const build = async (rest: Pick<Parameters<typeof buildImage>[0], "buildArguments" | "secrets">): Promise<void> => {
      // The engine's own frontend builds; the one that the syntax line names would have to be pulled.
      const text = readFileSync(dockerfile, "utf8");
      const context = project("story-context", { Dockerfile: text.replace(syntax, ""), cog: reader });
      await buildImage({ name: APP, context, builder: "buildkit", ...rest });
      await saveImages([APP], join(place, "app.tar"));
    };
    const gate = ["gate", ".", "--image", "app.tar"];

    // It leaks: the gate fails, and points at the line, in every format.
    await build({ buildArguments: { HF_TOKEN: TOKEN }, secrets: {} });
    const targets = FORMATS.filter((format) => format !== "github").map((format) => `--format=${format}=out/${format}`);
    mkdirSync(join(place, "out"));
    const failed = await hullcheck(place, [...gate, "--format=github", ...targets]);
    expect(failed.code).toBe(1);
    const annotated = [...failed.stdout.matchAll(/^::error file=([^,]*),line=(\d+)/gm)].map(
      ([, file, line]) => `${file}:${line}`,
    );
    expect([...new Set(annotated)]).toEqual(["Dockerfile:3"]);
    for (const name of readdirSync(join(place, "out"))) {
      expectNoToken(readFileSync(join(place, "out", name), "latin1"), [TOKEN]);
    }
    rmSync(join(place, "out"), { recursive: true });

    // A team that starts with it: only new leaks fail.
    const saved = await hullcheck(place, [...gate, "--write-baseline"]);
    expect(saved.code).toBe(0);
    const baseline = readFileSync(join(place, ".hullcheck-baseline.json"), "utf8");
    expectNoToken(baseline, [TOKEN]);
    expect((await hullcheck(place, [...gate, "--baseline", ".hullcheck-baseline.json"])).code).toBe(0);
    writeFileSync(dockerfile, `${leaking}ENV WORKER_KEY=${OTHER}\n`);
    await build({ buildArguments: { HF_TOKEN: TOKEN }, secrets: {} });
    const added = await hullcheck(place, [...gate, "--baseline", ".hullcheck-baseline.json", "--quiet"]);
    expect(added.code).toBe(1);
    expect(added.stdout).toContain("token-in-environment  Dockerfile:7:5");
    expect(added.stdout).not.toContain("token-in-build-argument");

    // An accept entry counts to the day on which it expires.
    const sha256 = createHash("sha256").update(OTHER).digest("hex");
    const config = "accept:\n  - token: " + sha256 + "\n    reason: rotated on the 30th\n    expires: 2026-11-30\n";
    writeFileSync(join(place, ".hullcheck.yaml"), config);
    const withBaseline = [...gate, "--baseline", ".hullcheck-baseline.json"];
    expect((await hullcheck(place, withBaseline, "2026-11-30")).code).toBe(0);
    const expired = await hullcheck(place, withBaseline, "2026-12-01");
    expect(expired.code).toBe(1);
    expect(expired.stdout).toContain("expired on 2026-11-30");
    rmSync(join(place, ".hullcheck.yaml"));

    // Mended, built again, and through: with the baseline, of which all can go, and without.
    writeFileSync(dockerfile, leaking);
    const mended = await hullcheck(place, ["lint", "--fix", "Dockerfile"]);
    expect(mended.code).toBe(0);
    await build({ buildArguments: {}, secrets: { HF_TOKEN: TOKEN } });
    const passed = await hullcheck(place, gate);
    expect([passed.code, passed.stdout]).toEqual([0, "pass: no leak found (1 Dockerfile, 1 image)\n"]);
    const removable = await hullcheck(place, withBaseline);
    expect(removable.code).toBe(0);
    expect(removable.stdout).toMatch(/\d+ entries of the baseline can be removed/);
  });
});
