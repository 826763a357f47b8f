/**
 * Passes over ordinary entries of a tar inside the window, as a WebAssembly module that is assembled from this source:
 * for each it checks the header as `tar-header.ts` does, numbers the path as `path-hash.ts` does, and writes what
 * `entry-index.ts` keeps. Where anything is out of the ordinary it stops, and the walk in JavaScript takes that entry:
 * this module knows no extended headers, long or odd names, links with a size, ends, or damage.
 */

import { LOOKED_AT } from "../beginnings.ts";
import { ENTRY } from "../entry-index.ts";
import { PATH_HASH } from "../path-hash.ts";
import { BLOCK } from "../tar-header.ts";
import { assembleModule, I32, op, V128, type Code } from "../../token/simd/assembler.ts";

/** Where the table of names begins, behind those of beginnings. */
export const NAMES_AT: number = LOOKED_AT * 256;
/** How many bytes the table of names has, one for each key. */
export const NAME_KEYS = 2048;

/** What of a file's name and its length the table of names is asked by. */
export function nameKey(first: number, last: number, length: number): number {
  return (first * 7 + last * 113 + length * 331) & (NAME_KEYS - 1);
}

/** Bytes before the packed entries, where the module leaves what it did. */
export const RESULT_BYTES = 8;

// Parameters: the address of a header, the address up to which entries may reach, the end of the bytes, where to write
// packed entries, and the tables: those of `beginnings.ts`, and one by `nameKey`.
const [AT, LIMIT, END, OUT, TABLES] = [0, 1, 2, 3, 4];
const [COUNT, FILES, SIZE, SUM, ODD, TYPE, NEXT, I] = [5, 6, 7, 8, 9, 10, 11, 12];
const [BYTE, PART, FIRST, LAST, A, B, TOTALS] = [13, 14, 15, 16, 17, 18, 19];

const [NUL_OR_BLANK, SLASH, DOT, ZERO] = [0xdf, 0x2f, 0x2e, 0x30];
const FIELD = { size: 124, checksum: 148, type: 156, prefix: 345 } as const;
const NAME_BYTES = 100;
const DOT_SLASH = DOT | (SLASH << 8);

const byteAt = (offset: number): Code => [op.get(AT), op.i32Load8(offset)];
const add = (local: number, ...value: Code): Code => [op.get(local), ...value, op.i32Add, op.set(local)];

/** Adds the octal digit at `offset` to a number; `ODD` gets bits above the third when it is none. */
function digit(into: number, offset: number): Code {
  const value: Code = [byteAt(offset), op.i32Const(ZERO), op.i32Sub];
  return [
    [op.get(ODD), value, op.i32Or, op.set(ODD)],
    [op.get(into), op.i32Const(3), op.i32Shl, value, op.i32Add, op.set(into)],
  ];
}

function digits(into: number, from: number, count: number): Code {
  return Array.from({ length: count }, (_, i) => digit(into, from + i));
}

/** Leaves the sum of the block, with blanks in the place of the checksum. */
function blockSum(): Code {
  const vectors = Array.from({ length: BLOCK / 16 }, (_, i) => 16 * i);
  const field = Array.from({ length: 8 }, (_, i) => FIELD.checksum + i);
  return [
    [op.i32Const(8 * 0x20), op.i32Const(0), op.i8x16Splat],
    vectors.map((offset) => [op.get(AT), op.v128Load(offset), op.i16x8ExtaddPairwiseI8x16, op.i16x8Add]),
    [op.i32x4ExtaddPairwiseI16x8, op.set(TOTALS)],
    [0, 1, 2, 3].map((lane) => [op.get(TOTALS), op.i32x4ExtractLane(lane), op.i32Add]),
    field.map((offset) => [byteAt(offset), op.i32Sub]),
  ];
}

function mix(byte: Code): Code {
  return [
    [op.get(A), byte, op.i32Xor, op.i32Const(PATH_HASH.primeA), op.i32Mul, op.set(A)],
    [op.get(B), byte, op.i32Xor, op.i32Const(PATH_HASH.primeB), op.i32Mul, op.tee(B)],
    [op.get(B), op.i32Const(15), op.i32ShrU, op.i32Xor, op.set(B)],
  ];
}

/** Leaves 1 when an octal digit stands at `offset`. */
function isDigit(offset: number): Code {
  return [byteAt(offset), op.i32Const(ZERO), op.i32Sub, op.i32Const(8), op.i32GeU, op.i32Eqz];
}

/** The tests of the header; `brIf(1)` leaves the loop over entries. */
function checkHeader(): Code {
  return [
    [op.get(AT), op.i32Const(2 * BLOCK), op.i32Add, op.get(END), op.i32GtU, op.brIf(1)],
    [byteAt(0), op.i32Eqz, op.brIf(1)],
    // Two zeros at the front of the size, so that it fits; larger contents leave the window anyway.
    [byteAt(FIELD.size), byteAt(FIELD.size + 1), op.i32Add, op.i32Const(2 * ZERO), op.i32Ne, op.brIf(1)],
    [op.i32Const(0), op.tee(SIZE), op.tee(SUM), op.set(ODD)],
    digits(SIZE, FIELD.size, 11),
    digits(SUM, FIELD.checksum, 6),
    [op.get(ODD), op.i32Const(~7), op.i32And, op.brIf(1)],
    [byteAt(FIELD.size + 11), byteAt(FIELD.checksum + 6), op.i32Or, byteAt(FIELD.checksum + 7), op.i32Or],
    [op.i32Const(NUL_OR_BLANK), op.i32And, op.brIf(1)],
    [byteAt(FIELD.prefix), op.brIf(1)],
    // Regular files, hard links, symbolic links and folders, of which only the first may have a size.
    [byteAt(FIELD.type), op.i32Const(ZERO), op.i32Sub, op.tee(TYPE), op.i32Const(2), op.i32GtU],
    [op.get(TYPE), op.i32Const(5), op.i32Ne, op.i32And, op.brIf(1)],
    [op.get(TYPE), op.i32Const(0), op.i32Ne, op.get(SIZE), op.i32Const(0), op.i32Ne, op.i32And, op.brIf(1)],
    [op.get(SIZE), op.i32Const(BLOCK - 1), op.i32Add, op.i32Const(-BLOCK), op.i32And],
    [op.get(AT), op.i32Add, op.i32Const(BLOCK), op.i32Add, op.tee(NEXT), op.get(LIMIT), op.i32GtU, op.brIf(1)],
    [op.get(NEXT), op.i32Const(2 * BLOCK), op.i32Add, op.get(END), op.i32GtU, op.brIf(1)],
    [blockSum(), op.get(SUM), op.i32Ne, op.brIf(1)],
  ];
}

/** Leaves the loop before a content that may be opened: see `isWorthALook` in `tap.ts`. Counts files with content. */
function checkContent(): Code {
  const field = BLOCK + FIELD.checksum;
  return [
    op.get(SIZE),
    op.if(
      Array.from({ length: LOOKED_AT }, (_, i) => [
        [byteAt(BLOCK + i), op.get(TABLES), op.i32Add, op.i32Load8(256 * i)],
        i === 0 ? [] : op.i32And,
      ]),
      op.brIf(2),
      [op.get(SIZE), op.i32Const(BLOCK), op.i32GeU],
      [3, 4, 5].map((i) => [isDigit(field + i), op.i32And]),
      [byteAt(field + 7), op.i32Const(NUL_OR_BLANK), op.i32And, op.i32Eqz, op.i32And, op.brIf(2)],
      add(FILES, op.i32Const(1)),
    ),
  ];
}

/** Numbers the path; leaves the loop before a part that begins with a dot, and a name that has to be looked at. */
function hashName(): Code {
  return [
    [op.i32Const(PATH_HASH.laneA), op.set(A), op.i32Const(PATH_HASH.laneB), op.set(B)],
    [op.i32Const(0), op.set(PART), op.get(AT), op.set(I)],
    [op.get(AT), op.i32Load16(0), op.i32Const(DOT_SLASH), op.i32Eq],
    op.if(add(I, op.i32Const(2))),
    op.block(
      op.loop(
        [op.get(I), op.get(AT), op.i32Const(NAME_BYTES), op.i32Add, op.i32GeU, op.brIf(1)],
        [op.get(I), op.i32Load8(0), op.tee(BYTE), op.i32Eqz, op.brIf(1)],
        [op.get(BYTE), op.i32Const(SLASH), op.i32Eq],
        op.if(
          [op.i32Const(0), op.set(PART), op.else],
          [op.get(PART), op.i32Eqz],
          op.if(
            [op.get(BYTE), op.i32Const(DOT), op.i32Eq, op.brIf(5)],
            [op.get(BYTE), op.set(FIRST)],
            mix(op.i32Const(SLASH)),
          ),
          add(PART, op.i32Const(1)),
          mix(op.get(BYTE)),
          [op.get(BYTE), op.set(LAST)],
        ),
        add(I, op.i32Const(1)),
        op.br(0),
      ),
    ),
    op.get(PART),
    op.if(
      [op.get(FIRST), op.i32Const(7), op.i32Mul, op.get(LAST), op.i32Const(113), op.i32Mul, op.i32Add],
      [op.get(PART), op.i32Const(331), op.i32Mul, op.i32Add, op.i32Const(NAME_KEYS - 1), op.i32And],
      [op.get(TABLES), op.i32Add, op.i32Load8(NAMES_AT), op.brIf(2)],
    ),
  ];
}

/** Leaves the kind of the entry, by its type and size. */
function kind(): Code {
  const isFile: Code = [op.get(TYPE), op.i32Eqz, op.get(SIZE), op.i32Const(0), op.i32Ne, op.i32And];
  const is = (type: number, value: number): Code => [
    [op.get(TYPE), op.i32Const(type), op.i32Eq, op.i32Const(value), op.i32Mul],
  ];
  return [
    [isFile, op.i32Const(ENTRY.file), op.i32Mul, is(1, ENTRY.file), op.i32Add],
    [is(2, ENTRY.link), op.i32Add, is(5, ENTRY.directory), op.i32Add],
  ];
}

function writeEntry(): Code {
  return [
    [op.get(OUT), op.get(COUNT), op.i32Const(3), op.i32Shl, op.i32Add],
    [op.get(A), op.i64ExtendI32, op.i64Const(PATH_HASH.lowBits), op.i64Shl],
    [op.get(B), op.i32Const(32 - PATH_HASH.lowBits), op.i32ShrU, op.i64ExtendI32, op.i64Or],
    [op.i64Const(3), op.i64Shl, kind(), op.i64ExtendI32, op.i64Or, op.f64ConvertI64, op.f64Store(0)],
    add(COUNT, op.i32Const(1)),
  ];
}

/**
 * The module. `search(at, limit, end, out, tables)` passes over entries from the header at `at` on, as long as they end
 * at `limit` or before and two more blocks stand behind them before `end`. At `out` it writes packed entries, in the
 * 8 bytes before it the address it came to and how many of the entries have content, and returns how many there are.
 */
export function entrySkipModule(): Uint8Array<ArrayBuffer> {
  return assembleModule({
    name: "search",
    parameters: 5,
    locals: [...Array.from({ length: TOTALS - COUNT }, () => I32), V128],
    body: [
      op.block(op.loop(checkHeader(), hashName(), checkContent(), writeEntry(), [op.get(NEXT), op.set(AT), op.br(0)])),
      [op.get(OUT), op.i32Const(RESULT_BYTES), op.i32Sub, op.tee(I), op.get(AT), op.i32Store(0)],
      [op.get(I), op.get(FILES), op.i32Store(4)],
      op.get(COUNT),
    ],
  });
}
