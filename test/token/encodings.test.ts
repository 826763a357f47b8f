/** Tokens in every encoding that is read, at every phase and wherever a line breaks. */

import { assert, constantFrom, integer, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { canBeToken } from "../../src/token/likely.ts";
import { findTokens, matchAt } from "../../src/token/match.ts";
import { NEEDLES } from "../../src/token/needle.ts";
import { fakeToken } from "../support/tokens.ts";

const token = fakeToken();
const KINDS = ["user", "organization", "oauth-app-secret", "oauth", "oauth-refresh", "jwt"];

function swapped(bytes: Buffer): Buffer {
  return Buffer.from(bytes).swap16();
}

function utf32(text: string, isBig: boolean): Buffer {
  const bytes = Buffer.alloc(text.length * 4);
  for (const [i, char] of Array.from(text).entries()) {
    if (isBig) bytes.writeUInt32BE(char.charCodeAt(0), i * 4);
    else bytes.writeUInt32LE(char.charCodeAt(0), i * 4);
  }
  return bytes;
}

function numbers(text: string, write: (code: number) => string): string {
  return Array.from(text)
    .map((char) => write(char.charCodeAt(0)))
    .join("");
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0");

/** Name in reports, and the text (Latin-1) of a text in that encoding. */
const WRITERS: readonly (readonly [string, string, (text: string) => string])[] = [
  ["base64", "base64", (text) => Buffer.from(text).toString("base64")],
  ["base64", "base64url", (text) => Buffer.from(text).toString("base64url")],
  ["hex", "small hex", (text) => Buffer.from(text).toString("hex")],
  ["hex", "capital hex", (text) => Buffer.from(text).toString("hex").toUpperCase()],
  ["utf-16le", "UTF-16LE", (text) => Buffer.from(text, "utf16le").toString("latin1")],
  ["utf-16be", "UTF-16BE", (text) => swapped(Buffer.from(text, "utf16le")).toString("latin1")],
  ["utf-32le", "UTF-32LE", (text) => utf32(text, false).toString("latin1")],
  ["utf-32be", "UTF-32BE", (text) => utf32(text, true).toString("latin1")],
  ["percent", "percent, all of it", (text) => numbers(text, (code) => `%${hex(code, 2).toUpperCase()}`)],
  ["percent", "percent, small digits", (text) => numbers(text, (code) => `%${hex(code, 2)}`)],
  ["percent", "percent, signs only", (text) => text.replaceAll(/[^A-Za-z0-9.]/g, (c) => `%${hex(c.charCodeAt(0), 2)}`)],
  ["escape", "\\u of all", (text) => numbers(text, (code) => `\\u${hex(code, 4)}`)],
  ["escape", "\\x of all", (text) => numbers(text, (code) => `\\x${hex(code, 2)}`)],
  ["escape", "\\u of the underscore", (text) => text.replaceAll("_", "\\u005f")],
  ["html", "decimal entities", (text) => numbers(text, (code) => `&#${code};`)],
  ["html", "hex entities", (text) => numbers(text, (code) => `&#x${hex(code, 2)};`)],
  ["html", "a named entity", (text) => text.replaceAll("_", "&lowbar;")],
  ["quoted-printable", "quoted-printable", (text) => text.replaceAll("_", "=5F")],
];

describe.each(WRITERS)("%s (%s)", (id, _name, write) => {
  it.each(KINDS)("finds a %s token and nothing else, and its place", (kind) => {
    const value = fakeToken(kind);
    for (const before of ["", ":", "T=", 'key: "', "some text\n"]) {
      for (const after of ["", "\n", '" ', "@host/"]) {
        const text = write(before + value + after);
        const found = findTokens(text);
        expect(found.map((match) => match.value)).toEqual([value]);
        const [match] = found;
        expect(match?.encoding).toHaveLength(1);
        // In the middle of text both orders of bytes read the same.
        expect(match?.encoding[0]?.replace(/[lb]e$/, "")).toBe(id.replace(/[lb]e$/, ""));
        expect(findTokens(text.slice(match?.start, match?.end)).map((again) => again.value)).toEqual([value]);
      }
    }
  });

  it("finds nothing in look-alikes", () => {
    for (const kind of ["alphabet", "repeated", "symbol"])
      expect(findTokens(write(`x ${fakeToken(kind)} y`))).toEqual([]);
    expect(findTokens(write("hf_hub_download(token) and api_org_name"))).toEqual([]);
  });
});

describe("base64", () => {
  it.each([
    [64, "\n"],
    [76, "\n"],
    [76, "\r\n"],
    [60, "\n    "],
    [48, "\\n"],
  ])("over lines of %i characters ended by %j", (width, newline) => {
    const found = Array.from({ length: width }, (_, before) => {
      const encoded = Buffer.from(`${"#".repeat(before)}${token} and more text behind it`).toString("base64");
      const text = encoded.replaceAll(new RegExp(`.{${width}}`, "g"), `$&${newline}`);
      return findTokens(text).map(({ value }) => value);
    });
    const seen = found.filter((values) => values.length > 0);
    expect(seen.every((values) => values.length === 1 && values[0] === token)).toBe(true);
    // A break within the few characters of a needle is looked for where lines are ended plainly.
    expect(width - seen.length).toBeLessThanOrEqual(/^\r?\n$/.test(newline) ? 0 : 7);
  });

  it("twice, in all nine phases", () => {
    for (const outer of ["", ":", "::"]) {
      for (const inner of ["", ":", "::"]) {
        const once = Buffer.from(`${inner}${token} x`).toString("base64");
        const text = `"${Buffer.from(outer + once).toString("base64")}"`;
        const found = findTokens(text);
        expect(found.map(({ value, encoding }) => [value, encoding])).toEqual([[token, ["base64", "base64"]]]);
      }
    }
  });

  it("that ends with its line is not read on into the next", () => {
    const encoded = Buffer.from(token).toString("base64").replaceAll("=", "");
    for (const next of ["NEXT=1", "abcdefgh", "0123"]) {
      expect(findTokens(`T=${encoded}\n${next}\n`).map(({ value }) => value)).toEqual([token]);
    }
  });
});

describe("quoted-printable", () => {
  it("over soft line breaks, wherever they stand", () => {
    for (let cut = 4; cut < token.length; cut++) {
      for (const newline of ["\n", "\r\n"]) {
        const text = `x ${token.slice(0, cut)}=${newline}${token.slice(cut)} y`;
        expect(findTokens(text).map(({ value }) => value)).toEqual([token]);
      }
    }
  });
});

describe("UTF-16", () => {
  it("tells the order of bytes where text of another script follows", () => {
    const text = Buffer.from(`${token}\u{4e41}`, "utf16le");
    expect(findTokens(text.toString("latin1")).map(({ value }) => value)).toEqual([token]);
    expect(findTokens(swapped(text).toString("latin1")).map(({ value }) => value)).toEqual([token]);
  });
});

describe("canBeToken", () => {
  it("drops nothing that would have been a match", () => {
    const writers = WRITERS.map(([, , write]) => write);
    assert(
      property(
        tuple(string(), constantFrom(...KINDS), integer({ min: 1, max: 50 }), string(), constantFrom(...writers)),
        ([before, kind, number, after, write]) => {
          const text = write(`${before} ${fakeToken(kind, number)} ${after}`);
          const bytes = Buffer.from(text, "latin1");
          for (const needle of NEEDLES) {
            for (let at = text.indexOf(needle.text); at !== -1; at = text.indexOf(needle.text, at + 1)) {
              if (matchAt(text, at, needle) === null) continue;
              expect(canBeToken(bytes, at, bytes.length, needle)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
