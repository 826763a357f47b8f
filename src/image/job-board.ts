/**
 * What threads share while they read members: which of them took which job, whether to stop, and how much was read. It
 * is memory and nothing else, so that nobody waits for anybody.
 */

/** A board for one list of jobs, over memory that several threads hold. */
export interface JobBoard {
  /** Takes the next job for `taker`, which is not 0; null when none is left. */
  readonly take: (taker: number) => number | null;
  /** Who took a job; 0 for nobody. */
  readonly takerOf: (job: number) => number;
  readonly stop: () => void;
  readonly isStopped: () => boolean;
  /** Bytes of the file were read. */
  readonly addRead: (bytes: number) => void;
  /** How many were read since the last call. */
  readonly takeRead: () => number;
}

/** Memory for so many jobs. */
export function createBoardMemory(jobs: number): SharedArrayBuffer {
  return new SharedArrayBuffer(16 + 4 * jobs);
}

/** The board in that memory. */
export function jobBoard(memory: SharedArrayBuffer): JobBoard {
  const read = new BigInt64Array(memory, 0, 1);
  const flags = new Int32Array(memory, 8, 2);
  const takers = new Int32Array(memory, 16);
  const [STOP, NEXT] = [0, 1];
  return {
    take: (taker) => {
      const job = Atomics.add(flags, NEXT, 1);
      if (job >= takers.length) return null;
      Atomics.store(takers, job, taker);
      return job;
    },
    takerOf: (job) => Atomics.load(takers, job),
    stop: () => void Atomics.store(flags, STOP, 1),
    isStopped: () => Atomics.load(flags, STOP) === 1,
    addRead: (bytes) => void Atomics.add(read, 0, BigInt(bytes)),
    takeRead: () => Number(Atomics.exchange(read, 0, 0n)),
  };
}
