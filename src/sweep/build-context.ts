/**
 * Build contexts on disk: lists folders, follows no link by itself, searches files, and remembers all of it, so that
 * every Dockerfile of a run shares one reading. Reads a folder or file only when a COPY asks for it.
 */

import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
  type Dirent,
} from "node:fs";
import { join } from "node:path";
import { errorCode } from "../model/errors.ts";
import {
  createBuildContext,
  TOO_LARGE,
  type BuildContext,
  type ContextFolder,
  type EntryKind,
  type FileContent,
  type IgnoreFile,
  type Listing,
} from "../dockerfile/build-context.ts";
import { readIgnoreFile } from "../dockerfile/pattern-list.ts";
import { Secrets } from "../token/secrets.ts";
import { accessGap, MAX_TEXT_BYTES } from "./read-text.ts";
import { createFileSearch, type FileSearch } from "./search-file.ts";

/** Bounds of one folder that is a context. Reaching one is a gap. */
export interface ContextLimits {
  /** Entries that are listed. */
  readonly maxEntries: number;
  /** Folders within one another. */
  readonly maxDepth: number;
  /** Bytes of one file that are searched. */
  readonly maxFileBytes: number;
  /** Bytes of all files together that are searched. */
  readonly maxTotalBytes: number;
}

/** What applies unless asked otherwise. */
export const CONTEXT_LIMITS: ContextLimits = {
  // The largest checkouts with all dependencies hold a few hundred thousand files; a home folder or a disk, millions.
  maxEntries: 1_000_000,
  // Deeper than any dependency nests; each level costs a look-up in the one above.
  maxDepth: 256,
  // Shards of models have up to 50 GB by convention; at a gigabyte a second this is a minute.
  maxFileBytes: 64 * 1024 ** 3,
  // Nobody sends more than a disk's worth of models to a builder.
  maxTotalBytes: 256 * 1024 ** 3,
};

/** Which context a Dockerfile is built with. */
export interface ContextRequest {
  /** The folder, absolute, and what the reader calls it. */
  readonly folder: string;
  readonly shown: string;
  /** The Dockerfile whose own ignore file counts first, absolute, and what the reader calls it; null for none. */
  readonly dockerfile: { readonly path: string; readonly shown: string } | null;
}

function kindOf(entry: Dirent): EntryKind {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}

const EMPTY: Listing = { entries: new Map(), problem: null };

function createFolder(folder: string, shown: string, limits: ContextLimits, files: FileSearch): ContextFolder {
  const listings = new Map<string, Listing>();
  const contents = new Map<string, FileContent>();
  let entryCount = 0;
  let byteCount = 0;

  function read(path: string): Listing {
    if (path.split("/").length > limits.maxDepth) {
      const detail = `folders nest deeper than ${limits.maxDepth} levels and were not read; leave them out of the context`;
      return { ...EMPTY, problem: { why: "limit", detail } };
    }
    let entries: Dirent[];
    try {
      entries = readdirSync(join(folder, path), { withFileTypes: true });
    } catch (error) {
      return { ...EMPTY, problem: accessGap(error) };
    }
    entryCount += entries.length;
    if (entryCount > limits.maxEntries) {
      const detail = `the build context has more than ${limits.maxEntries} entries and was not read further; leave folders out of it by its ignore file`;
      return { ...EMPTY, problem: { why: "limit", detail } };
    }
    return { entries: new Map(entries.map((entry) => [entry.name, kindOf(entry)])), problem: null };
  }

  function list(path: string): Listing {
    const listing = listings.get(path) ?? read(path);
    listings.set(path, listing);
    return listing;
  }

  function searchOnce(path: string): FileContent {
    const left = limits.maxTotalBytes - byteCount;
    if (left <= 0) {
      const detail = `more than ${limits.maxTotalBytes} bytes of the build context were searched, and this file was not; leave files out by the ignore file`;
      return { isBlank: false, tokens: [], problem: { why: "limit", detail } };
    }
    const { content, bytes } = files.search(join(folder, path), Math.min(limits.maxFileBytes, left));
    byteCount += bytes;
    return content;
  }

  return {
    shown,
    list,
    linkTarget: (path) => {
      try {
        return readlinkSync(join(folder, path));
      } catch {
        return null;
      }
    },
    scriptText: (path) => readScript(join(folder, path)),
    search: (path) => {
      const content = contents.get(path) ?? searchOnce(path);
      contents.set(path, content);
      return content;
    },
  };
}

/** A larger file is no script that a person wrote. */
const MAX_SCRIPT_BYTES = 1024 * 1024;
/** By its first bytes a program is told from a text. */
const HEAD_BYTES = 4096;

/** True for a file that begins as a program does, and no text. */
function isProgram(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = new Uint8Array(HEAD_BYTES);
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0)).includes(0);
  } finally {
    closeSync(file);
  }
}

/** The text of a script; null when it is none. Content that may leak is searched by `search`, whatever it is. */
function readScript(path: string): string | typeof TOO_LARGE | null {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return null;
    if (stats.size > MAX_SCRIPT_BYTES) return isProgram(path) ? null : TOO_LARGE;
    const text = readFileSync(path, "utf8");
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

/** The patterns of an ignore file; null when there is no file of that name. `texts` count before what is on disk. */
function readIgnored(path: string, shown: string, texts: ReadonlyMap<string, string>): IgnoreFile | null {
  const text = texts.get(path);
  if (text !== undefined) return { shown, patterns: readIgnoreFile(text), problem: null };
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return null;
    if (stats.size > MAX_TEXT_BYTES) {
      const detail = "it is larger than 4 MiB and was not read; check that it is an ignore file";
      return { shown, patterns: [], problem: { why: "too-large", detail } };
    }
    return { shown, patterns: readIgnoreFile(readFileSync(path, "utf8")), problem: null };
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    return { shown, patterns: [], problem: accessGap(error) };
  }
}

function below(shown: string, name: string): string {
  return shown === "." ? name : `${shown.replace(/\/$/, "")}/${name}`;
}

/**
 * The names of ignore files, the one that counts first. Docker knows one of them; podman and buildah (v1.40,
 * pkg/parse) both, and where only theirs is there, they are what builds.
 */
function ignoreNames(dockerfile: string): readonly [string, string] {
  const isPodmans = /(?:^|\/)Containerfile[^/]*$/.test(dockerfile);
  return isPodmans ? [".containerignore", ".dockerignore"] : [".dockerignore", ".containerignore"];
}

function firstOf(names: readonly string[], read: (name: string) => IgnoreFile | null): IgnoreFile | null {
  for (const name of names) {
    const found = read(name);
    if (found !== null) return found;
  }
  return null;
}

/**
 * Gives the context for a Dockerfile; the same one for all that share a folder and an ignore file.
 * @param ignoreTexts ignore files by their absolute path, as they are to be read in place of what is on disk
 * @param secrets learns the tokens in the files
 */
export function contextReader(
  limits: ContextLimits = CONTEXT_LIMITS,
  ignoreTexts: ReadonlyMap<string, string> = new Map(),
  secrets: Secrets = new Secrets(),
): (request: ContextRequest) => BuildContext {
  const folders = new Map<string, ContextFolder>();
  const contexts = new Map<string, BuildContext>();
  const files = createFileSearch(secrets);
  return ({ folder, shown, dockerfile }) => {
    const real = realpathSync(folder);
    const names = ignoreNames(dockerfile?.shown ?? "");
    const ownFile =
      dockerfile === null
        ? null
        : firstOf(names, (name) => readIgnored(`${dockerfile.path}${name}`, `${dockerfile.shown}${name}`, ignoreTexts));
    const key = `${ownFile?.shown ?? names.join(" ")}\0${real}`;
    const known = contexts.get(key);
    if (known !== undefined) return known;
    const inFolder = below(shown, names[0]);
    const ignore = ownFile ?? firstOf(names, (name) => readIgnored(join(real, name), below(shown, name), ignoreTexts));
    const read = folders.get(real) ?? createFolder(real, shown, limits, files);
    folders.set(real, read);
    const context = createBuildContext(read, ignore ?? { shown: inFolder, patterns: [], problem: null });
    contexts.set(key, context);
    return context;
  };
}
