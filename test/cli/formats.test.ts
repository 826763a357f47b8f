/** What the command line hands to the formats that CI systems read: the policy's level, the rules, a file each. */

import { expect, test } from "vitest";
import { hullcheck } from "../support/cli.ts";
import { readXml } from "../support/xml.ts";

const WARNING = { Dockerfile: "FROM alpine\n# @@TOKEN:user@@\nRUN echo hello\n" };

test("several at once, each into its file, from one run", async () => {
  const formats = ["gitlab=gl.json", "junit=out/j.xml", "markdown=s.md", "html=r.html"];
  const argv = formats.flatMap((format) => ["--format", format]);
  const files = { ...WARNING, "out/.keep": "" };
  const { code, stdout, written } = await hullcheck(["lint", ...argv, "--format", "github"], { files });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^::warning file=Dockerfile,line=2,/);
  expect(Object.keys(written).sort((a, b) => a.localeCompare(b))).toEqual(["gl.json", "out/j.xml", "r.html", "s.md"]);
  expect(JSON.parse(written["gl.json"] ?? "")).toMatchObject([{ check_name: "token-literal", severity: "major" }]);
  expect(written["s.md"]).toMatch(/^## hullcheck: pass\n/);
  expect(written["r.html"]).toContain("<summary>token-literal</summary>");
});

test.each([
  ["error", 0, "0"],
  ["warning", 1, "1"],
])("JUnit fails with --fail-on %s as the run does", async (level, expected, failures) => {
  const { code, stdout } = await hullcheck(["lint", "--fail-on", level, "--format", "junit"], { files: WARNING });
  expect(code).toBe(expected);
  expect(readXml(stdout).attributes["failures"]).toBe(failures);
});

test("what was not read is an error in JUnit and a violation for GitLab, with exit code 2", async () => {
  const junit = await hullcheck(["lint", "--format", "junit", "nope"]);
  expect(readXml(junit.stdout).attributes).toMatchObject({ tests: "1", errors: "1", failures: "0" });
  const gitlab = await hullcheck(["lint", "--format", "gitlab", "nope"]);
  expect(JSON.parse(gitlab.stdout)).toMatchObject([{ check_name: "gap-missing", severity: "critical" }]);
  expect([junit.code, gitlab.code]).toEqual([2, 2]);
});
