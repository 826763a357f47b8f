import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import { inspectImage, type InspectOptions } from "../../src/inspect.ts";
import type { Outcome } from "../../src/model/report.ts";
import { docker25, tar } from "../support/images.ts";
import { findings } from "../support/summary.ts";
import { fakeToken } from "../support/tokens.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hullcheck-save-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const spec = { tags: ["app:1"], layers: [{ entries: [{ name: "app/x", content: fakeToken() }] }] };
const archive = await tar(await docker25(spec));

/** Inspects with an engine that is a shell script; `$TAR` is an archive, `$OUT` a folder to write to. */
async function inspect(script: string, name: string = "app:1", options: InspectOptions = {}): Promise<Outcome> {
  const bin = join(folder, "bin");
  const engine = join(bin, options.engine ?? "docker");
  mkdirSync(bin, { recursive: true });
  writeFileSync(engine, `#!/bin/sh\n${script}\n`);
  chmodSync(engine, 0o755);
  writeFileSync(join(folder, "image.tar"), archive);
  const env = { PATH: `${bin}:${process.env["PATH"]}`, TAR: join(folder, "image.tar"), OUT: folder };
  return inspectImage(`docker-daemon:${name}`, { env, ...options });
}

function details({ gaps }: Outcome): string[] {
  return gaps.map(({ at, why, detail }) => `${at} ${why}: ${detail}`);
}

describe("an image in an engine", () => {
  test.each(["docker", "podman", "nerdctl"] as const)("is what `%s save` writes", async (engine) => {
    const outcome = await inspect('echo "$@" >"$OUT/arguments"; cat "$TAR"', "app:1", { engine });
    expect(findings(outcome)).toEqual(["token-in-layer #1 0 /app/x@0:1"]);
    expect(outcome.gaps).toEqual([]);
    expect(readFileSync(join(folder, "arguments"), "utf8")).toBe("save app:1\n");
  });

  test("is saved with an empty standard input", async () => {
    expect((await inspect('cat >"$OUT/stdin"; cat "$TAR"')).gaps).toEqual([]);
    expect(readFileSync(join(folder, "stdin"), "utf8")).toBe("");
  });

  test.each([
    "app",
    "team/app",
    "registry.example:5000/team/app:1.2_3",
    `app@sha256:${"a".repeat(64)}`,
    "0123456789ab",
    `sha256:${"a".repeat(64)}`,
  ])("may be called %s", async (name) => {
    expect((await inspect('cat "$TAR"', name)).gaps).toEqual([]);
  });

  test.each([
    "",
    "-o",
    "--help",
    "-",
    "App",
    "a b",
    "a;b",
    "$(x)",
    "a\nb",
    "../x",
    "a@b",
    "a:",
    `${"a/".repeat(400)}a`,
  ])("is no name: %j", async (name) => {
    await expect(inspect('touch "$OUT/ran"; cat "$TAR"', name)).rejects.toMatchObject({ kind: "usage" });
    expect(existsSync(join(folder, "ran"))).toBe(false);
  });
});

describe("a save that fails is a gap", () => {
  test.each<readonly [string, string, string]>([
    [
      "without a byte",
      'echo "warning: x" >&2; echo "Error response from daemon: No such image: app:1" >&2; exit 1',
      "app:1 unreadable: docker save failed (exit code 1): Error response from daemon: No such image: app:1",
    ],
    ["after all bytes", 'cat "$TAR"; exit 3', "app:1 unreadable: docker save failed (exit code 3)"],
    ["killed", 'cat "$TAR"; kill -9 $$', "app:1 unreadable: docker save failed (SIGKILL)"],
    ["well, but without a byte", "exit 0", "app:1 empty: it is empty; check what should have written it"],
  ])("%s", async (_, script, want) => {
    const outcome = await inspect(script);
    expect(details(outcome)).toEqual([want]);
    expect(decide(outcome).verdict).toBe(outcome.findings.length > 0 ? "fail" : "unknown");
  });

  test("in the middle", async () => {
    const outcome = await inspect('head -c 3000 "$TAR"; echo "no space" >&2; exit 1');
    expect(details(outcome)).toContain("app:1 unreadable: docker save failed (exit code 1): no space");
  });

  test("with bytes that are no archive, however many", async () => {
    const outcome = await inspect("yes");
    expect(outcome.gaps.map(({ why }) => why)).toContain("not-an-archive");
  });

  test("and what it says is bounded, and shows no token", async () => {
    const outcome = await inspect(
      `yes noise | head -c 1000000 >&2; echo "bad token ${fakeToken()} ${"x".repeat(1000)}" >&2; exit 1`,
    );
    const [detail = ""] = details(outcome);
    expect(detail).toContain("bad token hf_");
    expect(detail).not.toContain(fakeToken());
    expect(detail.length).toBeLessThan(400);
  });

  test.each([
    ["where its words are cut", `printf '%0285d %s' 0 ${fakeToken()} >&2; exit 1`],
    ["where what is kept of them begins", `printf '%s%s' ${fakeToken()} "$(printf ' %08168d' 0)" >&2; exit 1`],
    ["that is all it says, without an end", `printf '%09000d%s%08180d' 0 ${fakeToken()} 0 >&2; exit 1`],
  ])("and shows no piece of a token %s", async (_, script) => {
    const [detail = ""] = details(await inspect(script));
    expect(detail).toContain("docker save failed (exit code 1)");
    const pieces = Array.from({ length: 24 }, (_piece, at) => fakeToken().slice(at + 3, at + 11));
    expect(pieces.filter((piece) => detail.includes(piece))).toEqual([]);
  });

  test("and no other program is run", async () => {
    const engine = "sh" as "docker";
    await expect(inspectImage("docker-daemon:app", { engine, env: process.env })).rejects.toMatchObject({
      kind: "usage",
    });
  });

  test("without the engine", async () => {
    const outcome = await inspectImage("docker-daemon:app", { engine: "podman", env: { PATH: folder } });
    expect(details(outcome)).toEqual([
      "app unreadable: podman is not on the PATH; install it, or name another engine with --engine",
    ]);
  });
});

test("when it is stopped, the engine's client is gone before it returns", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const outcome = await inspect('echo $$ >"$OUT/pid"; head -c 3000 "$TAR"; while :; do sleep 0.1; done', "app", {
    signal: controller.signal,
  });
  expect(outcome.gaps.map(({ why }) => why)).toContain("aborted");
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("a client that does not want to end is killed", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  await inspect('trap "" TERM; echo $$ >"$OUT/pid"; while :; do sleep 0.1; done', "app", { signal: controller.signal });
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("the client is not read faster than it is searched", async () => {
  // A pipe holds 64 KiB and Node some more; a client that is not read from stops writing.
  const { saveImage } = await import("../../src/registry/save-image.ts");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(
    join(bin, "docker"),
    '#!/bin/sh\ni=0; while :; do head -c 65536 /dev/zero || exit 1; i=$((i + 1)); echo $i >"$OUT/count"; done\n',
  );
  chmodSync(join(bin, "docker"), 0o755);
  const environment = { PATH: `${bin}:${process.env["PATH"]}`, OUT: folder };
  const saved = saveImage("docker", "app", { environment, signal: new AbortController().signal, report: () => {} });
  const { value } = await saved.chunks[Symbol.asyncIterator]().next();
  expect((value as Uint8Array).length).toBeGreaterThan(0);
  await sleep(500);
  expect(Number(readFileSync(join(folder, "count"), "utf8"))).toBeLessThan(20);
  await saved.close();
});
