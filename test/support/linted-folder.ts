/** Files in a temporary folder, new for each test, that are linted as a project. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import type { Outcome } from "../../src/model/report.ts";
import { lintPaths, type LintPathsOptions } from "../../src/sweep/lint-paths.ts";

/** Texts by their paths below the folder. */
export type Files = Readonly<Record<string, string>>;

/** The folder of the test that runs. */
export interface LintedFolder {
  readonly path: () => string;
  readonly write: (files: Files) => void;
  /** What linting the folder comes to. */
  readonly outcomeOf: (options?: Partial<LintPathsOptions>) => Promise<Outcome>;
  /** Writes files and lints: the Dockerfiles that were linted and the gaps, as `name` and `name: why`. */
  readonly lint: (files: Files, options?: Partial<LintPathsOptions>) => Promise<string[]>;
}

/** A folder for each test of the file that calls this. */
export function lintedFolder(): LintedFolder {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hullcheck-linted-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (files: Files): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  const outcomeOf = (options: Partial<LintPathsOptions> = {}): Promise<Outcome> =>
    lintPaths({
      paths: ["."],
      cwd: folder,
      stdin: async function* () {},
      stdinFilename: null,
      levels: {},
      useInlineIgnores: true,
      ...options,
    });
  return {
    path: () => folder,
    write,
    outcomeOf,
    lint: async (files, options = {}) => {
      write(files);
      const { subjects, gaps } = await outcomeOf(options);
      const dockerfiles = subjects.filter(({ kind }) => kind === "dockerfile").map(({ name }) => name);
      return [...dockerfiles, ...gaps.map(({ at, why }) => `${at}: ${why}`)];
    },
  };
}
