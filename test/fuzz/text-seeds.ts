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

const BUILD = { context: ".", args: { HF_TOKEN: TOKEN, OTHER: "x" } };

/** Calling files that whoever knows YAML can judge; by name, several of some. */
const PLAIN_CALLERS: readonly (readonly [string, string])[] = [
  [
    "compose.yaml",
    `services:\n  web:\n    build:\n      context: .\n      args:\n        HF_TOKEN: ${TOKEN}\n        OTHER: x\n`,
  ],
  [
    "compose.yaml",
    `services:\n  web:\n    build:\n      args:\n        - "HF_TOKEN=${TOKEN}"\n        - OTHER=x\n    image: a\n`,
  ],
  [
    "compose.yaml",
    `name: app\nservices:\n  web: {build: {context: ., args: {HF_TOKEN: '${TOKEN}'}}}\n  db:\n    image: b\n`,
  ],
  ["compose.yaml", "services:\n  web:\n    build:\n      context: .\n      args:\n        A: x\n        B: y\n"],
  ["compose.yaml", JSON.stringify({ services: { web: { build: BUILD }, db: { image: "b" } } }, null, 2)],
  [
    "docker-bake.json",
    JSON.stringify({ group: { default: { targets: ["a"] } }, target: { a: BUILD, b: { args: {} } } }, null, 2),
  ],
];
const PLAIN_TIMES = 8;

/** Files that call a build, by the names that say how they are read. */
export function callerSeeds(): Seed[] {
  const plain = Array.from({ length: PLAIN_TIMES }, () => PLAIN_CALLERS).flat();
  return [
    ...callerFixtures().map(({ path, text, tokens }) => textSeed("caller", path, text, tokens)),
    ...plain.map(([path, text]) => textSeed("caller", path, text)),
  ];
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
