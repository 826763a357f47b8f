import { describe, expect, test } from "vitest";
import { inspectLayers } from "../support/inspect-layers.ts";
import { findings } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

const token = (number: number): string => fakeToken("user", number);
const LOW = { name: "a/b/c", content: token(1) };
const FOUND = "token-in-layer #1 0 /a/b/c@0:1";

describe("a later layer hides a file", () => {
  test.each([
    ["by a whiteout", { name: "a/b/.wh.c" }, "whiteout"],
    ["by a whiteout of a folder above", { name: "./a/.wh.b" }, "whiteout"],
    ["by an opaque whiteout", { name: "a/b/.wh..wh..opq" }, "opaque-whiteout"],
    ["by an opaque whiteout far above", { name: ".wh..wh..opq" }, "opaque-whiteout"],
    ["by a file of the same name", { name: "/a/b/c", content: "new" }, "overwrite"],
    ["by an empty file", { name: "a//b/./c" }, "overwrite"],
    ["by a hard link", { name: "a/b/c", type: "link", link: "a/other" }, "overwrite"],
    ["by a symbolic link", { name: "a/b/c", type: "symlink", link: "other" }, "replaced-type"],
    ["by a folder", { name: "a/b/c/", type: "directory" }, "replaced-type"],
    ["by a file where a folder above was", { name: "a/b", content: "x" }, "replaced-type"],
    ["by a link where a folder above was", { name: "a", type: "symlink", link: "elsewhere" }, "replaced-type"],
    ["by a whiteout that has content", { name: "a/b/.wh.c", content: "odd" }, "whiteout"],
  ] as const)("%s", async (_, entry, how) => {
    expect(findings(await inspectLayers([[LOW], [{ name: "z" }], [entry]]))).toEqual([`${FOUND} hidden by 2 (${how})`]);
  });

  test.each([
    ["a whiteout of another name", { name: "a/b/.wh.cc" }],
    ["a whiteout with a longer name", { name: "a/b/.wh.c.d" }],
    ["a name with .wh. inside", { name: "a/b/x.wh.c" }],
    ["a bare .wh.", { name: "a/b/.wh." }],
    ["a marker of AUFS", { name: "a/b/.wh..wh.plnk" }],
    ["the folder itself", { name: "a/b/", type: "directory" }],
    ["an opaque whiteout of the path as a folder", { name: "a/b/c/.wh..wh..opq" }],
    ["whoami and wheel", { name: "a/wheel/c", content: "x" }],
  ] as const)("not %s", async (_, entry) => {
    expect(findings(await inspectLayers([[LOW], [entry]]))).toEqual([FOUND]);
  });

  test("whiteouts do not touch their own layer, wherever they stand in it", async () => {
    expect(findings(await inspectLayers([[LOW, { name: "a/b/.wh..wh..opq" }, { name: "a/.wh.b" }]]))).toEqual([FOUND]);
  });

  test("the lowest layer that hides it is named, and the entry rather than the whiteout of the same layer", async () => {
    const outcome = await inspectLayers([
      [LOW],
      [{ name: "a/b/.wh..wh..opq" }, { name: "a/b/c", content: "new" }],
      [{ name: "a/.wh.b" }],
    ]);
    expect(findings(outcome)).toEqual([`${FOUND} hidden by 1 (overwrite)`]);
  });

  test("a later entry of the same name in the same layer", async () => {
    const outcome = await inspectLayers([[LOW, { name: "a/b/c", content: token(2) }]]);
    expect(findings(outcome)).toEqual([`${FOUND} hidden by 0 (overwrite)`, "token-in-layer #2 0 /a/b/c@0:1"]);
  });
});

test("one finding for a token and path: the live place first, the others related", async () => {
  const outcome = await inspectLayers([[LOW], [{ name: "a/b/.wh.c" }], [{ name: "a/b/c", content: `\n${token(1)}` }]], {
    config: { Labels: { x: token(1) } },
  });
  expect(findings(outcome)).toEqual([
    "token-in-image-config #1 config /config/Labels/x",
    "token-in-layer #1 2 /a/b/c@1:2",
  ]);
  expect(outcome.findings[1]?.locations.map((place) => [place.role, place.in, place.text])).toEqual([
    ["primary", "layer", null],
    ["related", "layer", "the same in another layer"],
    ["related", "config", "the same token"],
    ["related", "config", expect.stringContaining("in the v1 JSON")],
  ]);
});
