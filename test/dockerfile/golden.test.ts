import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CORPUS } from "./golden/corpus.ts";

const GO = "go";
const PROGRAM = fileURLToPath(new URL("golden/", import.meta.url));
const isWanted = process.env["HULLCHECK_GOLDEN"] === "check";
const hasGo = isWanted && spawnSync(GO, ["version"]).status === 0;

// Needs Go and its modules: HULLCHECK_GOLDEN=check asks for it.
test.runIf(hasGo)(
  "BuildKit still says what the golden files say",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "hullcheck-golden-"));
    try {
      const run = spawnSync(GO, ["run", ".", fileURLToPath(CORPUS), folder], { cwd: PROGRAM, encoding: "utf8" });
      expect(run.status, run.stderr).toBe(0);
      for (const name of ["golden.json", "words.json"]) {
        expect(readFileSync(join(folder, name), "utf8")).toBe(readFileSync(new URL(name, CORPUS), "utf8"));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  300_000,
);

test("the golden files were made by the version of BuildKit that go.mod asks for", () => {
  const version = /moby\/buildkit (v\S+)/.exec(readFileSync(join(PROGRAM, "go.mod"), "utf8"))?.[1];
  for (const name of ["golden.json", "words.json"]) {
    const { buildkit } = JSON.parse(readFileSync(new URL(name, CORPUS), "utf8")) as { buildkit: string };
    expect(buildkit).toBe(version);
  }
});
