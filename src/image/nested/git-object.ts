/** Objects of git: their kinds, ids and headers, and what a tree names. Format: git's own gitformat-pack(5). */

import { createHash } from "node:crypto";

/** Kinds of objects by their number in a pack. */
export const OBJECT_KINDS: ReadonlyMap<number, string> = new Map([
  [1, "commit"],
  [2, "tree"],
  [3, "blob"],
  [4, "tag"],
]);

const HEADER = /^(?:blob|tree|commit|tag) \d{1,15}\0/;

/** The id of an object, in hex. */
export function objectId(kind: string, content: Uint8Array, algorithm: string = "sha1"): string {
  return createHash(algorithm).update(`${kind} ${content.length}\0`).update(content).digest("hex");
}

/** How long the header of a loose object is, which is unpacked with it; 0 for anything else. Wants 32 bytes. */
export function looseHeaderBytes(bytes: Uint8Array): number {
  return HEADER.exec(Buffer.from(bytes.subarray(0, 32)).toString("latin1"))?.[0].length ?? 0;
}

/** Kind and id of a loose object, unpacked with its header. */
export function looseObjectName(bytes: Uint8Array): string {
  const kind = Buffer.from(bytes.subarray(0, bytes.indexOf(0x20))).toString("latin1");
  return `${kind} ${createHash("sha1").update(bytes).digest("hex")}`;
}

/** Calls back for each entry of a tree; stops where the tree is damaged. */
export function eachTreeEntry(tree: Uint8Array, idBytes: number, visit: (id: string, name: string) => void): void {
  const bytes = Buffer.from(tree.buffer, tree.byteOffset, tree.length);
  for (let at = 0; at < bytes.length;) {
    const blank = bytes.indexOf(0x20, at);
    const end = blank === -1 ? -1 : bytes.indexOf(0, blank);
    if (end === -1 || end + 1 + idBytes > bytes.length) return;
    visit(bytes.toString("hex", end + 1, end + 1 + idBytes), bytes.toString("utf8", blank + 1, end));
    at = end + 1 + idBytes;
  }
}
