import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix, win32 } from "node:path";
import { afterAll, expect, test } from "vitest";
import { exists, folderOf, identityOf, isBelow, isFolder } from "../src/disk.ts";

const root = identityOf(mkdtempSync(join(tmpdir(), "hullcheck-disk-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  [posix, "/p", "/p", true],
  [posix, "/p", "/p/api/Dockerfile", true],
  [posix, "/p", "/p/..api", true],
  [posix, "/p", "/papi", false],
  [posix, "/p/api", "/p", false],
  [posix, "/p/api", "/p/web", false],
  [win32, "C:\\p", "C:\\p\\api", true],
  [win32, "C:\\p", "c:\\P\\api", true],
  [win32, "C:\\p", "C:\\q", false],
  [win32, "C:\\p", "D:\\p\\api", false],
  [win32, "C:\\p", "\\\\host\\p\\api", false],
])("what is below a folder (%#)", (paths, folder, path, expected) => {
  expect(isBelow(folder, path, paths)).toBe(expected);
});

test("links, files, folders and nothing", () => {
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "file"), "");
  symlinkSync("folder", join(root, "link"));
  symlinkSync("nowhere", join(root, "broken"));
  const asked = ["folder", "file", "link", "broken", "nothing"].map((name) => join(root, name));
  expect(asked.map((path) => exists(path))).toEqual([true, true, true, true, false]);
  expect(asked.map((path) => isFolder(path))).toEqual([true, false, true, false, false]);
  expect(asked.map((path) => folderOf(path) === root)).toEqual([false, true, false, true, true]);
  expect(asked.map((path) => identityOf(path) === path)).toEqual([true, true, false, true, true]);
});
