/** What an archive holds beside its images: blobs that nothing names, names and links of members, stray bytes. */

import type { ArchiveLocation } from "../model/location.ts";
import type { Archive } from "./archive.ts";
import { attestationTokens } from "./document-facts.ts";
import type { ArchiveToken, ImageFacts } from "./facts.ts";
import type { Hit } from "./hit.ts";
import type { ImageRef } from "./image.ts";
import type { Member } from "./member.ts";
import { isStatement } from "./statement.ts";

/** What the images of an archive use. */
export interface Usage {
  readonly documents: ReadonlySet<Member>;
  readonly layers: ReadonlySet<Member>;
  /** Of the documents, those that are statements. */
  readonly statements: ReadonlySet<Member>;
}

/** Which members are used by any of the images, asked for or not. */
export function usageOf(images: readonly ImageRef[]): Usage {
  return {
    documents: new Set(
      images.flatMap((image) => [...image.documents.map(({ member }) => member), ...image.attestations]),
    ),
    statements: new Set(images.flatMap(({ attestations }) => attestations)),
    layers: new Set(images.flatMap((image) => image.layers.flatMap(({ member }) => member ?? []))),
  };
}

function archiveAt(path: string, byteOffset: number | null): ArchiveLocation {
  return { in: "archive", role: "primary", text: null, path, byteOffset };
}

/** Where a hit in a member's stream is: the member, and below it the entry. */
function insideMember(member: Member, hit: Hit): ArchiveLocation {
  const path = [`${member.name}${hit.path === "" ? "" : `:${hit.path}`}`, ...hit.within].join(":");
  return archiveAt(path, hit.byteOffset);
}

const NO_IMAGE = "about no image that the archive holds";

/** Every token of the archive that belongs to no image; `source` is what the report calls the archive. */
export function leftoverTokens(
  archive: Archive,
  usage: Usage,
  source: string,
): Pick<ImageFacts, "archiveTokens" | "attestationTokens"> {
  const own = archive.hits.map(({ token, confidence, name, byteOffset, what }): ArchiveToken => {
    const words = {
      name: "a member's name",
      link: "a member's link target",
      "extended header": "a member's extended header",
      "bytes between members": "bytes between or behind the members",
    };
    return { token, confidence, what: words[what], location: archiveAt(name, byteOffset) };
  });
  const isLoose = (member: Member): boolean => !usage.documents.has(member) && isStatement(member.json?.value);
  const loose = archive.members.filter(isLoose);
  const inMembers = archive.members.flatMap((member): ArchiveToken[] => {
    if (usage.statements.has(member) || isLoose(member)) return [];
    const fromJson = usage.documents.has(member) ? [] : (member.json?.hits ?? []);
    const fromStream = usage.layers.has(member) ? [] : (member.stream?.hits ?? []);
    const what = "a part of the archive that no image uses";
    return [
      ...fromJson.map(({ token, confidence, byteOffset }) => ({
        token,
        confidence,
        what,
        location: archiveAt(member.name, byteOffset),
      })),
      ...fromStream.map((hit) => ({
        token: hit.token,
        confidence: hit.confidence,
        what,
        location: insideMember(member, hit),
      })),
    ];
  });
  return {
    archiveTokens: [...own, ...inMembers],
    attestationTokens: loose.flatMap((member) => attestationTokens(source, member, NO_IMAGE)),
  };
}
