/**
 * xz: any number of streams, one behind the other. The decoder takes one stream at a time, so this finds where each one
 * ends from the index that stands at its end. Format: tukaani.org, "The .xz File Format" 1.2.1.
 */

import { unpackedName } from "../unpacked-name.ts";
import { BoundReached } from "./budget.ts";
import { partOf, viewer, type Content } from "./content.ts";
import { createSpool } from "./spool.ts";
import type { ArchiveReader, Visitor } from "./visitor.ts";
import { decodable, EDGE_BYTES, indexBytesOf, MAX_INDEX_BYTES, varint } from "./xz-check.ts";

const FOOTER_MAGIC = 0x595a;

/** Where the stream begins that ends at `to`; null when its footer or index is damaged. */
function streamStart(content: Content, to: number): number | null {
  const view = viewer(content);
  const footer = Buffer.from(view(to - EDGE_BYTES, EDGE_BYTES));
  if (footer.length < EDGE_BYTES || footer.readUInt16BE(10) !== FOOTER_MAGIC) return null;
  const indexBytes = indexBytesOf(footer);
  const indexFrom = to - EDGE_BYTES - indexBytes;
  if (indexFrom < EDGE_BYTES || indexBytes > MAX_INDEX_BYTES) return null;
  const index = view(indexFrom, indexBytes);
  if (index[0] !== 0) return null;
  const records = varint(index, 1);
  let blocks = 0;
  let { next } = records;
  for (let i = 0; i < records.value; i++) {
    if (next >= index.length) return null;
    const packed = varint(index, next);
    const unpacked = varint(index, packed.next);
    blocks += Math.ceil(packed.value / 4) * 4;
    ({ next } = unpacked);
  }
  const start = indexFrom - blocks - EDGE_BYTES;
  return start >= 0 && Number.isInteger(start) ? start : null;
}

/** The streams of a file, first to last; all of it as one where that cannot be told. */
function streamsOf(content: Content): Content[] {
  const streams: Content[] = [];
  const view = viewer(content);
  for (let to = content.size; to > 0;) {
    // Between streams may stand zeros, four at a time.
    while (to >= 4 && view(to - 4, 4).every((byte) => byte === 0)) to -= 4;
    if (to === 0) break;
    const from = to < 2 * EDGE_BYTES ? null : streamStart(content, to);
    if (from === null || from >= to) return [partOf(content, 0, to), ...streams];
    streams.unshift(partOf(content, from, to));
    to = from;
  }
  return streams;
}

async function* unpack(stream: Content): AsyncGenerator<Uint8Array> {
  const { XzReadableStream } = await import("xz-decompress");
  const pieces = decodable(stream);
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const next = pieces.next();
      // The decoder says that a stream is over, or cut, when it is given nothing more.
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
  const reader = new XzReadableStream(source).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Also where nobody wants more: the decoder serves one stream at a time, and has to know.
    await reader.cancel().catch(() => undefined);
  }
}

/** The bytes of all streams; says whether something was wrong. */
async function unpackAll(content: Content, visitor: Visitor, write: (bytes: Uint8Array) => void): Promise<boolean> {
  for (const stream of streamsOf(content)) {
    try {
      for await (const chunk of unpack(stream)) {
        visitor.budget.spend(chunk.length);
        write(chunk);
      }
    } catch (error) {
      if (error instanceof BoundReached || (error instanceof Error && "syscall" in error)) throw error;
      return true;
    }
  }
  return false;
}

/** Reads an xz file. All of it is unpacked before it is searched: there is one decoder, and xz may hold xz. */
export const readXz: ArchiveReader = async (content, visitor, name) => {
  const spool = createSpool(null);
  try {
    if (await unpackAll(content, visitor, spool.write)) visitor.undecoded("xz-damaged");
    const unpacked = spool.content();
    const pending = visitor.stored(unpackedName(name), unpacked);
    if (pending !== null) await pending;
  } finally {
    spool.close();
  }
};
