/**
 * Which files of the build context a source of COPY or ADD takes along, by the rules of BuildKit (v0.34.2: dockerfile2llb,
 * and fsutil's copy). Looks at names and links; reads no content.
 */

import { posix } from "node:path";
import type { Gap } from "../model/gap.ts";
import type { BuildContext } from "./build-context.ts";
import { compileGlob, hasWildcard } from "./glob.ts";
import { cleanPath, compilePatterns, matchEntry, type FolderMatch, type PatternList } from "./pattern-list.ts";

/** The flags of the instruction that choose files. */
export interface CopyFilter {
  /** The patterns of `--exclude`. */
  readonly excludes: readonly string[];
  /** `--parents`, where the source itself may hold `**`. */
  readonly isParents: boolean;
}

/** What a source takes. */
export interface TakenFiles {
  /** Files of the context, each once. */
  readonly files: readonly string[];
  /** The files and folders that the source itself stands for, links followed. */
  readonly roots: readonly string[];
  /** Whether anything is there on disk to be looked at, left out of the context or not. */
  readonly isOnDisk: boolean;
  readonly gaps: readonly Gap[];
}

interface Filter {
  readonly include: PatternList | null;
  readonly exclude: PatternList | null;
}

const ALL: Filter = { include: null, exclude: null };

function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The path of a source in the context: nothing leads out of it. */
function inContext(source: string): string {
  return cleanPath(`/${source}`).slice(1);
}

/** The fixed part of a source, and the part from the first folder with a wildcard on. */
function splitSource(path: string): { readonly fixed: string; readonly pattern: string } {
  const parts = path.split("/");
  const at = parts.findIndex((part) => hasWildcard(part));
  if (at === -1) return { fixed: path, pattern: "" };
  return { fixed: parts.slice(0, at).join("/"), pattern: parts.slice(at).join("/") };
}

/** Says why a folder was not read in full. */
function gapAt(context: BuildContext, path: string, problem: Pick<Gap, "why" | "detail">): Gap {
  return { at: posix.join(context.folder.shown, path), ...problem };
}

/** The entries below `base` that a pattern names, as paths; folders that match are not searched further. */
function matchesOf(context: BuildContext, base: string, pattern: string, gaps: Gap[]): string[] {
  const glob = compileGlob(pattern, "match");
  if (glob === null) return [];
  // A class may match a slash; without one, no match lies deeper than the pattern does.
  const maxDepth = pattern.includes("[") ? Number.POSITIVE_INFINITY : pattern.split("/").length;
  const found: string[] = [];
  const pending = [{ path: "", depth: 1 }];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const folder = context.folderAt(below(base, at.path).replace(/\/$/, ""));
    if (folder === null) continue;
    if (folder.problem !== null) gaps.push(gapAt(context, below(base, at.path), folder.problem));
    for (const [name, kind] of folder.entries) {
      const path = below(at.path, name);
      if (glob.test(path)) found.push(below(base, path));
      else if (kind === "folder" && at.depth < maxDepth) pending.push({ path, depth: at.depth + 1 });
    }
  }
  return found;
}

/** Every file below a folder that the filter lets through; links are copied as links, and lead nowhere from here. */
function filesBelow(context: BuildContext, root: string, filter: Filter, files: Set<string>, gaps: Gap[]): void {
  interface Pending {
    readonly path: string;
    readonly include: FolderMatch;
    readonly exclude: FolderMatch;
  }
  const pending: Pending[] = [{ path: "", include: null, exclude: null }];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const whole = below(root, at.path).replace(/\/$/, "");
    const folder = context.folderAt(whole);
    if (folder === null) continue;
    if (folder.problem !== null) gaps.push(gapAt(context, whole, folder.problem));
    for (const [name, kind] of folder.entries) {
      if (kind !== "file" && kind !== "folder") continue;
      const path = below(at.path, name);
      const included = filter.include === null ? null : matchEntry(filter.include, path, at.include);
      const excluded = filter.exclude === null ? null : matchEntry(filter.exclude, path, at.exclude);
      const isExcluded = excluded?.isMatched === true;
      if (kind === "folder") {
        if (isExcluded && filter.exclude?.hasExceptions !== true) continue;
        pending.push({ path, include: included?.handedDown ?? null, exclude: excluded?.handedDown ?? null });
      } else if (included?.isMatched !== false && !isExcluded) {
        files.add(below(root, path));
      }
    }
  }
}

function listOf(patterns: readonly string[]): PatternList | null {
  const list = compilePatterns(patterns);
  return patterns.length === 0 || "malformed" in list ? null : list;
}

/** True when the folder has what a source names; always for the folder itself. */
export function isThere(context: BuildContext, source: string): boolean {
  const { fixed, pattern } = splitSource(inContext(source));
  if (pattern === "" || fixed !== "") return context.isOnDisk(fixed);
  return matchesOf(context, "", pattern, []).length > 0;
}

/** The files that one source of a COPY or ADD takes from the context. */
export function takenFiles(context: BuildContext, source: string, { excludes, isParents }: CopyFilter): TakenFiles {
  const gaps: Gap[] = [];
  const files = new Set<string>();
  const roots: string[] = [];
  let filter: Filter = excludes.length === 0 ? ALL : { include: null, exclude: listOf(excludes) };
  let start = source;
  let wanted = source;
  if (isParents) {
    const pivot = source.indexOf("/./");
    start = pivot === -1 ? "/" : source.slice(0, pivot);
    wanted = pivot === -1 ? source : source.slice(pivot + 2);
    const include = listOf([inContext(wanted)]);
    if (include === null) return { files: [], roots: [], isOnDisk: false, gaps };
    filter = { ...filter, include };
  }
  const { fixed, pattern } = splitSource(inContext(start));
  const base = context.resolve(fixed);
  if (base !== null) {
    const matches = pattern === "" ? [base] : matchesOf(context, base, pattern, gaps);
    for (const match of matches) {
      const path = context.resolve(match);
      const kind = path === null ? null : context.kindAt(path);
      if (path === null || kind === null) continue;
      roots.push(path);
      // With a pivot, the client sends only what lies below it.
      if (kind === "file" && !isParents) files.add(path);
      else if (kind === "folder") filesBelow(context, path, filter, files, gaps);
    }
  }
  const looked = isParents ? splitSource(inContext(source.replace("/./", "/"))).fixed : fixed;
  const isOnDisk = context.isOnDisk(base === null || isParents ? looked : base);
  return { files: [...files], roots, isOnDisk, gaps };
}
