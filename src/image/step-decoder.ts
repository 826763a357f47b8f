/**
 * Unpacks deflated and zstd data in steps, in this thread and straight into the caller's buffer: handing chunks to Node's
 * pool of threads and back costs more than unpacking them. Knows no members and no frames; says nothing of damage but
 * zlib's own error.
 */

import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

/** Deflated data: bare (zip), with zlib's header (git), or as gzip. */
export type DeflatePacking = "raw" | "zlib" | "gzip";
type Packing = DeflatePacking | "zstd";

/** Unpacks what it is given in order. */
export interface StepDecoder {
  /**
   * Unpacks from `input` into `output` and tells how many bytes were used and made, in an object that the next step
   * changes. With `isLast` nothing follows `input`. Input that stays where there was room for output is none of the
   * decoder's. Throws an error with zlib's code for damage, and for data that is cut short when `isLast` says so.
   */
  readonly step: (input: Uint8Array, output: Uint8Array, isLast: boolean) => Step | Promise<Step>;
  /** True where all that was made before damage is given before the error is thrown. */
  readonly givesAll: boolean;
  /** Ready for other data. */
  readonly reset: () => void;
  readonly close: () => void;
}

/** What a step came to, in bytes. */
export interface Step {
  readonly used: number;
  readonly made: number;
}

/** The part of Node's own binding to zlib that unpacks at once, which packages such as pngjs are built on as well. */
interface Handle {
  writeSync: (
    flush: number,
    input: Uint8Array,
    inputFrom: number,
    inputBytes: number,
    output: Uint8Array,
    outputFrom: number,
    outputBytes: number,
  ) => void;
  reset: () => void;
  onerror: (message: string, errno: number, code: string) => void;
}

interface Stepping {
  readonly _handle: Handle;
  /** Bytes left of the output and of the input. */
  readonly _writeState: Uint32Array;
}

/** ZSTD_e_end, the end of the input; the name is not among the constants of Node versions that lack the decoder. */
const ZSTD_END = 2;
/** What a stream gives at once, where there is no other way. */
const CHUNK_BYTES = 65_536;

type Decoder = Transform & { readonly bytesWritten: number };
type Create = (options: { chunkSize: number }) => Decoder;

function isCreate(value: unknown): value is Create {
  return typeof value === "function";
}

function canStep(stream: object): stream is Stepping {
  const handle: unknown = Reflect.get(stream, "_handle");
  return (
    Reflect.get(stream, "_writeState") instanceof Uint32Array &&
    typeof handle === "object" &&
    handle !== null &&
    "onerror" in handle &&
    "writeSync" in handle &&
    typeof handle.writeSync === "function"
  );
}

function direct(stream: Decoder & Stepping, packing: Packing): StepDecoder {
  const { _handle: handle, _writeState: state } = stream;
  const finish = packing === "zstd" ? ZSTD_END : zlib.constants.Z_FINISH;
  let failure: Error | null = null;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the binding knows no listeners
  handle.onerror = (message, errno, code) => void (failure = Object.assign(new Error(message), { errno, code }));
  const result = { used: 0, made: 0 };
  return {
    givesAll: false,
    step: (input, output, isLast) => {
      handle.writeSync(isLast ? finish : 0, input, 0, input.length, output, 0, output.length);
      if (failure !== null) throw failure;
      result.made = output.length - (state[0] ?? 0);
      result.used = input.length - (state[1] ?? 0);
      return result;
    },
    reset: () => {
      // Behind a frame zstd is ready for the next, and starting anew would cost as much as a small frame.
      if (packing !== "zstd" || failure !== null) handle.reset();
      failure = null;
    },
    close: () => void stream.destroy(),
  };
}

/** Output of a decoder that gives as much at once as it likes, to be taken in pieces. */
export interface Queue {
  readonly add: (chunk: Uint8Array) => void;
  readonly isEmpty: () => boolean;
  readonly clear: () => void;
  /** A step that used `used` bytes and makes what fits into `output`. */
  readonly give: (used: number, output: Uint8Array) => Step;
}

/** An empty one. */
export function createQueue(): Queue {
  let chunks: Uint8Array[] = [];
  return {
    add: (chunk) => void (chunk.length > 0 && chunks.push(chunk)),
    isEmpty: () => chunks.length === 0,
    clear: () => void (chunks = []),
    give: (used, output) => {
      const chunk = chunks[0] ?? new Uint8Array();
      const made = Math.min(chunk.length, output.length);
      output.set(chunk.subarray(0, made));
      if (made < chunk.length) chunks[0] = chunk.subarray(made);
      else chunks.shift();
      return { used, made };
    },
  };
}

/** The same over a stream, for a Node that has changed within. */
function streamed(create: Create): StepDecoder {
  const queue = createQueue();
  let failure: Error | null = null;
  let isOver = false;
  let wake: (() => void) | null = null;
  const fail = (error: Error): void => {
    failure = error;
    wake?.();
  };
  const start = (): Decoder => {
    const fresh = create({ chunkSize: CHUNK_BYTES });
    fresh.on("data", queue.add);
    fresh.on("end", () => wake?.());
    fresh.on("error", fail);
    return fresh;
  };
  let stream = start();
  return {
    givesAll: false,
    step: async (input, output, isLast) => {
      if (failure !== null && queue.isEmpty()) throw failure;
      if (!queue.isEmpty() || isOver) return queue.give(0, output);
      const before = stream.bytesWritten;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (isLast) stream.end(Uint8Array.from(input));
        // What is written behind the end would be taken for more of the same, so each piece waits for the one before.
        else stream.write(Uint8Array.from(input), (error) => (error ? fail(error) : resolve()));
      });
      const used = stream.bytesWritten - before;
      isOver = isLast || failure !== null || used < input.length;
      if (failure !== null && queue.isEmpty()) throw failure;
      return queue.give(used, output);
    },
    reset: () => {
      stream.destroy();
      queue.clear();
      failure = null;
      isOver = false;
      stream = start();
    },
    close: () => void stream.destroy(),
  };
}

/** How to step. */
export interface StepOptions {
  /** False goes over a stream, as where Node's binding is not what it is known to be: it is slower, and gives less before damage. */
  readonly isDirect?: boolean;
}

function decoderOf(create: Create, packing: Packing, { isDirect = true }: StepOptions): StepDecoder {
  const stream = create({ chunkSize: CHUNK_BYTES });
  return isDirect && canStep(stream) ? direct(stream, packing) : streamed(create);
}

const INFLATE = { raw: zlib.createInflateRaw, zlib: zlib.createInflate, gzip: zlib.createGunzip } as const;

/** A decoder of deflated data. */
export function createInflateStep(packing: DeflatePacking, options: StepOptions = {}): StepDecoder {
  return decoderOf(INFLATE[packing], packing, options);
}

/** A decoder of zstd frames; null where Node has none, before 22.15. */
export function createZstdStep(options: StepOptions = {}): StepDecoder | null {
  const create: unknown = Reflect.get(zlib, "createZstdDecompress");
  return isCreate(create) ? decoderOf(create, "zstd", options) : null;
}
