/** What engines read differently is a gap: else an image that leaks could pass as one that does not. */

import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/model/report.ts";
import * as images from "../support/images.ts";
import { inspectBytes } from "../support/inspect-layers.ts";
import { gaps } from "../support/summary.ts";

const clean = await images.build({ layers: [{ entries: [{ name: "a", content: "clean" }] }] });
const other = await images.build({ layers: [{ entries: [{ name: "b", content: "other" }] }] });
const [layer] = clean.layers.map(({ stored }) => stored);
const [otherLayer] = other.layers.map(({ stored }) => stored);

async function inspect(...members: readonly (readonly [string, Buffer | string | undefined])[]): Promise<Outcome> {
  return inspectBytes(await images.tar(members.map(([name, content = ""]) => ({ name, content }))));
}

const docker = (layers: string = '["l.tar"]', more: string = ""): string =>
  `[{"Config":"c.json","RepoTags":["app:1"],"Layers":${layers}${more}}]`;

describe("a part of an image that the archive has twice", () => {
  test.each<[string, [string, Buffer | string | undefined][]]>([
    ["manifest.json", [["manifest.json", docker('["gone.tar"]')]]],
    ["c.json", [["c.json", other.config]]],
    ["l.tar", [["l.tar", otherLayer]]],
  ])("%s", async (name, before) => {
    const outcome = await inspect(...before, ["c.json", clean.config], ["l.tar", layer], ["manifest.json", docker()]);
    expect(gaps(outcome)).toEqual([`corrupt - ${name}`]);
  });

  test("but not what its name says the content of, and what no image uses", async () => {
    const name = `${clean.layers[0]?.hex}.tar`;
    const outcome = await inspect(
      ["notes", "a"],
      ["notes", "b"],
      [name, layer],
      [name, layer],
      ["c.json", clean.config],
      ["manifest.json", docker(JSON.stringify([name]))],
    );
    expect(gaps(outcome)).toEqual([]);
  });
});

describe("a key that an object has twice", () => {
  test.each([
    ["the manifest", clean.config, docker('["gone.tar"]', ',"Layers":["l.tar"]'), "corrupt app:1 manifest.json"],
    ["the config", clean.config.replace("{", '{"config":{"Env":["X=1"]},'), docker(), "corrupt app:1 c.json"],
    [
      "deep in the config",
      clean.config.replace("{", '{"x":[{"\\u0061":1,"a":"\\":"}],'),
      docker(),
      "corrupt app:1 c.json",
    ],
  ])("in %s", async (_, config, manifest, gap) => {
    expect(gaps(await inspect(["c.json", config], ["l.tar", layer], ["manifest.json", manifest]))).toEqual([gap]);
  });

  test("and none where colons stand in texts, and keys in other objects", async () => {
    const config = clean.config.replace("{", String.raw`{"x":[{"a":":\":"},{"a":"\\"}],"__proto__":{"a":1},`);
    expect(gaps(await inspect(["c.json", config], ["l.tar", layer], ["manifest.json", docker()]))).toEqual([]);
  });
});

test.each([
  ["a field that engines take for another", clean.config.replace('"config"', '"Config"')],
  ["a variable list by another spelling", clean.config.replace('"config":{}', '"config":{"env":["HF_HOME=/x"]}')],
  ["a config that is a list", "[]"],
])("%s is a gap", async (_, config) => {
  expect(gaps(await inspect(["c.json", config], ["l.tar", layer], ["manifest.json", docker()]))).toEqual([
    "corrupt app:1",
  ]);
});
