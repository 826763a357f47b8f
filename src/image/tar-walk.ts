/**
 * The order of things in a tar: which block is a header, what an extended header says about the next entry, how many
 * bytes follow. Reads as Go's archive/tar does, since engines unpack with it, but goes on after the end of the archive.
 * Is handed one block at a time and copies nothing that it need not keep; does no I/O.
 */

import { paxFacts } from "./pax.ts";
import {
  BLOCK,
  hasChecksum,
  isGnu,
  isZeroBlock,
  linkSpan,
  nameSpan,
  prefixSpan,
  sizeField,
  typeField,
} from "./tar-header.ts";
import { numberField } from "./tar-header.ts";

/** What a block turned out to be. */
export type Step =
  /** Zeros: the end of an archive, or padding. */
  | "zero"
  /** No header: damage, or something behind the end. */
  | "bad"
  /** The header of an entry; `size` bytes of content follow. */
  | "entry"
  /** An extended header; `size` bytes follow, which `meta` wants. */
  | "meta"
  /** A header that goes on in the next block. */
  | "more";

/** What an entry is to whoever unpacks it. */
export type EntryType = "file" | "directory" | "hard-link" | "symbolic-link" | "device";

/** Where a walk stands. Fields belong to the last header and hold until the next call. */
export interface TarWalk {
  readonly size: number;
  readonly type: EntryType;
  /** The name from an extended header; null when it stands in the block. */
  readonly longName: Uint8Array | null;
  readonly longLink: Uint8Array | null;
  /** Stored stretches of a sparse file (offset, length, …); null for others. */
  readonly sparse: readonly number[] | null;
  readonly isMapInBody: boolean;
  /** True when a link, folder or device states a size, which no engine takes for content. */
  readonly hasIdleSize: boolean;
  /** True once two blocks of zeros were met: what follows, engines do not see. */
  readonly isPastEnd: boolean;
  /** True after a block of zeros: an end that was meant, if it is the last that there is. */
  readonly hasEnd: boolean;
  /** Takes the block at `at`. */
  readonly take: (bytes: Uint8Array, at: number) => Step;
  /** Takes the content of an extended header; null when it was too long to keep. False when it cannot be read. */
  readonly meta: (payload: Uint8Array | null) => boolean;
  /** The raw name, put together. Wants the bytes that `take` was given last. */
  readonly name: (bytes: Uint8Array, at: number) => Buffer;
  readonly link: (bytes: Uint8Array, at: number) => Buffer;
}

const TYPES: ReadonlyMap<number, EntryType> = new Map([
  [0x31, "hard-link"],
  [0x32, "symbolic-link"],
  [0x33, "device"],
  [0x34, "device"],
  [0x35, "directory"],
  [0x36, "device"],
]);
const OLD_FILE = 0;
const PAX_LOCAL = 0x78;
const PAX_GLOBAL = 0x67;
const GNU_LONG_NAME = 0x4c;
const GNU_LONG_LINK = 0x4b;
const GNU_SPARSE = 0x53;
const SPARSE = { from: 386, pairs: 4, isExtended: 482 };
const EXTENSION = { pairs: 21, isExtended: 504 };
const SLASH = 0x2f;
/** Pairs of a sparse map that are kept; a file has a handful, and the rest only costs exact offsets. */
const MAX_SPARSE_PAIRS = 10_000;

function untilZero(payload: Uint8Array): Uint8Array {
  const end = payload.indexOf(0);
  return payload.slice(0, end === -1 ? payload.length : end);
}

/** Adds the offset and length pairs of an old GNU sparse header or extension block. */
function addPairs(sparse: number[], bytes: Uint8Array, at: number, pairs: number): void {
  for (let i = 0; i < pairs && sparse.length < 2 * MAX_SPARSE_PAIRS; i++) {
    const field = at + i * 24;
    if (bytes[field] === 0 && bytes[field + 12] === 0) return;
    sparse.push(numberField(bytes, field, field + 12), numberField(bytes, field + 12, field + 24));
  }
}

/** A walk that stands before the first header. */
export function createTarWalk(): TarWalk {
  let zeros = 0;
  let metaType = 0;
  let isInSparse = false;
  let isFresh = true;
  const walk = {
    size: 0,
    type: "file" as EntryType,
    longName: null as Uint8Array | null,
    longLink: null as Uint8Array | null,
    sparse: null as number[] | null,
    isMapInBody: false,
    hasIdleSize: false,
    isPastEnd: false,
    hasEnd: false,
  };
  let paxSize: number | null = null;
  let paxName: Uint8Array | null = null;

  const forget = (): void => {
    walk.longName = walk.longLink = walk.sparse = paxName = null;
    walk.isMapInBody = false;
    paxSize = null;
    isFresh = true;
  };

  const takeSparse = (bytes: Uint8Array, at: number): Step => {
    addPairs((walk.sparse ??= []), bytes, at, EXTENSION.pairs);
    isInSparse = (bytes[at + EXTENSION.isExtended] ?? 0) !== 0;
    return isInSparse ? "more" : "entry";
  };

  const take = (bytes: Uint8Array, at: number): Step => {
    if (isInSparse) return takeSparse(bytes, at);
    if (!isFresh && metaType === 0) forget();
    if ((bytes[at] ?? 0) === 0 && isZeroBlock(bytes, at)) {
      forget();
      walk.hasEnd = true;
      if (++zeros === 2) walk.isPastEnd = true;
      return "zero";
    }
    if (!walk.isPastEnd) {
      zeros = 0;
      walk.hasEnd = false;
    }
    const size = sizeField(bytes, at);
    if (!hasChecksum(bytes, at) || !(size >= 0)) {
      forget();
      metaType = 0;
      return "bad";
    }
    const type = typeField(bytes, at);
    isFresh = false;
    walk.size = size;
    if (type === PAX_LOCAL || type === PAX_GLOBAL || type === GNU_LONG_NAME || type === GNU_LONG_LINK) {
      metaType = type;
      return "meta";
    }
    metaType = 0;
    if (paxSize !== null) walk.size = paxSize;
    walk.type = TYPES.get(type) ?? "file";
    if (type === OLD_FILE && endsWithSlash(bytes, at)) walk.type = "directory";
    walk.hasIdleSize = walk.type !== "file" && walk.size > 0;
    if (walk.type !== "file") walk.size = 0;
    if (type !== GNU_SPARSE || !isGnu(bytes, at)) return "entry";
    walk.sparse = [];
    addPairs(walk.sparse, bytes, at + SPARSE.from, SPARSE.pairs);
    isInSparse = (bytes[at + SPARSE.isExtended] ?? 0) !== 0;
    return isInSparse ? "more" : "entry";
  };

  const endsWithSlash = (bytes: Uint8Array, at: number): boolean => {
    if (walk.longName !== null) return walk.longName.at(-1) === SLASH;
    const { from, to } = nameSpan(bytes, at);
    return to > from && bytes[to - 1] === SLASH;
  };

  const meta = (payload: Uint8Array | null): boolean => {
    const type = metaType;
    if (payload === null) return false;
    if (type === GNU_LONG_NAME) walk.longName = untilZero(payload);
    else if (type === GNU_LONG_LINK) walk.longLink = untilZero(payload);
    else if (type === PAX_LOCAL) {
      const facts = paxFacts(payload);
      if (facts === null) return false;
      // A second extended header replaces the first; a GNU long name stands above both.
      if (walk.longName === null || walk.longName === paxName) walk.longName = paxName = facts.path;
      walk.longLink ??= facts.linkPath;
      paxSize = facts.size;
      walk.sparse = facts.sparse;
      walk.isMapInBody = facts.isMapInBody;
    }
    return true;
  };

  const name = (bytes: Uint8Array, at: number): Buffer => {
    if (walk.longName !== null) return Buffer.from(walk.longName);
    const { from, to } = nameSpan(bytes, at);
    const prefix = prefixSpan(bytes, at);
    const own = Buffer.from(bytes.subarray(from, to));
    return prefix === null ? own : Buffer.concat([bytes.subarray(prefix.from, prefix.to), Buffer.from("/"), own]);
  };

  const link = (bytes: Uint8Array, at: number): Buffer => {
    if (walk.longLink !== null) return Buffer.from(walk.longLink);
    const { from, to } = linkSpan(bytes, at);
    return Buffer.from(bytes.subarray(from, to));
  };

  return Object.assign(walk, { take, meta, name, link });
}

/** The bytes that `size` bytes of content take, padding included. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Where fields of a header begin that a neighbour could run into: mode, link, magic, prefix and what is behind it. */
const FIELD_STARTS = [100, 157, 257, 345, 500];

/**
 * A header as bytes to search: all of it, what stands behind the zero that ends a field too, and a zero between fields
 * so that none is a neighbour of the next; then the header as it is, for what stands across their borders.
 */
export function headerFields(bytes: Uint8Array, at: number): Uint8Array {
  const fields = new Uint8Array(2 * BLOCK + FIELD_STARTS.length + 1);
  fields.set(bytes.subarray(at, at + BLOCK), BLOCK + FIELD_STARTS.length + 1);
  let from = 0;
  for (const [i, to] of [...FIELD_STARTS, BLOCK].entries()) {
    fields.set(bytes.subarray(at + from, at + to), from + i);
    from = to;
  }
  return fields;
}
