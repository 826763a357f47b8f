/** The fuzzer finds bugs: readers with one bug each, which it has to find in its first cases. */

import { beforeAll, expect, test } from "vitest";
import { readBaseline } from "../../src/gate/baseline.ts";
import { inspectImage } from "../../src/inspect.ts";
import { lintCaller } from "../../src/lint-caller.ts";
import { lintDockerfile } from "../../src/lint.ts";
import type { GapKind } from "../../src/model/gap.ts";
import type { Outcome } from "../../src/model/report.ts";
import { brokenPromise, READERS, type Readers } from "./broken-promise.ts";
import { makeCase } from "./fuzz-case.ts";
import type { SeedKind } from "./kinds.ts";
import { TOKEN, type Seeds } from "./seed.ts";
import { allSeeds } from "./seeds.ts";

const SEED = 1;
/** Less than what CI runs by a factor of fifty. */
const MAX_CASES = 4000;

let seeds: Seeds;
beforeAll(async () => {
  seeds = await allSeeds();
});

/** An inspector that makes something else of what it found. */
function worse(change: (outcome: Outcome) => Outcome): Partial<Readers> {
  return { inspectImage: async (source, options) => change(await inspectImage(source, options)) };
}

const without = (...kinds: readonly GapKind[]): Partial<Readers> =>
  worse((outcome) => ({ ...outcome, gaps: outcome.gaps.filter(({ why }) => !kinds.includes(why)) }));

/** A finding of a token. */
const ALARM = lintDockerfile(`FROM x\nENV A=${TOKEN}\n`);

interface Planted {
  readonly bug: string;
  readonly kinds: readonly SeedKind[];
  readonly readers: Partial<Readers>;
  readonly found: string;
}

const OVERLOOKED = "a token is overlooked";
const SHOWN = "a token is shown";
const UNREAD = "it passes, and nobody can read it to its end";

const PLANTED: readonly Planted[] = [
  { bug: "a damaged layer is no gap", kinds: ["image"], readers: without("corrupt", "undecoded"), found: UNREAD },
  { bug: "a cut archive is no gap", kinds: ["image"], readers: without("truncated"), found: UNREAD },
  {
    bug: "what is nested and damaged is no gap",
    kinds: ["nested"],
    readers: worse((o) => ({ ...o, gaps: [] })),
    found: UNREAD,
  },
  {
    bug: "names and bytes between members are not searched",
    kinds: ["image"],
    readers: worse((o) => ({ ...o, findings: o.findings.filter(({ rule }) => rule !== "token-in-archive") })),
    found: OVERLOOKED,
  },
  {
    bug: "the labels of a config are not searched",
    kinds: ["document"],
    readers: worse((o) => ({ ...o, findings: o.findings.filter(({ rule }) => rule !== "token-in-image-config") })),
    found: OVERLOOKED,
  },
  {
    bug: "packed files are not opened, and nobody says so",
    kinds: ["nested"],
    readers: worse((o) => ({
      ...o,
      findings: o.findings.filter(({ locations: [place] }) => place?.in !== "layer" || place.within.length === 0),
    })),
    found: OVERLOOKED,
  },
  {
    bug: "an archive without an image passes",
    kinds: ["image"],
    readers: worse((o) => (o.subjects.length === 0 ? { ...o, gaps: [] } : o)),
    found: "it passes with nothing looked at",
  },
  {
    bug: "a gap quotes what it could not read",
    kinds: ["image"],
    readers: worse((o) => ({ ...o, gaps: o.gaps.map((gap) => ({ ...gap, detail: `${gap.detail}: ${TOKEN}` })) })),
    found: SHOWN,
  },
  {
    bug: "a heredoc ends the file",
    kinds: ["dockerfile"],
    readers: { lintDockerfile: (text, options) => lintDockerfile(text.replace(/<<-?['"]?\w[\s\S]*/, ""), options) },
    found: OVERLOOKED,
  },
  {
    bug: "a lone carriage return ends a line",
    kinds: ["dockerfile"],
    readers: { lintDockerfile: (text, options) => lintDockerfile(text.replaceAll(/\r[^\n].*/g, ""), options) },
    found: OVERLOOKED,
  },
  {
    bug: "zeros are an internal error",
    kinds: ["dockerfile"],
    readers: {
      lintDockerfile: (text, options) => {
        if (text.includes("\0")) throw new RangeError("zero");
        return lintDockerfile(text, options);
      },
    },
    found: "it throws",
  },
  {
    bug: "the build context is not looked at",
    kinds: ["context"],
    readers: { lintDockerfile: (text, options) => lintDockerfile(text, { ...options, contexts: [] }) },
    found: OVERLOOKED,
  },
  {
    bug: "arguments in a list are not read",
    kinds: ["caller"],
    readers: { lintCaller: (path, text, options) => lintCaller(path, text.replaceAll(/^ *- .*/gm, ""), options) },
    found: OVERLOOKED,
  },
  {
    bug: "what is no list is an internal error",
    kinds: ["baseline"],
    readers: {
      readBaseline: (text, ...more) => {
        if (/"entries":\s*[^\s[]/.test(text)) throw new TypeError("no list");
        return readBaseline(text, ...more);
      },
    },
    found: "it throws",
  },
  {
    bug: "something is a token that is none",
    kinds: ["image"],
    readers: worse((o) => ({ ...o, findings: [...o.findings, ...ALARM.findings] })),
    found: "a token is found where none is",
  },
];

test.each(PLANTED)(
  "$bug: found",
  async ({ kinds, readers, found }) => {
    for (let number = 0; number < MAX_CASES; number++) {
      const fuzzCase = makeCase(seeds, SEED, number);
      if (!kinds.includes(fuzzCase.seed.kind)) continue;
      const problem = await brokenPromise(fuzzCase, { ...READERS, ...readers });
      if (problem === null) continue;
      expect(problem.slice(0, found.length)).toBe(found);
      return;
    }
    expect.fail(`${MAX_CASES} cases do not show it`);
  },
  120_000,
);
