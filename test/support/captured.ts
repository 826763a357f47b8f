/**
 * Archives that real tools wrote (`fixtures/images/captured/`), with fake tokens put where their markers stand, also
 * inside of compressed layers. Digests, sizes and names that depend on the content are made true again, so that what a
 * test reads is what the tool would have written. Everything else stays as it was, byte by byte.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { editCompressed } from "./compressed.ts";
import { fakeToken } from "./tokens.ts";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/images/captured");

/** `@@TOKEN:user:N@@` with N so padded that the marker is as long as a token. */
const MARKER = /@@TOKEN:user:(\d{22})@@/g;

const BLOCK = 512;

interface Member {
  /** The tar header, one block. */
  readonly header: Buffer;
  /** As captured. */
  readonly captured: Buffer;
  /** With tokens in place of markers. */
  readonly planted: Buffer;
}

/** What a digest of captured content has become. */
type Digests = Map<string, { readonly hex: string; readonly size: number }>;

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function plantBytes(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  return Buffer.from(
    text.replaceAll(MARKER, (_, number: string) => fakeToken("user", Number(number))),
    "latin1",
  );
}

/** The member's content with tokens; notes what the digest of an unpacked layer has become. */
function plantMember(content: Buffer, digests: Digests): Buffer {
  const edited = editCompressed(content, plantBytes);
  if (edited === null) return plantBytes(content);
  digests.set(sha256(edited.before), { hex: sha256(edited.after), size: edited.after.length });
  return edited.compressed;
}

function withDigests(text: string, digests: Digests): string {
  return text.replaceAll(/[0-9a-f]{64}/g, (hex) => digests.get(hex)?.hex ?? hex);
}

/** The size beside each digest in a descriptor, made true. */
function withSizes(value: unknown, digests: Digests): unknown {
  if (Array.isArray(value)) return value.map((item) => withSizes(item, digests));
  if (value === null || typeof value !== "object") return value;
  const fields: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withSizes(item, digests)]),
  );
  const digest = fields["digest"];
  const known = typeof digest === "string" ? digests.get(digest.slice("sha256:".length)) : undefined;
  return known === undefined || !("size" in fields) ? fields : { ...fields, size: known.size };
}

/** A JSON document with the digests and sizes of what it points at; any other content as it is. */
function withTrueReferences(planted: Buffer, digests: Digests): Buffer {
  if (planted[0] !== 0x7b && planted[0] !== 0x5b) return planted;
  const text = planted.toString("utf8");
  if (withDigests(text, digests) === text) return planted;
  return Buffer.from(withDigests(JSON.stringify(withSizes(JSON.parse(text), digests)), digests), "utf8");
}

function withTrueHeader(header: Buffer, size: number, digests: Digests): Buffer {
  const changed = Buffer.from(withDigests(header.toString("latin1"), digests), "latin1");
  changed.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  changed.fill(0x20, 148, 156);
  const sum = changed.reduce((total, byte) => total + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return changed;
}

/** The members up to the end of the archive. */
function membersOf(archive: Buffer): Pick<Member, "header" | "captured">[] {
  const members = [];
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const header = archive.subarray(at, at + BLOCK);
    const size = Number.parseInt(header.toString("latin1", 124, 136), 8);
    members.push({ header, captured: archive.subarray(at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return members;
}

/** What stands after the last member. */
function restOf(archive: Buffer, members: readonly Pick<Member, "captured">[]): Buffer {
  const blocks = members.map(({ captured }) => 1 + Math.ceil(captured.length / BLOCK));
  return archive.subarray(BLOCK * blocks.reduce((total, count) => total + count, 0));
}

/** Every captured archive, by the name of its file. */
export function capturedNames(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".tar"))
    .sort();
}

/** The fake tokens that stand in captured archives, by the number of their marker. */
export function capturedToken(number: number): string {
  return fakeToken("user", number);
}

const loaded = new Map<string, Buffer>();

/** The archive with tokens in it. A `….folder.tar` holds what the tool wrote as a folder. */
export function capturedArchive(name: string): Buffer {
  const archive = loaded.get(name) ?? plantArchive(name);
  loaded.set(name, archive);
  return archive;
}

function plantArchive(name: string): Buffer {
  const digests: Digests = new Map();
  const archive = readFileSync(join(FOLDER, name));
  const members = membersOf(archive).map((member): Member => ({
    ...member,
    planted: plantMember(member.captured, digests),
  }));
  let contents: Buffer[] = [];
  for (let isSettled = false; !isSettled;) {
    const before = contents;
    contents = members.map(({ planted }) => withTrueReferences(planted, digests));
    isSettled = contents.every((content, i) => before[i]?.equals(content) ?? false);
    for (const [i, { captured }] of members.entries()) {
      const now = contents[i] ?? captured;
      if (!now.equals(captured)) digests.set(sha256(captured), { hex: sha256(now), size: now.length });
    }
  }
  const blocks = members.flatMap(({ header }, i) => {
    const content = contents[i] ?? Buffer.alloc(0);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [withTrueHeader(header, content.length, digests), content, padding];
  });
  return Buffer.concat([...blocks, restOf(archive, members)]);
}

/** Writes the archive, or the folder it stands for, below `folder`, and gives its path: something to inspect. */
export function writeCaptured(name: string, folder: string): string {
  const archive = capturedArchive(name);
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true });
  if (!name.endsWith(".folder.tar")) {
    writeFileSync(path, archive);
    return path;
  }
  const root = path.slice(0, -".tar".length);
  for (const { header, captured } of membersOf(archive)) {
    const member = join(root, header.toString("latin1", 0, 100).replace(/\0.*$/s, ""));
    if (member.endsWith("/")) continue;
    mkdirSync(dirname(member), { recursive: true });
    writeFileSync(member, captured);
  }
  return root;
}
