/** Deltas between objects of git: copy from the base, insert. Format: gitformat-pack(5), "Deltified representation". */

/** A number of 7 bits a byte, lowest first; NaN when it does not end in time. */
function sizeAt(delta: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = delta[at + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return { value: Number.NaN, next: at };
}

/** What a delta says of the sizes of its base and its result; NaN where it says nothing. */
export function deltaSizes(delta: Uint8Array): { base: number; result: number; next: number } {
  const base = sizeAt(delta, 0);
  const result = sizeAt(delta, base.next);
  return { base: base.value, result: result.value, next: result.next };
}

/** The result of a delta on its base, in what `room` gives; null when the delta is damaged or belongs to another base. */
export function applyDelta(
  base: Uint8Array,
  delta: Uint8Array,
  room: (bytes: number) => Uint8Array,
): Uint8Array | null {
  const sizes = deltaSizes(delta);
  if (sizes.base !== base.length || !(sizes.result >= 0)) return null;
  const result = room(sizes.result);
  let to = 0;
  for (let at = sizes.next; at < delta.length;) {
    const op = delta[at++] ?? 0;
    if (op === 0) return null;
    let from = at;
    let source = delta;
    let size = op;
    if ((op & 0x80) !== 0) {
      from = size = 0;
      for (let i = 0; i < 4; i++) if ((op & (1 << i)) !== 0) from += (delta[at++] ?? 0) * 2 ** (8 * i);
      for (let i = 0; i < 3; i++) if ((op & (0x10 << i)) !== 0) size += (delta[at++] ?? 0) * 2 ** (8 * i);
      if (size === 0) size = 0x10000;
      source = base;
    } else at += size;
    if (from + size > source.length || to + size > result.length) return null;
    result.set(source.subarray(from, from + size), to);
    to += size;
  }
  return to === result.length ? result : null;
}
