/**
 * Passes over ordinary entries in bulk where the machine has vectors: the module's tables and addresses, in offsets of
 * the window's buffer. Decides nothing; see `entry-skip-module.ts`.
 */

import { CAPTURED_NAMES } from "../captured-names.ts";
import { IMAGE_FILE_NAMES } from "../rootfs-sign.ts";
import type { CandidateFinder } from "../../token/candidates.ts";
import type { Beginnings } from "../beginnings.ts";
import { entrySkipModule, nameKey, NAME_KEYS, NAMES_AT, RESULT_BYTES } from "./entry-skip-module.ts";

/** Entries that were passed over. */
export interface Skipped {
  /** Offset in the buffer of the header that comes next. */
  readonly at: number;
  /** As `entry-index.ts` keeps them; overwritten by the next call. */
  readonly packed: Float64Array;
  /** How many of them have content. */
  readonly files: number;
}

/** Passes over entries in one buffer. */
export interface EntrySkip {
  /** How a content begins that must not be passed over. */
  readonly beginnings: Beginnings;
  /** From the header at `at` on, entries that end at `limit` or before; two more blocks follow them before `end`. */
  readonly skip: (at: number, limit: number, end: number) => Skipped;
}

/** Skips in the finder's buffer; null where there are no vectors. */
export function createEntrySkip({ link, buffer }: CandidateFinder): EntrySkip | null {
  if (link === null) return null;
  const { call, bufferAddress, workspaceAddress, workspace } = link(entrySkipModule);
  const out = NAMES_AT + NAME_KEYS + RESULT_BYTES;
  const names = workspace.subarray(NAMES_AT, NAMES_AT + NAME_KEYS);
  for (const name of [...CAPTURED_NAMES, ...IMAGE_FILE_NAMES]) {
    names[nameKey(name.charCodeAt(0), name.charCodeAt(name.length - 1), name.length)] = 1;
  }
  const { buffer: memory, byteOffset } = workspace;
  const results = new Uint32Array(memory, byteOffset + out - RESULT_BYTES, 2);
  const packed = new Float64Array(memory, byteOffset + out, Math.floor((workspace.length - out) / 8));
  if (buffer.length / 512 > packed.length) throw new RangeError("the workspace is too small for the buffer");
  return {
    beginnings: workspace.subarray(0, NAMES_AT),
    skip: (at, limit, end) => {
      const last = Math.min(limit, end) + bufferAddress;
      const count = call(at + bufferAddress, last, end + bufferAddress, workspaceAddress + out, workspaceAddress);
      return { at: (results[0] ?? 0) - bufferAddress, packed: packed.subarray(0, count), files: results[1] ?? 0 };
    },
  };
}
