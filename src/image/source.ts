/**
 * From what a user typed to bytes: a file, a folder or standard input, with or without a transport's name before it.
 * What cannot be opened is a problem, not an exception; nothing is interpreted yet.
 */

import { open, readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { closest } from "../model/did-you-mean.ts";
import { errorCode, HullcheckError } from "../model/errors.ts";
import type { Format } from "./format/images.ts";
import type { Problem } from "./problem.ts";

/** Where the bytes are. */
export type Source = {
  /** What the report calls it: as typed, without transport. */
  readonly name: string;
  /** The format that a transport asks for; null to tell by content. */
  readonly format: Format | null;
  /** The image that `transport:path:reference` asks for. */
  readonly reference: string | null;
} & (
  | { readonly kind: "stdin" }
  | { readonly kind: "file"; readonly path: string; readonly size: number }
  | { readonly kind: "folder"; readonly path: string; readonly entries: readonly string[] }
  | { readonly kind: "problem"; readonly problem: Problem }
);

const FORMATS: readonly Format[] = ["docker-archive", "oci-archive", "oci", "dir"];
const TRANSPORT = /^(docker-archive|oci-archive|oci|dir):(.+)$/s;
const TRANSPORTS: readonly string[] = [...FORMATS, "docker-daemon", "docker"];
const UNSUPPORTED = /^(containers-storage|ostree|sif):/;

/** What somebody may have meant who names an image where a path is read. */
function missingDetail({ name, format }: Pick<Source, "name" | "format">): string {
  const missing = "there is no such file or folder";
  const prefix = format === null ? /^([A-Za-z][A-Za-z-]*):/.exec(name)?.[1] : undefined;
  if (prefix === undefined) return `${missing}; check the path`;
  const transport = closest(prefix, TRANSPORTS);
  if (transport === prefix) return `${missing}; write the path behind ${prefix}:`;
  if (transport !== null) return `${missing}; did you mean ${transport}:?`;
  return `${missing}; an image that an engine has is docker-daemon:NAME, one in a registry docker://NAME`;
}

async function openPath(path: string, base: Pick<Source, "name" | "format" | "reference">): Promise<Source> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return { ...base, kind: "folder", path, entries: await readdir(path) };
    // A device or pipe has no size, but can be read; once, so nothing is opened here that is no file.
    if (stats.isFile()) await (await open(path, "r")).close();
    return { ...base, kind: "file", path, size: stats.isFile() ? stats.size : Number.NaN };
  } catch (error) {
    const code = errorCode(error);
    if (code === null) throw error;
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    const detail = isMissing ? missingDetail(base) : `it cannot be read (${code})`;
    return { ...base, kind: "problem", problem: { why: isMissing ? "missing" : "unreadable", detail } };
  }
}

/** Opens nothing yet but looks at what is there; paths are relative to `cwd`. Throws a usage error for a transport that is not supported. */
export async function findSource(typed: string, cwd: string): Promise<Source> {
  if (typed === "-") return { kind: "stdin", name: "-", format: null, reference: null };
  const unsupported = UNSUPPORTED.exec(typed)?.[1];
  if (unsupported !== undefined) {
    throw new HullcheckError("usage", `the transport '${unsupported}:' is not supported`, {
      hint: "save the image to a file, for example with `docker save` or `skopeo copy`, and name that",
    });
  }
  const [, transport, rest] = TRANSPORT.exec(typed) ?? [];
  const format = FORMATS.find((known) => known === transport) ?? null;
  if (rest === undefined) return openPath(resolve(cwd, typed), { name: typed, format, reference: null });
  if (rest === "-") return { kind: "stdin", name: "-", format, reference: null };
  const whole = await openPath(resolve(cwd, rest), { name: rest, format, reference: null });
  const [, path, reference] = /^(.+?):(.+)$/s.exec(rest) ?? [];
  if (whole.kind !== "problem" || path === undefined || reference === undefined) return whole;
  return openPath(resolve(cwd, path), { name: path, format, reference });
}
