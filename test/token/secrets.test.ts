import { array, assert, constantFrom, nat, oneof, property, string, tuple } from "fast-check";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { findTokens } from "../../src/token/match.ts";
import { maskSpans, Secrets } from "../../src/token/secrets.ts";
import { fakeToken } from "../support/tokens.ts";

const KINDS = ["user", "digits", "organization", "oauth", "jwt", "s3", "oauth-refresh", "oauth-app-secret"];

/** The characters of the token's base64 that do not depend on what stands around it, for each phase. */
function cores(value: string): string[] {
  return [0, 1, 2].map((phase) => {
    const encoded = Buffer.from("\0".repeat(phase) + value).toString("base64");
    return encoded.slice(Math.ceil((phase * 8) / 6), Math.floor(((phase + value.length) * 8) / 6));
  });
}

const WRAPPINGS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => `"${value}"`,
  (value) => `https://user:${value}@huggingface.co/a/b`,
  (value) => `a=${encodeURIComponent(`x=${value}`)}`,
  (value) => JSON.stringify({ token: `line\n${value}` }),
  (value) => Buffer.from(value).toString("base64"),
  (value) => Buffer.from(`u:${value}`).toString("base64"),
  (value) => Buffer.from(`user:${value}\n`).toString("base64"),
  (value) => Buffer.from(`${value}\u00ff\u00ff`, "latin1").toString("base64url"),
  (value) => Buffer.from(value, "utf16le").toString("latin1"),
];

describe("Secrets", () => {
  it("lends a token by its hash, if Hugging Face may be asked about it, and so does the holder that learns from it", async () => {
    const all = new Secrets();
    const secrets = new Secrets(all);
    const seen = async (kind: string, holder: Secrets): Promise<string | null> => {
      const [facts] = findTokens(fakeToken(kind)).map((match) => secrets.facts(match));
      return holder.lend(facts?.sha256 ?? "", async (token) => token);
    };
    for (const kind of ["user", "digits"]) {
      expect(await seen(kind, secrets)).toBe(fakeToken(kind));
      expect(await seen(kind, all)).toBe(fakeToken(kind));
    }
    for (const kind of KINDS.slice(2)) expect([kind, await seen(kind, all)]).toEqual([kind, null]);
    expect(await all.lend("0".repeat(64), async (token) => token)).toBeNull();
    expect(inspect(all, { showHidden: true, depth: 9 }) + JSON.stringify(all)).not.toContain(fakeToken());
  });

  it("lets no planted token through, plain or in base64, and keeps the length", () => {
    const part = oneof(
      string({ unit: "binary" }),
      tuple(constantFrom(...KINDS), nat(30), nat(WRAPPINGS.length - 1)).map(([kind, number, wrapping]) => ({
        value: fakeToken(kind, number + 1),
        wrapping,
      })),
    );
    assert(
      property(array(part, { maxLength: 8 }), (parts) => {
        const planted = parts.flatMap((item) => (typeof item === "string" ? [] : [item.value]));
        const text = parts
          .map((item) => (typeof item === "string" ? item : (WRAPPINGS[item.wrapping]?.(item.value) ?? "")))
          .join(" ");
        const shown = new Secrets().redact(text);
        expect(shown).toHaveLength(text.length);
        for (const value of planted) {
          expect(shown.includes(value)).toBe(false);
          for (const core of cores(value)) expect(shown.includes(core)).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("masks the start of a token that was found elsewhere, where the rest of it is cut off", () => {
    const token = fakeToken("user", 1);
    const secrets = new Secrets();
    for (const match of findTokens(token)) secrets.facts(match);
    for (let length = 16; length < token.length; length++) {
      expect(secrets.redact(`a/${token.slice(0, length)}/b`)).toBe(`a/${"*".repeat(length)}/b`);
    }
    const other = `${token.slice(0, 12)}-and-no-more`;
    expect(secrets.redact(other)).toBe(other);
  });

  it("masks a token that was found once also where its surroundings hide the shape", () => {
    const secrets = new Secrets();
    const value = fakeToken("digits");
    const [match] = findTokens(value);
    if (match === undefined) throw new Error("the token is not found");
    const facts = secrets.facts(match);
    expect(facts).toMatchObject({ family: "user", preview: `hf_…${value.slice(-4)}`, known: null, verification: null });
    expect(facts.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(facts)).not.toContain(value.slice(3, 20));
    const text = `abc${value}xyz ${Buffer.from(value).toString("hex")}`;
    const shown = secrets.redact(text);
    expect(shown).toHaveLength(text.length);
    expect(shown).not.toContain(value);
    expect(shown).not.toContain(Buffer.from(value).toString("hex"));
  });

  it("masks hidden values of no known shape in every common encoding", () => {
    const secrets = new Secrets();
    const value = 'Zq8w/Lk+2v"Np7s';
    secrets.hide(value);
    const bytes = Buffer.from(value);
    const forms = [
      value,
      JSON.stringify(value),
      encodeURIComponent(value),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      bytes.toString("base64"),
      Buffer.from(`u:${value}`).toString("base64"),
      Buffer.from(`u:${value}`).toString("base64url"),
    ];
    for (const form of forms) {
      const shown = secrets.redact(`x ${form} y`);
      expect(shown).toHaveLength(form.length + 4);
      expect(shown).toContain("****");
      expect(shown).not.toContain(form);
    }
  });

  it("masks compressed bytes in base64, whatever they hold, over lines, and nothing that only speaks of them", () => {
    const packed = gzipSync(`HF_TOKEN=${fakeToken()} and more of it, so that there are two lines`).toString(
      "base64url",
    );
    const line = packed.slice(0, 76);
    const secrets = new Secrets();
    for (const wrapped of [packed, Buffer.from(packed).toString("base64url"), `${line}\n  ${packed.slice(76)}`]) {
      const shown = secrets.redact(`RUN echo "${wrapped}" | base64 -d`);
      expect(shown).toBe(`RUN echo "${wrapped.replaceAll(/[^\n]/g, "*")}" | base64 -d`);
    }
    const harmless = "gzip in base64 begins with H4sI, mostly H4sIAAAAAAAA";
    expect(secrets.redact(harmless)).toBe(harmless);
  });

  it("hides a value with half a surrogate pair in it", () => {
    const secrets = new Secrets();
    secrets.hide("Zq8w\ud800Lk2vNp7s");
    expect(secrets.redact("x Zq8w\ud800Lk2vNp7s y")).toBe(`x ${"*".repeat(13)} y`);
  });

  it("hunts for no value so short that it would hit words", () => {
    const secrets = new Secrets();
    secrets.hide("token");
    expect(secrets.redact("the token is here")).toBe("the token is here");
  });

  it("leaves a text without secrets as it is", () => {
    assert(
      property(string(), (text) => {
        expect(new Secrets().redact(text)).toBe(text);
      }),
    );
  });

  it("shows nothing of itself", () => {
    const secrets = new Secrets();
    const value = fakeToken();
    secrets.hide(value);
    expect(JSON.stringify({ secrets })).not.toContain(value.slice(3));
    expect(inspect(secrets, { depth: 9, showHidden: true })).not.toContain(value.slice(3));
    expect(Object.keys(secrets)).toEqual([]);
  });
});

describe("maskSpans", () => {
  it("hides the stretches and keeps lines and length", () => {
    expect(maskSpans("ab\ncd", [{ start: 1, end: 4 }])).toBe("a*\n*d");
    expect(maskSpans("abcd", [])).toBe("abcd");
  });
});
