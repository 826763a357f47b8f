/**
 * Gives every property test the same random numbers in every run, so that what fails in CI is what was changed. Other
 * numbers: HULLCHECK_TEST_SEED=random, or a number that a failure named.
 */

import { configureGlobal } from "fast-check";

const wanted = process.env["HULLCHECK_TEST_SEED"] ?? "20261124";
if (wanted !== "random") configureGlobal({ seed: Number(wanted) });
