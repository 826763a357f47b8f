/** Counts line feeds with vectors, as a WebAssembly module that is assembled from this source. */

import { assembleModule, I32, op, V128 } from "./assembler.ts";

const [AT, TO, COUNT, LINE_FEEDS] = [0, 1, 2, 3];
const LINE_FEED = 0x0a;

/** The module. `search(from, to)` takes addresses a multiple of 16 bytes apart and returns how many line feeds are between. */
export function lineFeedModule(): Uint8Array<ArrayBuffer> {
  return assembleModule({
    name: "search",
    parameters: 2,
    locals: [I32, V128],
    body: [
      [op.i32Const(LINE_FEED), op.i8x16Splat, op.set(LINE_FEEDS)],
      op.block(
        op.loop(
          [op.get(AT), op.get(TO), op.i32GeU, op.brIf(1)],
          [op.get(COUNT), op.get(AT), op.v128Load(0), op.get(LINE_FEEDS), op.i8x16Eq],
          [op.i8x16Bitmask, op.i32Popcnt, op.i32Add, op.set(COUNT)],
          [op.get(AT), op.i32Const(16), op.i32Add, op.set(AT), op.br(0)],
        ),
      ),
      op.get(COUNT),
    ],
  });
}
