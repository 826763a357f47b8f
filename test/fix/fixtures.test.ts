/**
 * Every project in fixtures/fix/<case>/before, mended from the command line, is what stands in `after`: only the files that
 * change are there, and where there is no `after`, nothing changes. What is mended stays as it is when it is mended again.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hullcheck } from "../support/cli.ts";

const FOLDER = fileURLToPath(new URL("../../fixtures/fix/", import.meta.url));

function filesIn(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")] as const;
    }),
  );
}

const CASES = readdirSync(FOLDER)
  .toSorted()
  .map((name) => ({
    name,
    before: filesIn(join(FOLDER, name, "before")),
    after: filesIn(join(FOLDER, name, "after")),
  }));

describe("a project", () => {
  test.each(CASES)("$name", async ({ before, after }) => {
    const { written, stdout } = await hullcheck(["lint", "--fix", "--format", "json"], { files: before });
    expect(written).toEqual(
      Object.fromEntries(Object.entries(after).map(([path, text]) => [path, Buffer.from(text).toString("latin1")])),
    );
    const mended = { ...before, ...after };
    const again = await hullcheck(["lint", "--fix", "--format", "json"], { files: mended });
    expect(again.written).toEqual({});
    expect(again.stdout).toBe(stdout);
  });

  test.each(CASES.filter(({ after }) => Object.keys(after).length > 0))(
    "$name: the diff is what is written",
    async ({ before, after }) => {
      const { stdout, written } = await hullcheck(["lint", "--fix", "--dry-run"], { files: before });
      expect(written).toEqual({});
      const named = [...stdout.matchAll(/^\+\+\+ "?b\/(.*?)"?$/gm)].map(([, path]) => path);
      expect(new Set(named)).toEqual(new Set(Object.keys(after)));
    },
  );
});
