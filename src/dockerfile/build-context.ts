/**
 * The build context as BuildKit hands it to COPY and ADD: a folder without what the ignore file takes out, and links
 * that lead nowhere but inside. Reads through the `ContextFolder` it is given, when it is asked and never twice.
 */

import { posix } from "node:path";
import type { TokenFacts } from "../model/finding.ts";
import type { Gap } from "../model/gap.ts";
import type { Confidence } from "../model/level.ts";
import { canReinclude, compilePatterns, matchEntry, type FolderMatch, type PatternList } from "./pattern-list.ts";

/** What an entry of a folder is; `other` is what has no content to copy: pipes, sockets, devices. */
export type EntryKind = "file" | "folder" | "link" | "other";

/** A token in a file, and where it stands. */
export interface FileToken {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  readonly byteOffset: number;
  /** 1-based; null in a file without lines. */
  readonly line: number | null;
}

/** What may be known of a file's content. */
export interface FileContent {
  /** Nothing but white space, or nothing at all. */
  readonly isBlank: boolean;
  /** Each token once, where it stands first. */
  readonly tokens: readonly FileToken[];
  /** Why not all of it was read. */
  readonly problem: Pick<Gap, "why" | "detail"> | null;
}

/** What a folder holds, by name; `problem` says why that is not all. */
export interface Listing {
  readonly entries: ReadonlyMap<string, EntryKind>;
  readonly problem: Pick<Gap, "why" | "detail"> | null;
}

/** Text of which more is there than is read. */
export const TOO_LARGE: unique symbol = Symbol("too large");

/** A folder on disk (or in a test's memory). Paths are below it, with forward slashes; the empty one is the folder. */
export interface ContextFolder {
  /** What the reader calls it: as typed, or as the way from the working folder. */
  readonly shown: string;
  readonly list: (path: string) => Listing;
  /** Where a link leads, as it is written; null when that cannot be read. */
  readonly linkTarget: (path: string) => string | null;
  readonly search: (path: string) => FileContent;
  /** The text of a script; null for what is no text or cannot be read. */
  readonly scriptText: (path: string) => string | typeof TOO_LARGE | null;
}

/** The patterns that leave files out of the context. */
export interface IgnoreFile {
  /** What the reader calls the file; when there is none, the one to make. */
  readonly shown: string;
  readonly patterns: readonly string[];
  /** Why it could not be read. */
  readonly problem: Pick<Gap, "why" | "detail"> | null;
}

/** The entries of a folder of the context, without those that are left out. */
export interface VisibleFolder extends Listing {
  /** What its entries inherit of the ignore file's matches. */
  readonly handedDown: FolderMatch;
}

/** What a source of a COPY takes, kept for the next COPY of the same source: `COPY . .` is in many Dockerfiles. */
export interface SourceSurvey {
  /** False when there is nothing on disk to look at. */
  readonly isOnDisk: boolean;
  /** The files and folders that the source itself stands for. */
  readonly roots: readonly string[];
  /** The files that hold a token, may be a token's by their name, or were not read. */
  readonly files: readonly { readonly path: string; readonly content: FileContent }[];
  readonly gaps: readonly Gap[];
}

/** A context, ready to be asked. Share one between all Dockerfiles with the same folder and ignore file. */
export interface BuildContext {
  readonly folder: ContextFolder;
  readonly ignoreFile: string;
  /** What keeps the ignore file from being heeded. */
  readonly gaps: readonly Gap[];
  /** A folder of the context; null when there is none at this path, or all of it is left out. */
  readonly folderAt: (path: string) => VisibleFolder | null;
  readonly kindAt: (path: string) => EntryKind | null;
  /** The path with every link in it followed, as far as it exists; null when the links go in circles. */
  readonly resolve: (path: string) => string | null;
  /** True when the folder has an entry there, left out of the context or not. */
  readonly isOnDisk: (path: string) => boolean;
  /** The surveys so far, by source and flags. */
  readonly surveys: Map<string, SourceSurvey>;
}

/** Linux follows 40 links; BuildKit, 255. */
const MAX_LINKS = 255;

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === "." ? "" : parent;
}

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The visible part of a listing, and what each folder in it hands down. */
function filtered(listing: Listing, path: string, patterns: PatternList, handedDown: FolderMatch): Listing {
  if (patterns.patterns.length === 0) return listing;
  const entries = [...listing.entries].filter(([name, kind]) => {
    const below = join(path, name);
    if (!matchEntry(patterns, below, handedDown).isMatched) return true;
    return kind === "folder" && patterns.hasExceptions && canReinclude(patterns, below);
  });
  return { entries: new Map(entries), problem: listing.problem };
}

/** A context over a folder and its ignore file. */
export function createBuildContext(folder: ContextFolder, ignore: IgnoreFile): BuildContext {
  const compiled = compilePatterns(ignore.patterns);
  const isMalformed = "malformed" in compiled;
  const patterns: PatternList = isMalformed ? { patterns: [], hasExceptions: false } : compiled;
  const gaps: Gap[] = ignore.problem === null ? [] : [{ at: ignore.shown, ...ignore.problem }];
  if (isMalformed) {
    const detail = `the pattern \`${compiled.malformed}\` is malformed and stops the build; mend it`;
    gaps.push({ at: ignore.shown, why: "parse-error", detail });
  }
  const folders = new Map<string, VisibleFolder | null>();

  function folderAt(path: string): VisibleFolder | null {
    const known = folders.get(path);
    if (known !== undefined) return known;
    let found: VisibleFolder | null = null;
    if (path === "") {
      found = { ...filtered(folder.list(""), "", patterns, null), handedDown: null };
    } else {
      const parent = folderAt(parentOf(path));
      if (parent?.entries.get(posix.basename(path)) === "folder") {
        const { isMatched, handedDown } = matchEntry(patterns, path, parent.handedDown);
        const visible = filtered(folder.list(path), path, patterns, handedDown);
        // Of a folder that is left out, only exceptions matter; one that may not be read does not stop the build.
        const isPassedOver = isMatched && visible.problem?.why === "unreadable";
        found = { entries: visible.entries, problem: isPassedOver ? null : visible.problem, handedDown };
      }
    }
    folders.set(path, found);
    return found;
  }

  function kindAt(path: string): EntryKind | null {
    if (path === "") return "folder";
    return folderAt(parentOf(path))?.entries.get(posix.basename(path)) ?? null;
  }

  function resolve(path: string): string | null {
    let links = 0;
    let done = "";
    const pending = path.split("/").reverse();
    for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        done = parentOf(done);
        continue;
      }
      const next = join(done, part);
      if (kindAt(next) !== "link") {
        done = next;
        continue;
      }
      const target = folder.linkTarget(next);
      if (target === null || ++links > MAX_LINKS) return null;
      // An absolute link starts at the context's root: BuildKit looks at nothing outside of it.
      if (target.startsWith("/")) done = "";
      pending.push(...target.split("/").reverse());
    }
    return done;
  }

  function isOnDisk(path: string): boolean {
    let at = "";
    for (const part of path.split("/").filter((name) => name !== "")) {
      if (!folder.list(at).entries.has(part)) return false;
      at = join(at, part);
    }
    return true;
  }

  return { folder, ignoreFile: ignore.shown, gaps, folderAt, kindAt, resolve, isOnDisk, surveys: new Map() };
}
