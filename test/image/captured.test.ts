/** Archives that docker, skopeo and buildah wrote, inspected without them: every layout of an image gives the same. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inspectImage } from "../../src/inspect.ts";
import { capturedNames, writeCaptured } from "../support/captured.ts";
import { foundIn } from "../support/found.ts";

const folder = mkdtempSync(join(tmpdir(), "hullcheck-captured-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const HOME = "/root/.cache/huggingface";

/** Of the BuildKit image, and of the same Dockerfile built by buildah. */
const WITH_RUN: readonly string[] = [
  "credential-store-in-layer /root/.git-credentials user 2",
  `token-file-in-layer ${HOME}/stored_tokens user 1 hidden by whiteout`,
  `token-file-in-layer ${HOME}/token user 1 hidden by whiteout`,
  "token-in-history user 1",
  "token-in-image-config user 1",
  "token-in-layer /app/.env user 3 hidden by overwrite",
];

/** Of the image of the classic builder, which has no RUN. */
const CLASSIC: readonly string[] = WITH_RUN.map((line) => line.replace(" hidden by whiteout", ""));

function expected(name: string): readonly string[] {
  if (name === "docker-export.tar") return ["credential-store-in-layer /root/.git-credentials user 2"];
  return /classic|two-images|dir-gzip/.test(name) ? CLASSIC : WITH_RUN;
}

describe("a captured archive", () => {
  it.each(capturedNames())("gives the findings of its image: %s", async (name) => {
    const outcome = await inspectImage(writeCaptured(name, folder));
    expect(foundIn(outcome)).toEqual(expected(name));
    expect(outcome.gaps).toEqual([]);
  });

  it.each(capturedNames())("has true digests: %s", async (name) => {
    const outcome = await inspectImage(writeCaptured(name, folder), { checkDigests: true });
    expect(outcome.gaps).toEqual([]);
  });

  it.each(capturedNames())("gives the same without vector instructions: %s", async (name) => {
    const path = writeCaptured(name, folder);
    expect(await inspectImage(path, { simd: false })).toEqual(await inspectImage(path));
  });

  it("names both images of one archive, and one of them when asked", async () => {
    const path = writeCaptured("docker-two-images.tar", folder);
    const both = await inspectImage(path);
    expect(both.subjects.map(({ name }) => name).sort()).toEqual(["captured/classic:1", "captured/second:1"]);
    const one = await inspectImage(path, { image: "captured/second" });
    expect(one.subjects.map(({ name }) => name)).toEqual(["captured/second:1"]);
    expect(foundIn(one)).toEqual(CLASSIC);
  });
});
