/**
 * Reads fixtures/dockerfile/<rule>/<case>.Dockerfile. A fixture ends with what is expected of it, one line each:
 *
 *   # want 4:5-4:38 error login-in-build            a finding at exactly this region
 *   # want 4:5-4:38 error login-in-build suppressed   the same, suppressed by a comment
 *   # want gap parse-error 3:1                      a gap at this place
 *   # want nothing                                  neither
 *
 * The expectations are cut off before the file is linted, and `@@TOKEN:kind@@` becomes a fake token; columns count in
 * the text with the fake put in.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "../../src/model/report.ts";
import { plant } from "./tokens.ts";

/** One fixture, ready to be linted. */
export interface DockerfileFixture {
  readonly name: string;
  readonly text: string;
  readonly tokens: readonly string[];
  readonly want: readonly string[];
}

const FOLDER = fileURLToPath(new URL("../../fixtures/dockerfile/", import.meta.url));

/** Every fixture, by name. */
export function dockerfileFixtures(): DockerfileFixture[] {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".Dockerfile"))
    .toSorted()
    .map((name) => {
      const whole = readFileSync(join(FOLDER, name), "utf8");
      const at = whole.search(/^# want /m);
      if (at === -1) throw new Error(`${name} says nothing of what it wants`);
      const want = whole
        .slice(at)
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^# want /, "").trim())
        .filter((line) => line !== "nothing");
      return { name, ...plant(whole.slice(0, at)), want: want.toSorted() };
    });
}

/** An outcome in the words of `# want`, sorted. */
export function expectationsOf({ findings, gaps }: Outcome): string[] {
  const found = findings.map(({ locations: [place], level, rule, suppressed }) => {
    if (place?.in !== "dockerfile") throw new Error("a Dockerfile's finding is in the Dockerfile");
    const { start, end } = place.region;
    const tail = suppressed === null ? "" : " suppressed";
    return `${start.line}:${start.column}-${end.line}:${end.column} ${level} ${rule}${tail}`;
  });
  const missed = gaps.map(({ at, why }) => `gap ${why} ${at.replace(/^[^:]*:?/, "")}`.trim());
  return [...found, ...missed].toSorted();
}
