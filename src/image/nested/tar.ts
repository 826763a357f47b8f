/** A tar inside of a file, by the same walk that reads archives: contents, names, links, attributes, stray bytes. */

import { BETWEEN_MEMBERS, readTar } from "../tar-archive.ts";
import { readerOf } from "./content.ts";
import { damageOf, type ArchiveReader } from "./visitor.ts";

/** Reads a tar. */
export const readTarFile: ArchiveReader = async (content, visitor) => {
  const damage = damageOf(visitor);
  let attributes: string[] = [];
  const flush = (owner: string): void => {
    for (const text of attributes) visitor.text(owner, text);
    attributes = [];
  };
  await readTar(readerOf(content), visitor.limits, damage.report, {
    member: async (head, body) => {
      visitor.text(head.name, head.name);
      if (head.link !== "") visitor.text(head.name, head.link);
      flush(head.name);
      if (body.left() > 0) await visitor.stream(head.name, body, head.size);
      else visitor.budget.member();
    },
    meta: (payload) => {
      visitor.budget.spend(payload.length);
      if (attributes.length >= 64) flush(BETWEEN_MEMBERS);
      attributes.push(Buffer.from(payload).toString("latin1"));
    },
    stray: async (body) => visitor.stream(BETWEEN_MEMBERS, body, null),
    isStopped: () => false,
  });
  flush(BETWEEN_MEMBERS);
  if (damage.isDamaged()) visitor.undecoded("tar-damaged");
};
