/**
 * The v1 JSON that Docker 25 and later save for each layer, as blobs that nothing names; the one of an image's last layer
 * holds its config once more. Tells which image each of them is of; the others are leftovers of the archive.
 */

import type { Archive } from "./archive.ts";
import type { DocumentRef, ImageRef } from "./image.ts";
import { field, text } from "./json-document.ts";
import { usageOf } from "./leftovers.ts";
import type { Member } from "./member.ts";

/** What the v1 JSON has word for word of the config; Go fills in the fields beside them. */
const COPIED = ["Env", "Cmd", "Entrypoint", "Labels", "OnBuild", "Healthcheck"];

function isV1({ json }: Member): boolean {
  const hasId = /^[0-9a-f]{64}$/.test(text(field(json?.value, "id")) ?? "");
  return (hasId && field(json?.value, "config") !== undefined) || field(json?.value, "container_config") !== undefined;
}

/** True when the two were made of one image. */
function isOf({ json }: Member, { config }: ImageRef): boolean {
  const created = field(json?.value, "created");
  if (created === undefined || created !== field(config?.json?.value, "created")) return false;
  return COPIED.every((name) => {
    const [own = null, other = null] = [json, config?.json].map((part) => field(part?.value, "config", name));
    return JSON.stringify(own) === JSON.stringify(other);
  });
}

/** The images of an archive, each with the loose v1 JSON that is its own. */
export function withV1Documents(archive: Archive, images: readonly ImageRef[]): ImageRef[] {
  const { documents } = usageOf(images);
  const loose = archive.members.filter((member) => !documents.has(member) && isV1(member));
  return images.map((image) => {
    const own = images.length === 1 ? loose : loose.filter((member) => isOf(member, image));
    const added = own.map((member): DocumentRef => ({ member, what: "v1 JSON" }));
    return { ...image, documents: [...image.documents, ...added] };
  });
}
