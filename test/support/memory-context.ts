/** A build context in memory: what rules' examples and tests hand to the linter in place of a folder. */

import {
  createBuildContext,
  type BuildContext,
  type ContextFolder,
  type EntryKind,
  type FileContent,
} from "../../src/dockerfile/build-context.ts";
import { readIgnoreFile } from "../../src/dockerfile/pattern-list.ts";
import { findTokens } from "../../src/token/match.ts";
import { Secrets } from "../../src/token/secrets.ts";

function contentOf(text: string): FileContent {
  const secrets = new Secrets();
  const tokens = findTokens(text).map((match) => ({
    token: secrets.facts(match),
    confidence: match.confidence,
    byteOffset: match.start,
    line: text.slice(0, match.start).split("\n").length,
  }));
  return { isBlank: text.trim() === "", tokens, problem: null };
}

/** A folder of these files (with their content) and links (with their targets); a path that ends in a slash is empty. */
export function memoryFolder(
  files: ReadonlyMap<string, string>,
  links: ReadonlyMap<string, string> = new Map(),
): ContextFolder {
  const folders = new Map<string, Map<string, EntryKind>>([["", new Map()]]);
  const add = (path: string, kind: EntryKind): void => {
    const at = path.lastIndexOf("/");
    const parent = at === -1 ? "" : path.slice(0, at);
    if (!folders.has(parent)) {
      folders.set(parent, new Map());
      add(parent, "folder");
    }
    folders.get(parent)?.set(path.slice(at + 1), kind);
  };
  for (const path of files.keys()) {
    if (path.endsWith("/")) add(path.slice(0, -1), "folder");
    else add(path, "file");
  }
  for (const path of links.keys()) add(path, "link");
  return {
    shown: ".",
    list: (path) => ({ entries: folders.get(path) ?? new Map<string, EntryKind>(), problem: null }),
    linkTarget: (path) => links.get(path) ?? null,
    scriptText: (path) => files.get(path) ?? null,
    search: (path) => contentOf(files.get(path) ?? ""),
  };
}

/** The context over files in memory; its `.dockerignore` is one of them. */
export function memoryContext(files: Readonly<Record<string, string>>): BuildContext {
  const entries = new Map(Object.entries(files));
  const patterns = readIgnoreFile(entries.get(".dockerignore") ?? "");
  return createBuildContext(memoryFolder(entries), { shown: ".dockerignore", patterns, problem: null });
}
