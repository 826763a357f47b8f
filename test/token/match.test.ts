import { assert, constantFrom, nat, property, string, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { FAMILIES } from "../../src/token/family.ts";
import { findTokens } from "../../src/token/match.ts";
import { fakeToken } from "../support/tokens.ts";

const KINDS = [
  "user",
  "digits",
  "organization",
  "oauth",
  "jwt",
  "s3",
  "oauth-refresh",
  "oauth-app",
  "oauth-app-secret",
];
const token = fakeToken();

function values(text: string): string[] {
  return findTokens(text).map(({ value }) => value);
}

describe("findTokens", () => {
  it.each(KINDS)("finds a token of the family %s and names it", (kind) => {
    const value = fakeToken(kind);
    const [match, ...others] = findTokens(`x=${value}\n`);
    expect(others).toEqual([]);
    expect(match).toMatchObject({ value, start: 2, end: 2 + value.length, encoding: [] });
    expect(match?.family.id).toBe(kind === "digits" ? "user" : kind);
    expect(match?.confidence).toBe(kind === "digits" ? "medium" : "high");
  });

  it("knows every family that there is", () => {
    expect(new Set(FAMILIES.map(({ id }) => id))).toEqual(new Set(KINDS.filter((kind) => kind !== "digits")));
  });

  // Where other scanners miss it (gitleaks wants a quote, a blank or a semicolon behind it).
  it.each([
    '"',
    "'",
    "`",
    " ",
    "\n",
    "\r",
    ";",
    "@",
    ",",
    ")",
    "<",
    "&",
    "/",
    ":",
    "-",
    "\\",
    "_",
    ".",
    "|",
    "",
    "%",
    "é",
  ])("finds a token with %j behind it", (behind) => {
    expect(values(`T=${token}${behind}`)).toEqual([token]);
    expect(values(`T=${token}${behind}x`)).toEqual(behind === "" ? [] : [token]);
  });

  it.each(['"', "'", "=", ":", "/", "@", " ", "-", ".", "\n", "(", "é", ""])(
    "finds a token with %j before it",
    (before) => {
      expect(values(`${before}${token}`)).toEqual([token]);
      expect(values(`${before}${fakeToken("digits")}`)).toEqual([fakeToken("digits")]);
    },
  );

  it.each(["%3D", "%20", "\\n", "\\t", "\\u003d", "\\x3d", '\\"'])("finds a token behind the escape %s", (escape) => {
    expect(findTokens(`a${escape}${fakeToken("digits")}`)).toMatchObject([
      { value: fakeToken("digits"), confidence: "medium" },
    ]);
    expect(findTokens(`a${escape}${token}`)).toMatchObject([{ value: token, confidence: "high" }]);
  });

  it("is less sure of letters right before a token, and silent when digits make it less likely still", () => {
    expect(findTokens(`TOKEN_${token}`)).toMatchObject([{ value: token, confidence: "medium" }]);
    expect(values(`TOKEN_${fakeToken("digits")}`)).toEqual([]);
  });

  it("takes nothing that goes on with letters or digits, but in a .pyc, where the length byte tells the end", () => {
    expect(values(`${token}N`)).toEqual([]);
    expect(values(`\u00da\u0025${token}N`)).toEqual([token]);
    expect(values(`z%${token}Ns`)).toEqual([token]);
    expect(values(`x%${token}Ns`)).toEqual([]);
  });

  it("takes no other case of the prefix", () => {
    expect(values(fakeToken("capitals"))).toEqual([]);
    expect(values(token.replace("hf_", "Hf_"))).toEqual([]);
  });

  it.each(["alphabet", "repeated", "identifier", "symbol"])("takes no look-alike: %s", (kind) => {
    expect(values(`x ${fakeToken(kind)} y`)).toEqual([]);
  });

  it.each([33, 35])("takes no body of %i letters", (length) => {
    const body = `${token.slice(3)}A`.slice(0, length);
    expect(values(`hf_${body}`)).toEqual([]);
  });

  it("finds no JWT in dotted names of a program", () => {
    expect(values("hf_oauth_client.refresh_access_token.with_retries_and_backoff")).toEqual([]);
    expect(values("hf_jwt_a.b.c hf_s3_upload.part.number")).toEqual([]);
  });

  it.each(KINDS)("finds a %s token in base64 in all three phases, whatever stands around it", (kind) => {
    const value = fakeToken(kind);
    for (const before of ["", ":", "u:", "user:", '{"auth":"', "0123456789:"]) {
      for (const after of ["", "\n", '"}', " and more"]) {
        const encoded = Buffer.from(before + value + after).toString("base64");
        const text = `auth = "${encoded}"`;
        const found = findTokens(text);
        expect(found.map((match) => [match.value, match.encoding])).toEqual([[value, ["base64"]]]);
        const [{ start, end } = { start: 0, end: 0 }] = found;
        expect((start - 8) % 4).toBe(0);
        expect(Buffer.from(text.slice(start, end), "base64").toString()).toContain(value);
      }
    }
  });

  it("finds a token in base64url, whose alphabet differs", () => {
    const encoded = Buffer.from(`\u00ff\u00fb?>${token}`).toString("base64url");
    expect(values(`x.${encoded}.y`)).toEqual([token]);
  });

  it("finds a token in UTF-16, at even and odd offsets", () => {
    const wide = Buffer.from(`T=${token}\r\n`, "utf16le").toString("latin1");
    expect(findTokens(wide)).toMatchObject([
      { value: token, start: 4, end: 4 + 2 * token.length, encoding: ["utf-16le"] },
    ]);
    expect(values(`x${wide}`)).toEqual([token]);
  });

  it("finds what stands in a row, each once", () => {
    const all = KINDS.map((kind) => fakeToken(kind));
    expect(values(all.join(" "))).toEqual(all);
    expect(values(`${token} ${token}`)).toEqual([token, token]);
  });

  it("gives places whose text is the token, in any text", () => {
    assert(
      property(tuple(string(), constantFrom(...KINDS), nat(50), string()), ([before, kind, number, after]) => {
        const value = fakeToken(kind, number + 1);
        const text = `${before}="${value}"${after}`;
        const match = findTokens(text).find((item) => item.value === value);
        expect(text.slice(match?.start, match?.end)).toBe(value);
      }),
      { numRuns: 300 },
    );
  });

  it("is bounded on a text of nothing but prefixes", () => {
    expect(values("hf_".repeat(100_000))).toEqual([]);
    expect(values("aGZf".repeat(20_000))).toEqual([]);
    expect(values("hf_oauth_".repeat(20_000))).toEqual([]);
  });
});
