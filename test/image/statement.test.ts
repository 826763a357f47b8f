/** Statements about images: told by what they say, wherever the archive puts them. */

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../src/model/report.ts";
import { inspectBytes } from "../support/inspect-layers.ts";
import { containerd, tar, type Entry, type ImageSpec } from "../support/images.ts";
import { findings, gaps } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

const clean: ImageSpec = { tags: ["app:1"], layers: [{ entries: [{ name: "x", content: "x" }] }] };
const args = { "build-arg:HF_TOKEN": fakeToken("user", 1) };
const AT = "/predicate/args/build-arg:HF_TOKEN";
const NOBODY = "0".repeat(64);

function statementOf(subject: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType: "https://slsa.dev/provenance/v0.2",
    subject: [{ name: "app", digest: { sha256: subject } }],
    predicate: { args, ...more },
  });
}

function blob(content: string): Entry {
  return { name: `blobs/sha256/${createHash("sha256").update(content).digest("hex")}`, content };
}

/** The digest of the image's manifest, as its attestation names it. */
async function manifestDigest(): Promise<string> {
  const entries = await containerd(clean, { statement: statementOf(NOBODY) });
  const found = entries.map(({ content = "" }) =>
    /"vnd.docker.reference.digest":"sha256:(\w+)"/.exec(content.toString()),
  );
  return found.find((match) => match !== null)?.[1] ?? "";
}

/** An image whose index says that the attestation is about another manifest. */
async function changed(statement: string): Promise<Outcome> {
  const digest = await manifestDigest();
  const entries = await containerd(clean, { statement });
  const index = entries.find(
    ({ name, content = "" }) => name !== "index.json" && content.toString().includes("vnd.docker"),
  );
  const wrong = String(index?.content).replace(
    `"vnd.docker.reference.digest":"sha256:${digest}"`,
    `"vnd.docker.reference.digest":"sha256:${NOBODY}"`,
  );
  const stored = blob(wrong);
  const old = index?.name.slice(-64) ?? "";
  const all = entries.map((entry) =>
    entry === index
      ? stored
      : {
          ...entry,
          content:
            entry.name === "index.json"
              ? String(entry.content).replace(old, stored.name.slice(-64))
              : (entry.content ?? ""),
        },
  );
  return inspectBytes(await tar(all));
}

describe("a statement whose index names another image", () => {
  test("belongs to the image that it names itself", async () => {
    const outcome = await changed(statementOf(await manifestDigest()));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual([`token-in-attestation #1 attestation ${AT}`]);
    expect(outcome.findings[0]?.locations[0]).toMatchObject({ image: "app:1", text: null });
    expect(outcome.findings[0]?.message).toContain("a statement about the image");
  });

  test("is a statement, if it names none either", async () => {
    const outcome = await changed(statementOf(NOBODY));
    expect(gaps(outcome)).toEqual([]);
    expect(findings(outcome)).toEqual([`token-in-attestation #1 attestation ${AT}`]);
    expect(outcome.findings[0]?.locations[0]).toMatchObject({
      image: "-",
      text: "about no image that the archive holds",
    });
    expect(outcome.findings[0]?.message).toContain("an image that is not in the archive");
  });
});

async function withBlob(content: string): Promise<string[]> {
  const outcome = await inspectBytes(await tar([...(await containerd(clean)), blob(content)]));
  expect(gaps(outcome)).toEqual([]);
  return findings(outcome);
}
describe("blobs that nothing names", () => {
  const envelope = {
    payloadType: "application/vnd.in-toto+json",
    payload: Buffer.from(statementOf(NOBODY)).toString("base64"),
    signatures: [],
  };

  test.each([
    ["a statement", statementOf(NOBODY), AT],
    ["a signed envelope", JSON.stringify(envelope), "/payload"],
    ["a bundle", JSON.stringify({ dsseEnvelope: envelope }), "/dsseEnvelope/payload"],
  ])("%s is an attestation", async (_, content, pointer) => {
    expect((await withBlob(content)).map((line) => line.replace(" base64", ""))).toEqual([
      `token-in-attestation #1 attestation ${pointer}`,
    ]);
  });

  test.each([
    ["other JSON", JSON.stringify({ predicate: { args } })],
    ["JSON that only speaks of statements", JSON.stringify({ about: "https://in-toto.io/Statement/v1", args })],
  ])("%s is a part of the archive", async (_, content) => {
    expect((await withBlob(content)).map((line) => line.split(" ")[0])).toEqual(["token-in-archive"]);
  });
});

test("a statement that is too large to be parsed is one all the same", async () => {
  const statement = statementOf(await manifestDigest(), { more: "x".repeat(5000) });
  const bytes = await tar(await containerd(clean, { statement }));
  const outcome = await inspectBytes(bytes, { limits: { maxJsonBytes: 4000 } });
  expect(findings(outcome)).toEqual(["token-in-attestation #1 attestation "]);
  expect(outcome.findings[0]?.message).toMatch(/a statement about the image: whoever/);
});
