/** The texts that the fuzzer starts from: Dockerfiles, ignore files, calling files, configs and baselines. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { callerFixtures } from "../support/caller-fixtures.ts";
import { dockerfileFixtures } from "../support/dockerfile-fixtures.ts";
import { plant } from "../support/tokens.ts";
import type { SeedKind } from "./kinds.ts";
import { TOKEN, TOKENS, type Seed } from "./seed.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

function textSeed(
  kind: SeedKind,
  name: string,
  text: string,
  tokens: readonly string[] = [],
  files: Seed["files"] = null,
): Seed {
  return { kind, name, bytes: Buffer.from(text), tokens: [...TOKENS, ...tokens], carriers: [], files };
}

function filesOf(folder: string): (readonly [string, string])[] {
  const names = readdirSync(join(FIXTURES, folder)).toSorted();
  return names.map((name) => [name, readFileSync(join(FIXTURES, folder, name), "utf8")]);
}

/** Dockerfiles that the rules are tested with, and those that the parser is. */
export function dockerfileSeeds(): Seed[] {
  const parity = filesOf("parity").filter(([name]) => name.endsWith(".Dockerfile"));
  return [
    ...dockerfileFixtures().map(({ name, text, tokens, files }) => textSeed("dockerfile", name, text, tokens, files)),
    ...parity.map(([name, text]) => textSeed("dockerfile", `parity/${name}`, text)),
  ];
}

/** The files in front of an ignore file; the token stands in `SECRET_FILE`. */
const CONTEXT: Readonly<Record<string, string>> = {
  ".env": `HF_TOKEN=${TOKEN}\n`,
  "app/main.py": "print(1)\n",
  "docs/guide.md": "# Guide\n",
  "config/deep/er.yaml": "a: 1\n",
  "empty/": "",
};

/** The path in every context that holds the token. */
export const SECRET_FILE = ".env";

/** Ignore files, each beside a Dockerfile that copies everything. */
export function contextSeeds(): Seed[] {
  const { cases } = JSON.parse(readFileSync(join(FIXTURES, "context/cases.json"), "utf8")) as {
    readonly cases: readonly { readonly ignore: string }[];
  };
  const ignores = [...new Set(cases.map(({ ignore }) => ignore))];
  return ignores.map((ignore, i) => textSeed("context", `ignore file ${i}`, ignore, [], CONTEXT));
}

/** Files that call a build, by the names that say how they are read. */
export function callerSeeds(): Seed[] {
  return callerFixtures().map(({ path, text, tokens }) => textSeed("caller", path, text, tokens));
}

/** Configs. */
export function configSeeds(): Seed[] {
  return [...filesOf("config/good"), ...filesOf("config/bad")].map(([name, content]) => {
    const { text, tokens } = plant(content);
    return textSeed("config", name, text, tokens);
  });
}

const ENTRY = { fingerprint: "a".repeat(64), rule: "token-literal", path: "Dockerfile", reason: "x" };

/** Baselines. */
export function baselineSeeds(): Seed[] {
  const entries = [
    [],
    [ENTRY],
    [ENTRY, { ...ENTRY, fingerprint: "b".repeat(64), expires: "2027-01-31" }],
    Array.from({ length: 8 }, (_, i) => ({ ...ENTRY, fingerprint: i.toString(16).padStart(64, "0") })),
  ];
  return entries.map((list, i) => {
    const text = JSON.stringify({ version: 1, entries: list }, null, i % 2);
    return textSeed("baseline", `baseline of ${list.length}`, text);
  });
}
