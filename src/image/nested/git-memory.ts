/**
 * Memory for the objects of a pack: one stretch that is written round and round and holds what was made last, so that
 * nothing is left to be collected, however many objects there are. Knows nothing of packs.
 */

/** An object as a whole. */
export interface PackObject {
  readonly kind: string;
  /** Valid until room for other objects is asked for. */
  readonly bytes: Uint8Array;
}

/** What was made last, by where it begins in the pack. */
export interface PackMemory {
  /** So many bytes with anything in them, for an object that is about to be made; leaves `held` as it is. */
  readonly room: (bytes: number, held?: Uint8Array) => Uint8Array;
  /** Keeps the object whose bytes begin the room that was given last. */
  readonly keep: (at: number, object: PackObject) => void;
  /** The object that begins at `at`, if it is still there; what is wanted stays longer. */
  readonly object: (at: number) => PackObject | null;
}

const RING_BYTES = 32 * 1_048_576;
/** What keeping an object costs beside its bytes, which bounds how many there are. */
const OBJECT_BYTES = 256;

/** Empty memory of `ringBytes`; no page of it is taken before it is written to. */
export function packMemory(ringBytes: number = RING_BYTES): PackMemory {
  const ring = new Uint8Array(ringBytes);
  /** In the order in which they were written, which is that of their places from `head` on. */
  const kept = new Map<number, PackObject>();
  let head = 0;

  const room: PackMemory["room"] = (bytes, held) => {
    const wanted = bytes + OBJECT_BYTES;
    const from = head + wanted <= ringBytes ? head : 0;
    const to = from + wanted;
    const isTouched = (other: Uint8Array): boolean =>
      other.buffer === ring.buffer && other.byteOffset < to && other.byteOffset + other.length > from;
    if (wanted > ringBytes / 2 || (held !== undefined && isTouched(held))) return new Uint8Array(bytes);
    for (const [at, object] of kept) {
      const isPassed = from < head && object.bytes.byteOffset >= head;
      if (!isPassed && !isTouched(object.bytes)) break;
      kept.delete(at);
    }
    head = to;
    return ring.subarray(from, from + bytes);
  };
  const keep: PackMemory["keep"] = (at, object) => {
    if (object.bytes.buffer === ring.buffer && object.bytes.length > 0 && !kept.has(at)) kept.set(at, object);
  };
  return {
    room,
    keep,
    object: (at) => {
      const object = kept.get(at);
      if (object === undefined) return null;
      const { kind, bytes } = object;
      const isOld = (head - bytes.byteOffset + ringBytes) % ringBytes > ringBytes / 2;
      const copy = isOld ? room(bytes.length, bytes) : bytes;
      if (copy === bytes || copy.buffer !== ring.buffer) return object;
      copy.set(bytes);
      const moved = { kind, bytes: copy };
      kept.delete(at);
      kept.set(at, moved);
      return moved;
    },
  };
}
