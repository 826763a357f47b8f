import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hullcheck } from "../support/cli.ts";

const PROJECT = {
  Dockerfile: "FROM scratch\nCOPY . /app\n",
  ".dockerignore": "# ours\nnode_modules\n**/.env",
  ".github/workflows/ci.yml": "on: push\n",
};

/** A link in place of the ignore file, and a file in place of a folder. */
function odd(folder: string): void {
  writeFileSync(join(folder, "elsewhere"), "kept\n");
  symlinkSync("elsewhere", join(folder, ".dockerignore"));
  mkdirSync(join(folder, ".github"));
  writeFileSync(join(folder, ".github/workflows"), "a file\n");
}

function piped(folder: string): void {
  execFileSync("mkfifo", [join(folder, "Dockerfile")]);
}

describe("hullcheck init", () => {
  it("shows what it would write, and writes nothing when it cannot ask", async () => {
    const { code, stdout, stderr, written } = await hullcheck(["init"], { files: PROJECT });
    expect(code).toBe(2);
    expect(written).toEqual({});
    expect(stdout).toMatchSnapshot();
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: nothing was written: there is no terminal to ask on; add --yes to write these files, or --dry-run only to see them
      "
    `);
  });

  it("writes after a yes, and nothing after anything else", async () => {
    const yes = await hullcheck(["init"], { files: PROJECT, isTerminal: true, stdin: "y\n" });
    expect(yes.code).toBe(0);
    expect(yes.stdout).toContain("Write these 3 files? [y/N] ");
    expect(Object.keys(yes.written).toSorted()).toEqual([
      ".dockerignore",
      ".github/workflows/hullcheck.yml",
      ".hullcheck.yaml",
    ]);
    expect(yes.stderr).toMatchInlineSnapshot(`
      "hullcheck: wrote .hullcheck.yaml
      hullcheck: wrote .dockerignore
      hullcheck: wrote .github/workflows/hullcheck.yml
      "
    `);
    for (const stdin of ["n\n", "\n", "", "yep\n"]) {
      const no = await hullcheck(["init"], { files: PROJECT, isTerminal: true, stdin });
      expect([no.code, no.written]).toEqual([0, {}]);
      expect(no.stderr).toBe("hullcheck: nothing was written\n");
    }
  });

  it("writes files that hullcheck itself takes, and has nothing to do a second time", async () => {
    const first = await hullcheck(["init", "--yes"], { files: PROJECT });
    expect(first.code).toBe(0);
    const files = { ...PROJECT, ...first.written };
    expect(await hullcheck(["lint", "."], { files })).toMatchObject({ code: 0, stderr: "" });
    const again = await hullcheck(["init", "--yes"], { files });
    expect([again.code, again.stdout, again.written]).toEqual([0, "", {}]);
    expect(again.stderr).toMatchInlineSnapshot(`
      "hullcheck: .hullcheck.yaml is there already and is left as it is
      hullcheck: .github/workflows/hullcheck.yml is there already and is left as it is
      hullcheck: nothing to write
      "
    `);
  });

  it("keeps what is in an ignore file, its line ends, and files that a Dockerfile names", async () => {
    const files = {
      "api/Dockerfile": "FROM scratch\nCOPY .env /app/\n",
      "api/.dockerignore": "a\r\nb\r\n",
      "web/Dockerfile": "FROM scratch\n",
    };
    const { written } = await hullcheck(["init", "--yes", "--ci", "none"], { files });
    expect(written["api/.dockerignore"]).toMatch(/^a\r\nb\r\n\r\n# Credentials[^\n]*\r\n\*\*\/\.netrc\r\n/);
    expect(written["api/.dockerignore"]).not.toContain(".env");
    expect(written["web/.dockerignore"]).toMatch(/^# Credentials[^\n]*\n\*\*\/\.env\n/);
    expect(Object.keys(written).toSorted()).toEqual([".hullcheck.yaml", "api/.dockerignore", "web/.dockerignore"]);
  });

  it("heeds Dockerfiles that a file names, whatever they are called, in the context that it says", async () => {
    const files = {
      "compose.yaml": "services:\n  a: {build: {context: ./app, dockerfile: ../docker/weird}}\n",
      Makefile: "DF = docker/other\nb:\n\tdocker build -f $(DF) .\n",
      "go.sh": "docker build -f sub/alone $WHERE\ndocker build -f made ./made\n",
      "docker/weird": "FROM scratch\nCOPY .netrc /\n",
      "docker/other": "FROM scratch\n",
      "docker/Dockerfile": "FROM scratch\n",
      "sub/alone": "FROM scratch\n",
      "app/x": "",
    };
    const { code, written } = await hullcheck(["init", "--yes", "--ci", "none"], { files });
    expect(code).toBe(0);
    expect(Object.keys(written).toSorted()).toEqual([
      ".dockerignore",
      ".hullcheck.yaml",
      "app/.dockerignore",
      "docker/.dockerignore",
      "sub/.dockerignore",
    ]);
    expect(written["app/.dockerignore"]).not.toContain(".netrc");
    expect(written[".dockerignore"]).toContain(".netrc");
  });

  it("writes no ignore file above the folder, or where the context is none", async () => {
    const files = {
      "p/compose.yaml":
        "services:\n  a: {build: {context: .., dockerfile: p/weird}}\n  b: {build: {context: made, dockerfile: ../weird}}\n",
      "p/weird": "FROM scratch\n",
    };
    const { written } = await hullcheck(["init", "p", "--yes", "--ci", "none"], { files });
    expect(Object.keys(written).toSorted()).toEqual(["p/.dockerignore", "p/.hullcheck.yaml"]);
  });

  it("writes a job for GitLab, and says how to include it where there is a pipeline", async () => {
    const fresh = await hullcheck(["init", "--yes", "--ci", "gitlab"], { files: { Dockerfile: "FROM scratch\n" } });
    expect(fresh.written[".gitlab-ci.yml"]).toBe("include:\n  - local: .gitlab/hullcheck.yml\n");
    const files = { Dockerfile: "FROM scratch\n", ".gitlab-ci.yml": "stages: [test]\n" };
    const there = await hullcheck(["init", "--yes"], { files });
    expect(Object.keys(there.written)).toContain(".gitlab/hullcheck.yml");
    expect(Object.keys(there.written)).not.toContain(".gitlab-ci.yml");
    expect(there.stderr).toContain("add `- local: .gitlab/hullcheck.yml` below `include:` in .gitlab-ci.yml");
  });

  it("shows no token that a file to add to holds", async () => {
    const files = { Dockerfile: "FROM scratch\n", ".dockerignore": "# @@TOKEN:user@@\n" };
    const { code, stdout } = await hullcheck(["init", "--dry-run"], { files });
    expect(code).toBe(0);
    expect(stdout).toContain("hf_***");
  });

  it("writes through no link, and says what it could not write", async () => {
    const { code, stderr, written } = await hullcheck(["init", "--yes"], {
      files: { Dockerfile: "FROM scratch\n" },
      prepare: odd,
    });
    expect(code).toBe(2);
    expect(Object.keys(written)).toEqual([".hullcheck.yaml"]);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: wrote .hullcheck.yaml
      hullcheck: .dockerignore was not written: it is a link, and links are not written through; name the file that it leads to
      hullcheck: .github/workflows/hullcheck.yml was not written: there is no such file or folder; check the path
      "
    `);
  });

  it("waits for no pipe in place of a Dockerfile", async () => {
    const { code, stderr, written } = await hullcheck(["init", "--yes"], { prepare: piped });
    expect([code, written]).toEqual([2, {}]);
    expect(stderr).toBe("hullcheck: Dockerfile cannot be read as text; nothing was written\n");
  });

  it.each([
    [["init", ""], "the folder's name is empty; check the variable it comes from"],
    [["init", "missing"], "the folder 'missing' cannot be listed; check the path"],
    [["init", "--ci", "gitlub"], "unknown service 'gitlub' for --ci"],
  ])("%j is an error", async (argv, message) => {
    const { code, stderr } = await hullcheck(argv, { files: PROJECT });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
