/**
 * Writes WebAssembly's binary format: just the instructions and sections that the search needs. Pure; knows nothing of
 * searching. Opcodes: WebAssembly core specification 2.0, chapter 5 (binary format), vectors included.
 */

/** Bytes of code; strings of them are concatenated by nesting. */
export type Code = readonly (number | Code)[];

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A 32-bit integer, as a value type. */
export const I32 = 0x7f;
/** A 64-bit integer. */
export const I64 = 0x7e;
/** A vector of 16 bytes. */
export const V128 = 0x7b;

function unsigned(value: number): number[] {
  const bytes = [];
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}

function signed(value: number): number[] {
  const bytes = [];
  let rest = value | 0;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest & 0x7f);
  return bytes;
}

function vector(opcode: number, ...immediates: readonly number[]): Code {
  return [0xfd, ...unsigned(opcode), ...immediates];
}

/** Instructions by their names in the text format, dots and slashes as capitals. */
export const op = {
  block: (...body: Code): Code => [0x02, 0x40, body, 0x0b],
  loop: (...body: Code): Code => [0x03, 0x40, body, 0x0b],
  if: (...body: Code): Code => [0x04, 0x40, body, 0x0b],
  else: [0x05] as Code,
  br: (depth: number): Code => [0x0c, depth],
  brIf: (depth: number): Code => [0x0d, depth],
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32Load16: (offset: number): Code => [0x2f, 0, ...unsigned(offset)],
  i32Load8: (offset: number): Code => [0x2d, 0, ...unsigned(offset)],
  i32Store: (offset: number): Code => [0x36, 2, ...unsigned(offset)],
  f64Store: (offset: number): Code => [0x39, 3, ...unsigned(offset)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i64Const: (value: number): Code => [0x42, ...signed(value)],
  i32Eq: [0x46] as Code,
  i32Ne: [0x47] as Code,
  i32GtU: [0x4b] as Code,
  i32GeU: [0x4f] as Code,
  i32Popcnt: [0x69] as Code,
  i64Eqz: [0x50] as Code,
  i32Eqz: [0x45] as Code,
  i32Add: [0x6a] as Code,
  i32Sub: [0x6b] as Code,
  i32Mul: [0x6c] as Code,
  i32And: [0x71] as Code,
  i32Or: [0x72] as Code,
  i32Xor: [0x73] as Code,
  i32Shl: [0x74] as Code,
  i32ShrU: [0x76] as Code,
  i64Ctz: [0x7a] as Code,
  i64Sub: [0x7d] as Code,
  i64And: [0x83] as Code,
  i64Or: [0x84] as Code,
  i64Shl: [0x86] as Code,
  i32WrapI64: [0xa7] as Code,
  i64ExtendI32: [0xad] as Code,
  f64ConvertI64: [0xba] as Code,
  v128Load: (offset: number): Code => vector(0, 0, ...unsigned(offset)),
  v128Store: (offset: number): Code => vector(11, 0, ...unsigned(offset)),
  v128And: [0xfd, 0x4e] as Code,
  v128Or: [0xfd, 0x50] as Code,
  v128AnyTrue: [0xfd, 0x53] as Code,
  i8x16Shuffle: (lanes: readonly number[]): Code => vector(13, ...lanes),
  i8x16Swizzle: [0xfd, 0x0e] as Code,
  i8x16Splat: [0xfd, 0x0f] as Code,
  i32x4ExtractLane: (lane: number): Code => vector(27, lane),
  i8x16Eq: [0xfd, 0x23] as Code,
  i8x16Ne: [0xfd, 0x24] as Code,
  i8x16Bitmask: [0xfd, 0x64] as Code,
  i16x8ExtaddPairwiseI8x16: [0xfd, 0x7d] as Code,
  i32x4ExtaddPairwiseI16x8: [0xfd, 0x7f] as Code,
  i16x8Add: [0xfd, 0x8e, 0x01] as Code,
  i16x8ShrU: [0xfd, 0x8d, 0x01] as Code,
  /** Of the relaxed vector instructions: as `i8x16.swizzle` for indices below 16, and one machine instruction less. */
  i8x16RelaxedSwizzle: [0xfd, 0x80, 0x02] as Code,
};

function flat(code: Code, bytes: number[] = []): number[] {
  for (const item of code) {
    if (typeof item === "number") bytes.push(item);
    else flat(item, bytes);
  }
  return bytes;
}

function sized(bytes: readonly number[]): number[] {
  return [...unsigned(bytes.length), ...bytes];
}

function section(id: number, ...content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

/** One function of parameters and a result, all of them 32-bit integers; it sees the imported memory. */
export interface FunctionSource {
  readonly name: string;
  readonly parameters: number;
  /** Types of the locals after the parameters. */
  readonly locals: readonly number[];
  readonly body: Code;
}

/** A module that imports the memory `env.memory` and exports one function. */
export function assembleModule({ name, parameters, locals, body }: FunctionSource): Uint8Array<ArrayBuffer> {
  const text = (value: string): number[] => sized([...Buffer.from(value, "latin1")]);
  const code = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type]), ...flat(body), 0x0b];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, 1, 0x60, ...sized(Array.from({ length: parameters }, () => I32)), 1, I32),
    ...section(2, 1, ...text("env"), ...text("memory"), 0x02, 0x00, 1),
    ...section(3, 1, 0),
    ...section(7, 1, ...text(name), 0x00, 0),
    ...section(10, 1, ...sized(code)),
  ]);
}
