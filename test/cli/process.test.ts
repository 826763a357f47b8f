/**
 * The command line as a process of its own, in surroundings that break: signals, full disks, closed pipes, files that
 * vanish or are something else. The exit code stays the verdict's or the signal's, one line says why, and nothing is left.
 */

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ociLayout, removeFolders, tar, temporaryFolder, writeFolder } from "../support/images.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { header } from "../support/tar-blocks.ts";
import { fakeToken } from "../support/tokens.ts";
import { zip } from "../support/zip.ts";

afterEach(removeFolders);

const BIN = fileURLToPath(new URL("../../bin/hullcheck.js", import.meta.url));
const token = fakeToken();
const CLEAN = [{ name: "etc/hosts", content: "127.0.0.1 localhost\n" }];

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Where it puts temporary files. */
  readonly temporary: string;
}

/** Starts it through a shell, which makes the surroundings: `$0` is Node, `$1` is hullcheck, the rest are arguments. */
async function startIn(script: string, args: readonly string[], env: Record<string, string> = {}): Promise<Running> {
  const temporary = await temporaryFolder();
  const child = spawn("sh", ["-c", script, process.execPath, BIN, ...args], {
    cwd: await temporaryFolder(),
    env: { PATH: process.env["PATH"], TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: "1", ...env },
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => void (texts[name] += text));
  }
  // It may end before it has read everything.
  child.stdin.on("error", () => {});
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject).on("close", (code, signal) => {
      expect(texts.stdout + texts.stderr).not.toContain(token);
      resolve({ code, signal, ...texts });
    });
  });
  return { child, ended, temporary };
}

const start = async (args: readonly string[], env?: Record<string, string>): Promise<Running> =>
  startIn('exec "$0" "$@"', args, env);

async function runIn(script: string, args: readonly string[], env?: Record<string, string>): Promise<Ended> {
  const { child, ended } = await startIn(script, args, env);
  child.stdin?.end();
  return ended;
}

/** Writes until the other side has taken more than a pipe holds: then it is at work. */
async function feed({ child }: Running, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdin?.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** An archive that has shown a token and goes on: the start of a large file in a root filesystem. */
async function unfinished(first: Buffer): Promise<Buffer> {
  const begun = (await tar([{ name: "etc/token", content: token }])).subarray(0, 1024);
  const large = header({ name: "srv/large", size: 1_000_000_000 });
  return Buffer.concat([begun, large, first, Buffer.alloc(12_000_000, "text\n")]);
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

describe.each(SIGNALS)("%s", (signal) => {
  const stopped = { code: null, signal, stdout: "", stderr: `hullcheck: stopped by ${signal}; there is no verdict\n` };

  test.each<[string, readonly string[], Buffer]>([
    ["inspect, in a pipe", ["inspect", "-"], Buffer.alloc(0)],
    ["inspect, while a nested archive is spooled", ["inspect", "-"], zip([{ name: "a", content: "b" }])],
    ["gate, in a pipe", ["gate", ".", "--image", "-"], Buffer.alloc(0)],
  ])("%s", async (_, args, first) => {
    const running = await start(args);
    await feed(running, await unfinished(first));
    expect(readdirSync(running.temporary)).toEqual([]);
    running.child.kill(signal);
    expect(await running.ended).toEqual(stopped);
    expect(readdirSync(running.temporary)).toEqual([]);
  });

  test.each([
    ["inspect, while nobody writes to the named pipe", ["inspect", "pipe"]],
    ["gate, while nobody writes to the named pipe", ["gate", ".", "--image", "docker-archive:pipe"]],
    ["while nobody reads the named pipe of a report", ["inspect", "clean.tar", "--format", "json=pipe"]],
  ])("%s", async (_, args) => {
    const folder = await temporaryFolder();
    const path = (name: string): string => join(folder, name);
    execFileSync("mkfifo", [path("pipe")]);
    writeFileSync(path("clean.tar"), await archiveOf([CLEAN]));
    writeFileSync(
      path("tell.cjs"),
      `process.on("newListener", (name) => name === "${signal}" && require("fs").writeFileSync("listens", ""));`,
    );
    const { child, ended } = await startIn(`cd '${folder}' && exec "$0" --require ./tell.cjs "$@"`, args);
    while (!existsSync(path("listens"))) await setTimeout(10);
    await setTimeout(500);
    child.kill(signal);
    expect(await ended).toEqual(stopped);
  });

  test("waiting for standard input", async () => {
    const running = await start(["lint", "-", "--format", "json=report.json"]);
    await feed(running, Buffer.alloc(2_000_000, "# comment\n"));
    running.child.kill(signal);
    expect(await running.ended).toEqual(stopped);
  });
});

describe("where reports and messages go", () => {
  test.each<[string, string, readonly string[], number]>([
    ["a full disk below standard output", 'exec "$0" "$@" > /dev/full', ["clean.tar"], 2],
    ["a full disk below a report's file", 'exec "$0" "$@"', ["clean.tar", "--format", "json=/dev/full"], 2],
    [
      "a full disk below standard error: a pass",
      'exec "$0" "$@" 2> /dev/full',
      ["clean.tar", "--format", "json=r.json"],
      0,
    ],
    ["a full disk below standard error: a gap", 'exec "$0" "$@" 2> /dev/full', ["nothing.tar"], 2],
    ["a full disk below both", 'exec "$0" "$@" > /dev/full 2> /dev/full', ["clean.tar"], 2],
    ["closed outputs: a pass", 'exec "$0" "$@" >&- 2>&-', ["clean.tar"], 0],
    ["closed outputs: a gap", 'exec "$0" "$@" >&- 2>&-', ["nothing.tar"], 2],
    ["closed outputs: a leak", 'exec "$0" "$@" >&- 2>&-', ["leak.tar"], 1],
    ["a reader that has gone", '{ "$0" "$@"; echo "$?" > code; } | true; exit "$(cat code)"', ["leak.tar"], 1],
  ])("%s", async (_, script, args, code) => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "clean.tar"), await archiveOf([CLEAN]));
    writeFileSync(join(folder, "leak.tar"), await archiveOf([[{ name: "a", content: token }]]));
    const ended = await runIn(`cd '${folder}' && ${script}`, ["inspect", ...args]);
    const said = ended.stderr.replace(/^hullcheck: pass.*\n/m, "");
    const wanted =
      script.includes("2>") || code !== 2 ? /^$/ : /^hullcheck: the report could not be written to .*ENOSPC.*\n$/;
    expect({ code: ended.code, isSaid: wanted.test(said) }).toEqual({ code, isSaid: true });
  });
});

describe("what is read", () => {
  test("a closed or empty standard input is a gap", async () => {
    for (const script of ['exec "$0" "$@" <&-', 'exec "$0" "$@" < /dev/null']) {
      expect(await runIn(script, ["inspect", "-"])).toMatchObject({
        code: 2,
        stderr: "hullcheck: -: it is empty; check what should have written it\n",
      });
    }
  });

  test("a file at standard input is read from where it stands, and reported as by its path", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "leak.tar");
    writeFileSync(path, await archiveOf([CLEAN, [{ name: "srv/token", content: token }]]));
    writeFileSync(join(folder, "behind.tar"), Buffer.concat([Buffer.from("line\n"), readFileSync(path)]));
    writeFileSync(join(folder, "empty.tar"), "");
    const say = ["inspect", "-", "--format", "json"];
    const { stdout: byPath } = await runIn('exec "$0" "$@"', ["inspect", path, "--format", "json"]);
    const named = byPath.replaceAll(path, "-");
    expect(named).toContain("/srv/token");
    const fed: [string, string][] = [
      ["leak.tar", 'exec "$0" "$@"'],
      ["behind.tar", 'read -r line; exec "$0" "$@"'],
    ];
    for (const [file, script] of fed) {
      const from = `cd ${folder} && { ${script}; } < ${file}`;
      expect(await runIn(from, say)).toEqual({ code: 1, signal: null, stderr: "", stdout: named });
    }
    const empty = await runIn(`exec "$0" "$@" < ${join(folder, "empty.tar")}`, ["inspect", "-"]);
    expect(empty).toMatchObject({ code: 2, stderr: "hullcheck: -: it is empty; check what should have written it\n" });
  });

  test.each([
    ["a pipe that the shell names", "/dev/stdin", 'cat leak.tar | "$0" "$@"'],
    [
      "a named pipe, whose writer has no second try",
      "pipe",
      'mkfifo pipe && { cat leak.tar > pipe & exec "$0" "$@"; }',
    ],
  ])("%s is read as the file is by its path", async (_, path, script) => {
    const folder = await temporaryFolder();
    const layer = [
      { name: "srv/token", content: token },
      { name: "srv/noise", content: Buffer.alloc(3_000_000, "-") },
    ];
    writeFileSync(join(folder, "leak.tar"), await archiveOf([CLEAN, layer]));
    const { stdout: byPath } = await runIn(`cd ${folder} && exec "$0" "$@"`, [
      "inspect",
      "leak.tar",
      "--format",
      "json",
    ]);
    expect(byPath).toContain("/srv/token");
    const stdout = byPath.replaceAll("leak.tar", path);
    const ended = await runIn(`cd ${folder} && ${script}`, ["inspect", path, "--format", "json"]);
    expect(ended).toEqual({ code: 1, signal: null, stderr: "", stdout });
  });

  test("a working folder that is gone is said in one line", async () => {
    for (const args of [["lint"], ["inspect", "a.tar"], ["gate", "--image", "a.tar"]]) {
      const ended = await runIn('mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"', args);
      const stderr = "hullcheck: the working folder is not there any more; change into one that is there\n";
      expect(ended).toEqual({ code: 2, signal: null, stdout: "", stderr });
    }
  });

  test("few addresses cost time, and no verdict", async () => {
    const layers = [0, 1, 2].map((i) => tar([{ name: `noise${i}`, content: randomBytes(2_500_000) }]));
    const leak = tar([{ name: "srv/token", content: token }]);
    const specs = await Promise.all(
      [...layers, leak].map(async (bytes) => ({ bytes: await bytes, compress: (whole: Buffer) => gzipSync(whole) })),
    );
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "a.tar"), await tar(await ociLayout({ tags: ["app:1"], layers: specs })));
    const ended = await runIn(`cd ${folder} && ulimit -v 2000000 && exec "$0" "$@"`, [
      "inspect",
      "a.tar",
      "--jobs",
      "3",
    ]);
    expect(ended).toMatchObject({ code: 1, signal: null, stderr: "" });
  });

  test("a folder without room for temporary files costs no pass", async () => {
    const noise = Buffer.alloc(9_000_000, "noise\n");
    const nested = zip([
      { name: "noise", content: noise, isStored: true },
      { name: "a", content: token },
    ]);
    const running = await start(["inspect", "-", "--format", "json"], { TMPDIR: BIN });
    running.child.stdin?.end(await tar([{ name: "srv/a.zip", content: nested }]));
    const { code, stdout } = await running.ended;
    const { gaps } = JSON.parse(stdout) as { gaps: { why: string }[] };
    expect({ code, gaps: gaps.map(({ why }) => why) }).toEqual({ code: 2, gaps: ["unreadable"] });
  });

  test.each(["nothing", "a folder", "a dangling link", "a link to itself"])(
    "%s in place of a layer is a gap",
    async (what) => {
      const entries = await ociLayout({ tags: ["app:1"], layers: [{ entries: CLEAN, compress: gzipSync }] });
      const folder = await writeFolder(entries);
      const layer = entries.find(({ content = "" }) => Buffer.isBuffer(content) && content[0] === 0x1f);
      const path = join(folder, layer?.name ?? "");
      await rm(path);
      if (what === "a folder") await mkdir(path);
      if (what === "a dangling link") await symlink("nowhere", path);
      if (what === "a link to itself")
        await symlink(
          createHash("sha256")
            .update(layer?.content ?? "")
            .digest("hex"),
          path,
        );
      const { code, stdout } = await runIn('exec "$0" "$@"', ["inspect", folder]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining("gap") });
    },
  );

  test.each([
    ["inspect", "it is a folder, which can only be read by its path"],
    ["lint", "it is a folder, not a file"],
  ])("a folder as the standard input of %s is called one", async (command, words) => {
    const { code, stdout } = await runIn('exec "$0" "$@" < .', [command, "-"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining(words) });
    expect(stdout).not.toContain("empty");
  });

  test.skipIf(process.platform !== "linux")("a file that shrinks while it is read is a gap", async () => {
    const path = join(await temporaryFolder(), "large.tar");
    const begun = Buffer.concat([await tar(CLEAN)]).subarray(0, 1024);
    writeFileSync(path, Buffer.concat([begun, header({ name: "srv/large", size: 8_000_000_000 })]));
    const descriptor = openSync(path, "r+");
    ftruncateSync(descriptor, 8_000_010_000);
    closeSync(descriptor);
    const running = await start(["inspect", path]);
    const opened = (): boolean =>
      readdirSync(`/proc/${running.child.pid}/fd`).some((name) => {
        try {
          return readlinkSync(`/proc/${running.child.pid}/fd/${name}`) === path;
        } catch {
          return false;
        }
      });
    while (running.child.exitCode === null && !opened()) await setTimeout(5);
    truncateSync(path, 1_000_000);
    const { code, stdout } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: expect.stringContaining("truncated") });
  });
});
