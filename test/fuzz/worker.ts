/**
 * A thread that makes and reads cases, one after the other, until it is told to stop. Before each it writes down its number
 * where the main thread sees it, so that a case that hangs or kills the thread has a name.
 */

import { parentPort, workerData } from "node:worker_threads";
import { brokenPromise, makeCase } from "./fuzz-case.ts";
import { allSeeds } from "./seeds.ts";

/** What the main thread hands over, and where the thread writes how far it is. */
interface Order {
  readonly seed: number;
  /** The first case, and how far the next one of this thread is. */
  readonly first: number;
  readonly stride: number;
  /** Where to end, not included. */
  readonly end: number;
  /** The current case, the cases done, and whether to stop. */
  readonly state: Int32Array;
}

const { seed, first, stride, end, state } = workerData as Order;
const port = parentPort;
if (port === null) throw new Error("this is for a thread");
const say = (message: unknown): void => port.postMessage(message);
const seeds = await allSeeds();
for (let number = first; number < end && Atomics.load(state, 2) === 0; number += stride) {
  Atomics.store(state, 0, number);
  const fuzzCase = makeCase(seeds, seed, number);
  const problem = await brokenPromise(fuzzCase);
  // Whatever the case left for later belongs to it.
  if (number % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  if (problem !== null) say({ number, problem: `${problem} (${fuzzCase.seed.name})` });
  Atomics.add(state, 1, 1);
}
say({ isDone: true });
