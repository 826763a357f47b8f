/**
 * The vector search as a WebAssembly module, assembled from this source when it is needed: there is no binary in the
 * repository that could differ from it. Finds places where a fingerprint may stand; confirms nothing, and holds no
 * needle: those come in tables (see `fingerprint.ts`).
 */

import { assembleModule, I32, I64, op, V128, type Code } from "./assembler.ts";
import { FINGERPRINT_LENGTH } from "./fingerprint.ts";

/** Bytes that one turn of the loop looks at. The search reads up to that many bytes past its end. */
export const STRIDE = 64;

/** Where the tables of `fingerprint.ts` are expected in memory; the search writes the 64 bytes before `DATA_ADDRESS`. */
export const TABLES_ADDRESS = 0;

/** The first address the search does not use itself; on a page of its own, for the sake of `read`. */
export const DATA_ADDRESS = 4096;

const SCRATCH_ADDRESS = DATA_ADDRESS - STRIDE;

// Parameters: from and to, and where to write places (4 bytes each). Result: how many.
const [AT, TO, PLACES] = [0, 1, 2];
const [COUNT, SLOT, BITS, LOW_NIBBLE, BLOCK, LOW, HIGH, FOUND] = [3, 4, 5, 6, 7, 8, 9, 10];
const FIRST_TABLE = 11;
const FIRST_MATCH = FIRST_TABLE + 2 * FINGERPRINT_LENGTH;
const FIRST_PREVIOUS = FIRST_MATCH + FINGERPRINT_LENGTH;
const VECTORS = FIRST_PREVIOUS + FINGERPRINT_LENGTH - 1 - LOW_NIBBLE;

const COMPARED: readonly number[] = Array.from({ length: FINGERPRINT_LENGTH }, (_, i) => i);
const PARTS: readonly number[] = [0, 16, 32, 48];

/** Reads 16 bytes and leaves on the stack, for each, the buckets of which it ends a fingerprint. */
function matchBlock(offset: number, swizzle: Code): Code {
  const last = FINGERPRINT_LENGTH - 1;
  return [
    [op.get(AT), op.v128Load(offset), op.tee(BLOCK), op.get(LOW_NIBBLE), op.v128And, op.set(LOW)],
    [op.get(BLOCK), op.i32Const(4), op.i16x8ShrU, op.get(LOW_NIBBLE), op.v128And, op.set(HIGH)],
    ...COMPARED.map((i) => [
      [op.get(FIRST_TABLE + 2 * i), op.get(LOW), swizzle],
      [op.get(FIRST_TABLE + 2 * i + 1), op.get(HIGH), swizzle],
      [op.v128And, op.set(FIRST_MATCH + i)],
    ]),
    op.get(FIRST_MATCH + last),
    ...COMPARED.slice(0, last).map((i) => {
      const lanes = Array.from({ length: 16 }, (_, lane) => 16 - (last - i) + lane);
      const shifted = [op.get(FIRST_PREVIOUS + i), op.get(FIRST_MATCH + i), op.i8x16Shuffle(lanes)];
      return [shifted, op.v128And, op.get(FIRST_MATCH + i), op.set(FIRST_PREVIOUS + i)];
    }),
  ];
}

/** Writes one place for every byte of the scratch area that is not zero. */
function writeCandidates(): Code {
  return [
    op.i64Const(0),
    ...PARTS.map((part) => [
      [op.i32Const(SCRATCH_ADDRESS), op.v128Load(part), op.i32Const(0), op.i8x16Splat, op.i8x16Ne],
      [op.i8x16Bitmask, op.i64ExtendI32, op.i64Const(part), op.i64Shl, op.i64Or],
    ]),
    op.set(BITS),
    op.loop(
      [op.get(BITS), op.i64Ctz, op.i32WrapI64, op.set(SLOT)],
      [op.get(PLACES), op.get(AT), op.get(SLOT), op.i32Add, op.i32Store(0)],
      [op.get(PLACES), op.i32Const(4), op.i32Add, op.set(PLACES)],
      [op.get(COUNT), op.i32Const(1), op.i32Add, op.set(COUNT)],
      [op.get(BITS), op.get(BITS), op.i64Const(1), op.i64Sub, op.i64And, op.tee(BITS)],
      [op.i64Eqz, op.i32Eqz, op.brIf(0)],
    ),
  ];
}

/**
 * The module. `search(from, to, places)` takes addresses; at `places` it writes the address of the last byte of
 * each possible fingerprint that begins at `from` or later (some of them may end at `to` or later), ascending, and returns
 * how many. The relaxed kind finds the same a third faster; not every engine takes it.
 */
export function searchModule(kind: "strict" | "relaxed"): Uint8Array<ArrayBuffer> {
  const swizzle = kind === "relaxed" ? op.i8x16RelaxedSwizzle : op.i8x16Swizzle;
  return assembleModule({
    name: "search",
    parameters: 3,
    locals: [I32, I32, I64, ...Array.from({ length: VECTORS }, () => V128)],
    body: [
      [op.i32Const(15), op.i8x16Splat, op.set(LOW_NIBBLE)],
      ...COMPARED.flatMap((i) => [2 * i, 2 * i + 1]).map((table) => [
        [op.i32Const(TABLES_ADDRESS), op.v128Load(16 * table), op.set(FIRST_TABLE + table)],
      ]),
      op.block(
        op.loop(
          [op.get(AT), op.get(TO), op.i32GeU, op.brIf(1)],
          ...PARTS.map((part) => [
            [op.i32Const(SCRATCH_ADDRESS), matchBlock(part, swizzle), op.tee(FOUND), op.v128Store(part)],
            [op.get(FOUND), part === 0 ? [] : op.v128Or],
          ]),
          op.set(FOUND),
          op.block(op.get(FOUND), op.v128AnyTrue, op.i32Eqz, op.brIf(0), writeCandidates()),
          [op.get(AT), op.i32Const(STRIDE), op.i32Add, op.set(AT), op.br(0)],
        ),
      ),
      op.get(COUNT),
    ],
  });
}
