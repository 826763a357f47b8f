/**
 * Memory that is lent for a while: what small archives are kept and unpacked in. Making it anew for each costs more than
 * unpacking some of them. Whoever gives it back holds nothing of it any more.
 */

const SMALLEST_BITS = 10;
const LARGEST_BITS = 20;
/** How much is kept for the next user. */
const IDLE_BYTES = 4 * 1_048_576;

/** By the logarithm of their size. */
const idle: Uint8Array[][] = Array.from({ length: LARGEST_BITS + 1 }, () => []);
let idleBytes = 0;

/** At least `bytes` of memory with anything in it; nobody else has it until it is given back, which is no duty. */
export function lend(bytes: number): Uint8Array {
  const bits = Math.max(SMALLEST_BITS, 32 - Math.clz32(Math.max(0, bytes - 1)));
  if (bits > LARGEST_BITS) return new Uint8Array(bytes);
  const found = idle[bits]?.pop();
  if (found === undefined) return new Uint8Array(2 ** bits);
  idleBytes -= found.length;
  return found;
}

/** Takes back what `lend` gave, whole. */
export function giveBack(memory: Uint8Array): void {
  const bits = 31 - Math.clz32(memory.length);
  const isLent = bits >= SMALLEST_BITS && bits <= LARGEST_BITS && memory.length === 2 ** bits;
  if (!isLent || idleBytes + memory.length > IDLE_BYTES) return;
  idle[bits]?.push(memory);
  idleBytes += memory.length;
}
