import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { completionScript, SHELLS } from "../../src/cli/completion-script.ts";
import { COMMANDS } from "../../src/cli/program.ts";
import { hullcheck } from "../support/cli.ts";

/** What bash offers for these words, the last of which is being typed. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const { code, stdout } = await hullcheck(["completion", "bash"]);
  expect(code).toBe(0);
  const typed = words.map((word) => `'${word}'`).join(" ");
  const script = `${stdout}\nCOMP_WORDS=(hullcheck ${typed}); COMP_CWORD=${words.length}; _hullcheck; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout: answer, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  return answer.split("\n").filter(Boolean);
}

describe("hullcheck completion", () => {
  it("completes commands, options and values in bash", async () => {
    expect(await offered("")).toEqual([...Object.keys(COMMANDS), "--help", "--version"]);
    expect(await offered("ex")).toEqual(["explain"]);
    expect(await offered("lint", "--fai")).toEqual(["--fail-on"]);
    expect(await offered("inspect", "--fail-on", "")).toEqual(["note", "warning", "error"]);
    expect(await offered("explain", "login-")).toEqual(["login-in-build", "login-at-start"]);
    expect(await offered("completion", "fi")).toEqual(["fish"]);
    expect(await offered("rules", "--format", "")).toEqual(["text", "json"]);
    expect(await offered("config", "--format", "")).toEqual(["text", "json"]);
    expect(await offered("gate", "--format", "sa")).toEqual(["sarif"]);
    expect(await offered("gate", "--engine", "p")).toEqual(["podman"]);
    expect(await offered("init", "--ci", "")).toEqual(["github", "gitlab", "none"]);
    // A file's name is for the shell's own completion.
    expect(await offered("lint", "--config", "")).toEqual([]);
  });

  it.each(SHELLS)("names every command and every option of the help in %s", async (shell) => {
    const { stdout } = await hullcheck(["completion", shell]);
    for (const name of Object.keys(COMMANDS)) {
      expect(stdout).toContain(name);
      const help = (await hullcheck([name, "--help"])).stdout;
      const options = [...help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, long = ""]) => long);
      expect(options).toContain("help");
      for (const option of options) expect(stdout).toContain(shell === "fish" ? `-l ${option} ` : `--${option}`);
    }
  });

  it.each(SHELLS)("takes descriptions as they stand in %s", (shell) => {
    const option = {
      name: "--odd",
      description: "it's [odd]: $(touch x) `y` \\",
      takesValue: true,
      values: ["a", "b"],
    };
    expect(
      completionScript(shell, [{ name: "do", summary: "does: it's $(z)", options: [option], values: [] }]),
    ).toMatchSnapshot();
  });

  it("knows no other shell", async () => {
    const { code, stderr } = await hullcheck(["completion", "fishy"]);
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "hullcheck: unknown shell 'fishy'; did you mean fish?
      "
    `);
  });
});
