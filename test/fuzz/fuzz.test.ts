/** The short form of the fuzzer; `npm run fuzz` is the long one. A failure says which case it was. */

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { removeFolders, temporaryFolder } from "../support/images.ts";
import { brokenPromise } from "./broken-promise.ts";
import { makeCase } from "./fuzz-case.ts";
import { allSeeds } from "./seeds.ts";

const SEED = 20_261_124;
const CASES = 600;

test(`${CASES} damaged images, files and configs break no promise`, async () => {
  const folder = await temporaryFolder();
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    const seeds = await allSeeds();
    const broken: string[] = [];
    for (let number = 0; number < CASES; number++) {
      const fuzzCase = makeCase(seeds, SEED, number);
      const problem = await brokenPromise(fuzzCase);
      if (problem !== null)
        broken.push(`${problem}: npm run fuzz -- --seed ${SEED} --case ${number} (${fuzzCase.seed.name})`);
    }
    expect(broken).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await removeFolders();
  }
}, 300_000);
