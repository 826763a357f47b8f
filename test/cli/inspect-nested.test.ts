/** What a person reads of tokens in archives inside of an image, and how the options for them turn out. */

import { describe, expect, test } from "vitest";
import { hullcheck } from "../support/cli.ts";
import { archiveOf } from "../support/inspect-layers.ts";
import { fakeToken } from "../support/tokens.ts";
import { zip } from "../support/zip.ts";

const token = fakeToken();

async function inspect(file: Buffer, ...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const image = await archiveOf([[{ name: "app/a.whl", content: file }]]);
  return hullcheck(["inspect", "-", ...flags], { stdin: image });
}

describe("inspect", () => {
  test("names the members on the way to the token", async () => {
    const inner = zip([{ name: "pkg/config.py", content: `import os\nTOKEN = "${token}"\n` }]);
    const { code, stdout } = await inspect(zip([{ name: "b.jar", content: inner }]));
    expect(code).toBe(1);
    expect(stdout).toContain("/app/a.whl > b.jar > pkg/config.py");
  });

  test("masks a token in the name of a member", async () => {
    const { code, stdout } = await inspect(zip([{ name: `${token}/x`, content: "y" }]), "--format", "json");
    expect(code).toBe(1);
    expect(stdout).not.toContain(token);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ locations: [{ within: [expect.stringMatching(/^hf_\*+/)] }] }],
    });
  });

  test("an encrypted zip passes, and does not with --strict", async () => {
    const file = zip([{ name: "a", content: "x", isEncrypted: true }]);
    expect((await inspect(file)).code).toBe(0);
    const { code, stdout } = await inspect(file, "--strict");
    expect(code).toBe(2);
    expect(stdout).toContain("1 thing of the kind zip-encrypted could not be decoded");
  });

  test("--depth", async () => {
    const file = zip([{ name: "b.jar", content: zip([{ name: "a", content: token }]) }]);
    expect((await inspect(file, "--depth", "2")).code).toBe(1);
    expect((await inspect(file, "--depth", "1")).code).toBe(2);
    expect((await inspect(file, "--depth", "0")).code).toBe(0);
    expect((await inspect(file, "--depth", "0", "--strict")).code).toBe(2);
    const { code, stderr } = await inspect(file, "--depth", "many");
    expect(code).toBe(2);
    expect(stderr).toContain("--depth 'many' is not a whole number from 0 to 999");
  });
});
