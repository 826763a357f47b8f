/**
 * The lines that an ignore file lacks to leave token files out of a build context: for files that are kept for credentials
 * or settings, that no COPY names, and that nothing in the build is known to read. Each line means one path, stands last,
 * and is tried against the list that it ends. Pure.
 */

import type { ContextFind } from "../dockerfile/facts.ts";
import { isRemote } from "../dockerfile/copy-record.ts";
import {
  canReinclude,
  compilePatterns,
  matchEntry,
  readIgnoreFile,
  type FolderMatch,
} from "../dockerfile/pattern-list.ts";
import type { Finding } from "../model/finding.ts";
import { findingsAt, wholeText, type DockerfileReading } from "./dockerfile-reading.ts";
import { lineBreakOf } from "./edit.ts";
import { isHarmless } from "./token-reader.ts";

/** A file that shall not be sent to the builder, and the ignore file that decides. */
export interface LeftOut {
  /** What the reader calls the ignore file. */
  readonly ignoreFile: string;
  /** Below the context. */
  readonly path: string;
}

/** Files for credentials, settings and histories of whoever works there; others may be what the image is made of. */
const PERSONAL =
  /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env|\.envrc|\.netrc|_netrc|\.git-credentials|\.gitconfig|\.?(?:hf|huggingface|hub)[-_.]?token(?:\.txt)?|token|stored_tokens|\.\w+_history|credentials|\.npmrc~)$|(?:^|\/)(?:\.git|\.huggingface|\.vscode|\.idea|\.ipynb_checkpoints)\/|(?:^|\/)\.cache\/huggingface\/(?:stored_)?tokens?$/;

/** True when a text names, or may name, this very file. */
export function mayName(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "config" ? /\.git\b/.test(text) : text.includes(name);
}

/** True when a RUN behind the copy may read the file. */
function mayBeRead(reading: DockerfileReading, from: number): boolean {
  return reading.placed.some(({ run, instruction }) => {
    if (run === null || instruction.line.start < from) return false;
    return run.script.foreign !== null || run.script.invocations.some((invocation) => !isHarmless(invocation));
  });
}

/** The files of a Dockerfile's findings that may be left out of its context with certainty. */
export function filesToLeaveOut(reading: DockerfileReading, findings: readonly Finding[]): LeftOut[] {
  const found = findingsAt(reading, findings, ["token-in-build-context", "cache-copied"]);
  const { contextLeaks, cacheCopies } = reading.facts;
  const copies = [...contextLeaks, ...cacheCopies.filter(({ from }) => from === null)];
  return copies.flatMap(({ span, source, find }) => {
    if (find === null || found.get(span.start) !== "open" || isRemote(source) || /[*?[]/.test(source)) return [];
    if (mayBeRead(reading, span.start)) return [];
    const { files, ignoreFile }: ContextFind = find;
    const isNamed = ({ path }: (typeof files)[number]): boolean =>
      reading.placed.some(({ instruction }) => mayName(wholeText(instruction), path));
    return files.filter((file) => PERSONAL.test(file.path) && !isNamed(file)).map(({ path }) => ({ ignoreFile, path }));
  });
}

/** A path as a line that means this path alone. */
function asPattern(path: string): string {
  return path.replaceAll(/[\\*?[]|^[!#]/g, "\\$&");
}

/** True when the patterns leave a file out, as BuildKit goes down to it. */
export function isLeftOut(patterns: readonly string[], path: string): boolean {
  const list = compilePatterns(patterns);
  if ("malformed" in list) return false;
  let handedDown: FolderMatch = null;
  const parts = path.split("/");
  for (let i = 1; i <= parts.length; i++) {
    const at = parts.slice(0, i).join("/");
    const match = matchEntry(list, at, handedDown);
    const isFolder = i < parts.length;
    if (match.isMatched && !(isFolder && list.hasExceptions && canReinclude(list, at))) return true;
    handedDown = match.handedDown;
  }
  return false;
}

/** The text of the ignore file with lines for these files at its end; null when none is needed, or one would not work. */
export function withIgnored(text: string | null, paths: readonly string[]): string | null {
  const before = readIgnoreFile(text ?? "");
  const missing = [...new Set(paths)].filter((path) => !isLeftOut(before, path));
  if (missing.length === 0) return null;
  const lineBreak = lineBreakOf(text ?? "");
  const head = text === null || text === "" || text.endsWith("\n") ? (text ?? "") : text + lineBreak;
  const lines = missing.map(asPattern).join(lineBreak);
  const tail = text === null || text === "" || text.endsWith("\n") ? lineBreak : "";
  const after = head + lines + tail;
  return missing.every((path) => isLeftOut(readIgnoreFile(after), path)) ? after : null;
}
