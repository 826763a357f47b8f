/**
 * What `--fix` makes, built by a real engine: the RUNs still get the token, now as a build secret, and the image that is
 * saved no longer has it. The engine's own frontend is used, since the one that a syntax line names would be pulled.
 */

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mendDockerfile } from "../../src/fix/mend-dockerfile.ts";
import { inspectImage } from "../../src/inspect.ts";
import { lintDockerfileFacts } from "../../src/lint.ts";
import { buildImage, engineIsRequired, missingTools, removeImages, runTool, saveImages } from "../support/engine.ts";
import { foundIn } from "../support/found.ts";
import { fakeToken } from "../support/tokens.ts";
import { BASE_DOCKERFILE, LOGIN_STAND_IN } from "./cases.ts";

const missing = await missingTools();
const folder = mkdtempSync(join(tmpdir(), "hullcheck-fix-engine-"));
const BASE = `hullcheck-fix-base:${process.pid}`;
const IMAGES = ["before", "after"].map((when) => `hullcheck-fix-${when}:${process.pid}`);

/** Stands in for a program that reads the token: fails without it. */
const READER = '#!/bin/sh\ntest "$HF_TOKEN" && echo model > /model\n';

const LEAKY = `# syntax=docker/dockerfile:1.4
FROM ${BASE}
ARG HF_TOKEN
ENV WORKER_KEY=$HF_TOKEN
COPY cog /bin/cog
RUN chmod 755 /bin/cog
RUN cog && test "$WORKER_KEY" = "$HF_TOKEN" && test "\${#WORKER_KEY}" -eq 37
RUN hf auth login --token $HF_TOKEN && \\
    cog
`;

const [LEAKING = "", MENDED = ""] = IMAGES;

function ownFrontend(text: string): string {
  return text.replace(/^# syntax=.*\n/, "");
}

function contextWith(name: string, files: Readonly<Record<string, string>>): string {
  const context = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(context, path)), { recursive: true });
    writeFileSync(join(context, path), content, { mode: path === "hf" ? 0o755 : 0o644 });
  }
  return context;
}

async function found(image: string): Promise<readonly string[]> {
  const file = join(folder, "image.tar");
  await saveImages([image], file);
  const outcome = await inspectImage(file);
  expect(outcome.gaps).toEqual([]);
  return foundIn(outcome);
}

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(missing.length > 0 && !engineIsRequired)("a Dockerfile, before and after mending", () => {
  beforeAll(async () => {
    const passwd = "root:x:0:0:root:/root:/bin/sh\n";
    const base = contextWith("base", { Dockerfile: BASE_DOCKERFILE, hf: LOGIN_STAND_IN, passwd });
    copyFileSync((await runTool("sh", ["-c", "command -v busybox"])).trim(), join(base, "busybox"));
    await buildImage({ name: BASE, context: base, builder: "buildkit", buildArguments: {}, secrets: {} });
  }, 120_000);

  afterAll(async () => {
    await removeImages([...IMAGES, BASE]);
  }, 60_000);

  it("leaks, and no longer does", { timeout: 240_000 }, async () => {
    const mended = mendDockerfile(LEAKY, (text) => {
      const { facts, outcome } = lintDockerfileFacts(text);
      return { facts, findings: outcome.findings, gaps: outcome.gaps };
    });
    expect(mended.text.replaceAll(BASE, "base")).toMatchInlineSnapshot(`
      "# syntax=docker/dockerfile:1.4
      FROM base
      COPY cog /bin/cog
      RUN chmod 755 /bin/cog
      RUN --mount=type=secret,id=HF_TOKEN,mode=0444 export HF_TOKEN="$(cat /run/secrets/HF_TOKEN)"; export WORKER_KEY="$(cat /run/secrets/HF_TOKEN)"; cog && test "$WORKER_KEY" = "$HF_TOKEN" && test "\${#WORKER_KEY}" -eq 37
      RUN --mount=type=secret,id=HF_TOKEN,mode=0444 export HF_TOKEN="$(cat /run/secrets/HF_TOKEN)"; export WORKER_KEY="$(cat /run/secrets/HF_TOKEN)"; cog
      "
    `);
    const token = fakeToken();
    const before = contextWith("before", { Dockerfile: ownFrontend(LEAKY), cog: READER });
    const args = { buildArguments: { HF_TOKEN: token }, secrets: {} };
    await buildImage({ name: LEAKING, context: before, builder: "buildkit", ...args });
    expect((await found(LEAKING)).length).toBeGreaterThan(3);

    const after = contextWith("after", { Dockerfile: ownFrontend(mended.text), cog: READER });
    const secrets = { buildArguments: {}, secrets: { HF_TOKEN: token } };
    await buildImage({ name: MENDED, context: after, builder: "buildkit", ...secrets });
    expect(await found(MENDED)).toEqual([]);
  });
});
