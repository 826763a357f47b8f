/**
 * Reads fixtures/dockerfile/<rule>/<case>.Dockerfile. A fixture ends with what is expected of it, one line each:
 *
 *   # want 4:5-4:38 error login-in-build            a finding at exactly this region
 *   # want 4:5-4:38 error login-in-build suppressed   the same, suppressed by a comment
 *   # want gap parse-error 3:1                      a gap at this place
 *   # want nothing                                  neither
 *
 * Before them may stand the files of its build context, `\n` for a line feed; without any, there is no context:
 *
 *   # file .env HF_TOKEN=@@TOKEN:user@@\n
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
  /** The build context, by path; null for none. */
  readonly files: Readonly<Record<string, string>> | null;
}

const FOLDER = fileURLToPath(new URL("../../fixtures/dockerfile/", import.meta.url));

/** The files that `# file` lines state. */
function contextOf(lines: string): { files: DockerfileFixture["files"]; tokens: readonly string[] } {
  const stated = [...lines.matchAll(/^# file (\S+)(?: (.*))?$/gm)];
  const planted = stated.map(([, path = "", content = ""]) => ({ path, ...plant(content.replaceAll("\\n", "\n")) }));
  const files = Object.fromEntries(planted.map(({ path, text }) => [path, text]));
  return { files: stated.length === 0 ? null : files, tokens: planted.flatMap(({ tokens }) => tokens) };
}

/** Every fixture, by name. */
export function dockerfileFixtures(): DockerfileFixture[] {
  return readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".Dockerfile"))
    .toSorted()
    .map((name) => {
      const whole = readFileSync(join(FOLDER, name), "utf8");
      const at = whole.search(/^# (?:file|want) /m);
      if (!/^# want /m.test(whole)) throw new Error(`${name} says nothing of what it wants`);
      const want = whole
        .slice(at)
        .trimEnd()
        .split("\n")
        .filter((line) => !line.startsWith("# file "))
        .map((line) => line.replace(/^# want /, "").trim())
        .filter((line) => line !== "nothing");
      const planted = plant(whole.slice(0, at));
      const context = contextOf(whole.slice(at));
      const tokens = [...planted.tokens, ...context.tokens];
      return { name, text: planted.text, tokens, want: want.toSorted(), files: context.files };
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
