/** Work that is begun before it is wanted, in bounds: requests ahead of their turn, bytes ahead of their reader. */

import { Readable } from "node:stream";

/**
 * Starts `begin` for up to `count` items at once and gives the results in the items' order. The place of an item is
 * free for the next one when its result has been used.
 */
export async function* ahead<T, R>(
  items: Iterable<T>,
  count: number,
  begin: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const iterator = items[Symbol.iterator]();
  const begun: Promise<R>[] = [];
  const more = (): void => {
    const { done, value } = iterator.next();
    if (done === true) return;
    const result = begin(value);
    // Its failure is told when its turn comes.
    result.catch(() => {});
    begun.push(result);
  };
  for (let i = 0; i < count; i++) more();
  for (let result = begun.shift(); result !== undefined; result = begun.shift()) {
    yield await result;
    more();
  }
}

/** Reads on, up to `maxChunks` chunks ahead of the reader, from now on. */
export function readAhead(chunks: AsyncIterable<Uint8Array>, maxChunks: number): AsyncIterable<Uint8Array> {
  const stream = Readable.from(chunks, { highWaterMark: maxChunks });
  // Whoever reads is told.
  stream.on("error", () => {});
  stream.read(0);
  return stream as AsyncIterable<Uint8Array>;
}
