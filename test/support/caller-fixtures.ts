/**
 * Reads fixtures/callers/<kind>/<case>.<file>: `env-default.compose.yaml` is read as a file called `compose.yaml`. What is
 * expected stands in `# want` lines at the end, in the words of the Dockerfile fixtures, or in a `.want` file beside
 * formats that have no comments.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isInSource } from "../../src/model/location.ts";
import type { Outcome } from "../../src/model/report.ts";
import { plant } from "./tokens.ts";

/** One fixture, ready to be linted. */
export interface CallerFixture {
  readonly name: string;
  /** The path that it is linted under. */
  readonly path: string;
  readonly text: string;
  readonly tokens: readonly string[];
  readonly want: readonly string[];
}

const FOLDER = fileURLToPath(new URL("../../fixtures/callers/", import.meta.url));
/** Where files of a kind lie, when their place is a part of their name. */
const PLACES: Readonly<Record<string, string>> = { workflow: ".github/workflows/" };

function wantsOf(text: string): string[] {
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => line.replace(/^# want /, "").trim()).filter((line) => line !== "nothing");
}

/** Every fixture, by name. */
export function callerFixtures(): CallerFixture[] {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".want"))
    .map((entry) => ({
      file: join(entry.parentPath, entry.name),
      kind: entry.parentPath.slice(FOLDER.length),
      name: entry.name,
    }))
    .toSorted((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ file, kind, name }) => {
      const whole = readFileSync(file, "utf8");
      const beside = `${file}.want`;
      const at = existsSync(beside) ? whole.length : whole.search(/^# want /m);
      if (at === -1) throw new Error(`${file} says nothing of what it wants`);
      const want = wantsOf(existsSync(beside) ? readFileSync(beside, "utf8") : whole.slice(at));
      const path = `${PLACES[kind] ?? ""}${name.replace(/^[^.]*\./, "")}`;
      return { name: `${kind}/${name}`, path, ...plant(whole.slice(0, at)), want: want.toSorted() };
    });
}

/** An outcome in the words of `# want`, sorted. */
export function wantedOf({ findings, gaps }: Outcome): string[] {
  const found = findings.map(({ locations: [place], level, rule, suppressed }) => {
    if (place === undefined || !isInSource(place)) throw new Error("a caller's finding is in the file");
    const { start, end } = place.region;
    const tail = suppressed === null ? "" : " suppressed";
    return `${start.line}:${start.column}-${end.line}:${end.column} ${level} ${rule}${tail}`;
  });
  const missed = gaps.map(({ at, why }) => `gap ${why} ${at.replace(/^[^:]*:?/, "")}`.trim());
  return [...found, ...missed].toSorted();
}
