/** The recipes of docs/ci.md: they are of their language, name this version, and call commands that there are. */

import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { hullcheck } from "../support/cli.ts";
import { repositoryText, VERSION } from "./service.ts";

const text = repositoryText("docs/ci.md");
const blocks = [...text.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language = "", code = ""]) => ({ language, code }));

describe("docs/ci.md", () => {
  it.each(blocks.filter(({ language }) => language === "yaml"))("a recipe in YAML can be read: $code", ({ code }) => {
    expect(parseDocument(code).errors).toEqual([]);
  });

  it("names no other version than this one", () => {
    const versions = [...text.matchAll(/(?:hullcheck@|rev: )v?([\d.]+\d)/g)].map(([, version]) => version);
    expect(versions.length).toBeGreaterThan(4);
    expect(new Set(versions)).toEqual(new Set([VERSION]));
  });

  it("calls commands and options that there are", async () => {
    const calls = [...text.matchAll(/hullcheck(?:@[\d.]+)? (lint|gate|inspect|completion|init)([^'`\n)]*)/g)];
    expect(calls.length).toBeGreaterThan(5);
    for (const [, command = "", rest = ""] of calls) {
      const { code, stdout } = await hullcheck([command, "--help"]);
      expect(code).toBe(0);
      for (const [option] of rest.matchAll(/--[\w-]+/g)) expect(stdout).toContain(option);
    }
  });
});
