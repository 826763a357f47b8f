/** Archives that docker, BuildKit, skopeo, buildah, crane and kaniko wrote, inspected without them: every layout of an image gives the same. */

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

/** kaniko writes no history of ARG and ENV, and no build arguments. */
const KANIKO: readonly string[] = WITH_RUN.filter((line) => !line.startsWith("token-in-history"));

const GIT = "credential-store-in-layer /root/.git-credentials user 2";

/** Of the archives that are of other images. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  "buildkit-docker-heredoc.tar": [
    "credential-store-in-layer /root/.git-credentials user 1",
    "token-in-history user 1",
    "token-in-layer /app/.env user 1",
  ],
  "buildkit-oci-platforms.tar": [GIT, "token-in-layer /app/amd64/.env user 3", "token-in-layer /app/arm64/.env user 3"],
  "buildkit-oci-provenance.tar": [GIT, "token-in-attestation user 1"],
  "buildkit-oci-secret.tar": [],
  "buildkit-tar.tar": [GIT],
  "docker-classic.tar": CLASSIC,
  "docker-export.tar": [GIT],
  "docker-two-images.tar": CLASSIC,
  "dockerd25-containerd-pulled.tar": [GIT, "token-in-layer /app/amd64/.env user 3"],
  "dockerd25-graph-classic.tar": CLASSIC,
  "kaniko.tar": KANIKO,
  // One layer of what was left in the end.
  "kaniko-single-snapshot.tar": [GIT, "token-in-image-config user 1"],
  "moby-containerd-one-of-two.tar": [GIT, "token-in-layer /app/arm64/.env user 3"],
  "moby-containerd-platforms.tar": [
    GIT,
    "token-in-attestation user 1",
    "token-in-layer /app/amd64/.env user 3",
    "token-in-layer /app/arm64/.env user 3",
  ],
  "moby-containerd-provenance.tar": [GIT, "token-in-attestation user 1"],
  "moby-containerd-pulled.tar": [GIT, "token-in-attestation user 1", "token-in-layer /app/amd64/.env user 3"],
  "moby-graph-classic.tar": CLASSIC,
  "skopeo-dir-gzip.folder.tar": CLASSIC,
};

describe("a captured archive", () => {
  it.each(capturedNames())("gives the findings of its image: %s", async (name) => {
    const outcome = await inspectImage(writeCaptured(name, folder));
    expect(foundIn(outcome)).toEqual(OTHERS[name] ?? WITH_RUN);
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

  it.each(["dockerd25-graph-two-images.tar", "moby-graph-two-images.tar", "moby-containerd-two-images.tar"])(
    "tells both images of one archive apart: %s",
    async (name) => {
      const path = writeCaptured(name, folder);
      const both = await inspectImage(path);
      expect(both.subjects.map((subject) => subject.name).sort()).toEqual([
        "captured/newer-second:1",
        "captured/newer:1",
      ]);
      for (const image of ["captured/newer-second:1", "captured/newer:1"]) {
        const one = await inspectImage(path, { image });
        expect(one.subjects.map((subject) => subject.name)).toEqual([image]);
        expect(foundIn(one)).toEqual(WITH_RUN);
      }
    },
  );

  it.each([
    ["moby-containerd-pulled.tar", ["linux/arm64"]],
    ["dockerd25-containerd-pulled.tar", ["attestation of linux/amd64", "linux/arm64"]],
  ])("lists what a pull left out, and asks for it in vain: %s", async (name, absentPlatforms) => {
    const path = writeCaptured(name, folder);
    const outcome = await inspectImage(path);
    expect(outcome.subjects).toMatchObject([{ platform: "linux/amd64", coverage: { layers: 2, absentPlatforms } }]);
    const asked = await inspectImage(path, { platform: "linux/arm64" });
    expect(asked.gaps.map(({ why }) => why)).toEqual(["absent-platform"]);
  });

  it("names the image of each platform, and one of them when asked", async () => {
    const path = writeCaptured("buildkit-oci-platforms.tar", folder);
    const both = await inspectImage(path);
    expect(both.subjects.map((subject) => (subject.kind === "image" ? `${subject.platform}` : "")).sort()).toEqual([
      "linux/amd64",
      "linux/arm64",
    ]);
    const one = await inspectImage(path, { platform: "linux/arm64" });
    expect(foundIn(one)).toEqual([GIT, "token-in-layer /app/arm64/.env user 3"]);
    expect(one.gaps).toEqual([]);
  });
});
