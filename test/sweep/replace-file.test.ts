import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "../../src/sweep/replace-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-replace-"));
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true });
});

function fileOf(text: string): string {
  const path = join(folder, "Dockerfile");
  writeFileSync(path, text);
  return path;
}

test("the text changes, the mode stays, and nothing is left beside", () => {
  const path = fileOf("before");
  chmodSync(path, 0o600);
  expect(replaceFile({ path, before: "before", after: "after" })).toBeNull();
  expect(readFileSync(path, "utf8")).toBe("after");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["Dockerfile"]);
});

test("a file that was changed meanwhile stays", () => {
  const path = fileOf("other");
  expect(replaceFile({ path, before: "before", after: "after" })).toContain("changed meanwhile");
  expect(readFileSync(path, "utf8")).toBe("other");
});

test("a link stays a link, and what it leads to stays", () => {
  const target = fileOf("before");
  const path = join(folder, "link");
  symlinkSync(target, path);
  expect(replaceFile({ path, before: "before", after: "after" })).toContain("it is a link");
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toBe("before");
});

test("a new file is made, but not over one that is there by now, nor over a link that leads nowhere", () => {
  const path = join(folder, ".dockerignore");
  expect(replaceFile({ path, before: null, after: ".env\n" })).toBeNull();
  expect(readFileSync(path, "utf8")).toBe(".env\n");
  expect(replaceFile({ path, before: null, after: "x\n" })).toContain("is there by now");
  const link = join(folder, "link");
  symlinkSync(join(folder, "nowhere"), link);
  expect(replaceFile({ path: link, before: null, after: "x\n" })).toContain("is there by now");
  expect(readdirSync(folder).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([".dockerignore", "link"]);
});

test("a file that is gone, and a folder, are said as what they are", () => {
  expect(replaceFile({ path: join(folder, "gone"), before: "a", after: "b" })).toContain("no such file");
  expect(replaceFile({ path: folder, before: "a", after: "b" })).toContain("not a regular file");
  expect(replaceFile({ path: join(folder, "none/new"), before: null, after: "b" })).toBe(
    "it could not be written (ENOENT); make its folder first",
  );
});
