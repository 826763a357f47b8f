/**
 * A tar that is no image archive: the root filesystem that `docker export` and buildx `type=tar` write. Its members are
 * the entries of one pseudo-layer, which no history, config or other layer surrounds.
 */

import type { LayerLocation } from "../../model/location.ts";
import type { Secrets } from "../../token/secrets.ts";
import type { Archive } from "../archive.ts";
import { readCredentials, storeOf } from "../credential-store.ts";
import type { ArchiveToken, ImageFacts, LayerToken, StoredCredential, TokenFile } from "../facts.ts";
import { tokenPlaceOf } from "../hf-home.ts";
import { absolutePath } from "../path-hash.ts";
import { holdsUnknownSecret } from "../token-file.ts";
import { unpackedNames } from "../unpacked-name.ts";

/** Everything that a root filesystem shows. */
export function rootfsFacts(archive: Archive, image: string, secrets: Secrets): ImageFacts {
  const layerTokens: LayerToken[] = [];
  const tokenFiles: TokenFile[] = [];
  const credentials: StoredCredential[] = [];
  const archiveTokens: ArchiveToken[] = [];
  const noPlaces = new Map();
  const at = (
    path: string,
    within: readonly string[],
    byteOffset: number | null,
    line: number | null,
  ): LayerLocation => ({
    in: "layer",
    role: "primary",
    text: null,
    image,
    layer: 0,
    diffId: null,
    digest: null,
    path,
    within,
    byteOffset,
    line,
    createdBy: null,
    hidden: null,
  });

  for (const member of archive.members) {
    const path = absolutePath(member.name);
    const place = tokenPlaceOf(path, noPlaces);
    const store = storeOf(path);
    for (const { token, confidence, byteOffset, line } of member.json?.hits ?? []) {
      if (member.stream === null)
        layerTokens.push({ token, confidence, place, store, location: at(path, [], byteOffset, line) });
    }
    for (const { token, confidence, path: inner, within: deeper, byteOffset, line } of member.stream?.hits ?? []) {
      const packed = unpackedNames(member.name, member.stream?.encodings.length ?? 0);
      const within = [...packed, ...(inner === "" ? [] : [inner.slice(1)]), ...deeper];
      const isOwn = within.length === 0;
      layerTokens.push({
        token,
        confidence,
        place: isOwn ? place : null,
        store: isOwn ? store : null,
        location: at(path, within, byteOffset, line),
      });
    }
    const isLink = member.type === "hard-link";
    const hasContent = isLink || (member.captured ?? "").trim() !== "";
    const hasHit = (member.stream?.hits.length ?? 0) > 0;
    if (
      place !== null &&
      member.type !== "directory" &&
      hasContent &&
      (holdsUnknownSecret(place.file, member.captured ?? "", secrets) || !hasHit)
    ) {
      tokenFiles.push({ place, location: at(path, [], isLink ? null : 0, isLink ? null : 1) });
    }
    if (store === null || member.captured === null) continue;
    for (const { host, byteOffset, line } of readCredentials(store, member.captured, secrets)) {
      credentials.push({ store, host, location: at(path, [], byteOffset, line) });
    }
  }
  for (const { token, confidence, name, byteOffset, what } of archive.hits) {
    const location =
      what === "bytes between members"
        ? ({
            in: "archive",
            role: "primary",
            text: null,
            path: name === "" ? image : `${image}:${name}`,
            byteOffset,
          } as const)
        : at(absolutePath(name), [], null, null);
    archiveTokens.push({
      token,
      confidence,
      what: what === "name" ? "a file name" : what === "link" ? "a link target" : what,
      location,
    });
  }
  return {
    image,
    layerTokens,
    tokenFiles,
    credentials,
    archiveTokens,
    configTokens: [],
    historyTokens: [],
    namedSecrets: [],
    attestationTokens: [],
  };
}
