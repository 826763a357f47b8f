/** Changes a JSON document in an archive, and makes true again what others say of it: its size, its name, its digest. */

import { createHash } from "node:crypto";
import { changedJson } from "./change-json.ts";
import type { Random } from "./random.ts";
import { fixChecksum, tarMembers, type TarMember } from "./tar-members.ts";

const BLOCK = 512;
/** Documents point at documents: a config in a manifest in an index. */
const MAX_CHAIN = 4;

function hexOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function contentOf(bytes: Buffer, { from, size }: TarMember): Buffer {
  return bytes.subarray(from, from + size);
}

function isDocument(bytes: Buffer, member: TarMember): boolean {
  return member.size > 1 && /[{[]/.test(String.fromCharCode(bytes[member.from] ?? 0));
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** The archive with another content of one member. */
function withContent(bytes: Buffer, member: TarMember, content: Buffer): Buffer {
  const header = Buffer.from(bytes.subarray(member.header, member.from));
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  fixChecksum(header, 0);
  const rest = member.from + Math.ceil(member.size / BLOCK) * BLOCK;
  return Buffer.concat([bytes.subarray(0, member.header), header, padded(content), bytes.subarray(rest)]);
}

/** Replaces a digest by another one wherever it stands in names and documents; says which documents that changed. */
function rename(bytes: Buffer, before: string, after: string): TarMember[] {
  return tarMembers(bytes).filter((member) => {
    const header = bytes.subarray(member.header, member.from);
    const inName = header.indexOf(before);
    if (inName !== -1) {
      header.write(after, inName, "latin1");
      fixChecksum(bytes, member.header);
    }
    if (!isDocument(bytes, member)) return false;
    const content = contentOf(bytes, member);
    let at = content.indexOf(before);
    const isChanged = at !== -1;
    for (; at !== -1; at = content.indexOf(before, at + 1)) content.write(after, at, "latin1");
    return isChanged;
  });
}

/** The archive with one document changed; the archive itself when it holds none. `planted` may be put into a string. */
export function changedDocument(bytes: Buffer, random: Random, planted: string): Buffer {
  const documents = tarMembers(bytes).filter((member) => isDocument(bytes, member));
  if (documents.length === 0) return bytes;
  const member = random.pick(documents);
  const content = contentOf(bytes, member);
  const json = changedJson(content.toString("utf8"), random, planted);
  if (json === null) return bytes;
  const changed = Buffer.from(json);
  const result = withContent(bytes, member, changed);
  if (random.chance(0.2)) return result;
  let renamed: (readonly [string, string])[] = [[hexOf(content), hexOf(changed)]];
  for (let links = 0; links < MAX_CHAIN && renamed.length > 0; links++) {
    renamed = renamed.flatMap(([before, after]) => {
      const old = new Map(tarMembers(result).map((one) => [one.header, hexOf(contentOf(result, one))]));
      return rename(result, before, after).map((one): readonly [string, string] => [
        old.get(one.header) ?? before,
        hexOf(contentOf(result, one)),
      ]);
    });
  }
  return result;
}
