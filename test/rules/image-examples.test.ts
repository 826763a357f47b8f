/**
 * Executes the examples in the metadata of image rules. A line of an example is one part of an image: `layer: path =
 * content` (each a layer of its own), `env:`, `label:`, `history:`, `attestation:`, `blob:`.
 */

import { describe, expect, test } from "vitest";
import { IMAGE_RULES } from "../../src/rules/image/index.ts";
import { containerd, docker25, tar, type Entry, type ImageSpec, type LayerSpec } from "../support/images.ts";
import { inspectBytes } from "../support/inspect-layers.ts";
import { gaps } from "../support/summary.ts";
import { plant } from "../support/tokens.ts";

/** The archive that an example describes. */
async function archiveOf(text: string): Promise<Buffer> {
  const layers: LayerSpec[] = [];
  const env: string[] = [];
  const labels: Record<string, string> = {};
  const history: string[] = [];
  const blobs: Entry[] = [];
  let statement: string | undefined;
  for (const line of plant(text).text.trimEnd().split("\n")) {
    const [, part, value = ""] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    const [, key = "", rest = ""] = /^(.*?) ?= ?(.*)$/.exec(value) ?? ["", value];
    if (part === "layer") layers.push({ entries: [{ name: key.replace(/^\//, ""), content: rest }] });
    else if (part === "env") env.push(value);
    else if (part === "label") labels[key] = rest;
    else if (part === "history") history.push(value);
    else if (part === "attestation") statement = value;
    else if (part === "blob") blobs.push({ name: "blobs/sha256/left-over", content: value });
    else throw new Error(`no such part of an image: ${line}`);
  }
  if (layers.length === 0) layers.push({ entries: [{ name: "x", content: "x" }] });
  const spec: ImageSpec = { tags: ["app:1"], layers, config: { Env: env, Labels: labels }, emptyHistory: history };
  return tar([...(statement === undefined ? await docker25(spec) : await containerd(spec, { statement })), ...blobs]);
}

describe.each(IMAGE_RULES.map(({ meta }) => [meta.id, meta] as const))("%s", (id, meta) => {
  test("has an example of each kind", () => {
    expect(meta.bad.length).toBeGreaterThan(0);
    expect(meta.good.length).toBeGreaterThan(0);
    expect(meta.summary).not.toMatch(/\.$/);
  });

  test.each(meta.bad.map(({ title, text }) => [title, text]))("bad: %s", async (_, text) => {
    const outcome = await inspectBytes(await archiveOf(text));
    expect(gaps(outcome)).toEqual([]);
    expect(outcome.findings.map(({ rule, level }) => [rule, level])).toContainEqual([id, meta.level]);
  });

  test.each(meta.good.map(({ title, text }) => [title, text]))("good: %s", async (_, text) => {
    const outcome = await inspectBytes(await archiveOf(text));
    expect(gaps(outcome)).toEqual([]);
    expect(outcome.findings).toEqual([]);
  });
});
