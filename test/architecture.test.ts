/** Holds the floors of docs/architecture.md: who may import whom, and the house's sizes and names. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, test } from "vitest";

interface Floor {
  /** The sentence that a breach breaks. */
  readonly rule: string;
  /** Folders and files of src that it may import beside its own. */
  readonly floors: readonly string[];
  /** Modules of Node: `true` for any. */
  readonly node: true | readonly string[];
  readonly packages: readonly string[];
}

const FLOORS: Readonly<Record<string, Floor>> = {
  model: { rule: "model imports nothing", floors: [], node: [], packages: [] },
  token: {
    rule: "token imports model and node:crypto: no files, no streams",
    floors: ["model"],
    node: ["crypto"],
    packages: [],
  },
  dockerfile: {
    rule: "dockerfile imports model and token; never image, callers, rules or a floor above",
    floors: ["model", "token"],
    node: true,
    packages: ["dockerfile-ast", "unbash"],
  },
  callers: {
    rule: "callers imports model, token, and of dockerfile only what knows no Dockerfile (shell, texts, places); never image, rules or a floor above",
    floors: ["model", "token", "dockerfile, neutral"],
    node: true,
    packages: ["yaml"],
  },
  image: {
    rule: "image imports model and token; never dockerfile, callers, rules or a floor above",
    floors: ["model", "token"],
    node: true,
    packages: ["tar-stream", "fzstd", "xz-decompress"],
  },
  registry: {
    rule: "registry imports model and token; never image, rules or a floor above",
    floors: ["model", "token"],
    node: true,
    packages: [],
  },
  "rules/dockerfile": {
    rule: "a Dockerfile rule imports model, token and helpers of dockerfile: it reads no bytes",
    floors: ["model", "token", "dockerfile"],
    node: [],
    packages: [],
  },
  "rules/caller": {
    rule: "a caller rule imports model, token and helpers of callers: it reads no bytes",
    floors: ["model", "token", "callers"],
    node: [],
    packages: [],
  },
  "rules/image": {
    rule: "an image rule imports model, token and helpers of image: it reads no bytes",
    floors: ["model", "token", "image"],
    node: [],
    packages: [],
  },
  rules: {
    rule: "the index of rules imports rules, and what a rule is",
    floors: ["model", "token", "dockerfile", "callers", "image", "rules/dockerfile", "rules/caller", "rules/image"],
    node: [],
    packages: [],
  },
  fix: {
    rule: "fix imports model, token and what the engines of dockerfile and callers have read, and is pure",
    floors: ["model", "token", "dockerfile", "callers"],
    node: [],
    packages: [],
  },
  gate: {
    rule: "gate imports model; never report, rules or image",
    floors: ["model"],
    node: true,
    packages: ["yaml", "zod", "@huggingface/hub"],
  },
  report: {
    rule: "report imports model; never gate, rules or image",
    floors: ["model"],
    node: ["util"],
    packages: ["sarif"],
  },
  "use cases": {
    rule: "a use case imports the floors below it, never cli",
    floors: ["model", "token", "dockerfile", "callers", "image", "registry", "rules", "fix", "gate", "report"],
    node: true,
    packages: [],
  },
  cli: {
    rule: "cli imports use cases, gate, report, rules, model, redaction, and commander; never an engine",
    floors: ["model", "token", "gate", "report", "rules", "use cases"],
    node: true,
    packages: ["commander", "cli-progress"],
  },
  api: {
    rule: "index.ts only re-exports",
    floors: ["model", "gate", "report", "rules", "use cases"],
    node: [],
    packages: [],
  },
};

/** The only module that may import a package. */
const ONLY_IMPORTERS: readonly (readonly [string, RegExp])[] = [
  ["dockerfile-ast", /^dockerfile\/parse\.ts$/],
  ["unbash", /^dockerfile\/shell(?:-syntax)?\.ts$/],
  ["commander", /^cli\//],
];

/** Modules of dockerfile that know nothing of Dockerfiles: the shell, mapped texts, places, ignore comments as data. */
const NEUTRAL = /^dockerfile\/(?:shell|shell-word|invocation|mapped-text|source-text|place|ignore|value)\.ts$/;

const ROOT = "src";
const MAX_LINES = 300;
const MAX_DEPTH = 3;
const RULE_LINES = { min: 20, max: 120 };

const files: readonly string[] = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => posix.relative(ROOT, join(entry.parentPath, entry.name).replaceAll("\\", "/")))
  .sort();

const sources: ReadonlyMap<string, string> = new Map(
  files.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]),
);

function floorOf(file: string): string {
  if (file === "index.ts") return "api";
  const rules = /^rules\/(dockerfile|caller|image)\/(?!index\.ts$)/.exec(file);
  if (rules !== null) return `rules/${rules[1]}`;
  const [folder = ""] = file.split("/");
  return file.includes("/") && folder !== "sweep" ? folder : "use cases";
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

/** The code of a module without comments and quoted text. */
function codeOf(source: string): string {
  return withoutComments(source).replaceAll(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

/** Every module specifier, of static, dynamic and type imports and of re-exports; `isStatic` is false for dynamic ones. */
function importsOf(source: string): readonly { readonly specifier: string; readonly isStatic: boolean }[] {
  const pattern = /(?:\bfrom\s*|^\s*import\s*|(\bimport\s*\(\s*)|\bgetBuiltinModule\(\s*|\brequire\(\s*)"([^"\n]+)"/gm;
  return [...withoutComments(source).matchAll(pattern)].map(([, dynamic, specifier = ""]) => ({
    specifier,
    isStatic: dynamic === undefined,
  }));
}

function packageOf(specifier: string): string {
  const [scope = "", name = ""] = specifier.split("/");
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

/** The broken sentences of one module. */
function breaches(file: string, source: string): string[] {
  const own = floorOf(file);
  const floor = FLOORS[own];
  if (floor === undefined) return [`src/${file}: no floor of that name; see docs/architecture.md`];
  return importsOf(source).flatMap(({ specifier }) => {
    const sentence = `src/${file} imports ${specifier}: ${floor.rule}`;
    if (specifier.startsWith(".")) {
      const path = posix.join(posix.dirname(file), specifier);
      const target = floorOf(path);
      const isNeutral = NEUTRAL.test(path) && floor.floors.includes("dockerfile, neutral");
      return target === own || isNeutral || floor.floors.includes(target) ? [] : [sentence];
    }
    if (specifier.startsWith("node:")) {
      return floor.node === true || floor.node.includes(specifier.slice("node:".length)) ? [] : [sentence];
    }
    const name = packageOf(specifier);
    const only = ONLY_IMPORTERS.find(([known]) => known === name)?.[1];
    return floor.packages.includes(name) && (only === undefined || only.test(file)) ? [] : [sentence];
  });
}

/** Circles of modules that need each other before they can run, or be read: `a.ts -> b.ts -> a.ts`. */
function circles(modules: ReadonlyMap<string, string>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const from = way.indexOf(file);
    if (from !== -1) found.push([...way.slice(from), file].join(" -> "));
    if (from !== -1 || done.has(file)) return;
    for (const { specifier, isStatic } of importsOf(modules.get(file) ?? "")) {
      if (isStatic && specifier.startsWith(".")) visit(posix.join(posix.dirname(file), specifier), [...way, file]);
    }
    done.add(file);
  };
  for (const file of modules.keys()) visit(file, []);
  return found;
}

describe("floors", () => {
  test("every import keeps to its floor", () => {
    expect([...sources].flatMap(([file, source]) => breaches(file, source))).toEqual([]);
  });

  test("a breach is seen and named", () => {
    expect(breaches("report/x.ts", 'import { RULES } from "../rules/index.ts";')).toEqual([
      "src/report/x.ts imports ../rules/index.ts: report imports model; never gate, rules or image",
    ]);
    expect(
      breaches("model/x.ts", 'import type { A } from "../token/match.ts";\nimport fs from "node:fs";'),
    ).toHaveLength(2);
    expect(breaches("dockerfile/x.ts", 'import { parse } from "unbash";\nexport * from "../image/a.ts";')).toHaveLength(
      2,
    );
    expect(breaches("rules/image/x.ts", 'const a = await import("../../dockerfile/a.ts");')).toHaveLength(1);
    expect(breaches("lint.ts", 'import "./cli/main.ts";\n// import "commander";')).toHaveLength(1);
    expect(breaches("elsewhere/x.ts", "")).toHaveLength(1);
  });

  test("no modules import each other in a circle", () => {
    expect(circles(sources)).toEqual([]);
    const three = [
      ["x/a.ts", 'import { b } from "./b.ts";'],
      ["x/b.ts", 'import type { C } from "../c.ts";'],
      ["c.ts", 'export * from "./x/a.ts";'],
      ["d.ts", 'await import("./d.ts");'],
    ] as const;
    expect(circles(new Map(three))).toEqual(["x/a.ts -> x/b.ts -> c.ts -> x/a.ts"]);
  });

  test("no console anywhere, no process but in cli, and nobody ends the process", () => {
    const broken = [...sources].flatMap(([file, source]) => {
      const code = codeOf(source);
      return [
        ...(/\bconsole\./.test(code) ? [`src/${file} uses console`] : []),
        ...(/\bprocess\.exit\b/.test(code) ? [`src/${file} uses process.exit`] : []),
        ...(/(?<![\w.])process\b\s*[.[]/.test(code) && !file.startsWith("cli/") ? [`src/${file} uses process`] : []),
      ];
    });
    expect(broken).toEqual([]);
  });

  test("what every call loads is small: the way to --version imports neither packages nor other floors", () => {
    const seen = new Set<string>();
    const pending = ["cli/main.ts"];
    for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
      seen.add(file);
      for (const { specifier, isStatic } of importsOf(sources.get(file) ?? "")) {
        if (!isStatic || specifier.startsWith("node:")) continue;
        expect(specifier, `${file} loads a package`).toMatch(/^\./);
        pending.push(posix.join(posix.dirname(file), specifier));
      }
    }
    expect([...seen].sort()).toEqual(["cli/io.ts", "cli/main.ts", "cli/stop-on-signals.ts", "model/version.ts"]);
  });

  test("commands are loaded on demand only", () => {
    const onDemand = /commands\/|rules\/index|sweep\/|^\.\.?\/(?:\.\.\/)?(?:lint|inspect|gate)\.ts$/;
    const atOnce = [...sources]
      .filter(([file]) => file.startsWith("cli/"))
      .flatMap(([file, source]) =>
        // Types are erased.
        importsOf(source.replaceAll(/^import type [^;]*;/gm, ""))
          .filter(({ specifier, isStatic }) => isStatic && onDemand.test(specifier))
          .map(({ specifier }) => `src/${file} loads ${specifier} at once`),
      );
    expect(atOnce).toEqual([]);
  });
});

describe("the house", () => {
  test(`no module is longer than ${MAX_LINES} lines`, () => {
    const long = [...sources].filter(([, source]) => source.split("\n").length > MAX_LINES).map(([file]) => file);
    expect(long).toEqual([]);
  });

  test(`a rule has ${RULE_LINES.min} to ${RULE_LINES.max} lines`, () => {
    const odd = [...sources]
      .filter(([file]) => floorOf(file).startsWith("rules/"))
      .map(([file, source]) => ({ file, lines: source.split("\n").length - 1 }))
      .filter(({ lines }) => lines < RULE_LINES.min || lines > RULE_LINES.max);
    expect(odd).toEqual([]);
  });

  test("folders are at most three deep, files are kebab-case, and no name says nothing", () => {
    for (const file of files) {
      expect(`src/${dirname(file)}`.split("/").length, file).toBeLessThanOrEqual(MAX_DEPTH);
      expect(file).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*\.ts$/);
      expect(file).not.toMatch(/(?:^|\/)(?:utils?|helpers?|common|misc|shared|types)(?:\/|\.ts$)/);
    }
  });

  test("every module opens with what it is responsible for, every export says what it is", () => {
    const broken = [...sources].flatMap(([file, source]) => {
      const lines = source.split("\n");
      const bare = lines.flatMap((line, i) => {
        const name = /^export (?:async )?(?:function\*?|const|interface|type|class) (\w+)/.exec(line)?.[1];
        return name === undefined || (lines[i - 1] ?? "").endsWith("*/")
          ? []
          : [`src/${file}: ${name} has no sentence`];
      });
      return source.startsWith("/**") ? bare : [`src/${file} does not open with a comment`, ...bare];
    });
    expect(broken).toEqual([]);
  });

  test("index.ts holds re-exports and nothing else", () => {
    const code = withoutComments(sources.get("index.ts") ?? "").trim();
    expect(code.replaceAll(/export (?:type )?(?:\*|\{[^}]*\}) from "[^"]+";\s*/g, "")).toBe("");
    expect(code).not.toBe("");
  });

  test("every folder of tests mirrors one of src", () => {
    const others = new Set(["support", "bench", "ci", "engine", "fuzz"]);
    const strays = readdirSync("test", { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !others.has(entry.name) && !existsSync(join(ROOT, entry.name)))
      .map(({ name }) => name);
    expect(strays).toEqual([]);
  });

  test("no Buffer decodes UTF-16: Node writes past its memory", () => {
    const decodes = /toString\(\s*"(?:utf-?16le|ucs-?2)"|\b(?:utf16le|ucs2)Slice\b|\btranscode\(/i;
    expect(decodes.test('bytes.toString("utf16le")')).toBe(true);
    const modules = ["src", "test", "bin", "scripts"].flatMap((root) =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "architecture.test.ts")
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    expect(modules.filter((path) => decodes.test(readFileSync(path, "utf8")))).toEqual([]);
  });

  test("no token-shaped string stands in the repository", () => {
    const shape = new RegExp(`(?:${["hf", "api_org"].join("|")})_[A-Za-z]{34}(?![A-Za-z0-9])`);
    const skipped = /^(?:node_modules|dist|\.git|coverage)(?:\/|$)/;
    const found = readdirSync(".", { recursive: true, withFileTypes: true })
      .map((entry) => ({ entry, path: posix.normalize(join(entry.parentPath, entry.name).replaceAll("\\", "/")) }))
      .filter(({ entry, path }) => entry.isFile() && !skipped.test(path))
      .filter(({ path }) => shape.test(readFileSync(path, "latin1")))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });
});
