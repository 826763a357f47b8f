/** The recipes of docs/ci.md: they are of their language, name this version, and call commands that there are. */

import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { hullcheck } from "../support/cli.ts";
import { repositoryText, runAsService, VERSION } from "./service.ts";

const text = repositoryText("docs/ci.md");
const blocks = [...text.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language = "", code = ""]) => ({ language, code }));

describe("docs/ci.md", () => {
  it.each(blocks.filter(({ language }) => language === "yaml"))("a recipe in YAML can be read: $code", ({ code }) => {
    expect(parseDocument(code).errors).toEqual([]);
  });

  it("the Git hook lints what is staged, and nothing that only has a Dockerfile's name in its own", () => {
    const hook = blocks.find(({ code }) => code.startsWith("#!/bin/sh\n"))?.code ?? "";
    const commit = (files: Readonly<Record<string, string>>): [number | null, string] => {
      const script = `git init -q && git add . && echo 'ARG HF_TOKEN' >> 'a ü/Dockerfile' && ${hook}`;
      const { code, output } = runAsService(script, {}, files, "sh");
      return [code, output];
    };
    const clean = { "a ü/Dockerfile": "FROM alpine\n", "Dockerfile.dockerignore": ".env\n" };
    expect(commit(clean)).toEqual([0, "pass: no leak found (1 Dockerfile)\n"]);
    const [code, output] = commit({ ...clean, "a ü/x.dockerfile": "FROM alpine\nARG HF_TOKEN\n" });
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(/^error {2}token-in-build-argument {2}a ü\/x\.dockerfile:2:5$/m),
    });
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
