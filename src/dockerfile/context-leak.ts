/**
 * Looks at what each COPY and ADD takes from the build context on disk, and keeps what holds a token. Which rule a file
 * belongs to is decided here too: one at a Hugging Face home is the home's, any other the context's.
 */

import type { Gap } from "../model/gap.ts";
import { posix } from "node:path";
import type { BuildContext, FileContent, FileToken, SourceSurvey } from "./build-context.ts";
import { isThere, takenFiles, type CopyFilter } from "./context-copy.ts";
import { contextSources, copyFilter, type CopyRecord, type CopyWord } from "./copy-record.ts";
import type { ContextFind, ContextLeak } from "./facts.ts";

/** A file with a token, or at a token's place. */
interface Hit {
  readonly path: string;
  readonly content: FileContent;
  /** True for `token` and `stored_tokens` of a Hugging Face home, whatever they hold. */
  readonly isTokenFile: boolean;
}

/** What a source takes that matters. */
export interface SourceLook {
  /** False when there is nothing on disk to look at. */
  readonly isOnDisk: boolean;
  /** The files and folders that the source itself stands for. */
  readonly roots: readonly string[];
  readonly hits: readonly Hit[];
}

/** What was seen on disk, by source; a source that is not in it was not looked at. */
export interface ContextLook {
  readonly context: BuildContext | null;
  readonly sources: ReadonlyMap<CopyWord, SourceLook>;
  readonly gaps: readonly Gap[];
}

const TOKEN_FILE = /^(?:token|stored_tokens)$/;
/** The places of huggingface_hub, all releases, and the names that people give to a home that they copy. */
const HOME_FOLDER = /(?:^|\/)(?:\.cache\/huggingface(?:_staging)?|\.huggingface|huggingface_home|hf[-_]home)$/i;

/** True for a token file by its place; `roots` are what the source names, so that a home of any name is known. */
function isTokenFile(path: string, roots: readonly string[]): boolean {
  if (!TOKEN_FILE.test(posix.basename(path))) return false;
  const folder = posix.dirname(path);
  return HOME_FOLDER.test(folder) || roots.some((root) => root === path || root === folder);
}

/** Searches what a source takes; the same source with the same flags is searched once. */
function survey(context: BuildContext, source: string, filter: CopyFilter): SourceSurvey {
  const key = JSON.stringify([source, filter]);
  const known = context.surveys.get(key);
  if (known !== undefined) return known;
  const { files: paths, roots, isOnDisk, gaps } = takenFiles(context, source, filter);
  const files = paths.flatMap((path) => {
    const content = context.folder.search(path);
    const isNamedSo = TOKEN_FILE.test(posix.basename(path)) && !content.isBlank;
    return content.tokens.length > 0 || content.problem !== null || isNamedSo ? [{ path, content }] : [];
  });
  const made: SourceSurvey = { isOnDisk, roots, files, gaps };
  context.surveys.set(key, made);
  return made;
}

/**
 * The folder that the copies mean, of those that may be the context: the first, unless another one has all of the
 * sources that it has, and more.
 */
function choose(records: readonly CopyRecord[], contexts: readonly BuildContext[]): BuildContext | null {
  const [first, ...others] = contexts;
  if (first === undefined || others.length === 0) return first ?? null;
  const sources = records.flatMap((record) => contextSources(record).map(({ text }) => text));
  const present = (context: BuildContext): Set<string> => new Set(sources.filter((source) => isThere(context, source)));
  const here = present(first);
  const better = others.find((other) => {
    const there = present(other);
    return there.size > here.size && [...here].every((source) => there.has(source));
  });
  return better ?? first;
}

/** One gap for all files that were not read for the same reason: the first one is named. */
function gathered(context: BuildContext, unread: ReadonlyMap<string, readonly Hit[]>): Gap[] {
  return [...unread.values()].flatMap((hits): Gap[] => {
    const [first] = hits;
    const problem = first?.content.problem ?? null;
    if (first === undefined || problem === null) return [];
    const more = hits.length === 1 ? "" : ` (the same goes for ${hits.length - 1} more in the build context)`;
    const at = posix.join(context.folder.shown, first.path);
    return [{ at, why: problem.why, detail: `${problem.detail}${more}` }];
  });
}

/**
 * Looks at the sources of every copy from the build context. A copy below ONBUILD of an image for others has another
 * context, and is not looked at.
 * @param homes the sources that are Hugging Face homes of whatever name
 */
export function lookAtContext(
  records: readonly CopyRecord[],
  contexts: readonly BuildContext[],
  homes: ReadonlySet<CopyWord>,
): ContextLook {
  const own = records.filter(({ reach }) => reach !== "child");
  const context = choose(own, contexts);
  const sources = new Map<CopyWord, SourceLook>();
  if (context === null) return { context, sources, gaps: [] };
  const gaps: Gap[] = [];
  const unread = new Map<string, Hit[]>();
  for (const record of own) {
    const filter = copyFilter(record);
    if (filter === null) continue;
    for (const word of contextSources(record)) {
      const surveyed = survey(context, word.text, filter);
      gaps.push(...surveyed.gaps);
      const roots = homes.has(word) ? surveyed.roots : [];
      const hits = surveyed.files.flatMap(({ path, content }): Hit[] => {
        const hit = { path, content, isTokenFile: isTokenFile(path, roots) };
        const { problem } = content;
        if (problem !== null) {
          const same: Hit[] = unread.get(problem.detail) ?? [];
          same.push(hit);
          unread.set(problem.detail, same);
        }
        const isLeak = content.tokens.length > 0 || (hit.isTokenFile && !content.isBlank && problem === null);
        return isLeak ? [hit] : [];
      });
      sources.set(word, { isOnDisk: surveyed.isOnDisk, roots: surveyed.roots, hits });
    }
  }
  if (sources.size > 0) gaps.unshift(...context.gaps);
  const seen = new Set<string>();
  const once = [...gaps, ...gathered(context, unread)].filter((gap) => {
    const key = JSON.stringify(gap);
    return seen.size < seen.add(key).size;
  });
  return { context, sources, gaps: once };
}

/** The finds of a source: one for each token, with the files that hold it, and one for token files of unknown content. */
export function findsOf(context: BuildContext, hits: readonly Hit[]): ContextFind[] {
  const finds = new Map<string, { first: FileToken | null; files: ContextFind["files"][number][] }>();
  const add = (key: string, first: FileToken | null, path: string): void => {
    const find = finds.get(key) ?? { first, files: [] };
    const shown = posix.join(context.folder.shown, path);
    find.files.push({ path, shown, byteOffset: first?.byteOffset ?? null, line: first?.line ?? null });
    finds.set(key, find);
  };
  for (const { path, content } of [...hits].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    for (const token of content.tokens) add(token.token.sha256, token, path);
    if (content.tokens.length === 0) add("", null, path);
  }
  return [...finds.values()].map(({ first, files }) => ({
    token: first?.token ?? null,
    confidence: first?.confidence ?? "high",
    files,
    ignoreFile: context.ignoreFile,
  }));
}

/** What copies take from the context beside the token files of the homes that they name. */
export function contextLeaks(
  records: readonly CopyRecord[],
  { context, sources }: ContextLook,
  homes: ReadonlySet<CopyWord>,
): ContextLeak[] {
  if (context === null) return [];
  return records.flatMap(({ instruction, words, reach }) =>
    words.flatMap((word): ContextLeak[] => {
      const hits = sources.get(word)?.hits ?? [];
      const others = hits.filter(({ isTokenFile: isHomes }) => !(homes.has(word) && isHomes));
      const { text, span } = word;
      return findsOf(context, others).map((find) => ({
        keyword: instruction.keyword,
        source: text,
        span,
        reach,
        find,
      }));
    }),
  );
}
