/**
 * Runs the suite on the other ways to the same report: HULLCHECK_TEST_SIMD=off searches without vectors, and
 * HULLCHECK_TEST_THREADS=all shares every member out to threads.
 */

import { SHARING } from "../../src/image/sharing.ts";

/** True where the suite searches without vectors. */
export const isWithoutVectors: boolean = process.env["HULLCHECK_TEST_SIMD"] === "off";

// No module of the search's is one that this machine could run. What unpacks xz does not ask.
if (isWithoutVectors) Object.assign(Reflect.get(globalThis, "WebAssembly"), { validate: () => false });
if (process.env["HULLCHECK_TEST_THREADS"] === "all") SHARING.minJobBytes = SHARING.minSharedBytes = 1;
