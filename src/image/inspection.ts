/** From an archive that was read to what rules judge: images chosen and named, facts, coverage and gaps. Does no I/O. */

import type { Gap } from "../model/gap.ts";
import type { Coverage, ImageSubject } from "../model/report.ts";
import type { Secrets } from "../token/secrets.ts";
import type { Archive } from "./archive.ts";
import { documentFacts } from "./document-facts.ts";
import type { ImageFacts } from "./facts.ts";
import { isPlatform } from "./format/platform.ts";
import { rootfsFacts } from "./format/rootfs.ts";
import { looksLikeImage, readImages, type Format } from "./format/images.ts";
import { archiveGaps, imageGaps } from "./gaps.ts";
import { readHistory } from "./history.ts";
import { tokenPlaces } from "./hf-home.ts";
import type { ImageRef } from "./image.ts";
import { field } from "./json-document.ts";
import type { Member } from "./member.ts";
import { layerFacts } from "./layer-facts.ts";
import { leftoverTokens, usageOf } from "./leftovers.ts";
import type { Limits } from "./limits.ts";
import { withV1Documents } from "./v1-json.ts";

/** Which images are wanted. */
export interface Choice {
  readonly format: Format | null;
  readonly platform: string | null;
  /** A name, with or without tag, or the start of a config digest. */
  readonly image: string | null;
}

/** What was made of an archive. */
export interface Inspection {
  readonly facts: readonly ImageFacts[];
  readonly subjects: readonly ImageSubject[];
  readonly gaps: readonly Gap[];
}

const NOTHING: Omit<ImageFacts, "image"> = {
  layerTokens: [],
  tokenFiles: [],
  credentials: [],
  configTokens: [],
  historyTokens: [],
  namedSecrets: [],
  attestationTokens: [],
  archiveTokens: [],
};

function isNamed({ names, configDigest }: ImageRef, wanted: string): boolean {
  const isName = names.some(
    (name) =>
      name === wanted ||
      name.replace(/:[^/:]*$/, "") === wanted ||
      name.endsWith(`/${wanted}`) ||
      name.split(":").at(-1) === wanted,
  );
  const hex = (configDigest ?? "").replace(/^sha256:/, "");
  return isName || (hex !== "" && wanted.length >= 7 && hex.startsWith(wanted.replace(/^sha256:/, "")));
}

/** What reports call each image: its first name, with the platform where several share it. */
function displayNames(images: readonly ImageRef[], source: string): string[] {
  const bases = images.map(
    ({ names, configDigest }) => names[0] ?? (images.length === 1 ? source : (configDigest?.slice(0, 19) ?? source)),
  );
  return bases.map((base, i) => {
    if (bases.filter((other) => other === base).length === 1) return base;
    const { platform, configDigest } = images[i] ?? { platform: null, configDigest: null };
    const samePlatform = images.filter((other, j) => bases[j] === base && other.platform === platform).length > 1;
    return `${base} [${samePlatform || platform === null ? (configDigest?.slice(7, 19) ?? i) : platform}]`;
  });
}

/** What of these members could not be decoded, by kind. */
function undecodedOf(members: Iterable<Member | null>): Record<string, number> {
  const undecoded: Record<string, number> = {};
  for (const member of members) {
    const counts = [member?.stream?.undecoded ?? {}, member?.json?.undecoded ?? {}];
    for (const [kind, count] of counts.flatMap(Object.entries<number>))
      undecoded[kind] = (undecoded[kind] ?? 0) + count;
  }
  return undecoded;
}

/** `unused` are members of the archive that no image uses, and that are counted with this one. */
function coverageOf(image: ImageRef, absentPlatforms: readonly string[], unused: readonly Member[]): Coverage {
  let layers = 0;
  let files = 0;
  let bytes = 0;
  for (const { member } of image.layers) {
    if (member?.stream === null || member?.stream === undefined) continue;
    layers++;
    files += member.stream.files;
    bytes += member.stream.bytes;
  }
  const members = [...image.layers, ...image.documents].map(({ member }) => member);
  const undecoded = undecodedOf(new Set([...members, ...image.attestations, ...unused]));
  return { layers, files, bytes, undecoded, absentPlatforms };
}

const TOO_MANY_PLACES =
  "its variables point to more places of token files than any image has; a token of no known shape may be in another one";

function factsOf(image: ImageRef, name: string, secrets: Secrets, gaps: Gap[]): ImageFacts {
  const config = image.config?.json?.value;
  const history = readHistory(config, image.layers.length, secrets);
  const isWindows = field(config, "os") === "windows";
  const { places, isWhole } = tokenPlaces(config);
  if (!isWhole) gaps.push({ at: name, why: "limit", detail: TOO_MANY_PLACES });
  return {
    image: name,
    ...layerFacts({ image: name, layers: image.layers, history, places, isWindows, secrets }),
    ...documentFacts(name, image, history, secrets),
  };
}

/** What is no property of the content, but kept it from being read: a stop, a bound, a disk that is full. */
const STOPS: ReadonlySet<string> = new Set(["aborted", "limit", "unreadable"]);

/** Of a packed file that is damaged, what stands behind the damage was not read in any form. */
function isUnread(why: string, isPacked: boolean): boolean {
  return STOPS.has(why) || (isPacked && (why === "corrupt" || why === "truncated"));
}

type LayerFactNames = "layerTokens" | "tokenFiles" | "credentials" | "archiveTokens";

/** Of what was read as a layer is: its facts, as those of an image's only layer. */
function restFacts(rootfs: Member, name: string, secrets: Secrets): Pick<ImageFacts, LayerFactNames> {
  const layers = [{ diffId: null, digest: null, mediaType: null, member: { ...rootfs, name } }];
  const history = readHistory(undefined, 1, secrets);
  return layerFacts({ image: name, layers, history, places: new Map(), isWindows: false, secrets });
}

function joined(a: ImageFacts, b: Pick<ImageFacts, LayerFactNames>): ImageFacts {
  return {
    ...a,
    layerTokens: [...a.layerTokens, ...b.layerTokens],
    tokenFiles: [...a.tokenFiles, ...b.tokenFiles],
    credentials: [...a.credentials, ...b.credentials],
    archiveTokens: [...a.archiveTokens, ...b.archiveTokens],
  };
}

function inspectRootfs(archive: Archive, source: string, secrets: Secrets): Inspection {
  const { rootfs } = archive;
  const single = archive.members.filter((member) => member !== rootfs);
  const undecoded = undecodedOf(archive.members);
  for (const { problems } of single) {
    for (const { why } of problems)
      if (why !== "truncated" && !STOPS.has(why)) undecoded[why] = (undecoded[why] ?? 0) + 1;
  }
  const hard = single.flatMap(({ name, problems, stream }) =>
    problems
      .filter(({ why }) => isUnread(why, (stream?.encodings.length ?? 0) > 0))
      .map((problem) => ({ at: `${source} ${name}`, ...problem })),
  );
  const name = `${source} (root filesystem)`;
  const coverage: Coverage = { layers: 1, files: archive.files, bytes: archive.bytes, undecoded, absentPlatforms: [] };
  const ofSingle = rootfsFacts({ ...archive, members: single }, name, secrets);
  const problems = [...archive.problems, ...(rootfs?.problems ?? [])];
  return {
    facts: [rootfs === null ? ofSingle : joined(ofSingle, restFacts(rootfs, name, secrets))],
    subjects: [{ kind: "image", name, source, platform: null, configDigest: null, coverage }],
    gaps: [...problems.map((problem) => ({ at: source, ...problem })), ...hard],
  };
}

/** So many images are named to whoever asked for another one. */
const MAX_HELD = 10;

/** Everything that an archive says about the images that are wanted. `source` is what the report calls the archive. */
export function inspectArchive(
  archive: Archive,
  source: string,
  choice: Choice,
  limits: Limits,
  secrets: Secrets,
): Inspection {
  if (choice.format === null && !looksLikeImage(archive)) {
    if (archive.members.length > 0) return inspectRootfs(archive, source, secrets);
  }
  const archiveName = source.replace(/^.*[/\\]/, "").replace(/\.(?:tar|tar\.gz|tgz|tar\.zst)$/, "");
  const reading = readImages(archive, archiveName, choice.format, limits);
  const all = withV1Documents(archive, reading.images);
  const usage = usageOf(all);
  const { platform, image: wanted } = choice;
  const images = all.filter(
    (image) =>
      (platform === null || isPlatform(image.platform, platform)) && (wanted === null || isNamed(image, wanted)),
  );
  const names = displayNames(images, source);
  const gaps: Gap[] = archiveGaps(archive, source, usage);
  gaps.push(...reading.problems.map((problem) => ({ at: source, ...problem })));
  // Where there is no image at all, that is said below.
  for (const name of all.length === 0 ? [] : reading.absentNames)
    gaps.push({
      at: source,
      why: "missing-blob",
      detail: `the index names ${name}, of which nothing is in the archive`,
    });
  if (images.length === 0) {
    const asked = [wanted, platform].filter((part) => part !== null).join(" for ");
    const held = displayNames(all, source).map((name, i) => `${name} (${all[i]?.platform ?? "unknown platform"})`);
    const instead = asked === "" || held.length === 0 ? "" : `; there is ${held.slice(0, MAX_HELD).join(", ")}`;
    const isPlatformMissing = platform !== null && all.length + reading.absentPlatforms.length > 0;
    const what = choice.format === null ? "image" : `image in the format ${choice.format}`;
    gaps.push(
      isPlatformMissing
        ? { at: source, why: "absent-platform", detail: `there is no image ${asked} in the archive${instead}` }
        : {
            at: source,
            why: "no-image",
            detail: asked === "" ? `there is no ${what} in it` : `there is no image ${asked} in it${instead}`,
          },
    );
  }
  const facts: ImageFacts[] = images.map((image, i) => factsOf(image, names[i] ?? source, secrets, gaps));
  for (const [i, image] of images.entries()) gaps.push(...imageGaps(image, names[i] ?? source));
  const leftovers = leftoverTokens(archive, usage, source);
  if (leftovers.archiveTokens.length + leftovers.attestationTokens.length > 0)
    facts.push({ ...NOTHING, image: source, ...leftovers });
  // What no image uses goes to whoever is given the archive, and has no coverage of its own.
  const unused = archive.members.filter((member) => !usage.layers.has(member) && !usage.documents.has(member));
  const subjects = images.map((image, i): ImageSubject => ({
    kind: "image",
    name: names[i] ?? source,
    source,
    platform: image.platform,
    configDigest: image.configDigest,
    coverage: coverageOf(image, reading.absentPlatforms, i === 0 ? unused : []),
  }));
  return { facts, subjects, gaps };
}
