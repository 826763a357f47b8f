/** Tokens in the history of git: loose objects, packs, deltas in chains, objects that nothing names any more. */

import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { removeFolders, temporaryFolder } from "../../support/images.ts";
import { inspectFiles, type Seen } from "../../support/nested.ts";
import { fakeToken } from "../../support/tokens.ts";
import { zip } from "../../support/zip.ts";
import { isMissing, run } from "../../support/writers.ts";

afterAll(removeFolders);

const token = fakeToken();

function git(folder: string, ...args: string[]): string {
  return run("git", args, folder).toString("utf8").trim();
}

/** A repository in which each step is committed: files by path, or what else is done. */
async function repository(
  steps: readonly (Readonly<Record<string, string>> | ((folder: string) => void))[],
  ...init: string[]
): Promise<string> {
  const folder = await temporaryFolder();
  git(folder, "init", "--quiet", "--initial-branch=main", ...init);
  for (const step of steps) {
    if (typeof step === "function") step(folder);
    else {
      for (const [path, content] of Object.entries(step)) {
        const parts = path.split("/");
        if (parts.length > 1) run("mkdir", ["-p", parts.slice(0, -1).join("/")], folder);
        writeFileSync(join(folder, path), content);
      }
      git(folder, "add", "--all");
      git(folder, "commit", "--quiet", "--allow-empty", "--message", "step");
    }
  }
  return folder;
}

/** Files below `.git` whose path matches, as files of a layer. */
function filesOf(folder: string, pattern: RegExp): Record<string, Buffer> {
  const all = readdirSync(join(folder, ".git"), { recursive: true, withFileTypes: true });
  const names = all.flatMap((entry) =>
    entry.isFile() ? relative(join(folder, ".git"), join(entry.parentPath, entry.name)) : [],
  );
  return Object.fromEntries(
    names
      .filter((name) => pattern.test(name))
      .map((name) => [`r/.git/${name}`, readFileSync(join(folder, ".git", name))]),
  );
}

async function packsOf(folder: string): Promise<Seen> {
  return inspectFiles(filesOf(folder, /\.pack$/));
}

/** A text whose versions are stored as deltas. */
function versionOf(number: number, secret: string = ""): string {
  const lines = Array.from({ length: 300 }, (_, i) => `setting_${i} = ${(i * 7919) % 1000}`);
  lines.splice(150, 0, `version = ${number}`, ...(secret === "" ? [] : [`token = "${secret}"`]));
  return `${lines.join("\n")}\n`;
}

describe.skipIf(isMissing("git"))("git", () => {
  test("a loose object of a commit that removed the token", async () => {
    const folder = await repository([{ "app/settings.py": `T="${token}"\n` }, { "app/settings.py": "T=None\n" }]);
    const id = git(folder, "rev-parse", "HEAD~1:app/settings.py");
    const seen = await inspectFiles(filesOf(folder, /^objects\//));
    expect(seen).toEqual({
      found: [`/r/.git/objects/${id.slice(0, 2)}/${id.slice(2)} > blob ${id}: 1`],
      gaps: [],
      undecoded: {},
    });
  });

  test("an archive in a loose object, small and large", async () => {
    const noise = randomBytes(400_000);
    const members = [{ name: "a", content: `T=${token}\n` }];
    const folder = await repository([
      (path) => {
        writeFileSync(join(path, "a.zip"), zip(members));
        writeFileSync(join(path, "b.zip"), zip([{ name: "noise", content: noise }, ...members]));
      },
      { readme: "x\n" },
    ]);
    const { found } = await inspectFiles(filesOf(folder, /^objects\//));
    expect(found.map((line) => line.replace(/^.* > (blob [0-9a-f]{40} >)?/, "")).sort()).toEqual(["a: 1", "a: 1"]);
  });

  test("a pack: the object's id, and the path that a tree gives it", async () => {
    const folder = await repository([
      { "app/deep/settings.py": `T="${token}"\n`, readme: "x\n" },
      { "app/deep/settings.py": "T=None\n" },
      (path) => void git(path, "repack", "-adq"),
    ]);
    const id = git(folder, "rev-parse", "HEAD~1:app/deep/settings.py");
    const { found, gaps, undecoded } = await packsOf(folder);
    expect(found).toEqual([expect.stringMatching(new RegExp(`\\.pack > blob ${id} > app/deep/settings\\.py: 1$`))]);
    expect({ gaps, undecoded }).toEqual({ gaps: [], undecoded: {} });
  });

  test.each([
    ["offset deltas", []],
    ["deltas by id", ["-c", "repack.useDeltaBaseOffset=false"]],
  ])("many versions, one of them with a token: %s", async (_, config) => {
    const steps = Array.from({ length: 30 }, (__, i) => ({ "settings.ini": versionOf(i, i === 12 ? token : "") }));
    const folder = await repository([
      ...steps,
      (path) => void git(path, ...config, "repack", "-adfq", "--depth=50", "--window=50"),
    ]);
    const { found, gaps, undecoded } = await packsOf(folder);
    expect(found).toEqual([expect.stringMatching(/> settings\.ini: 1$/)]);
    expect({ gaps, undecoded }).toEqual({ gaps: [], undecoded: {} });
  });

  test("the same token in many versions is one finding for each path", async () => {
    const steps = Array.from({ length: 10 }, (__, i) => ({ a: versionOf(i, token), b: versionOf(i + 100, token) }));
    const folder = await repository([...steps, (path) => void git(path, "repack", "-adfq")]);
    expect((await packsOf(folder)).found.map((line) => line.replace(/.*> /, "")).sort()).toEqual(["a: 1", "b: 1"]);
  });

  test("a commit's message, a tag, a file name, a stash", async () => {
    const tokens = [1, 2, 3, 4].map((number) => fakeToken("user", number));
    const folder = await repository([
      { a: "x\n" },
      (path) => {
        git(path, "commit", "--quiet", "--allow-empty", "--message", `use ${tokens[0]}`);
        git(path, "tag", "--annotate", "v1", "--message", `key ${tokens[1]}`);
      },
      { [`${tokens[2]}.txt`]: "x\n" },
      (path) => {
        writeFileSync(join(path, "a"), `y ${tokens[3]}\n`);
        git(path, "stash", "push", "--quiet");
        git(path, "repack", "-adq");
      },
    ]);
    const { found } = await packsOf(folder);
    expect(found.map((line) => line.replace(/.*\.pack > (\w+) [0-9a-f]{40}/, "$1")).sort()).toEqual(
      ["commit: 1", "tag: 2", "tree: 3", "blob > a: 4"].sort(),
    );
  });

  test("a repository of SHA-256", async () => {
    const steps = Array.from({ length: 5 }, (__, i) => ({ a: versionOf(i, i === 2 ? token : "") }));
    const folder = await repository(
      [...steps, (path) => void git(path, "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")],
      "--object-format=sha256",
    );
    const { found, undecoded } = await packsOf(folder);
    expect(found).toEqual([expect.stringMatching(/> blob [0-9a-f]{64} > a: 1$/)]);
    expect(undecoded).toEqual({});
  });

  test("a bundle", async () => {
    const folder = await repository([{ a: `${token}\n` }, { a: "x\n" }]);
    git(folder, "bundle", "create", "--quiet", "b.bundle", "--all");
    const { found } = await inspectFiles({ "b.bundle": readFileSync(join(folder, "b.bundle")) });
    expect(found).toEqual([expect.stringMatching(/^\/b\.bundle > pack > blob [0-9a-f]{40} > a: 1$/)]);
  });

  test("a delta whose base is in no pack is counted", async () => {
    const folder = await repository([{ a: versionOf(1) }, { a: versionOf(2, token) }]);
    const [old, now] = ["HEAD~1:a", "HEAD:a"].map((name) => git(folder, "rev-parse", name));
    const thin = run("git", ["pack-objects", "--thin", "--stdout", "--revs", "-q"], folder, `HEAD\n^HEAD~1\n`);
    expect(old).not.toBe(now);
    const seen = await inspectFiles({ "thin.pack": thin });
    expect(seen.undecoded).toEqual({ "git-delta-base": expect.any(Number) });
    expect(seen.gaps).toEqual([]);
  });

  test("a damaged pack is counted, and what stands before the damage is searched", async () => {
    const noise = Array.from({ length: 5000 }, (_, i) => (i * i * 7919).toString(36)).join("\n");
    const folder = await repository([{ a: `${token}\n`, b: noise }, (path) => void git(path, "repack", "-adq")]);
    const [[name, bytes] = ["", Buffer.alloc(0)]] = Object.entries(filesOf(folder, /\.pack$/));
    const damaged = Buffer.from(bytes);
    damaged.fill(0x55, damaged.length - 2000, damaged.length - 1000);
    const seen = await inspectFiles({ [name]: damaged });
    expect(seen.undecoded).toEqual({ "git-pack-damaged": 1 });
    expect(seen.gaps).toEqual([]);
  });

  test("plain files of a repository", async () => {
    const folder = await repository([
      { a: "x\n" },
      (path) => void git(path, "remote", "add", "origin", `https://u:${token}@huggingface.co/a/b`),
    ]);
    const seen = await inspectFiles(filesOf(folder, /^config$/));
    expect(seen.found).toEqual(["/r/.git/config: 1"]);
  });
});
