/**
 * Packs of git: every object of the history, also of commits that nothing names any more. Each object is unpacked once,
 * put together with its base, and searched; where something is found, its id and path are looked up afterwards.
 */

import { partOf, viewer, type Content } from "./content.ts";
import { gitPaths } from "./git-paths.ts";
import { gitObjects, isMissing, MAX_OBJECT_BYTES, type GitObjects, type PackEntry } from "./git-objects.ts";
import { objectId } from "./git-object.ts";
import type { Ending } from "./inflate.ts";
import type { ArchiveReader, Visitor } from "./visitor.ts";

const HEADER_BYTES = 12;
const SHA1_BYTES = 20;
const SHA256_BYTES = 32;
/** Objects of more bytes are not held but streamed, unless they are deltas. */
const STREAMED_BYTES = 32 * 1_048_576;

/** Lines before the pack of a bundle; one for each branch and tag. */
const MAX_BUNDLE_HEAD_BYTES = 16 * 1_048_576;

/** What a pass over a pack remembers. */
export interface PackPass {
  /** Where objects begin. */
  readonly starts: number[];
  /** Deltas that wait for a base, by its id and by where it begins. */
  readonly waiting: Map<string | number, number[]>;
  /** Objects in which something was found. */
  readonly found: Set<number>;
  /** Where the last object that could be read ends. */
  end: number;
}

/** What an object is called until its id is known. */
function provisional(at: number): string {
  return `object at ${at}`;
}

function wait(pass: PackPass, key: string | number, at: number): void {
  const others = pass.waiting.get(key);
  if (others === undefined) pass.waiting.set(key, [at]);
  else others.push(at);
}

/** A name that tells when it was wanted: when something was found. */
function nameAt(pass: PackPass, at: number): () => string {
  return () => {
    pass.found.add(at);
    return provisional(at);
  };
}

/** Puts a delta together and searches the object; what it waits for is remembered. */
async function visitDelta(
  objects: GitObjects,
  visitor: Visitor,
  pass: PackPass,
  at: number,
  delta?: Uint8Array,
): Promise<boolean> {
  const object = objects.object(at, delta);
  if (!isMissing(object)) {
    const pending = visitor.bytes(nameAt(pass, at), object.bytes);
    if (pending !== null) await pending;
    return true;
  }
  if (object.wants === "nothing") visitor.undecoded("git-pack-damaged");
  else wait(pass, object.wants === "id" ? object.id : object.at, at);
  return false;
}

/** Reads and searches the entry at `at`; says where the next one is, or null at damage. */
async function visitEntry(
  objects: GitObjects,
  visitor: Visitor,
  pass: PackPass,
  at: number,
  entry: PackEntry,
): Promise<number | null> {
  if (entry.size > (entry.base === null ? STREAMED_BYTES : MAX_OBJECT_BYTES)) {
    const ending: Ending = { used: 0, isDamaged: false };
    await visitor.stream(nameAt(pass, at), objects.stream(entry, ending), entry.size);
    if (entry.base !== null) visitor.undecoded("git-pack-damaged");
    return ending.isDamaged ? null : entry.dataFrom + ending.used;
  }
  const data = objects.data(entry);
  if (data === null) return null;
  if (entry.base !== null) {
    visitor.budget.spend(data.bytes.length);
    await visitDelta(objects, visitor, pass, at, data.bytes);
    data.done();
    return data.end;
  }
  objects.keep(at, { kind: entry.kind ?? "", bytes: data.bytes });
  const pending = visitor.bytes(nameAt(pass, at), data.bytes);
  if (pending !== null) await pending;
  return data.end;
}

/** Deltas whose base is named by its id, wherever in the pack that is: needs every object's id. */
async function visitWaiting(objects: GitObjects, visitor: Visitor, pass: PackPass, algorithm: string): Promise<void> {
  const late = new Set([...pass.waiting.values()].flat());
  const ready = pass.starts.filter((at) => !late.has(at));
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    if (pass.waiting.size === 0) break;
    const object = objects.object(at);
    if (isMissing(object)) continue;
    const id = objectId(object.kind, object.bytes, algorithm);
    for (const key of [id, at]) {
      const children = pass.waiting.get(key);
      if (children === undefined) continue;
      pass.waiting.delete(key);
      objects.place(id, at);
      for (const child of children) if (await visitDelta(objects, visitor, pass, child)) ready.push(child);
    }
  }
  for (const children of pass.waiting.values()) for (const _ of children) visitor.undecoded("git-delta-base");
}

/** How long ids are, from what stands behind the last object: the pack's own checksum. */
function idBytesOf(content: Content, end: number): number {
  return content.size - end === SHA256_BYTES ? SHA256_BYTES : SHA1_BYTES;
}

/** True when the first delta by id is data only if ids are those of SHA-256. */
function isSha256(objects: GitObjects, at: number): boolean {
  objects.setIdBytes(SHA256_BYTES);
  const entry = objects.entry(at);
  if (entry !== null && objects.data(entry) !== null) return true;
  objects.setIdBytes(SHA1_BYTES);
  return false;
}

/** Reads a pack. */
export const readGitPack: ArchiveReader = async (content, visitor) => {
  const header = Buffer.from(viewer(content)(0, HEADER_BYTES));
  const count = header.length < HEADER_BYTES ? 0 : header.readUInt32BE(8);
  const objects = gitObjects(content, visitor.budget);
  const pass: PackPass = { starts: [], waiting: new Map(), found: new Set(), end: HEADER_BYTES };
  for (let i = 0; i < count; i++) {
    const at = pass.end;
    const entry = objects.entry(at);
    let next = entry === null ? null : await visitEntry(objects, visitor, pass, at, entry);
    if (next === null && typeof entry?.base === "string" && isSha256(objects, at)) {
      const other = objects.entry(at);
      next = other === null ? null : await visitEntry(objects, visitor, pass, at, other);
    }
    if (next === null) {
      visitor.undecoded("git-pack-damaged");
      break;
    }
    pass.starts.push(at);
    pass.end = next;
  }
  const idBytes = idBytesOf(content, pass.end);
  if (pass.starts.length === count && content.size > pass.end + idBytes)
    await visitor.stored("(behind the pack)", partOf(content, pass.end + idBytes, content.size));
  const algorithm = idBytes === SHA256_BYTES ? "sha256" : "sha1";
  if (pass.waiting.size > 0) await visitWaiting(objects, visitor, pass, algorithm);
  if (pass.found.size > 0) {
    const named = await gitPaths(objects, pass.starts, pass.found, algorithm, idBytes);
    visitor.rename(new Map([...named].map(([at, name]) => [provisional(at), name])));
  }
};

/** Reads a bundle: names of commits as lines, an empty line, a pack. Format: gitformat-bundle(5). */
export const readGitBundle: ArchiveReader = async (content, visitor) => {
  const head = Buffer.from(viewer(content)(0, MAX_BUNDLE_HEAD_BYTES));
  const at = head.indexOf("\n\nPACK", 0, "latin1");
  if (at === -1) {
    visitor.undecoded("git-bundle-damaged");
    return;
  }
  const pending = visitor.stored("pack", partOf(content, at + 2, content.size));
  if (pending !== null) await pending;
};
