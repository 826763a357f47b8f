/**
 * Reads the objects of a pack of git by where they begin, deltas put together with their bases. Keeps what was read
 * last, since a base stands close to its deltas. Format: gitformat-pack(5), version 2 and 3.
 */

import { buffered, type BufferedReader } from "../byte-reader.ts";
import { BoundReached, type Budget } from "./budget.ts";
import { AHEAD_BYTES, partOf, viewer, type Content } from "./content.ts";
import { applyDelta, deltaSizes } from "./git-delta.ts";
import { OBJECT_KINDS } from "./git-object.ts";
import { packMemory, type PackObject } from "./git-memory.ts";
import { inflated, inflateInto, type Ending } from "./inflate.ts";
import { giveBack, lend } from "./lent.ts";

/** Where an object of a pack begins, and what it is built on. */
export interface PackEntry {
  readonly kind: string | null;
  /** Unpacked bytes: of the object, or of its delta. */
  readonly size: number;
  readonly dataFrom: number;
  /** The base of a delta: where it begins, or its id. */
  readonly base: number | string | null;
}

/** Why an object cannot be put together: what it wants first, or damage. */
export type Missing =
  | { readonly wants: "id"; readonly id: string }
  | { readonly wants: "object"; readonly at: number }
  | { readonly wants: "nothing" };

/** What stands packed at an entry, and where the next one is. */
export interface PackData {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Tells that nobody holds the bytes any more; those of a delta are lent. */
  readonly done: () => void;
}

/** Access to a pack. */
export interface GitObjects {
  /** The entry at an offset; null for what is none. */
  readonly entry: (at: number) => PackEntry | null;
  /** Takes the data of an entry off: its bytes and where the next entry stands; null when damaged. */
  readonly data: (entry: PackEntry) => PackData | null;
  /** The data of an entry that is too large to be held. */
  readonly stream: (entry: PackEntry, ending: Ending) => BufferedReader;
  /** The object at an offset; `delta` where its data was read already. Throws `BoundReached`. */
  readonly object: (at: number, delta?: Uint8Array) => PackObject | Missing;
  /** The kind of the object at an offset, told from headers alone; null when that is not possible. */
  readonly kindAt: (at: number) => string | null;
  readonly keep: (at: number, object: PackObject) => void;
  /** Tells where the base with an id begins. */
  readonly place: (id: string, at: number) => void;
  /** Bytes of an id: 20, or 32 in a repository of SHA-256. */
  readonly setIdBytes: (bytes: number) => void;
}

/** Git itself keeps no delta of objects above 512 MiB, and next to none above this. */
export const MAX_OBJECT_BYTES: number = 128 * 1_048_576;
/** Room beyond what an entry says, in which more of it shows. */
const SPARE_BYTES = 64;
/** Git writes chains of up to 50 deltas, and none of more than 4095. */
const MAX_CHAIN = 4095;
const OFFSET_DELTA = 6;
const ID_DELTA = 7;

/** Packed bytes that so many bytes can take, generously: deflate adds 5 for each block that it leaves as it is. */
function packedBound(size: number): number {
  return (size + Math.ceil(size / 1024) * 5 + 256) * 8;
}

/** True for what could not be put together. */
export function isMissing(object: PackObject | Missing): object is Missing {
  return "wants" in object;
}

/** Access to the pack in a content; what is read more than once counts against the budget. */
export function gitObjects(content: Content, budget: Budget): GitObjects {
  const view = viewer(content, new Uint8Array(AHEAD_BYTES));
  const again = viewer(content, new Uint8Array(AHEAD_BYTES));
  const memory = packMemory();
  const placeOf = new Map<string, number>();
  let idBytes = 20;

  const entryIn = (look: typeof view, at: number): PackEntry | null => {
    const head = look(at, 64);
    let next = 0;
    let byte = head[next++] ?? 0;
    const type = (byte >> 4) & 7;
    let size = byte & 15;
    for (let scale = 16; byte >= 0x80; scale *= 128) {
      byte = head[next++] ?? 0;
      size += (byte & 0x7f) * scale;
    }
    if (next >= head.length || !Number.isSafeInteger(size)) return null;
    let base: PackEntry["base"] = null;
    if (type === OFFSET_DELTA) {
      byte = head[next++] ?? 0;
      let back = byte & 0x7f;
      while (byte >= 0x80 && next < head.length) {
        byte = head[next++] ?? 0;
        back = (back + 1) * 128 + (byte & 0x7f);
      }
      base = at - back;
      if (!(back > 0) || base < 12) return null;
    } else if (type === ID_DELTA) {
      base = Buffer.from(head.subarray(next, next + idBytes)).toString("hex");
      next += idBytes;
    } else if (!OBJECT_KINDS.has(type)) return null;
    return { kind: OBJECT_KINDS.get(type) ?? null, size, dataFrom: at + next, base };
  };

  const dataIn = (look: typeof view, { size, dataFrom, base }: PackEntry): PackData | null => {
    if (size > MAX_OBJECT_BYTES) return null;
    const packed: typeof view = (from, bytes) => look(dataFrom + from, bytes);
    const room = base === null ? memory.room(size + SPARE_BYTES) : lend(size + SPARE_BYTES);
    const done = (): void => (base === null ? undefined : giveBack(room));
    const step = inflateInto("zlib", packed, packedBound(size), room);
    if (step?.made === size) return { bytes: room.subarray(0, size), end: dataFrom + step.used, done };
    done();
    return null;
  };

  /** The object at an offset, from the base that is at hand up. */
  const object: GitObjects["object"] = (start, delta) => {
    const chain: { at: number; entry: PackEntry; delta: Uint8Array | null }[] = [];
    let at = start;
    let given: Uint8Array | null = delta ?? null;
    let current: PackObject | null = null;
    while (current === null) {
      current = memory.object(at);
      if (current !== null) break;
      const entry = entryIn(again, at);
      if (entry === null || chain.length > MAX_CHAIN) return { wants: "nothing" };
      if (entry.base === null) {
        budget.spend(entry.size);
        if (entry.size > MAX_OBJECT_BYTES) throw tooLarge();
        const data = dataIn(again, entry);
        if (data === null) return { wants: "nothing" };
        current = { kind: entry.kind ?? "", bytes: data.bytes };
        memory.keep(at, current);
        break;
      }
      chain.push({ at, entry, delta: given });
      given = null;
      const next = typeof entry.base === "number" ? entry.base : placeOf.get(entry.base);
      if (next === undefined) {
        return chain.length === 1 ? { wants: "id", id: String(entry.base) } : { wants: "object", at };
      }
      at = next;
    }
    for (const link of chain.reverse()) {
      let data: PackData | null = null;
      if (link.delta === null) {
        budget.spend(link.entry.size);
        data = dataIn(again, link.entry);
      }
      const bytes = link.delta ?? data?.bytes;
      if (bytes === undefined) return { wants: "nothing" };
      const { result } = deltaSizes(bytes);
      if (result > MAX_OBJECT_BYTES) throw tooLarge();
      if (link.at !== start) budget.spend(result);
      const base = current.bytes;
      const made = applyDelta(base, bytes, (size) => memory.room(size, base));
      data?.done();
      if (made === null) return { wants: "nothing" };
      current = { kind: current.kind, bytes: made };
      memory.keep(link.at, current);
    }
    return current;
  };

  return {
    entry: (at) => entryIn(view, at),
    data: (entry) => dataIn(view, entry),
    stream: ({ dataFrom }, ending) => buffered(inflated("zlib", partOf(content, dataFrom, content.size), ending)),
    object,
    kindAt: (start) => {
      let at: number | undefined = start;
      for (let depth = 0; at !== undefined && depth <= MAX_CHAIN; depth++) {
        const entry: PackEntry | null = entryIn(view, at);
        if (entry === null || entry.base === null) return entry?.kind ?? null;
        at = typeof entry.base === "number" ? entry.base : placeOf.get(entry.base);
      }
      return null;
    },
    keep: memory.keep,
    place: (id, at) => void placeOf.set(id, at),
    setIdBytes: (bytes) => void (idBytes = bytes),
  };
}

function tooLarge(): BoundReached {
  const detail = `a git pack has a delta of an object of more than ${MAX_OBJECT_BYTES} bytes, which was not put together`;
  return new BoundReached({ why: "limit", detail });
}
