/**
 * What is remembered of a tar's entries: a number for each path and what the entry does to it, and the content of the
 * few small files that matter by where they lie. Makes a path string only where one is needed.
 */

import { ENTRY, createEntryIndex, type EntryIndex, type EntryKind } from "../entry-index.ts";
import { isCapturedPath, mayBeCaptured } from "../captured-names.ts";
import { MAX_CAPTURED_BYTES, type CapturedFile } from "../hit.ts";
import { absolutePath, createPathHasher, hashPath } from "../path-hash.ts";
import type { Report } from "../problem.ts";
import { nameSpan, prefixSpan } from "../tar-header.ts";
import type { TarWalk } from "../tar-walk.ts";
import type { TokenWindow } from "./token-window.ts";

/** Remembers the entries of one tar, in order. */
export interface EntryRecorder {
  /**
   * An entry whose content begins at `dataFrom` of the stream; its header block is at `at` of `bytes`. The number of its
   * path, as `hashPath` gives it; -1 for a whiteout and for what stands behind the end.
   */
  readonly entry: (walk: TarWalk, bytes: Uint8Array, at: number, dataFrom: number) => number;
  /** Entries of no interest, packed as `entry-index.ts` keeps them, of which `count` have content. */
  readonly skipped: (packed: Float64Array, count: number) => void;
  /** Copies what has arrived of files that are kept. Called before the window drops anything. */
  readonly capture: (window: TokenWindow) => void;
  /** Absolute path of the current entry. */
  readonly path: () => string;
  /** 0-based number of the current entry. */
  readonly ordinal: () => number;
  readonly index: EntryIndex;
  readonly captured: () => CapturedFile[];
  /** Entries with content. */
  readonly files: () => number;
  /** Links, folders and devices that state a size. */
  readonly idleSizes: () => number;
}

interface OpenCapture {
  readonly path: string;
  readonly ordinal: number;
  readonly walkType: CapturedFile["type"];
  readonly size: number;
  readonly from: number;
  readonly bytes: Uint8Array;
  got: number;
}

const WHITEOUT = Buffer.from(".wh.");
const MARKER = ".wh..wh.";
const OPAQUE = ".wh..wh..opq";
/** Captured files of a layer; a home for each of its users, and then some. */
const MAX_CAPTURED_FILES = 2000;
const SLASH_BYTES = Buffer.from("/");
const DOT = 0x2e;

/** True when `.wh.` stands there. */
function isWhiteoutAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === DOT && WHITEOUT.every((byte, i) => bytes[at + i] === byte);
}

function kindOf(walk: TarWalk): EntryKind {
  if (walk.type === "file") return walk.size > 0 ? ENTRY.file : ENTRY.emptyFile;
  if (walk.type === "hard-link") return ENTRY.file;
  return walk.type === "directory" ? ENTRY.directory : ENTRY.link;
}

/** A recorder that has seen nothing; what it cannot remember it reports. */
export function createEntryRecorder(report: Report): EntryRecorder {
  const hasher = createPathHasher();
  const index = createEntryIndex();
  const open: OpenCapture[] = [];
  const done: CapturedFile[] = [];
  let files = 0;
  let idleSizes = 0;
  let ordinal = -1;
  let path: string | null = null;
  let current: { walk: TarWalk; bytes: Uint8Array; at: number } | null = null;

  const pathOfCurrent = (): string => {
    if (path === null)
      path = current === null ? "" : absolutePath(current.walk.name(current.bytes, current.at).toString("utf8"));
    return path;
  };

  const addWhiteout = (): void => {
    const full = pathOfCurrent();
    const slash = full.lastIndexOf("/");
    const folder = full.slice(0, slash);
    const name = full.slice(slash + 1);
    if (name === OPAQUE) index.add(hashPath(folder === "" ? "/" : folder), ENTRY.opaque);
    // AUFS leaves markers of its own, and a bare `.wh.` names nothing.
    else if (name.startsWith(MARKER) || name.length === WHITEOUT.length) index.add(hashPath(full), ENTRY.emptyFile);
    else index.add(hashPath(`${folder}/${name.slice(WHITEOUT.length)}`), ENTRY.whiteout);
  };

  const startCapture = (walk: TarWalk, dataFrom: number): void => {
    const full = pathOfCurrent();
    if (walk.type !== "file" && walk.type !== "hard-link") return;
    if (!isCapturedPath(full)) return;
    if (done.length + open.length >= MAX_CAPTURED_FILES) {
      const detail = `the layer holds more than ${MAX_CAPTURED_FILES} files that are named like token files and credential stores; the rest was searched for tokens of known shapes alone`;
      report({ why: "limit", detail });
      return;
    }
    const bytes = new Uint8Array(Math.min(walk.size, MAX_CAPTURED_BYTES));
    open.push({ path: full, ordinal, walkType: walk.type, size: walk.size, from: dataFrom, bytes, got: 0 });
  };

  const entry = (walk: TarWalk, bytes: Uint8Array, at: number, dataFrom: number): number => {
    ordinal++;
    path = null;
    current = { walk, bytes, at };
    if (walk.size > 0) files++;
    if (walk.hasIdleSize) idleSizes++;
    const { longName } = walk;
    const source = longName ?? bytes;
    const { from, to } = longName === null ? nameSpan(bytes, at) : { from: 0, to: longName.length };
    // What stands behind the end of the archive never comes into the container, so it hides nothing.
    if (walk.isPastEnd) return -1;
    hasher.begin();
    const prefix = longName === null ? prefixSpan(bytes, at) : null;
    if (prefix !== null) {
      hasher.add(bytes, prefix.from, prefix.to);
      hasher.add(SLASH_BYTES, 0, 1);
    }
    hasher.add(source, from, to);
    const raw = hasher.finish();
    if (isWhiteoutAt(source, hasher.lastFrom())) {
      addWhiteout();
      return -1;
    }
    const hash = hasher.isCrooked() ? hashPath(pathOfCurrent()) : raw;
    index.add(hash, kindOf(walk));
    if (mayBeCaptured(source, hasher.lastFrom(), to)) startCapture(walk, dataFrom);
    return hash;
  };

  const capture = (window: TokenWindow): void => {
    while (open.length > 0) {
      const [next] = open;
      if (next === undefined) return;
      const from = next.from + next.got;
      const to = Math.min(next.from + next.bytes.length, window.end());
      if (to > from) {
        next.bytes.set(window.buffer.subarray(from - window.base(), to - window.base()), next.got);
        next.got += to - from;
      }
      if (next.got < next.bytes.length) return;
      open.shift();
      finish(next);
    }
  };
  const finish = ({ path: full, ordinal: number, walkType: type, size, bytes, got }: OpenCapture): void => {
    const content = Buffer.from(bytes.subarray(0, got)).toString("latin1");
    done.push({ path: full, ordinal: number, type, size, content });
  };

  return {
    entry,
    skipped: (packed, count) => {
      ordinal += packed.length;
      files += count;
      index.addAll(packed);
    },
    capture,
    path: pathOfCurrent,
    ordinal: () => ordinal,
    index,
    captured: () => {
      for (const cut of open.splice(0)) finish(cut);
      return done;
    },
    files: () => files,
    idleSizes: () => idleSizes,
  };
}
