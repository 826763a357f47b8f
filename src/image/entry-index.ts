/**
 * What a layer does to paths, in 8 bytes an entry: which it holds, and which it deletes from the layers below. Answers
 * questions about single paths; keeps no names.
 */

import type { Hidden } from "../model/location.ts";
import { hashPath } from "./path-hash.ts";

/** What an entry is, as far as paths below and above are concerned. Fits into 3 bits. */
export const ENTRY = {
  emptyFile: 0,
  file: 1,
  directory: 2,
  link: 3,
  whiteout: 4,
  opaque: 5,
} as const;

/** One of `ENTRY`. */
export type EntryKind = (typeof ENTRY)[keyof typeof ENTRY];

/** The entries of one layer, in the order of the tar. */
export interface EntryIndex {
  readonly count: () => number;
  /** Adds an entry; for a whiteout the path that it deletes, for an opaque one the folder. */
  readonly add: (path: number, kind: EntryKind) => void;
  /** Adds entries as the index keeps them: path times 8, and the kind. */
  readonly addAll: (packed: Float64Array) => void;
  /** All entries as the index keeps them, in one array. */
  readonly packed: () => Float64Array<ArrayBuffer>;
  /** Calls back for every entry. */
  readonly each: (visit: (path: number, kind: EntryKind, ordinal: number) => void) => void;
}

const KINDS = 8;

function isKind(value: number): value is EntryKind {
  return value <= ENTRY.opaque;
}

const CHUNK_ENTRIES = 32_768;

/** An empty index, which grows by chunks. */
export function createEntryIndex(): EntryIndex {
  const chunks: Float64Array[] = [];
  let count = 0;
  return {
    count: () => count,
    add: (path, kind) => {
      const slot = count % CHUNK_ENTRIES;
      if (slot === 0) chunks.push(new Float64Array(CHUNK_ENTRIES));
      const chunk = chunks.at(-1);
      if (chunk !== undefined) chunk[slot] = path * KINDS + kind;
      count++;
    },
    addAll: (packed) => {
      for (let from = 0; from < packed.length;) {
        const slot = count % CHUNK_ENTRIES;
        if (slot === 0) chunks.push(new Float64Array(CHUNK_ENTRIES));
        const part = packed.subarray(from, from + CHUNK_ENTRIES - slot);
        chunks.at(-1)?.set(part, slot);
        count += part.length;
        from += part.length;
      }
    },
    packed: () => {
      const all = new Float64Array(count);
      for (const [i, chunk] of chunks.entries()) {
        all.set(chunk.subarray(0, Math.min(CHUNK_ENTRIES, count - i * CHUNK_ENTRIES)), i * CHUNK_ENTRIES);
      }
      return all;
    },
    each: (visit) => {
      for (let i = 0; i < count; i++) {
        const value = chunks[Math.floor(i / CHUNK_ENTRIES)]?.[i % CHUNK_ENTRIES] ?? 0;
        const kind = value % KINDS;
        if (isKind(kind)) visit((value - kind) / KINDS, kind, i);
      }
    },
  };
}

/** A path whose fate is asked for. */
export interface PathQuery {
  /** Absolute path. */
  readonly path: string;
  /** The layer that holds it, 0-based from the bottom. */
  readonly layer: number;
  /** Its number among the layer's entries. */
  readonly ordinal: number;
}

/** Where a path is hidden: the layer, and how. */
export type Hiding = Pick<Hidden, "byLayer" | "how">;

interface Watch {
  readonly query: number;
  readonly isSelf: boolean;
}

/** From the path itself up to the root. */
function withAncestors(path: string): string[] {
  const all = [path];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) all.push(path.slice(0, end));
  all.push("/");
  return all;
}

/** How an entry hides a watched path; null when it does not. */
function effect(kind: EntryKind, isSelf: boolean): Hiding["how"] | null {
  if (kind === ENTRY.whiteout) return "whiteout";
  if (kind === ENTRY.opaque) return isSelf ? null : "opaque-whiteout";
  if (isSelf) return kind === ENTRY.file || kind === ENTRY.emptyFile ? "overwrite" : "replaced-type";
  return kind === ENTRY.directory ? null : "replaced-type";
}

/** When an entry and a whiteout of one layer both hide a path, the entry is what one sees. */
const STRENGTH: Readonly<Record<Hiding["how"], number>> = {
  overwrite: 3,
  "replaced-type": 2,
  whiteout: 1,
  "opaque-whiteout": 0,
};

/**
 * For each query, the lowest layer that hides its path, or null for a path that is live in the container. `layers` are
 * the indexes from the bottom up; null for a layer that was not read, which hides nothing that we know of.
 */
export function findHiding(queries: readonly PathQuery[], layers: readonly (EntryIndex | null)[]): (Hiding | null)[] {
  const watched = new Map<number, Watch[]>();
  for (const [query, { path }] of queries.entries()) {
    for (const [depth, ancestor] of withAncestors(path).entries()) {
      const hash = hashPath(ancestor);
      const watches = watched.get(hash) ?? [];
      watches.push({ query, isSelf: depth === 0 });
      watched.set(hash, watches);
    }
  }
  const hidden: (Hiding | null)[] = queries.map(() => null);
  if (queries.length === 0) return hidden;
  for (const [byLayer, index] of layers.entries()) {
    index?.each((path, kind, ordinal) => {
      for (const { query, isSelf } of watched.get(path) ?? []) {
        const asked = queries[query];
        if (asked === undefined || byLayer < asked.layer) continue;
        // Within one layer only a later entry of the same path hides; whiteouts are about the layers below.
        if (byLayer === asked.layer && (ordinal <= asked.ordinal || kind >= ENTRY.whiteout || !isSelf)) continue;
        const how = effect(kind, isSelf);
        const known = hidden[query] ?? null;
        if (how === null || (known !== null && known.byLayer < byLayer)) continue;
        if (known === null || STRENGTH[how] > STRENGTH[known.how]) hidden[query] = { byLayer, how };
      }
    });
  }
  return hidden;
}
