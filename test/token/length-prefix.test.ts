/** Where a length proves the end of a token, and where something only looks like one. */

import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { findTokens } from "../../src/token/match.ts";
import { fakeToken } from "../support/tokens.ts";

const token = fakeToken();

function u32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("latin1");
}

describe("a length before the string", () => {
  test.each([
    ["marshal, a short string that is all token", `z\x25${token}N`],
    ["marshal, a token at the end of a short string", `\xda\x2akey: ${token}N)\x02`],
    ["pickle, protocol 2", `X${u32(37)}${token}q\x01`],
    ["pickle, a token at the end of a longer string", `X${u32(44)}Bearer ${token}q\x01`],
    ["pickle, bytes", `C\x25${token}q\x01`],
    ["a length of more than a byte", `X${u32(337)}${"x ".repeat(150)}${token}q\x01`],
    ["MessagePack", `\xd9\x25${token}a\x01`],
  ])("%s", (_, text) => {
    expect(findTokens(text).map(({ value }) => value)).toEqual([token]);
  });
});

describe("what looks like one", () => {
  test.each([
    ["a word that goes on", `${token}Processor`],
    ["a word that goes on, behind a letter and a percent sign", `10% of z ${token}Processor`],
    ["another length", `X${u32(38)}${token}q\x01`],
    ["a longer word with its own length", `X${u32(46)}${token}Processor\x01`],
    ["a length of one byte with no other sign of binary data", `z\x2c Bearer${token}Name of a thing that is a text`],
  ])("%s", (_, text) => {
    expect(findTokens(text)).toEqual([]);
  });

  // A marshal type and the sign for 37 are taken for what they are in a `.pyc`, also in a text.
  test("words in a text are never tokens, whatever else stands before them", () => {
    assert(
      property(
        string({ unit: "grapheme-ascii", maxLength: 300 }),
        string({ unit: "grapheme-ascii" }),
        (before, after) => {
          expect(
            findTokens(
              `${before.replaceAll("hf_", "").replace(/[zZCU]%$/, "")}${token}Processor ${after.replaceAll("hf_", "")}`,
            ),
          ).toEqual([]);
        },
      ),
    );
  });
});
