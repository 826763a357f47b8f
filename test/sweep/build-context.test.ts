import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lintDockerfile } from "../../src/lint.ts";
import type { Outcome } from "../../src/model/report.ts";
import {
  CONTEXT_LIMITS,
  contextReader,
  type ContextLimits,
  type ContextRequest,
} from "../../src/sweep/build-context.ts";
import { fakeToken, plant } from "../support/tokens.ts";

const NOBODY = 65_534;
const TOKEN = fakeToken("user");
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-context-"));
  chmodSync(folder, 0o755);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === "string" ? plant(content).text : content);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  symlinkSync(target, join(folder, path));
}

/** Lints these instructions after a FROM, with the temporary folder as context. */
function lint(body: string, limits: Partial<ContextLimits> = {}): Outcome {
  const read = contextReader({ ...CONTEXT_LIMITS, ...limits });
  const contexts = [read({ folder, shown: ".", dockerfile: null })];
  const outcome = lintDockerfile(`FROM alpine\n${body}\n`, { contexts });
  expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  return outcome;
}

/** What was found, as `level rule files`. */
function found({ findings, gaps }: Outcome): string[] {
  const leaks = findings.map(({ level, rule, locations }) => {
    const files = locations.flatMap((place) =>
      place.in === "context" ? [`${place.path}${place.line === null ? "" : `:${place.line}`}@${place.byteOffset}`] : [],
    );
    return `${level} ${rule} ${files.join(" ")}`;
  });
  return [...leaks, ...gaps.map(({ why, at }) => `gap ${why} ${at}`)];
}

/** Runs as a user whom permissions bind, also when the tests run as root. */
function asNobody<T>(action: () => T): T {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(NOBODY);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}

describe("what files hold", () => {
  test("the line and the offset of the first place", () => {
    write("a/b.txt", "é\n\ntoken=@@TOKEN:user@@\n@@TOKEN:user@@\n");
    expect(found(lint("COPY . ."))).toEqual(["error token-in-build-context a/b.txt:3@10"]);
  });

  test("base64 and UTF-16", () => {
    write("k8s.yaml", `data:\n  token: ${Buffer.from(TOKEN).toString("base64")}\n`);
    write("windows.env", Buffer.from(`\u{feff}HF_TOKEN=${fakeToken("user", 2)}\r\n`, "utf16le"));
    expect(found(lint("COPY . ."))).toEqual([
      "error token-in-build-context k8s.yaml:2@15",
      "error token-in-build-context windows.env@20",
    ]);
  });

  test("a token that lies across the pieces in which a large file is read", () => {
    for (const at of [131_072 - 20, 262_144 - 3, 393_216 - 36]) {
      write("model.bin", Buffer.concat([Buffer.alloc(at, "\n"), Buffer.from(TOKEN), Buffer.alloc(100_000, "\n")]));
      expect(found(lint("COPY model.bin ."))).toEqual([`error token-in-build-context model.bin:${at + 1}@${at}`]);
    }
  });

  test("a binary file has no lines", () => {
    write("model.bin", Buffer.concat([Buffer.from([0, 1, 2, 10]), Buffer.from(TOKEN)]));
    expect(found(lint("COPY model.bin ."))).toEqual(["error token-in-build-context model.bin@4"]);
  });

  test("what is no secret by itself is a note", () => {
    write("app.yaml", "id: @@TOKEN:oauth-app@@\n");
    expect(found(lint("COPY . ."))).toEqual(["note token-in-build-context app.yaml:1@4"]);
  });

  test("no word of a file is in the outcome, also when its name holds the token", () => {
    write(`${TOKEN}.txt`, "@@TOKEN:user@@ and something else");
    const outcome = lint("COPY . .");
    expect(outcome.findings).toHaveLength(1);
    expect(JSON.stringify(outcome)).not.toContain("something else");
  });

  test("what has no content is not opened", () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    write("app.py", "");
    expect(found(lint("COPY . ."))).toEqual([]);
    expect(found(lint("COPY pipe ."))).toEqual([]);
  });
});

describe("links", () => {
  test("a link below a copied folder is copied as a link", () => {
    write("secret/.env", "@@TOKEN:user@@");
    link("app/.env", "../secret/.env");
    expect(found(lint("COPY app /app"))).toEqual([]);
  });

  test("a source that is a link, or lies behind one, is followed inside the context", () => {
    write("secret/.env", "@@TOKEN:user@@");
    link("env", "secret/.env");
    link("folder", "/secret");
    expect(found(lint("COPY env ."))).toEqual(["error token-in-build-context secret/.env:1@0"]);
    expect(found(lint("COPY folder/.env ."))).toEqual(["error token-in-build-context secret/.env:1@0"]);
    expect(found(lint("COPY folder /x"))).toEqual(["error token-in-build-context secret/.env:1@0"]);
  });

  test("nothing outside of the context is read, wherever links lead", () => {
    const outside = mkdtempSync(join(tmpdir(), "hullcheck-outside-"));
    try {
      writeFileSync(join(outside, ".env"), TOKEN);
      link("out", outside);
      link("env", join(outside, ".env"));
      link("up", `../${outside.split("/").at(-1)}`);
      for (const source of [".", "out", "env", "up", "out/.env", "up/.env", "*"]) {
        expect(found(lint(`COPY ${source} /x`))).toEqual([]);
      }
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test("links in a circle are no source", () => {
    link("a", "b");
    link("b", "a");
    expect(found(lint("COPY a . "))).toEqual([]);
  });
});

describe("what was not read is a gap", () => {
  test("a file and a folder without permission", () => {
    write("a/.env", "@@TOKEN:user@@");
    write("b.txt", "@@TOKEN:user@@");
    write("c.txt", "@@TOKEN:user@@");
    lint("COPY c.txt .");
    chmodSync(join(folder, "a"), 0);
    chmodSync(join(folder, "b.txt"), 0);
    const outcome = asNobody(() => lint("COPY . ."));
    chmodSync(join(folder, "a"), 0o755);
    expect(found(outcome)).toEqual([
      "error token-in-build-context c.txt:1@0",
      "gap unreadable a",
      "gap unreadable b.txt",
    ]);
  });

  test("a file without permission that is left out, or that no COPY takes, is none", () => {
    write("a.txt", "");
    write("b.txt", "");
    write(".dockerignore", "b.txt\n");
    lint("COPY a.txt .");
    chmodSync(join(folder, "b.txt"), 0);
    expect(asNobody(() => found(lint("COPY . .")))).toEqual([]);
    expect(asNobody(() => found(lint("COPY a.txt .")))).toEqual([]);
  });

  test("a folder without permission that is left out is none, also where exceptions may lie in it", () => {
    write("a/x.py", "");
    write("b.txt", "");
    write(".dockerignore", "a\n!**/*.py\n");
    lint("COPY b.txt .");
    chmodSync(join(folder, "a"), 0);
    const outcome = asNobody(() => found(lint("COPY . .")));
    chmodSync(join(folder, "a"), 0o755);
    expect(outcome).toEqual([]);
  });

  test("an ignore file without permission", () => {
    write(".dockerignore", "*");
    write("a.txt", "");
    lint("COPY a.txt .");
    chmodSync(join(folder, ".dockerignore"), 0);
    expect(asNobody(() => found(lint("COPY a.txt .")))).toEqual(["gap unreadable .dockerignore"]);
    expect(asNobody(() => found(lint("RUN true")))).toEqual([]);
  });

  test("many files with the same problem are one gap that counts them", () => {
    for (const name of ["a", "b", "c"]) write(name, "12345");
    const { gaps } = lint("COPY . .", { maxFileBytes: 3 });
    expect(gaps).toMatchObject([{ at: "a", why: "limit" }]);
    expect(gaps[0]?.detail).toContain("2 more");
  });

  test.each([
    ["maxFileBytes", 10, "gap limit b"],
    ["maxTotalBytes", 10, "gap limit b"],
    ["maxEntries", 2, "gap limit ./"],
    ["maxDepth", 2, "gap limit deep/er/est"],
  ] as const)("%s", (name, limit, gap) => {
    write("a", "1");
    write("b", "1234567890\n");
    write("deep/er/est/c", "1");
    expect(found(lint("COPY . .", { [name]: limit })).map((line) => line.replace(/ \.$/, " ./"))).toContain(gap);
  });

  test("a file that holds a thousand samples tells them, and that there are more", () => {
    write("samples.txt", Array.from({ length: 1100 }, (_, i) => fakeToken("user", i)).join("\n"));
    const { findings, gaps } = lint("COPY . .");
    expect(findings).toHaveLength(1000);
    expect(gaps).toMatchObject([{ at: "samples.txt", why: "limit" }]);
  });
});

function request(name: string): ContextRequest {
  return { folder, shown: ".", dockerfile: { path: join(folder, name), shown: name } };
}

describe("reading once", () => {
  test("Dockerfiles with the same folder and ignore file share a context", () => {
    write("a.Dockerfile.dockerignore", "*");
    const read = contextReader();
    expect(read(request("b.Dockerfile"))).toBe(read(request("c.Dockerfile")));
    expect(read(request("a.Dockerfile"))).not.toBe(read(request("b.Dockerfile")));
    expect(read(request("a.Dockerfile")).folder).toBe(read(request("b.Dockerfile")).folder);
  });

  test("what was read is not read again", () => {
    write(".env", "@@TOKEN:user@@");
    const read = contextReader();
    const contexts = [read({ folder, shown: ".", dockerfile: null })];
    const before = lintDockerfile("FROM a\nCOPY . .\n", { contexts });
    rmSync(join(folder, ".env"));
    expect(lintDockerfile("FROM a\nCOPY . .\n", { contexts })).toEqual(before);
    expect(before.findings).toHaveLength(1);
  });

  test("files that no COPY takes are not read at all", () => {
    write("big.bin", "x".repeat(100));
    write("app.py", "");
    expect(found(lint("COPY app.py .", { maxFileBytes: 10 }))).toEqual([]);
  });
});

test("a script of more than 1 MiB is a gap where a RUN starts it, a program of that size is no script", () => {
  const body = "COPY . /app/\nRUN /app/setup";
  write("setup", `#!/bin/sh\n${"true\n".repeat(300_000)}hf auth login --token x\n`);
  const outcome = lint(body);
  expect(outcome.findings).toEqual([]);
  expect(outcome.gaps.map(({ at, why }) => `${at} ${why}`)).toEqual(["Dockerfile:3:1 limit"]);
  write("setup", Buffer.concat([Buffer.from("\x7fELF\0\0"), Buffer.alloc(2_000_000, 1)]));
  expect(lint(body)).toMatchObject({ findings: [], gaps: [] });
});
