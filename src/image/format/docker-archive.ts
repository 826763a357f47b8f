/** The `manifest.json` of `docker save`, podman, buildah, skopeo, kaniko and crane: an array, one element an image. */

import type { Archive } from "../archive.ts";
import type { DocumentRef, FormatReading, ImageRef, LayerRef } from "../image.ts";
import { field, items, text } from "../json-document.ts";
import type { Member } from "../member.ts";
import type { Problem } from "../problem.ts";
import { memberName } from "../tar-archive.ts";
import { configProblems, missingLayers } from "./config-problems.ts";
import { disguisedFields, oddLists } from "./disguised-field.ts";
import { platformOf } from "./platform.ts";

const MAX_LINKS = 8;
/** What podman and skopeo write before names that Docker writes without. */
const DEFAULT_REGISTRY = /^docker\.io\/(?:library\/)?/;
const HEX = /(?:^|[/:])([0-9a-f]{64})(?:\.json|\.tar|\.tar\.gz)?$/;

/** The member of a name, links followed (`../<id>/layer.tar`); null when there is none. */
export function resolveMember(archive: Archive, name: string): Member | null {
  let member = archive.byName.get(memberName(name));
  for (let i = 0; i < MAX_LINKS && member !== undefined; i++) {
    if (member.type === "file") return member;
    if (member.type !== "symbolic-link" && member.type !== "hard-link") return null;
    const folder = member.type === "hard-link" || member.link.startsWith("/") ? "" : member.name.replace(/[^/]*$/, "");
    const parts: string[] = [];
    for (const part of `${folder}${member.link}`.split("/")) {
      if (part === "..") parts.pop();
      else if (part !== "" && part !== ".") parts.push(part);
    }
    member = archive.byName.get(parts.join("/"));
  }
  return null;
}

/** `sha256:…` when a member's name is a digest, else the name itself. */
function digestOf(name: string): string {
  const hex = name.startsWith("blobs/") || name.startsWith("sha256:") ? HEX.exec(name)?.[1] : undefined;
  return hex === undefined ? name : `sha256:${hex}`;
}

/** The v1 JSON beside a `<id>/layer.tar`. */
function legacyDocuments(archive: Archive, layers: readonly string[]): DocumentRef[] {
  return layers.flatMap((layer): DocumentRef[] => {
    const name = memberName(layer);
    if (!name.endsWith("/layer.tar")) return [];
    const member = archive.byName.get(name.replace(/layer\.tar$/, "json"));
    return member === undefined ? [] : [{ member, what: "v1 JSON" }];
  });
}

function readImage(archive: Archive, manifest: Member, entry: unknown): ImageRef {
  const problems: Problem[] = [...disguisedFields(entry, ["Config", "Layers"]), ...oddLists(entry, ["Layers"])];
  const configName = text(field(entry, "Config")) ?? "";
  const config = resolveMember(archive, configName);
  const value = config?.json?.value;
  problems.push(...configProblems(config, configName === "" ? "its config" : `the config ${configName}`));
  const diffIds = items(field(value, "rootfs", "diff_ids")).map(text);
  const names = items(field(entry, "Layers")).flatMap((layer) => text(layer) ?? []);
  const sources = field(entry, "LayerSources");
  const layers = names.map((name, i): LayerRef => {
    const diffId = diffIds[i] ?? null;
    const mediaType = diffId === null ? null : text(field(sources, diffId, "mediaType"));
    return { diffId, digest: digestOf(memberName(name)), mediaType, member: resolveMember(archive, name) };
  });
  problems.push(...missingLayers(diffIds.length, layers.length));
  const hex = HEX.exec(configName)?.[1];
  const documents: DocumentRef[] = [{ member: manifest, what: "manifest" }, ...legacyDocuments(archive, names)];
  return {
    names: items(field(entry, "RepoTags")).flatMap((tag) => text(tag)?.replace(DEFAULT_REGISTRY, "") ?? []),
    platform: platformOf(value),
    configDigest: hex === undefined ? null : `sha256:${hex}`,
    config,
    documents: config === null ? documents : [{ member: config, what: "config" }, ...documents],
    layers,
    attestations: [],
    problems,
  };
}

/** The images that `manifest.json` names; null when there is none, or when it is another format's. */
export function readDockerArchive(archive: Archive): FormatReading | null {
  const manifest = resolveMember(archive, "manifest.json");
  const value = manifest?.json?.value;
  if (manifest === null || !Array.isArray(value)) return null;
  const images = items(value).map((entry) => readImage(archive, manifest, entry));
  return { images, absentPlatforms: [], absentNames: [], problems: [] };
}
