import { afterAll, expect, test } from "vitest";
import { inspectImage } from "../src/inspect.ts";
import { docker25, removeFolders, tar, writeTemporary } from "./support/images.ts";
import { fakeToken } from "./support/tokens.ts";

afterAll(removeFolders);

test("a token in a layer and in the config of a docker save tar", async () => {
  const spec = {
    tags: ["app:1"],
    layers: [{ entries: [{ name: "app/a.txt", content: `hello\nHF=${fakeToken()}\n` }] }],
    config: { Env: [`HF_TOKEN=${fakeToken("user", 2)}`] },
  };
  const outcome = await inspectImage(await writeTemporary(await tar(await docker25(spec))));
  expect(outcome.gaps).toEqual([]);
  expect(outcome.findings.map(({ rule, level }) => [rule, level])).toEqual([
    ["token-in-image-config", "error"],
    ["token-in-layer", "error"],
  ]);
  expect(outcome.findings[1]?.locations[0]).toMatchObject({ path: "/app/a.txt", byteOffset: 9, line: 2, layer: 0 });
});
