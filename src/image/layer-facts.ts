/** Gives what was found in layers its place in an image: layer, instruction, and whether a later layer hides it. */

import type { LayerLocation } from "../model/location.ts";
import type { Secrets } from "../token/secrets.ts";
import { readCredentials, storeOf } from "./credential-store.ts";
import { ENTRY, findHiding, type EntryIndex, type PathQuery } from "./entry-index.ts";
import type { ArchiveToken, ImageFacts, LayerToken, StoredCredential, TokenFile } from "./facts.ts";
import type { History } from "./history.ts";
import { tokenPlaceOf, type TokenPlaces } from "./hf-home.ts";
import type { CapturedFile, Hit } from "./hit.ts";
import type { LayerRef } from "./image.ts";
import { hashPath } from "./path-hash.ts";
import { holdsUnknownSecret } from "./token-file.ts";
import { BETWEEN_MEMBERS } from "./tar-archive.ts";

/** What is known of the image as a whole. */
export interface LayerContext {
  readonly image: string;
  readonly layers: readonly LayerRef[];
  readonly history: History;
  readonly places: TokenPlaces;
  readonly isWindows: boolean;
  readonly secrets: Secrets;
}

/** A thing at a path, which becomes a fact once its location is known. */
interface Located {
  readonly query: PathQuery;
  readonly within: readonly string[];
  readonly byteOffset: number | null;
  readonly line: number | null;
  readonly make: (location: LayerLocation) => void;
}

const PART_NAMES: Readonly<Record<Exclude<Hit["part"], "content">, string>> = {
  name: "a file name",
  link: "a link target",
  pax: "an attribute of an entry",
  gap: "bytes between or behind the entries of a layer",
};

/** Windows layers keep the container's files below `Files`. */
function containerPath(path: string, isWindows: boolean): string {
  return isWindows && path.startsWith("/Files/") ? path.slice("/Files".length) : path;
}

/** Calls back for each token file that a variable names by a file name of its own. */
function eachNamedFile(index: EntryIndex, places: TokenPlaces, visit: (path: string, ordinal: number) => void): void {
  const byHash = new Map(
    [...places.keys()].filter((path) => !/\/(?:token|stored_tokens)$/.test(path)).map((path) => [hashPath(path), path]),
  );
  if (byHash.size === 0) return;
  index.each((hash, kind, ordinal) => {
    const path = byHash.get(hash);
    if (path !== undefined && kind === ENTRY.file) visit(path, ordinal);
  });
}

/** Everything that the layers of an image show. */
export function layerFacts(
  context: LayerContext,
): Pick<ImageFacts, "layerTokens" | "tokenFiles" | "credentials" | "archiveTokens"> {
  const { layers, places, secrets } = context;
  const layerTokens: LayerToken[] = [];
  const tokenFiles: TokenFile[] = [];
  const credentials: StoredCredential[] = [];
  const archiveTokens: ArchiveToken[] = [];
  const located: Located[] = [];
  const put = (
    layer: number,
    path: string,
    ordinal: number,
    place: Pick<Located, "within" | "byteOffset" | "line">,
    make: Located["make"],
  ): void => {
    located.push({ query: { layer, path, ordinal }, ...place, make });
  };

  const addHit = (layer: number, ref: LayerRef, hit: Hit): void => {
    const { token, confidence, part } = hit;
    if (hit.path === "") {
      const what = part === "content" ? "a layer that is no tar" : PART_NAMES[part];
      const between = part === "gap" && hit.within.length > 0 ? [BETWEEN_MEMBERS] : [];
      const path = [ref.member?.name ?? ref.digest ?? `layer ${layer}`, ...between, ...hit.within].join(":");
      archiveTokens.push({
        token,
        confidence,
        what,
        location: { in: "archive", role: "primary", text: null, path, byteOffset: hit.byteOffset },
      });
      return;
    }
    put(layer, hit.path, hit.ordinal, hit, (location) => {
      if (part !== "content") archiveTokens.push({ token, confidence, what: PART_NAMES[part], location });
      else
        layerTokens.push({
          token,
          confidence,
          location,
          place: hit.within.length > 0 ? null : tokenPlaceOf(location.path, places),
          store: hit.within.length > 0 ? null : storeOf(location.path),
        });
    });
  };
  const addCaptured = (layer: number, file: CapturedFile, hits: readonly Hit[]): void => {
    const path = containerPath(file.path, context.isWindows);
    const place = tokenPlaceOf(path, places);
    const store = storeOf(path);
    const isLink = file.type === "hard-link";
    const hasHit = hits.some((hit) => hit.ordinal === file.ordinal && hit.part === "content");
    const start = { within: [], byteOffset: isLink ? null : 0, line: isLink ? null : 1 };
    if (
      place !== null &&
      (isLink || file.content.trim() !== "") &&
      (holdsUnknownSecret(place.file, file.content, secrets) || !hasHit)
    ) {
      put(layer, file.path, file.ordinal, start, (location) => tokenFiles.push({ location, place }));
    }
    if (store === null) return;
    for (const { host, byteOffset, line } of readCredentials(store, file.content, secrets)) {
      put(layer, file.path, file.ordinal, { within: [], byteOffset, line }, (location) =>
        credentials.push({ location, store, host }),
      );
    }
  };

  for (const [layer, ref] of layers.entries()) {
    const stream = ref.member?.stream;
    if (stream === null || stream === undefined) continue;
    for (const hit of stream.hits) addHit(layer, ref, hit);
    for (const file of stream.captured) addCaptured(layer, file, stream.hits);
    eachNamedFile(stream.index, places, (path, ordinal) => {
      const place = tokenPlaceOf(path, places);
      const hasHit = stream.hits.some((hit) => hit.ordinal === ordinal && hit.part === "content");
      if (place !== null && !hasHit)
        put(layer, path, ordinal, { within: [], byteOffset: 0, line: 1 }, (location) =>
          tokenFiles.push({ location, place }),
        );
    });
  }

  const hidings = findHiding(
    located.map(({ query }) => query),
    layers.map(({ member }) => (member?.stream?.isTar === true ? member.stream.index : null)),
  );
  for (const [i, { query, within, byteOffset, line, make }] of located.entries()) {
    const hiding = hidings[i] ?? null;
    const ref = layers[query.layer];
    make({
      in: "layer",
      role: "primary",
      text: null,
      image: context.image,
      layer: query.layer,
      diffId: ref?.diffId ?? null,
      digest: ref?.digest ?? null,
      path: containerPath(query.path, context.isWindows),
      within,
      byteOffset,
      line,
      createdBy: context.history.byLayer[query.layer] ?? null,
      hidden: hiding === null ? null : { ...hiding, createdBy: context.history.byLayer[hiding.byLayer] ?? null },
    });
  }
  return { layerTokens, tokenFiles, credentials, archiveTokens };
}
