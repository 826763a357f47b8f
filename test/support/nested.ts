/** Inspects one file of a layer, and says in one line each where tokens were found and what was not read. */

import { createHash } from "node:crypto";
import type { InspectOptions } from "../../src/inspect.ts";
import { inspectLayers } from "./inspect-layers.ts";
import { fakeToken } from "./tokens.ts";

/** What was made of the file. */
export interface Seen {
  /** `path > member > member: token`, a number for each fake user token. */
  readonly found: readonly string[];
  /** `why detail` of each gap. */
  readonly gaps: readonly string[];
  readonly undecoded: Readonly<Record<string, number>>;
}

const NUMBERS = new Map(
  [1, 2, 3, 4, 5, 6].map((number) => [createHash("sha256").update(fakeToken("user", number)).digest("hex"), number]),
);

/** Inspects a layer with these files. */
export async function inspectFiles(
  files: Readonly<Record<string, Buffer | string>>,
  options: InspectOptions = {},
): Promise<Seen> {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content) }));
  const { findings, gaps, subjects } = await inspectLayers([entries], {}, options);
  const [subject] = subjects;
  return {
    found: findings
      .map(({ token, locations: [place] }) => {
        const path = place?.in === "layer" ? [place.path, ...place.within].join(" > ") : (place?.in ?? "");
        return `${path}: ${NUMBERS.get(token?.sha256 ?? "") ?? token?.sha256}`;
      })
      .sort(),
    gaps: gaps.map(({ why, detail }) => `${why} ${detail}`),
    undecoded: subject?.kind === "image" ? subject.coverage.undecoded : {},
  };
}

/** Inspects a layer with one file `/f`. */
export async function inspectFile(content: Buffer, options: InspectOptions = {}): Promise<Seen> {
  return inspectFiles({ f: content }, options);
}
