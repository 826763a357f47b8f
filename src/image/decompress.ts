/**
 * Unwraps compressions, told by their first bytes and never by a name or media type. Says what it could not unwrap;
 * interprets nothing of what comes out.
 */

import type { Beginning } from "./beginnings.ts";
import { buffered, type BufferedReader, type ByteReader } from "./byte-reader.ts";
import { EXPANSION_GRACE_BYTES, type Limits } from "./limits.ts";
import type { Report } from "./problem.ts";

/** A compression that is recognised; whether it can be unwrapped is another matter. */
export type Compression = "gzip" | "zstd" | "bzip2" | "xz" | "lz4";

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
];

/** How what has one begins; zstd has frames of sixteen kinds that decoders skip. */
export const COMPRESSED_BEGINNINGS: readonly Beginning[] = [
  ...MAGIC.map(([, magic]) => magic),
  ...Array.from({ length: 16 }, (_, i) => [0x50 + i, 0x2a, 0x4d, 0x18]),
];

/** The compression that begins here; null for anything else. Wants 10 bytes, if there are as many. */
export function compressionOf(bytes: Uint8Array): Compression | null {
  const isSkippable = ((bytes[0] ?? 0) & 0xf0) === 0x50 && bytes[1] === 0x2a && bytes[2] === 0x4d && bytes[3] === 0x18;
  if (isSkippable) return "zstd";
  const found = MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0] ?? null;
  // The third byte of gzip is its method, always 8; of bzip2 the fourth is a digit and the block's magic follows.
  if (found === "gzip" && bytes.length > 2 && bytes[2] !== 8) return null;
  if (found === "bzip2" && !(bytes[4] === 0x31 && bytes[5] === 0x41) && bytes[4] !== 0x17) return null;
  return found;
}

/** A stream with its compressions taken off. */
export interface Unwrapped {
  readonly reader: BufferedReader;
  /** What was taken off, outermost first. */
  readonly encodings: readonly Compression[];
}

/** Passes bytes on until they are more than a limit allows. */
function bounded(bytes: ByteReader, packed: () => number, limits: Limits, report: Report): ByteReader {
  let total = 0;
  let isOver = false;
  return {
    read: async (into) => {
      if (isOver) return 0;
      const count = await bytes.read(into);
      total += count;
      if (total > limits.maxLayerBytes) {
        report({ why: "limit", detail: `more than ${limits.maxLayerBytes} unpacked bytes (--max-layer-bytes)` });
      } else if (total > EXPANSION_GRACE_BYTES && total > packed() * limits.maxExpansion) {
        const detail = `unpacks to more than ${limits.maxExpansion} times its size, like a bomb (--max-expansion)`;
        report({ why: "limit", detail });
      } else {
        return count;
      }
      isOver = true;
      return 0;
    },
  };
}

async function open(kind: Compression, source: BufferedReader, report: Report): Promise<ByteReader | null> {
  if (kind === "gzip") return (await import("./gunzip.ts")).gunzip(source, report);
  if (kind === "zstd") return (await import("./unzstd.ts")).unzstd(source, report);
  return null;
}

/** Takes off every compression, one after the other. What cannot be taken off is reported and left as it is. */
export async function unwrap(source: BufferedReader, limits: Limits, report: Report): Promise<Unwrapped> {
  const encodings: Compression[] = [];
  let reader = source;
  for (;;) {
    const kind = compressionOf(await reader.peek(10));
    if (kind === null) return { reader, encodings };
    if (encodings.length >= limits.maxNesting) {
      report({ why: "limit", detail: `compressed more than ${limits.maxNesting} times over (--max-nesting)` });
      return { reader, encodings };
    }
    const packed = reader;
    const unpacked = await open(kind, packed, report);
    if (unpacked === null) {
      report({
        why: "unsupported-compression",
        detail: `${kind} cannot be unpacked here; its packed bytes were searched`,
      });
      return { reader, encodings };
    }
    encodings.push(kind);
    reader = buffered(bounded(unpacked, () => packed.offset(), limits, report));
  }
}
