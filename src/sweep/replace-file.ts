/**
 * Writes a text in place of a file's, all or nothing: into a new file beside it that then takes its name. Follows no link,
 * keeps the mode, and refuses when the file is not what it was when it was read.
 */

import { randomBytes } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../model/errors.ts";
import { accessGap } from "./read-text.ts";

/** A file that is to hold another text. */
export interface Replacement {
  /** Absolute. */
  readonly path: string;
  /** What was read; null for a file that was not there. */
  readonly before: string | null;
  readonly after: string;
}

const NEW_FILE_MODE = 0o644;
const LINK = "it is a link, and links are not written through; name the file that it leads to";
const CHANGED = "it was changed meanwhile; run the command again";
const THERE = "something of that name is there by now; run the command again";

/** The mode of the file to replace, or why it may not be replaced. */
function modeOf({ path, before }: Replacement): number | string {
  try {
    const stats = lstatSync(path);
    if (before === null) return THERE;
    if (stats.isSymbolicLink()) return LINK;
    if (!stats.isFile()) return "it is not a regular file";
    accessSync(path, constants.W_OK);
    return readFileSync(path, "utf8") === before ? stats.mode & 0o7777 : CHANGED;
  } catch (error) {
    if (before === null && errorCode(error) === "ENOENT") return NEW_FILE_MODE;
    return accessGap(error).detail;
  }
}

/** Replaces a file; null when that is done, else why it was not, for a person to read. */
export function replaceFile(replacement: Replacement): string | null {
  const { path, before, after } = replacement;
  const mode = modeOf(replacement);
  if (typeof mode === "string") return mode;
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const descriptor = openSync(beside, "wx", before === null ? NEW_FILE_MODE : 0o600);
    try {
      writeFileSync(descriptor, after);
      if (before !== null) fchmodSync(descriptor, mode);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // Once more, for what may have happened while it was written.
    const still = modeOf(replacement);
    if (typeof still === "string") {
      rmSync(beside, { force: true });
      return still;
    }
    renameSync(beside, path);
    return null;
  } catch (error) {
    rmSync(beside, { force: true });
    const code = errorCode(error) ?? "unknown error";
    const hint = code === "ENOENT" ? "make its folder first" : "check the folder's permissions";
    return `it could not be written (${code}); ${hint}`;
  }
}
