/** Archives that real builders wrote, beside the Dockerfiles that they were built from: every entry finds its line. */

import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { alignHistory } from "../src/align-history.ts";
import { buildChains } from "../src/dockerfile/build-step.ts";
import { gate } from "../src/gate.ts";
import { inspectImageFacts } from "../src/inspect.ts";
import { lintDockerfileFacts } from "../src/lint.ts";
import { isInSource } from "../src/model/location.ts";
import { writeCaptured } from "./support/captured.ts";

const folder = mkdtempSync(join(tmpdir(), "hullcheck-captured-"));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A Dockerfile as the script writes it that captured the archive. */
function dockerfileOf(name: string): string {
  const scripts = ["capture-images", "capture-buildkit-images", "capture-newer-engines"].map((script) =>
    readFileSync(join("scripts", script), "utf8"),
  );
  const text = new RegExp(`^cat >${name}\\.Dockerfile <<'END'\\n(.*?)^END$`, "ms").exec(scripts.join("\n"))?.[1];
  if (text === undefined) throw new Error(`no script writes ${name}.Dockerfile`);
  return text;
}

/** The lines of a Dockerfile that an archive's histories are tied to, in the order of the entries; null where none is. */
async function tied(archive: string, dockerfile: string): Promise<(number | null)[][]> {
  const path = writeCaptured(archive, folder);
  const { facts } = lintDockerfileFacts(dockerfileOf(dockerfile));
  const { histories } = await inspectImageFacts(path);
  return histories.map(({ history }) => {
    const alignments = alignHistory(history.entries, buildChains(facts), (text) => text);
    return history.entries.map((_, entry) => {
      const step = alignments.flatMap(({ stepOf }) => stepOf.get(entry) ?? [])[0];
      return step === undefined ? null : facts.source.text.slice(0, step.span.start).split("\n").length;
    });
  });
}

const LEAKY = [[5, 6, 7, 8, 9, 10, 11, 12, 13]];

test.each([
  ["docker-buildkit.tar", "buildkit", LEAKY],
  ["skopeo-oci-archive.tar", "buildkit", LEAKY],
  ["buildah-docker-archive.tar", "buildkit", LEAKY],
  ["buildah-oci-archive.tar", "buildkit", LEAKY],
  ["buildkit-docker.tar", "leaky", LEAKY],
  ["buildkit-oci-estargz.tar", "leaky", LEAKY],
  ["crane-tarball.tar", "leaky", LEAKY],
  ["crane-legacy.tar", "leaky", LEAKY],
  ["dockerd25-graph.tar", "newer", LEAKY],
  ["moby-graph.tar", "newer", LEAKY],
  ["moby-containerd.tar", "newer", LEAKY],
  ["kaniko.tar", "newer", [[7, 8, 9, 10, 11, 12]]],
  ["kaniko-single-snapshot.tar", "newer", [[null]]],
  ["dockerd25-graph-classic.tar", "newer-classic", [[2, 3, 4, 5, 6, 7, 8, 9]]],
  ["moby-graph-classic.tar", "newer-classic", [[2, 3, 4, 5, 6, 7, 8, 9]]],
  ["moby-containerd-provenance.tar", "newer-stage", [[7, 8, 9]]],
  ["moby-containerd-pulled.tar", "newer-platforms", [[2, 3, 4]]],
  ["dockerd25-containerd-pulled.tar", "newer-platforms", [[2, 3, 4]]],
  ["docker-classic.tar", "classic", [[2, 3, 4, 5, 6, 7, 8, 9]]],
  ["buildkit-oci-provenance.tar", "stage", [[7, 8, 9]]],
  ["buildkit-docker-heredoc.tar", "heredoc", [[6, 7, 8, 14, 18, 23, 26, 27, 31, 35, 40, 41]]],
  ["buildkit-oci-secret.tar", "secret", [[6, 8, 12]]],
  [
    "buildkit-oci-platforms.tar",
    "platforms",
    [
      [2, 3, 4],
      [2, 3, 4],
    ],
  ],
] as const)("%s", async (archive, dockerfile, want) => {
  expect(await tied(archive, dockerfile)).toEqual(want);
});

test("a build argument that only the provenance shows leads to the ARG of its stage", async () => {
  writeFileSync(join(folder, "Dockerfile"), dockerfileOf("stage"));
  const images = [writeCaptured("buildkit-oci-provenance.tar", folder)];
  const { findings } = await gate({ cwd: folder, paths: ["Dockerfile"], images });
  const inStatement = findings.filter(({ rule }) => rule === "token-in-attestation");
  const lines = inStatement.map(
    ({ locations }) => locations.find((place) => isInSource(place))?.region.start.line ?? null,
  );
  expect(lines).toContain(2);
  expect(findings.find(({ rule }) => rule === "token-in-build-argument")?.confirmedBy).toEqual(["captured/stage:1"]);
});

test("what kaniko's history leaves out is tied to its line all the same", async () => {
  writeFileSync(join(folder, "Dockerfile"), dockerfileOf("newer"));
  const images = [writeCaptured("kaniko.tar", folder)];
  const { findings } = await gate({ cwd: folder, paths: ["Dockerfile"], images });
  const line = (rule: string): (number | undefined)[] =>
    findings
      .filter((finding) => finding.rule === rule)
      .map(({ locations }) => locations.find((place) => isInSource(place))?.region.start.line);
  expect(line("token-in-image-config")).toEqual([6]);
  expect(line("token-file-in-layer")).toEqual([7, 7]);
  expect(line("credential-store-in-layer")).toEqual([8]);
  expect(findings.find(({ rule }) => rule === "token-in-environment")?.confirmedBy).toEqual(["captured/newer:1"]);
});

test("an image on another one of its archive: lines of the lower Dockerfile, and the FROM above them", async () => {
  for (const name of ["newer", "newer-second"]) writeFileSync(join(folder, `${name}.Dockerfile`), dockerfileOf(name));
  const images = [writeCaptured("moby-containerd-two-images.tar", folder)];
  const { findings } = await gate({ cwd: folder, paths: ["newer.Dockerfile", "newer-second.Dockerfile"], images });
  const places = (image: string): string[] =>
    findings.flatMap(({ rule, locations }) => {
      const [first, ...others] = locations;
      if (first === undefined || !("image" in first) || first.image !== image) return [];
      const lines = others.filter((place) => isInSource(place)).map((at) => `${at.path}:${at.region.start.line}`);
      return [[rule, ...new Set(lines)].join(" ")];
    });
  const lower = [
    "token-in-image-config newer.Dockerfile:6",
    "token-in-history newer.Dockerfile:5",
    "token-in-history newer.Dockerfile:6",
    "token-in-history newer.Dockerfile:5",
    "token-file-in-layer newer.Dockerfile:7",
    "token-file-in-layer newer.Dockerfile:7",
    "credential-store-in-layer newer.Dockerfile:8",
    "token-in-layer newer.Dockerfile:9",
  ];
  expect(places("captured/newer:1")).toEqual(lower);
  expect(places("captured/newer-second:1")).toEqual(lower.map((line) => `${line} newer-second.Dockerfile:1`));
});

test("a token that only RUNs get, in their environment from a secret mount, is nowhere", async () => {
  writeFileSync(join(folder, "Dockerfile"), dockerfileOf("secret"));
  const images = [writeCaptured("buildkit-oci-secret.tar", folder)];
  const { subjects, findings, gaps } = await gate({ cwd: folder, paths: ["Dockerfile"], images });
  expect(subjects.map(({ kind }) => kind)).toEqual(["dockerfile", "image"]);
  expect({ findings, gaps }).toEqual({ findings: [], gaps: [] });
});
