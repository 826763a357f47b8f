/**
 * Finds every needle in bytes, all needles in one pass: what the search for tokens runs over everything. Says where a
 * needle stands, not whether a token does. Does no I/O; the caller reads into the buffer that is given here. One string
 * that is no needle is found on the same way: how a member of a zip begins.
 */

import { NEEDLES } from "./needle.ts";
import { fingerprintTables, FINGERPRINT_LENGTH, type FingerprintTables } from "./simd/fingerprint.ts";
import { lineFeedModule } from "./simd/line-feed-module.ts";
import { DATA_ADDRESS, searchModule, STRIDE, TABLES_ADDRESS } from "./simd/search-module.ts";

/** Where needles stand, in ascending order; the arrays are reused by the next call of `find`. */
export interface Candidates {
  /** How many; the arrays hold no more than this that means anything. */
  readonly count: number;
  /** Offset in the buffer of each needle's first byte. */
  readonly at: Uint32Array;
  /** Index of the needle in `NEEDLES`, or `ZIP_MARK`. */
  readonly needle: Uint8Array;
}

/** A buffer and the search over it. */
export interface CandidateFinder {
  /** The bytes to search; of fixed size, to be filled by the caller. */
  readonly buffer: Uint8Array;
  /** Which of the two ways was taken; both find the same. */
  readonly isSimd: boolean;
  /**
   * Every needle that lies wholly in `[from, to)` of the buffer, also where two overlap; needles at one place in the
   * order of their indices. Throws a RangeError when the range is not one of the buffer.
   */
  readonly find: (from: number, to: number) => Candidates;
  /** Line feeds in `[from, to)` of the buffer. */
  readonly lineFeeds: (from: number, to: number) => number;
  /**
   * Runs another module of `simd/assembler.ts` over the buffer; null where vectors are not used. Its function takes
   * addresses: those of the buffer begin at `bufferAddress`, those of `workspace` at `workspaceAddress`.
   */
  readonly link: ((source: ModuleSource) => LinkedModule) | null;
}

/** Makes the bytes of a module; the same function stands for the same module. */
export type ModuleSource = () => Uint8Array<ArrayBuffer>;

/** A module that shares the memory of a buffer. */
export interface LinkedModule {
  readonly call: (...parameters: number[]) => number;
  readonly bufferAddress: number;
  readonly workspaceAddress: number;
  /** Memory that the linked module may use as it likes. */
  readonly workspace: Uint8Array;
}

/** What of the global `WebAssembly` is used here. */
interface WebAssemblyApi {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly search: Search } };
}

type Search = (...parameters: number[]) => number;

const PAGE = 65_536;
const WORKSPACE_BYTES = 8192;
const VECTOR_BYTES = 16;
const LINE_FEED = 0x0a;

/** What stands for a needle where a member of a zip may begin. */
export const ZIP_MARK: number = NEEDLES.length;
/** The bytes that such a member begins with. */
export const ZIP_MARK_TEXT = "PK\x03\x04";

const NEEDLE_BYTES: readonly Uint8Array[] = [...NEEDLES.map(({ text }) => text), ZIP_MARK_TEXT].map((text) =>
  Buffer.from(text, "latin1"),
);

/** Made once, for the first finder. */
let fingerprints: FingerprintTables | null = null;

/** How many needles can begin at one place: the longest chain in which each begins with the one before. */
const MAX_AT_ONE_PLACE: number = maxAtOnePlace();

function maxAtOnePlace(): number {
  const counts = new Map<string, number>();
  for (const { text } of NEEDLES) counts.set(text, (counts.get(text) ?? 0) + 1);
  const beginWith = (text: string): number =>
    Array.from(text, (_, last) => counts.get(text.slice(0, last + 1)) ?? 0).reduce((sum, count) => sum + count, 0);
  return Math.max(...Array.from(counts.keys(), beginWith));
}

function isWebAssembly(value: unknown): value is WebAssemblyApi {
  return typeof value === "object" && value !== null && "validate" in value && "Instance" in value;
}

interface CandidateList extends Candidates {
  count: number;
}

function createList(capacity: number): CandidateList {
  return {
    count: 0,
    at: new Uint32Array(capacity * MAX_AT_ONE_PLACE),
    needle: new Uint8Array(capacity * MAX_AT_ONE_PLACE),
  };
}

/** Puts a candidate where it belongs. Places come almost in order, so there is little to move. */
function insert(list: CandidateList, place: number, needle: number): void {
  const { at, needle: needles } = list;
  let slot = list.count++;
  for (; slot > 0; slot--) {
    const before = at[slot - 1] ?? 0;
    if (before < place || (before === place && (needles[slot - 1] ?? 0) < needle)) break;
    at[slot] = before;
    needles[slot] = needles[slot - 1] ?? 0;
  }
  at[slot] = place;
  needles[slot] = needle;
}

function standsAt(buffer: Uint8Array, place: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (buffer[place + i] !== bytes[i]) return false;
  return true;
}

function countLineFeeds(buffer: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (buffer[i] === LINE_FEED) count++;
  return count;
}

function checkRange(buffer: Uint8Array, from: number, to: number): void {
  if (!(from >= 0 && from <= to && to <= buffer.length)) {
    throw new RangeError(`no range of a buffer of ${buffer.length} bytes: ${from} to ${to}`);
  }
}

/** One pass of `indexOf` for each needle; whichever stands next is taken first. */
function createPlainFinder(capacity: number): CandidateFinder {
  const buffer = Buffer.alloc(capacity);
  const list = createList(capacity);
  const next = NEEDLE_BYTES.map(() => -1);
  const find = (from: number, to: number): Candidates => {
    checkRange(buffer, from, to);
    const searched = buffer.subarray(0, to);
    list.count = 0;
    for (const [needle, bytes] of NEEDLE_BYTES.entries()) next[needle] = searched.indexOf(bytes, from);
    for (;;) {
      let first = -1;
      let place = capacity;
      for (let needle = 0; needle < next.length; needle++) {
        const at = next[needle] ?? -1;
        if (at === -1 || at >= place) continue;
        first = needle;
        place = at;
      }
      const bytes = NEEDLE_BYTES[first];
      if (bytes === undefined) return list;
      insert(list, place, first);
      next[first] = searched.indexOf(bytes, place + 1);
    }
  };
  const lineFeeds = (from: number, to: number): number => countLineFeeds(buffer, from, to);
  return { buffer, isSimd: false, find, lineFeeds, link: null };
}

/** A needle, and how far before the last byte of its fingerprint it begins. */
interface ToConfirm {
  readonly needle: number;
  readonly bytes: Uint8Array;
  readonly back: number;
}

/** Three bytes that end at `last`, as a number. */
function threeAt(bytes: Uint8Array, last: number): number {
  return ((bytes[last - 2] ?? 0) << 16) | ((bytes[last - 1] ?? 0) << 8) | (bytes[last] ?? 0);
}

/** Needles by their fingerprints: nearly all places that the search lets through have none. */
function byFingerprint(buckets: FingerprintTables["buckets"]): Map<number, ToConfirm[]> {
  const needles = new Map<number, ToConfirm[]>();
  for (const { needle, offset } of buckets.flat()) {
    const bytes = NEEDLE_BYTES[needle] ?? new Uint8Array();
    const back = offset + FINGERPRINT_LENGTH - 1;
    const three = threeAt(bytes, back);
    needles.set(three, [...(needles.get(three) ?? []), { needle, bytes, back }]);
  }
  return needles;
}

/** Compiled modules, null for those that the machine does not take: a process has many finders. */
const compiled = new Map<ModuleSource, object | null>();

function compile(api: WebAssemblyApi, source: ModuleSource): object | null {
  let module = compiled.get(source);
  if (module === undefined) {
    const bytes = source();
    module = api.validate(bytes) ? new api.Module(bytes) : null;
    compiled.set(source, module);
  }
  return module;
}

const relaxedSearch: ModuleSource = () => searchModule("relaxed");
const strictSearch: ModuleSource = () => searchModule("strict");

function createSimdFinder(capacity: number, api: WebAssemblyApi, module: object): CandidateFinder {
  const places = DATA_ADDRESS + Math.ceil((capacity + 2 * STRIDE) / STRIDE) * STRIDE;
  // One place more for each byte that the search looks at past its end.
  const slots = capacity + STRIDE;
  const workspaceAddress = Math.ceil((places + slots * 4) / VECTOR_BYTES) * VECTOR_BYTES;
  const pages = Math.ceil((workspaceAddress + WORKSPACE_BYTES) / PAGE);
  const memory = new api.Memory({ initial: pages, maximum: pages });
  const instance = (source: object | null): Search => {
    if (source === null) throw new TypeError("a module that this machine does not take");
    return new api.Instance(source, { env: { memory } }).exports.search;
  };
  const search = instance(module);
  const count16 = instance(compile(api, lineFeedModule));
  const { tables, buckets } = (fingerprints ??= fingerprintTables(NEEDLE_BYTES));
  new Uint8Array(memory.buffer, TABLES_ADDRESS).set(tables);
  const buffer = new Uint8Array(memory.buffer, DATA_ADDRESS, capacity);
  const foundAt = new Uint32Array(memory.buffer, places, slots);
  const needles = byFingerprint(buckets);
  const list = createList(capacity);
  const find = (from: number, to: number): Candidates => {
    checkRange(buffer, from, to);
    list.count = 0;
    const count = search(DATA_ADDRESS + from, DATA_ADDRESS + to, places);
    for (let i = 0; i < count; i++) {
      const last = (foundAt[i] ?? 0) - DATA_ADDRESS;
      const possible = needles.get(threeAt(buffer, last));
      if (possible === undefined) continue;
      for (const { needle, bytes, back } of possible) {
        const place = last - back;
        if (place >= from && place + bytes.length <= to && standsAt(buffer, place, bytes)) insert(list, place, needle);
      }
    }
    return list;
  };
  const lineFeeds = (from: number, to: number): number => {
    checkRange(buffer, from, to);
    const whole = to - ((to - from) % VECTOR_BYTES);
    return count16(DATA_ADDRESS + from, DATA_ADDRESS + whole) + countLineFeeds(buffer, whole, to);
  };
  const link = (source: ModuleSource): LinkedModule => ({
    call: instance(compile(api, source)),
    bufferAddress: DATA_ADDRESS,
    workspaceAddress,
    workspace: new Uint8Array(memory.buffer, workspaceAddress, WORKSPACE_BYTES),
  });
  return { buffer, isSimd: true, find, lineFeeds, link };
}

/**
 * A buffer of `capacity` bytes and a search over it. Uses WebAssembly's vector instructions where the machine has
 * them and room for their memory, and one `indexOf` for each needle elsewhere or with `simd: false`.
 */
export function createCandidateFinder(capacity: number, options: { readonly simd?: boolean } = {}): CandidateFinder {
  const api: unknown = Reflect.get(globalThis, "WebAssembly");
  if (options.simd === false || !isWebAssembly(api)) return createPlainFinder(capacity);
  const module = compile(api, relaxedSearch) ?? compile(api, strictSearch);
  if (module === null) return createPlainFinder(capacity);
  try {
    return createSimdFinder(capacity, api, module);
  } catch (error) {
    // Each memory takes 10 GB of addresses, more than `ulimit -v` may leave.
    if (error instanceof RangeError) return createPlainFinder(capacity);
    throw error;
  }
}
