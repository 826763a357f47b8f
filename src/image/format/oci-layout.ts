/**
 * Indexes, manifests and blobs by digest: OCI layouts, what Docker's containerd store saves, `dir:` folders. Follows
 * nested indexes, tells attestations from images and platforms that were left out from damage.
 */

import type { Archive } from "../archive.ts";
import type { DocumentRef, FormatReading, ImageRef, LayerRef } from "../image.ts";
import { field, items, text } from "../json-document.ts";
import type { Limits } from "../limits.ts";
import type { Member } from "../member.ts";
import type { Problem } from "../problem.ts";
import { subjectsOf } from "../statement.ts";
import { configProblems, missingLayers } from "./config-problems.ts";
import { ambiguities, disguisedFields, oddLists } from "./disguised-field.ts";
import { platformOf } from "./platform.ts";

/** Finds the member that holds the blob of a digest; null when the archive does not have it. */
type Resolve = (digest: string) => Member | null;

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string | null;
  readonly platform: string | null;
  readonly annotations: unknown;
}

/** What an index names and the archive leaves out: its platform, and the names that it has there. */
interface Absent {
  readonly platform: string;
  readonly names: readonly string[];
}

interface Context {
  readonly resolve: Resolve;
  readonly archiveName: string;
  readonly limits: Limits;
  readonly images: ImageRef[];
  /** Statements by the digest of the manifest that they are about. */
  readonly statements: Map<string, Member[]>;
  readonly manifests: Map<ImageRef, string>;
  readonly seen: Set<string>;
  /** Manifests that were read, whatever came of them. */
  readonly read: Set<Member>;
  readonly absent: Absent[];
  /** Manifests that an attestation is about which was left out. */
  readonly unattested: Set<string>;
  readonly problems: Problem[];
}

/** Where a manifest or index says what belongs to it. */
const FIELDS = ["manifests", "layers", "config"];
const DESCRIPTOR_FIELDS = ["digest", "platform", "annotations"];
const NAME = "io.containerd.image.name";
const REF = "org.opencontainers.image.ref.name";

function descriptor(value: unknown): Descriptor | null {
  const digest = text(field(value, "digest"));
  if (digest === null) return null;
  const platform = platformOf(field(value, "platform"));
  return {
    digest,
    mediaType: text(field(value, "mediaType")),
    platform: platform === "unknown/unknown" ? null : platform,
    annotations: field(value, "annotations"),
  };
}

function namesOf(annotations: unknown, archiveName: string): string[] {
  const name = text(field(annotations, NAME));
  if (name !== null) return [name.replace(/^docker\.io\/(?:library\/)?/, "")];
  const ref = text(field(annotations, REF));
  if (ref === null || ref === "") return [];
  return [/[:/]/.test(ref) ? ref : `${archiveName}:${ref}`];
}

function disguisedIn(value: unknown): Problem[] {
  const descriptors = [field(value, "config"), ...items(field(value, "layers")), ...items(field(value, "manifests"))];
  return [
    ...disguisedFields(value, FIELDS),
    ...oddLists(value, ["manifests", "layers"]),
    ...ambiguities(value),
    ...descriptors.flatMap((item) => disguisedFields(item, DESCRIPTOR_FIELDS)),
  ];
}

/** True where an index says so itself. */
function isNamedAttestation({ annotations }: Descriptor): boolean {
  return field(annotations, "vnd.docker.reference.type") === "attestation-manifest";
}

/** The manifest that an attestation is about, as its index says. */
function subjectOf({ annotations }: Descriptor): string | null {
  return text(field(annotations, "vnd.docker.reference.digest"));
}

/** What an index or media types call an attestation is one, unless it holds files: those are an image's. */
function isAttestation(of: Descriptor, blobs: readonly Descriptor[], context: Context): boolean {
  if (blobs.some(({ digest }) => context.resolve(digest)?.stream?.isTar === true)) return false;
  return (
    isNamedAttestation(of) || (blobs.length > 0 && blobs.every(({ mediaType }) => /in-toto/.test(mediaType ?? "")))
  );
}

function readManifest(
  context: Context,
  of: Descriptor,
  member: Member,
  parents: readonly DocumentRef[],
  names: readonly string[],
): void {
  context.read.add(member);
  const manifest = member.json?.value;
  const blobs = items(field(manifest, "layers")).flatMap((layer) => descriptor(layer) ?? []);
  if (isAttestation(of, blobs, context)) {
    const about = subjectOf(of) ?? text(field(manifest, "subject", "digest")) ?? "";
    const found = blobs.flatMap(({ digest }) => context.resolve(digest) ?? []);
    if (found.length < blobs.length)
      context.problems.push({ why: "missing-blob", detail: "an attestation is not in the archive" });
    context.statements.set(about, [...(context.statements.get(about) ?? []), member, ...found]);
    return;
  }
  const configOf = descriptor(field(manifest, "config"));
  const config = configOf === null ? null : context.resolve(configOf.digest);
  const value = config?.json?.value;
  const platform = platformOf(value) ?? of.platform;
  const layers = blobs.map(({ digest, mediaType }, i): LayerRef => {
    const diffId = text(items(field(value, "rootfs", "diff_ids"))[i]);
    return { diffId, digest, mediaType, member: context.resolve(digest) };
  });
  if (config === null && layers.every((layer) => layer.member === null) && platform !== null) {
    context.absent.push({ platform, names });
    return;
  }
  const diffIds = items(field(value, "rootfs", "diff_ids"));
  const problems = [...configProblems(config, "its config"), ...missingLayers(diffIds.length, layers.length)];
  const documents: DocumentRef[] = [{ member, what: "manifest" }, ...parents];
  const image: ImageRef = {
    names,
    platform,
    configDigest: configOf?.digest ?? null,
    config,
    documents: config === null ? documents : [{ member: config, what: "config" }, ...documents],
    layers,
    attestations: [],
    problems,
  };
  context.images.push(image);
  context.manifests.set(image, of.digest);
}

function readIndex(
  context: Context,
  member: Member,
  parents: readonly DocumentRef[],
  names: readonly string[],
  depth: number,
): void {
  if (depth > context.limits.maxNesting) {
    context.problems.push({
      why: "limit",
      detail: `indexes lie more than ${context.limits.maxNesting} deep in one another (--max-nesting)`,
    });
    return;
  }
  const documents: DocumentRef[] = [{ member, what: "index" }, ...parents];
  for (const entry of items(field(member.json?.value, "manifests"))) {
    const of = descriptor(entry);
    if (of !== null) readDescriptor(context, of, documents, names, depth);
  }
}

function readDescriptor(
  context: Context,
  of: Descriptor,
  parents: readonly DocumentRef[],
  inherited: readonly string[],
  depth: number,
): void {
  const own = namesOf(of.annotations, context.archiveName);
  const names = own.length > 0 ? own : inherited;
  const member = context.resolve(of.digest);
  const key = `${of.digest} ${names.join(" ")}`;
  if (context.seen.has(key)) return;
  context.seen.add(key);
  if (member === null) {
    if (of.platform !== null) context.absent.push({ platform: of.platform, names });
    // A pull leaves it out together with its platform, and engines before 29 leave out all of them.
    else if (isNamedAttestation(of)) context.unattested.add(subjectOf(of) ?? of.digest);
    else
      context.problems.push({
        why: "missing-blob",
        detail: `the index names ${of.digest}, which is not in the archive`,
      });
    return;
  }
  const value = member.json?.value;
  context.problems.push(...disguisedIn(value));
  if (Array.isArray(field(value, "manifests"))) readIndex(context, member, parents, names, depth + 1);
  else if (Array.isArray(field(value, "layers")) || field(value, "config") !== undefined)
    readManifest(context, of, member, parents, names);
  else if (value === undefined)
    context.problems.push({ why: "corrupt", detail: `the manifest ${of.digest} cannot be read as JSON` });
  else
    context.problems.push({
      why: "unknown-media-type",
      detail: `${of.digest} is neither an index nor a manifest that is known here`,
    });
}

/** Manifests that no index names: some writers list only one of several images. */
function readLooseManifests(context: Context, archive: Archive): void {
  const used = new Set(context.images.flatMap((image) => image.documents.map(({ member }) => member)));
  for (const statements of context.statements.values()) for (const member of statements) used.add(member);
  for (const member of context.read) used.add(member);
  for (const member of archive.members) {
    const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(member.name)?.[1];
    const value = member.json?.value;
    if (hex === undefined || used.has(member) || !Array.isArray(field(value, "layers"))) continue;
    if (text(field(value, "config", "digest")) === null) continue;
    const of = { digest: `sha256:${hex}`, mediaType: null, platform: null, annotations: field(value, "annotations") };
    readManifest(context, of, member, [], []);
  }
}

/** The image that statements are about: what their manifest is said to be about, or else what they say themselves. */
function attestedBy(context: Context, about: string, statements: readonly Member[]): readonly string[] {
  const present = new Set(context.manifests.values());
  if (present.has(about)) return [about];
  return statements.flatMap(({ json }) => subjectsOf(json?.value)).filter((digest) => present.has(digest));
}

/** Platforms that are left out; the others of a name, where one like it is there. */
function absentPlatforms({ images, absent }: Context): string[] {
  const present = new Set(images.map(({ platform }) => platform));
  return absent.map(({ platform, names: [name] }) => {
    if (!present.has(platform)) return platform;
    return `another ${platform}${name === undefined ? "" : ` of ${name}`}`;
  });
}

/** The images below a top document (`index.json`, or the manifest of a `dir:`); `names` where it gives none. */
export function readOci(archive: Archive, top: Member, archiveName: string, limits: Limits): FormatReading {
  const resolve: Resolve = (digest) => {
    const [algorithm = "", hex = ""] = digest.split(":");
    return (
      archive.byName.get(`blobs/${algorithm}/${hex}`) ??
      archive.byName.get(hex) ??
      archive.byName.get(`${hex}.manifest.json`) ??
      null
    );
  };
  const context: Context = {
    resolve,
    archiveName,
    limits,
    images: [],
    statements: new Map(),
    manifests: new Map(),
    seen: new Set(),
    read: new Set(),
    absent: [],
    unattested: new Set(),
    problems: [],
  };
  const value = top.json?.value;
  context.problems.push(...disguisedIn(value));
  if (Array.isArray(field(value, "manifests"))) readIndex(context, top, [], [], 0);
  else if (Array.isArray(field(value, "layers"))) {
    readManifest(context, { digest: "", mediaType: null, platform: null, annotations: undefined }, top, [], []);
  }
  readLooseManifests(context, archive);
  const byManifest = new Map<string, Set<Member>>();
  for (const [about, statements] of context.statements) {
    for (const digest of attestedBy(context, about, statements))
      byManifest.set(digest, new Set([...(byManifest.get(digest) ?? []), ...statements]));
  }
  const images = context.images.map((image): ImageRef => {
    const attestations = [...(byManifest.get(context.manifests.get(image) ?? "") ?? [])];
    return attestations.length === 0 ? image : { ...image, attestations };
  });
  const unattested = context.images.flatMap((image) =>
    context.unattested.has(context.manifests.get(image) ?? "")
      ? [`attestation of ${image.platform ?? "the image"}`]
      : [],
  );
  return {
    images,
    absentPlatforms: [...absentPlatforms(context), ...unattested],
    absentNames: context.absent.flatMap(({ names }) => names),
    problems: context.problems,
  };
}
