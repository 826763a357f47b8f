/**
 * A thread that makes and reads cases, one after the other, until there are no more or it is told to stop. Before each it
 * writes down its number where the main thread sees it, so that a case that hangs or kills the thread has a name.
 */

import { parentPort, workerData } from "node:worker_threads";
import { brokenPromise } from "./broken-promise.ts";
import { makeCase } from "./fuzz-case.ts";
import { KINDS } from "./kinds.ts";
import { allSeeds } from "./seeds.ts";

/** What the main thread hands over. */
interface Order {
  readonly seed: number;
  /** Where to end, not included. */
  readonly end: number;
  /** Of all threads: the next case, whether to stop, and from `COUNTS` on the cases done by kind. */
  readonly shared: Int32Array;
  /** Of this thread: the current case, or -1. */
  readonly current: Int32Array;
}

const COUNTS = 2;

const { seed, end, shared, current } = workerData as Order;
const port = parentPort;
if (port === null) throw new Error("this is for a thread");
const say = (message: unknown): void => port.postMessage(message);
const seeds = await allSeeds();
while (Atomics.load(shared, 1) === 0) {
  const number = Atomics.add(shared, 0, 1);
  if (number >= end) break;
  Atomics.store(current, 0, number);
  const fuzzCase = makeCase(seeds, seed, number);
  const problem = await brokenPromise(fuzzCase);
  // Whatever the case left for later belongs to it.
  if (number % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  if (problem !== null) say({ number, problem: `${problem} (${fuzzCase.seed.kind}: ${fuzzCase.seed.name})` });
  Atomics.add(shared, COUNTS + KINDS.indexOf(fuzzCase.seed.kind), 1);
}
Atomics.store(current, 0, -1);
say({ isDone: true });
