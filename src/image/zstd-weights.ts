/**
 * Tells one kind of damage in a block of zstd before it is unpacked: a table for Huffman weights in which one symbol has
 * all states. It takes no bits, so a decoder that does not count what it makes never ends (fzstd 0.1.1). Format: RFC 8878,
 * sections 3.1.1.3.1.1, 4.1.1 and 4.2.1.2.
 */

/** How much of a block's content is looked at: the longest literals header, and the longest table behind it. */
export const WEIGHTS_BYTES = 64;

const COMPRESSED_LITERALS = 2;
const HEADER_BYTES: readonly number[] = [3, 3, 4, 5];
/** Weights written out begin with a larger byte. */
const DIRECT = 128;
const LEAST_LOG = 5;
const MOST_LOG = 6;

/** Reads numbers of some bits, lowest first; zeros behind the end. */
function bitReader(bytes: Uint8Array, from: number): { peek: (bits: number) => number; skip: (bits: number) => void } {
  let at = from * 8;
  return {
    peek: (bits) => {
      const byte = at >> 3;
      const three = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16);
      return (three >> (at & 7)) & ((1 << bits) - 1);
    },
    skip: (bits) => void (at += bits),
  };
}

/** True where the table that begins at `from` gives all its states to one symbol. */
function isOneSymbol(bytes: Uint8Array, from: number): boolean {
  const log = ((bytes[from] ?? 0) & 15) + LEAST_LOG;
  if (log > MOST_LOG) return false;
  const states = 1 << log;
  const bits = bitReader(bytes, from);
  bits.skip(4);
  for (let left = states, symbol = 0; left > 0 && symbol < 256; symbol++) {
    const few = Math.floor(Math.log2(left + 1));
    const spare = (1 << (few + 1)) - 2 - left;
    let value = bits.peek(few);
    if (value < spare) bits.skip(few);
    else {
      value = bits.peek(few + 1);
      bits.skip(few + 1);
      if (value >= 1 << few) value -= spare;
    }
    const share = value - 1;
    if (share === states) return true;
    left -= Math.abs(share);
    if (share !== 0) continue;
    // Further symbols without a share, up to three at a time.
    for (let more = 3; more === 3;) {
      more = bits.peek(2);
      bits.skip(2);
      symbol += more;
    }
  }
  return false;
}

/** True for the content of a compressed block that no decoder can unpack, and some would try to for ever. */
export function isEndless(block: Uint8Array): boolean {
  const [first = 0] = block;
  if ((first & 3) !== COMPRESSED_LITERALS) return false;
  const from = HEADER_BYTES[(first >> 2) & 3] ?? 0;
  return (block[from] ?? DIRECT) < DIRECT && isOneSymbol(block, from + 1);
}
