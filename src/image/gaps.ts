/** What of an image or archive was not read, in the user's words. Pure. */

import type { Gap } from "../model/gap.ts";
import type { ImageSubject } from "../model/report.ts";
import type { Archive } from "./archive.ts";
import type { ImageRef, LayerRef } from "./image.ts";
import type { Usage } from "./leftovers.ts";
import type { Member } from "./member.ts";
import type { Problem } from "./problem.ts";

const FOREIGN = /nondistributable|foreign/;
const ENCRYPTED = /\+encrypted$/;
/** Media types of blobs that stand among layers and are no file trees. */
const KNOWN_OTHER = /in-toto|\.empty\.|cosign|sigstore|spdx|cyclonedx|helm|wasm|\/cose$/;

const REPEATED_KEY: Problem = {
  why: "corrupt",
  detail: "an object in it has a key twice, and engines differ in what they make of that; the last was read",
};

function uncompressed(layer: LayerRef, member: Member): Problem[] {
  const { stream } = member;
  if (stream?.isTar === true || member.problems.some(({ why }) => why === "unsupported-compression")) return [];
  if (ENCRYPTED.test(layer.mediaType ?? ""))
    return [{ why: "encrypted", detail: "the layer is encrypted; only its encrypted bytes were searched" }];
  const isJson = member.json !== null && /[/+]json$/.test(layer.mediaType ?? "");
  if (isJson || KNOWN_OTHER.test(layer.mediaType ?? "")) return [];
  if (member.size === 0) return [{ why: "empty", detail: "the layer is an empty file, which is no tar" }];
  if (member.problems.length > 0) return [];
  return [{ why: "unknown-media-type", detail: "the layer is no tar; its bytes were searched as they are" }];
}

function checkDigest(layer: LayerRef, member: Member): Problem[] {
  const { digest, stream } = member;
  const problems: Problem[] = [];
  if (digest !== null && /^sha256:[0-9a-f]{64}$/.test(layer.digest ?? "") && layer.digest !== digest) {
    problems.push({ why: "digest-mismatch", detail: `the stored layer has the digest ${digest}, not ${layer.digest}` });
  }
  if (stream?.diffId && layer.diffId !== null && stream.diffId !== layer.diffId) {
    problems.push({
      why: "digest-mismatch",
      detail: `the unpacked layer has the digest ${stream.diffId}, not the diffID ${layer.diffId}`,
    });
  }
  return problems;
}

function layerProblems(layer: LayerRef): Problem[] {
  const { member, mediaType } = layer;
  if (member === null) {
    const isForeign = FOREIGN.test(mediaType ?? "");
    return [
      isForeign
        ? { why: "foreign-layer", detail: "the layer is kept elsewhere and not in the archive" }
        : { why: "missing-layer", detail: `the layer ${layer.digest ?? "without a name"} is not in the archive` },
    ];
  }
  return [...member.problems, ...uncompressed(layer, member), ...checkDigest(layer, member)];
}

/** The gaps of one image. */
export function imageGaps(image: ImageRef, name: string): Gap[] {
  const documents = [...image.documents.map(({ member }) => member), ...image.attestations];
  const own = image.problems.map((problem) => ({ at: name, ...problem }));
  const ofDocuments = documents.flatMap((member) => {
    const stated = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(member.name)?.[1];
    const isWrong = member.digest !== null && stated !== undefined && member.digest !== `sha256:${stated}`;
    const mismatch: Problem[] = isWrong ? [{ why: "digest-mismatch", detail: `its digest is ${member.digest}` }] : [];
    const isRepeated = member.json?.hasRepeatedKey === true && !image.attestations.includes(member);
    const repeated: Problem[] = isRepeated ? [REPEATED_KEY] : [];
    return [...member.problems, ...mismatch, ...repeated].map((problem) => ({
      at: `${name} ${member.name}`,
      ...problem,
    }));
  });
  const ofLayers = image.layers.flatMap((layer, i) =>
    layerProblems(layer).map((problem) => ({ at: `${name} layer ${i}`, ...problem })),
  );
  return [...own, ...ofDocuments, ...ofLayers];
}

/** What could not be decoded, as gaps: for whoever wants nothing to be searched as mere bytes. */
export function undecodedGaps(subjects: readonly ImageSubject[]): Gap[] {
  return subjects.flatMap(({ name, coverage }) =>
    Object.entries(coverage.undecoded).map(([kind, count]): Gap => {
      const detail = `${count} ${count === 1 ? "thing" : "things"} of the kind ${kind} could not be decoded; raw bytes were searched (--strict)`;
      return { at: name, why: "undecoded", detail };
    }),
  );
}

/** Names that say what is in a member, so that two of one name are one; also behind a folder. */
const BY_CONTENT = /(?:^|[/:])[0-9a-f]{64}(?:$|[./])/;

/** A gap for each part of an image that the archive has twice: Docker takes the last, podman the first. */
function twins(archive: Archive, source: string, usage: Usage): Gap[] {
  const used = [...usage.documents, ...usage.layers].filter(({ name }) => !BY_CONTENT.test(name));
  const names = new Set(used.map(({ name }) => name));
  const others = archive.members.filter(
    (member) => names.has(member.name) && archive.byName.get(member.name) !== member,
  );
  return [...new Set(others.map(({ name }) => name))].map((name) => ({
    at: `${source} ${name}`,
    why: "corrupt",
    detail: "the archive has two members of this name, and engines differ in which they take; the last was read",
  }));
}

/** The gaps of an archive: its own, and those of members that no image uses. */
export function archiveGaps(archive: Archive, source: string, usage: Usage): Gap[] {
  const unused = archive.members.filter((member) => !usage.documents.has(member) && !usage.layers.has(member));
  return [
    ...archive.problems.map((problem) => ({ at: source, ...problem })),
    ...twins(archive, source, usage),
    ...unused.flatMap((member) => member.problems.map((problem) => ({ at: `${source} ${member.name}`, ...problem }))),
  ];
}
