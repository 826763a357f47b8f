/** Which reader opens which kind of archive. Loads a reader when the first archive of its kind is met. */

import type { Content } from "./content.ts";
import type { ClosedKind, Kind, OpenKind } from "./kind.ts";
import type { ArchiveReader } from "./visitor.ts";

const OPENERS: Readonly<Record<Exclude<OpenKind, "program">, () => Promise<ArchiveReader>>> = {
  zip: async () => (await import("./zip.ts")).readZip,
  "zip-inside": async () => (await import("./zip.ts")).readZipInside,
  tar: async () => (await import("./tar.ts")).readTarFile,
  gzip: async () => (await import("./unpack.ts")).readGzip,
  zstd: async () => (await import("./unpack.ts")).readZstd,
  zlib: async () => (await import("./unpack.ts")).readZlib,
  xz: async () => (await import("./xz.ts")).readXz,
  deb: async () => (await import("./ar.ts")).readAr,
  pdf: async () => (await import("./pdf.ts")).readPdf,
  png: async () => (await import("./png.ts")).readPng,
  rpm: async () => (await import("./rpm.ts")).readRpm,
  cpio: async () => (await import("./cpio.ts")).readCpio,
  "git-pack": async () => (await import("./git-pack.ts")).readGitPack,
  "git-bundle": async () => (await import("./git-pack.ts")).readGitBundle,
  "sqlite-log": async () => (await import("./sqlite.ts")).readSqliteLog,
  "packed-text": async () => (await import("./base64.ts")).readPackedText,
  sqlite: async () => (await import("./sqlite.ts")).readSqlite,
};

/** Readers that were loaded: asking for a module again costs as much as opening a small file. */
const loaded = new Map<Kind, ArchiveReader>();
let behind: ((program: Content) => ArchiveReader | null) | null = null;

/** The reader for a kind; null for a program with nothing behind it. */
export async function openerOf(kind: Exclude<Kind, ClosedKind>, content: Content): Promise<ArchiveReader | null> {
  if (kind === "program") return (behind ??= (await import("./program.ts")).behindProgram)(content);
  const reader = loaded.get(kind) ?? (await OPENERS[kind]());
  loaded.set(kind, reader);
  return reader;
}
