/** Ways to put bytes into something else that is opened again, by name: for tests that put one into another. */

import { deflateSync, gzipSync } from "node:zlib";
import { tar } from "./images.ts";
import { cpio, deb, rpm } from "./packages.ts";
import { pack } from "./packs.ts";
import { sqlite } from "./sqlite.ts";
import { zip } from "./zip.ts";
import { zstdRaw } from "./zstd-frames.ts";

const other = { name: "other", content: Buffer.from("nothing of note\n") };

const WRAPPERS = {
  "zip, deflated": (content) => zip([other, { name: "a", content }]),
  "zip, sizes behind": (content) => zip([{ name: "a", content, hasDescriptor: true }, other]),
  "zip, unlisted": (content) => zip([{ name: "a", content, isUnlisted: true }, other]),
  "zip, stored": (content) => zip([{ name: "a", content, isStored: true }, other]),
  "zip, 64 bits": (content) => zip([{ name: "a", content }], { zip64: true }),
  "zip, behind a script": (content) => Buffer.concat([Buffer.from("#!/bin/sh\n"), zip([{ name: "a", content }])]),
  tar: (content) => tar([other, { name: "a", content }]),
  gzip: (content) => gzipSync(content),
  zlib: (content) => deflateSync(content),
  zstd: zstdRaw,
  deb: (content) =>
    deb([
      { name: "debian-binary", content: Buffer.from("2.0\n") },
      { name: "a", content },
    ]),
  cpio: (content) => cpio([other, { name: "a", content }]),
  rpm: (content) => rpm(gzipSync(cpio([{ name: "a", content }]))),
  "git pack": (content) => pack([() => ({ type: 3, content: other.content }), () => ({ type: 3, content })]),
  "git object": (content) => deflateSync(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content])),
  sqlite: (content) =>
    sqlite([
      [other.content, other.content],
      [Buffer.from("key"), content],
    ]),
} satisfies Readonly<Record<string, (content: Buffer) => Buffer | Promise<Buffer>>>;

/** The name of a wrapper. */
export type WrapperName = keyof typeof WRAPPERS;

/** Every name. */
export const WRAPPER_NAMES: readonly WrapperName[] = Object.keys(WRAPPERS) as WrapperName[];

/** More than this is no row of a database that the writer at hand can make. */
const MAX_ROW_BYTES = 3000;

/** The content in one wrapper after the other, the innermost first; what does not fit into a database is left as it is. */
export async function wrap(content: Buffer, names: readonly WrapperName[]): Promise<Buffer> {
  let bytes = content;
  for (const name of names) {
    if (name !== "sqlite" || bytes.length < MAX_ROW_BYTES) bytes = await WRAPPERS[name](bytes);
  }
  return bytes;
}
